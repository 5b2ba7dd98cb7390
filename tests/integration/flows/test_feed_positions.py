"""位置: an item without a number blocks the feed of contract 1.0, and no feed of 1.1."""

import pytest

from gateway.domain.case import State
from gateway.domain.feed_items import UNREADABLE, position_key
from gateway.domain.operator_acts import ActResult
from gateway.domain.receipts import CONFIRMATION_NOT_BELIEVED
from gateway.flows.page_download import LONGEST_PAGE
from schemas.records.application_returns import UNREADABLE_CONTENT, ApplicationReturn
from schemas.records.canonical_form import bytes_digest
from schemas.records.receipts import ItemResult
from tests.builders.records import withdrawal_json
from tests.integration.flows.desk import NUMBER, Desk, an_item
from tests.integration.flows.operator import results, return_to_portal

NUMBERLESS = b'{"kind":"application","a":NaN}'


def numberless(count: int) -> list[bytes]:
    """Return items without a number, each of other bytes."""
    return [b'{"kind":"application","a":%d}' % ordinal for ordinal in range(count)]


async def until_nothing_new(desk: Desk, pages: int) -> None:
    for _ in range(pages):
        await desk.pull(limit=LONGEST_PAGE)


async def test_a_full_page_without_numbers_blocks_the_feed_under_contract_1_0(desk: Desk) -> None:
    desk.portal.feed[:] = [*numberless(LONGEST_PAGE), an_item(NUMBER)]
    await until_nothing_new(desk, pages=3)
    assert await desk.no_case(NUMBER)
    assert desk.portal.numbers == []


async def test_and_blocks_nothing_under_contract_1_1(desk: Desk) -> None:
    desk.portal.gives_positions = True
    desk.portal.feed[:] = [*numberless(LONGEST_PAGE), an_item(NUMBER)]
    await until_nothing_new(desk, pages=2)
    assert (await desk.case(NUMBER)).state is State.ACCEPTED
    assert len(desk.portal.acknowledged_positions) == LONGEST_PAGE


async def test_an_item_without_a_number_is_held_under_its_position_its_clock_running(
    desk: Desk,
) -> None:
    desk.portal.gives_positions = True
    result = await desk.pull(NUMBERLESS, an_item(NUMBER))
    (position, ordinary) = desk.portal.positions
    key = position_key(position)
    case = await desk.case(key)
    assert (case.state, case.hold_reason) == (State.HELD, UNREADABLE)
    assert case.due_on is not None
    assert [row.key for row in result.rows if row.held] == [key]
    (acknowledged,) = desk.portal.acknowledged_positions
    assert (acknowledged.position, acknowledged.digest) == (position, bytes_digest(NUMBERLESS))
    assert desk.portal.numbers == [NUMBER], f"that at {ordinary} goes by its number"
    (kept,) = await desk.quarantined()
    assert kept.key == key


async def test_what_is_held_goes_back_by_its_position(desk: Desk) -> None:
    desk.portal.gives_positions = True
    await desk.pull(NUMBERLESS)
    (position,) = desk.portal.positions
    acts = await return_to_portal(desk, position_key(position), reason=UNREADABLE_CONTENT)
    assert results(acts) == [ActResult.DONE]
    assert (await desk.report()).settled == 1
    (body,) = desk.portal.returns.taken.values()
    record = ApplicationReturn.read(body)
    assert (record.application_no, record.position) == (None, position)
    assert (await desk.case(position_key(position))).state is State.RETURNED


async def test_an_item_that_comes_again_at_its_position_is_acknowledged_and_held_once(
    desk: Desk,
) -> None:
    desk.portal.gives_positions = True
    await desk.pull(NUMBERLESS)
    desk.portal.offer_again()
    result = await desk.pull()
    assert [row.repeated for row in result.rows] == [True]
    assert len(desk.portal.acknowledged_positions) == 1
    assert (await desk.figures()).states == {"HELD": 1}


async def test_an_unreadable_item_with_a_number_goes_by_its_number(desk: Desk) -> None:
    desk.portal.gives_positions = True
    await desk.pull(b'{"kind":"application","application_no":"SY-BAD","a":1,"a":2}')
    assert desk.portal.numbers == ["SY-BAD"]
    assert desk.portal.acknowledged_positions == []


async def test_nobody_knows_whose_withdrawal_it_is_so_a_case_is_held_for_it_too(
    desk: Desk,
) -> None:
    desk.portal.gives_positions = True
    await desk.pull(withdrawal_json(application_no=None))
    (position,) = desk.portal.positions
    assert (await desk.case(position_key(position))).state is State.HELD


@pytest.mark.parametrize(
    ("member", "value", "fault"),
    [("digest", "0" * 64, "digest"), ("key", "8", "key"), ("kind", "application", "kind")],
)
async def test_a_receipt_for_something_else_is_not_believed(
    desk: Desk, member: str, value: str, fault: str
) -> None:
    def other(result: ItemResult) -> ItemResult:
        assert result.receipt is not None
        changed = result.receipt.model_copy(update={member: value})
        return result.model_copy(update={"receipt": changed})

    desk.portal.gives_positions = True
    desk.portal.acknowledgement_answers["1"] = other
    result = await desk.pull(NUMBERLESS)
    (doubt,) = result.acknowledged.unconfirmed
    assert (doubt.reason, doubt.fault) == (CONFIRMATION_NOT_BELIEVED, fault)
    kept = [one.key for one in await desk.quarantined() if one.reason == doubt.reason]
    assert kept == [position_key(1)]
