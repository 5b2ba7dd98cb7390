"""下载确认的响应: only a receipt for the very item that is stored confirms its acknowledgement."""

from collections.abc import Callable
from typing import Final

import pytest

from gateway.detail_words import describe_details
from gateway.domain.receipts import ACKNOWLEDGEMENT_REFUSED, CONFIRMATION_NOT_BELIEVED
from gateway.flows.page_result import PageResult
from schemas.records.canonical_form import bytes_digest
from schemas.records.receipts import ItemResult, ItemStatus
from tests.builders.records import withdrawal_json
from tests.integration.flows.desk import Desk, an_item
from tests.support.peers import a_problem

WRONG: Final[dict[str, dict[str, object]]] = {
    "kind": {"kind": "withdrawal"},
    "key": {"key": "SY9"},
    "revision": {"revision": 2},
    "digest": {"digest": "0" * 64},
}


def other(**members: object) -> Callable[[ItemResult], ItemResult]:
    """Return what gives a receipt other members."""

    def change(result: ItemResult) -> ItemResult:
        assert result.receipt is not None
        return result.model_copy(update={"receipt": result.receipt.model_copy(update=members)})

    return change


def refusing(code: str) -> Callable[[ItemResult], ItemResult]:
    """Return what refuses an acknowledgement."""
    return lambda _: ItemResult(status=ItemStatus.REFUSED, problem=a_problem(code))


def doubts(page: PageResult) -> list[tuple[str, str, str | None]]:
    """Return what was not confirmed, why, and what is wrong with its receipt."""
    return [
        (one.item.acknowledgement.key, one.reason, one.fault)
        for one in page.acknowledged.unconfirmed
    ]


def confirmed(page: PageResult) -> list[tuple[str, str]]:
    said = (one.acknowledgement for one in page.acknowledged.confirmed)
    return [(one.key, one.kind) for one in said]


@pytest.mark.parametrize("member", WRONG)
async def test_a_receipt_for_something_else_confirms_nothing_and_is_kept_for_a_person(
    desk: Desk, member: str
) -> None:
    # Given a portal whose receipt for one of two applications is for something else
    desk.portal.acknowledgement_answers = {"SY1": other(**WRONG[member])}

    # When the page is acknowledged, then it is stored, and that one is not confirmed
    page = await desk.pull(an_item("SY1"), an_item("SY2"))
    assert doubts(page) == [("SY1", CONFIRMATION_NOT_BELIEVED, member)]
    assert confirmed(page) == [("SY2", "application")]
    assert (await desk.case("SY1")).key == "SY1"
    (kept,) = await desk.quarantined()
    assert (kept.key, kept.reason) == ("SY1", CONFIRMATION_NOT_BELIEVED)
    assert describe_details(kept.detail).startswith("回执的")

    # And whatever number of times it is so, it is kept once; in the end it is confirmed
    desk.portal.offer_again()
    assert doubts(await desk.pull())
    desk.portal.acknowledgement_answers = {"SY1": other(**WRONG[member], receipt_no="f" * 24)}
    desk.portal.offer_again()
    assert doubts(await desk.pull())
    assert len(await desk.quarantined()) == 1
    desk.portal.acknowledgement_answers.clear()
    desk.portal.offer_again()
    assert confirmed(await desk.pull()) == [("SY1", "application"), ("SY2", "application")]


async def test_an_acknowledgement_that_is_refused_confirms_nothing(desk: Desk) -> None:
    desk.portal.acknowledgement_answers = {
        "SY1": refusing("acknowledgement.unknown"),
        "SY2": refusing("service.unavailable"),
        "SY3": refusing("340104199001010001"),
    }
    page = await desk.pull(an_item("SY1"), an_item("SY2"), an_item("SY3"))
    assert doubts(page) == [
        ("SY1", "acknowledgement.unknown", None),
        ("SY2", "service.unavailable", None),
        ("SY3", "peer.refused", None),
    ]
    kept = {one.key: (one.reason, describe_details(one.detail)) for one in await desk.quarantined()}
    assert kept == {
        "SY1": (ACKNOWLEDGEMENT_REFUSED, "部端返回：没有此申请"),
        "SY3": (ACKNOWLEDGEMENT_REFUSED, "部端返回：peer.refused"),
    }


async def test_a_receipt_over_the_bytes_or_for_what_came_first_under_the_number_is_believed(
    desk: Desk,
) -> None:
    # Given an application, a withdrawal and one that cannot be read, and earlier digests
    spelled = an_item("SY1").replace(b'"', b' "', 1)
    desk.portal.acknowledgement_answers = {"SY1": other(digest=bytes_digest(spelled))}
    desk.portal.acknowledgement_answers["SY2"] = other(digest="1" * 64)  # read by another schema
    unreadable = b'{"application_no":"SY2","kind":"application"}'
    page = await desk.pull(spelled, unreadable, withdrawal_json(application_no="SY3"))
    assert confirmed(page) == [
        *(("SY1", "application"), ("SY2", "application"), ("SY3", "withdrawal"))
    ]

    # When other content comes under the first number, then the receipt may be for either
    desk.portal.acknowledgement_answers.clear()
    desk.portal.acknowledged.clear()
    desk.portal.feed = [an_item("SY1", aac003="另一人")]
    page = await desk.pull()
    assert [row.held for row in page.rows] == ["application.conflict"]
    assert confirmed(page) == [("SY1", "application")]
    latest = desk.portal.feed[0]
    desk.portal.offer_again()
    desk.portal.acknowledgement_answers = {"SY1": other(digest=bytes_digest(latest))}
    assert confirmed(await desk.pull()) == [("SY1", "application")]
    desk.portal.offer_again()
    desk.portal.acknowledgement_answers = {"SY1": other(digest=bytes_digest(b"a third"))}
    assert doubts(await desk.pull()) == [("SY1", CONFIRMATION_NOT_BELIEVED, "digest")]


async def test_the_receipt_for_what_was_unreadable_once_is_believed_when_it_can_be_read(
    desk: Desk,
) -> None:
    unreadable = b'{"application_no":"SY1","kind":"application"}'
    await desk.pull(unreadable)
    desk.portal.acknowledged.clear()
    desk.portal.feed = [an_item("SY1")]
    page = await desk.pull()
    assert not doubts(page)
    assert (await desk.case("SY1")).hold_reason is None
