"""摘要: a stolen database confirms no guess of a message, and a repeat is known under every key."""

import hashlib
import json
from base64 import b64encode
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Final

import pytest

from gateway.adapters.ledger.store import open_ledger
from gateway.flows.key_rotation import reseal
from gateway.flows.maintenance import lead
from gateway.ports.ledger import Ledger
from gateway.ports.sealed_rows import RowMark, SealedTable
from gateway.ports.store import Store
from gateway.ports.views import WorkRow
from schemas.records.applications import ForwardedApplication, Withdrawal
from schemas.records.base import WireModel
from schemas.records.canonical_form import content_digest
from schemas.records.outcomes import Outcome
from schemas.records.receipts import ItemStatus
from storage.sealing import LedgerKeys, Sealer
from storage.urls import sqlite_path
from tests.builders.records import JIYUAN, withdrawal_json
from tests.integration.conftest import Run
from tests.integration.flows.desk import NUMBER, Desk, an_item
from tests.support.clock import SettableClock

OLD: Final = LedgerKeys({1: bytes(range(3, 35))}, {1: bytes(range(9, 41))})
PREPARED: Final = LedgerKeys(
    {**OLD.data, 2: bytes(range(5, 37))}, {**OLD.index, 2: bytes(range(11, 43))}, active=1
)
BOTH: Final = LedgerKeys(PREPARED.data, PREPARED.index)
NEW: Final = LedgerKeys({2: BOTH.data[2]}, {2: BOTH.index[2]})
TABLES: Final = (
    *("cases", "contents", "case_history", "inbox", "outbox", "quarantine", "nonces"),
    *("leases", "key_uses"),
)


def spellings(digest: str) -> Iterator[bytes]:
    """Yield the ways in which a digest may stand somewhere."""
    raw = bytes.fromhex(digest)
    for text in (raw, raw.hex().encode(), raw.hex().upper().encode()):
        yield text
        for shift in range(3):  # base64 depends on what stands before
            yield b64encode(bytes(shift) + text)[4:-4]


def digests_of(content: bytes, model: type[WireModel]) -> tuple[str, str]:
    """Return both digests of a message: over its bytes, and over what it says."""
    record = model.model_validate_json(content, by_alias=True, by_name=False)
    return hashlib.sha256(content).hexdigest(), content_digest(record)


def everything_stored(url: str, sql: Run) -> list[bytes]:
    """Return each value of each table; the bytes of the files, too, where there are any."""
    rows = [row for table in TABLES for row in sql(f"SELECT * FROM {table}")]
    values = [value for row in rows for value in row if isinstance(value, str | bytes)]
    stored = [value.encode() if isinstance(value, str) else value for value in values]
    if (path := sqlite_path(url)) is not None:
        stored += [file.read_bytes() for file in Path(path).parent.iterdir()]
    return stored


async def test_no_digest_of_a_message_can_be_found_in_what_is_stored(
    url: str, desk: Desk, sql: Run
) -> None:
    # Given messages of every kind that were taken, came with other content, or were refused
    withdrawn = withdrawal_json(application_no="SY2")
    applications = [an_item(NUMBER), an_item("SY2"), an_item(NUMBER, aac003="王芳")]
    await desk.pull(*applications[:2], withdrawn, b'{"application_no":"SY3"}')
    desk.portal.offer_again()
    desk.portal.feed[:] = applications[2:]
    await desk.pull()
    outcomes = [await desk.outcome(), await desk.outcome(aae019="王芳")]
    refused = await desk.outcome(aae017=JIYUAN, revision=2)
    (taken, other) = await desk.decide(*outcomes)
    await desk.decide(refused)
    assert (taken.status, other.status) == (ItemStatus.ACCEPTED, ItemStatus.REFUSED)

    # When somebody who knows them looks for their digests
    digests = {
        *(one for item in applications for one in digests_of(item, ForwardedApplication)),
        *(one for item in (*outcomes, refused) for one in digests_of(item, Outcome)),
        *digests_of(withdrawn, Withdrawal),
        hashlib.sha256(b'{"application_no":"SY3"}').hexdigest(),
        json.loads(taken.receipt or b"")["receipt_no"],
    }

    # Then none stands anywhere; the scan sees what is in clear
    stored = everything_stored(url, sql)
    assert any(NUMBER.encode() in value for value in stored)
    found = {one for one in digests for text in spellings(one) if any(text in s for s in stored)}
    assert found == set()


