"""相同: a message that comes again in another spelling is a repeat with the first receipt."""

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Final

import orjson
import pytest

from gateway.flows import fetch
from gateway.flows.page_result import IngestedItem
from schemas.records.applications import ForwardedApplication
from schemas.records.base import WireModel
from schemas.records.canonical_form import bytes_digest
from schemas.records.outcomes import Outcome
from schemas.records.receipts import ItemStatus
from tests.builders.records import JINSHUI, as_json, withdrawal_json
from tests.integration.conftest import Run
from tests.integration.flows.desk import NUMBER, Desk, an_item

Record = dict[str, object]
OUTCOMES: Final[Mapping[str, Callable[[Record], Record]]] = {
    "null for absent": lambda record: {**record, "remarks": None},
    "a fraction for a whole number": lambda record: {**record, "revision": 1.0},
    "another zone": lambda record: {**record, "aae036": in_utc(record["aae036"])},
    "another order": lambda record: dict(reversed(record.items())),
}
APPLICATIONS: Final[Mapping[str, Callable[[Record], Record]]] = {
    "null for absent": lambda record: {"trace_id": None, "other_contact": None, **record},
    "another zone": lambda record: {**record, "submitted_at": in_utc(record["submitted_at"])},
    "another order": lambda record: dict(reversed(record.items())),
    "a default written out": lambda record: {**record, "intentions": []},
}
BEFORE: Final[Mapping[str, Callable[[WireModel, bytes], str]]] = {
    "the bytes": lambda _, received: bytes_digest(received),
    "the order of the model": lambda record, _: in_model_order(record),
}
"""Over what earlier programs made the digest of a message."""


def in_model_order(record: WireModel) -> str:
    """Return what the programs before the canonical form stored, by their own code."""
    said = record.model_dump(by_alias=True, exclude_none=True)
    written = orjson.dumps(said, default=in_utc, option=orjson.OPT_PASSTHROUGH_DATETIME)
    return hashlib.sha256(written).hexdigest()


def in_utc(instant: object) -> str:
    if isinstance(instant, date) and not isinstance(instant, datetime):
        return instant.isoformat()
    return datetime.fromisoformat(str(instant)).astimezone(UTC).isoformat()


def spelled(record: Record) -> bytes:
    return json.dumps(record, indent=1).encode()


async def again(desk: Desk, content: bytes) -> list[IngestedItem]:
    desk.portal.offer_again()
    desk.portal.feed[:] = [content]
    return list((await desk.pull()).rows)


@pytest.mark.parametrize("spell", OUTCOMES.values(), ids=OUTCOMES)
async def test_an_outcome_in_another_spelling_gets_the_first_receipt(
    desk: Desk, spell: Callable[[Record], Record]
) -> None:
    await desk.pull(an_item(NUMBER))
    sent = await desk.outcome()
    (first,) = await desk.decide(sent)
    (answer,) = await desk.decide(spelled(spell(json.loads(sent))))
    assert (answer.status, answer.receipt) == (ItemStatus.DUPLICATE, first.receipt)
    assert await desk.quarantined() == []


@pytest.mark.parametrize("spell", APPLICATIONS.values(), ids=APPLICATIONS)
async def test_an_application_in_another_spelling_is_a_repeat(
    desk: Desk, spell: Callable[[Record], Record]
) -> None:
    await desk.pull(an_item(NUMBER))
    (row,) = await again(desk, spelled(spell(json.loads(an_item(NUMBER)))))
    assert (row.repeated, row.held) == (True, None)
    assert await desk.quarantined() == []


async def test_a_withdrawal_in_another_spelling_is_a_repeat(desk: Desk) -> None:
    content = withdrawal_json(application_no=NUMBER)
    record = json.loads(content)
    await desk.pull(an_item(NUMBER), content)
    (row,) = await again(desk, spelled({**record, "withdrawn_at": in_utc(record["withdrawn_at"])}))
    assert (row.repeated, row.held) == (True, None)
    assert await desk.quarantined() == []


@pytest.mark.parametrize("digest_of", BEFORE.values(), ids=BEFORE)
async def test_an_entry_of_an_earlier_program_still_knows_its_message(
    desk: Desk, sql: Run, digest_of: Callable[[WireModel, bytes], str]
) -> None:
    # Given entries as they were before they were sealed and compared by what messages say
    application = an_item(NUMBER)
    await desk.pull(application)
    outcome = await desk.outcome()
    (first,) = await desk.decide(outcome)
    for kind, record, content in (
        ("application", ForwardedApplication.read(application), application),
        ("outcome", Outcome.read(outcome), outcome),
    ):
        digest = digest_of(record, content)
        in_clear = "UPDATE inbox SET digest = ?, receipt = ? WHERE kind = ?"
        sql(in_clear, digest, first.receipt, kind)

    # When the same bytes come again, then they are repeats, and other content is not
    (row,) = await again(desk, application)
    (answer,) = await desk.decide(outcome)
    (other,) = await desk.decide(await desk.outcome(aae019="王芳"))
    assert (row.repeated, row.held) == (True, None)
    assert (answer.status, answer.receipt) == (ItemStatus.DUPLICATE, first.receipt)
    assert other.status is ItemStatus.REFUSED


async def test_what_conflicts_is_kept_with_its_place_in_its_page(desk: Desk) -> None:
    await desk.pull(an_item(NUMBER))
    desk.portal.offer_again()
    desk.portal.feed[:] = [an_item("SY2"), an_item(NUMBER, aac003="王芳")]
    await desk.pull()
    (row,) = await desk.quarantined()
    assert (row.key, row.reason) == (NUMBER, "application.conflict")
    assert row.detail.endswith("page.place place=2")


async def test_what_is_kept_of_an_application_is_every_byte_that_came(desk: Desk) -> None:
    record = json.loads(an_item(NUMBER))
    sent = json.dumps(record, indent=2, ensure_ascii=True).replace("/", "\\/").encode()
    await desk.pull(sent)
    await desk.push()
    (body,) = desk.agency.inbox.taken.values()
    assert b'"application":' + sent in body


async def test_a_number_written_as_a_number_opens_a_case_and_its_digits_are_kept(
    desk: Desk,
) -> None:
    number = "20260302000000000001"
    sent = an_item(NUMBER).replace(as_json({"n": NUMBER})[5:-1], number.encode())
    await desk.pull(sent, an_item("SY2"))
    assert (await desk.case(number)).hold_reason == "application.unreadable"
    assert (await desk.case("SY2")).hold_reason is None
    assert sorted(desk.portal.numbers) == [number, "SY2"]


async def test_a_hundred_numbers_written_as_numbers_do_not_hide_what_stands_behind(
    desk: Desk,
) -> None:
    sent = [
        an_item(NUMBER).replace(as_json({"n": NUMBER})[5:-1], b"%d" % number)
        for number in range(1000, 1100)
    ]
    await desk.pull(*sent, an_item("SY2"))
    await desk.pull()
    assert (await desk.case("SY2")).agency is not None


@pytest.mark.parametrize("key", ["\0", "SY\0", "\ud800", "a" * 10_000, "申", "", "SY 1"], ids=repr)
async def test_a_key_that_cannot_be_one_is_unknown_on_both_stores(desk: Desk, key: str) -> None:
    assert await fetch.case_view(key, agency=JINSHUI, store=desk.store) is None


async def test_a_tab_in_a_remark_does_not_make_an_application_unreadable(desk: Desk) -> None:
    (row,) = (await desk.pull(an_item(NUMBER, aae013="一\t二\r\n三"))).rows
    assert row.held is None