@pytest.fixture
def sealer() -> Sealer:
    """Return a sealer whose keys the test exchanges."""
    return Sealer(OLD)


@pytest.fixture
async def store(
    url: str, anyio_backend: str, clock: SettableClock, sealer: Sealer
) -> AsyncIterator[Store]:
    """Give an empty ledger under the keys that the test exchanges."""
    opened = open_ledger(url, sealer=sealer, now=clock)
    yield opened
    await opened.close()


async def reseal_tables(desk: Desk, tables: Sequence[SealedTable]) -> None:
    """Bring the rows of some tables under today's keys."""
    lease = await lead(holder="h", store=desk.store, now=desk.clock)
    assert lease is not None
    for table in tables:
        after: RowMark | None = table.start
        while after is not None:
            after = await reseal(lease, table, after=after, store=desk.store)


async def test_a_repeat_is_known_before_during_and_after_the_keys_are_exchanged(
    desk: Desk, sealer: Sealer
) -> None:
    # Given an application, an outcome, and other content under the number of each
    first, other = an_item(NUMBER), an_item(NUMBER, aac003="王芳")
    await desk.pull(first)
    outcome, conflicting = await desk.outcome(), await desk.outcome(aae019="王芳")
    (taken, _) = await desk.decide(outcome, conflicting)
    desk.portal.offer_again()
    desk.portal.feed[:] = [other]
    await desk.pull()
    reasons = [one.reason for one in await desk.quarantined()]
    assert sorted(reasons) == ["application.conflict", "outcome.conflict"]

    async def all_comes_again() -> None:
        """Make sure that all of it is a repeat: the first receipt, and nothing is kept twice."""
        desk.portal.offer_again()
        desk.portal.feed[:] = [other, first]
        page = await desk.pull()
        rows = {row.held: row.repeated for row in page.rows}
        assert rows == {"application.conflict": True, None: True}
        again, refused = await desk.decide(outcome, conflicting)
        assert (again.status, again.receipt) == (ItemStatus.DUPLICATE, taken.receipt)
        assert refused.status is ItemStatus.REFUSED
        assert [one.reason for one in await desk.quarantined()] == reasons

    # When the keys are exchanged step by step, everything comes again after each of them
    await all_comes_again()
    for keys in (PREPARED, BOTH):
        sealer.exchange(keys)
        await all_comes_again()
    tables = list(SealedTable)
    for table in tables:
        await reseal_tables(desk, [table])
        await all_comes_again()
    sealer.exchange(NEW)
    await all_comes_again()


async def test_open_applications_of_one_person_stay_linked_while_the_index_key_is_exchanged(
    desk: Desk, sealer: Sealer
) -> None:
    async def linked() -> dict[str, tuple[str, ...]]:
        rows = await desk.store.read(lambda views: [views.case(key) for key in keys])
        return {row.case.key: row.same_person for row in rows if isinstance(row, WorkRow)}

    # Given two under the old key, and one that comes under the new one
    keys = ["SY1", "SY2", "SY3"]
    await desk.pull(an_item("SY1"), an_item("SY2"))
    sealer.exchange(PREPARED)
    sealer.exchange(BOTH)
    await desk.pull(an_item("SY3"))
    links = {"SY1": ("SY2", "SY3"), "SY2": ("SY1", "SY3"), "SY3": ("SY1", "SY2")}
    assert await linked() == links

    # When the rows come under the new key one by one, then they stay linked; and without the old
    after: RowMark | None = SealedTable.CONTENTS.start

    def one_row(ledger: Ledger) -> RowMark | None:
        assert after is not None
        return ledger.sealed_rows.reseal(SealedTable.CONTENTS, after=after, limit=1)

    while after is not None:
        after = await desk.store.transact(one_row)
        assert await linked() == links
    await reseal_tables(desk, list(SealedTable))
    sealer.exchange(NEW)
    assert await linked() == links
