"""Personal data at rest: not readable in any byte that the store has written."""

from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gateway.adapters.ledger.store import LedgerStore, open_ledger
from gateway.domain.case import Step, advance
from gateway.domain.outbox_rules import MessageKind
from gateway.ports.disclosures import Disclosure
from gateway.ports.entry_texts import EntryText
from gateway.ports.ledger import Ledger
from gateway.ports.views import WorkFilter, WorkRow
from storage.errors import SealBroken, StoreReplaced
from storage.urls import sqlite_path
from tests.builders.ledger import (
    AT,
    NAME,
    SUBJECT,
    a_decision,
    a_form,
    a_message,
    a_quarantined_item,
    a_sealer,
    an_idempotency_key,
    an_inbox_entry,
    an_opening,
)
from tests.integration.ledger.conftest import StoreOpener

CANARIES = (NAME, SUBJECT, SUBJECT[6:14], "13800000000", "长沙市岳麓区", "麓山南路1号")
TABLES = (
    *("cases", "contents", "case_history", "inbox", "outbox", "quarantine", "nonces"),
    *("entry_texts", "disclosures", "table_decisions"),
)


def spellings(canary: str) -> Iterator[bytes]:
    """Yield the ways in which a text may stand in a file."""
    for plain in (canary.encode(), canary.encode("utf-16-le"), canary.encode("utf-16-be")):
        yield plain
        yield plain.hex().encode()
        for shift in range(3):  # base64 depends on what stands before
            yield b64encode(bytes(shift) + plain)[4:-4]


def contents_of(folder: Path) -> list[bytes]:
    """Return what every file in a folder holds."""
    return [path.read_bytes() for path in folder.iterdir()]


async def fill(store: LedgerStore) -> None:
    """Write personal data to every place that takes any."""

    def work(ledger: Ledger) -> None:
        opening = an_opening("SQ1")
        ledger.cases.open([opening])
        ledger.inbox.record({an_idempotency_key("SQ1"): an_inbox_entry(a_form())}, AT)
        ledger.outbox.enqueue(
            [a_message("SQ1", kind=MessageKind.REPORT, peer="portal", body=a_form())]
        )
        ledger.quarantine.add([a_quarantined_item(a_form())])
        ledger.cases.save([advance(opening.change.case, Step.DECIDE, at=AT, actor="a")])
        ledger.entry_texts.add([EntryText("SQ1", 2, a_form().decode())])
        ledger.disclosures.add(Disclosure(AT, "operator:a", "poll.export", 1, a_form().decode()))
        assert ledger.table_editions.decide(a_decision(reason=a_form().decode()))

    await store.transact(work)
    await store.read(lambda views: views.worklist(WorkFilter(), after=None, limit=9))


async def test_no_canary_stands_in_the_files(tmp_path: Path, open_at: StoreOpener) -> None:
    store = open_at(f"sqlite:///{tmp_path}/ledger.db")
    await fill(store)
    while_open = contents_of(tmp_path)
    assert any(b"SQ1" in content for content in while_open)  # the scan sees what is in clear
    await store.close()
    for content in while_open + contents_of(tmp_path):
        found = [c for c in CANARIES for spelling in spellings(c) if spelling in content]
        assert found == []


async def test_no_canary_stands_in_a_column(
    store: LedgerStore, sql: Callable[..., list[tuple[object, ...]]]
) -> None:
    await fill(store)
    rows = [row for table in TABLES for row in sql(f"SELECT * FROM {table}")]
    values = [value for row in rows for value in row if isinstance(value, str | bytes)]
    written = [value.encode() if isinstance(value, str) else value for value in values]
    assert b"SQ1" in written
    for value in written:
        assert [c for c in CANARIES for spelling in spellings(c) if spelling in value] == []


async def test_the_scan_would_find_a_canary_in_clear() -> None:
    content = b"..." + b64encode(b"x" + a_form()) + b"..."
    assert any(spelling in content for spelling in spellings("13800000000"))


async def test_other_keys_open_nothing(url: str, store: LedgerStore) -> None:
    await fill(store)
    await store.close()
    if sqlite_path(url) is not None:  # the head beside the file is of other keys as well
        with pytest.raises(StoreReplaced, match="altered"):
            open_ledger(url, sealer=a_sealer(40), now=lambda: AT)
    under_other_keys = open_ledger(url, sealer=a_sealer(40), now=lambda: AT, accepts_restored=True)
    claimed = await under_other_keys.transact(
        lambda ledger: ledger.outbox.claim("portal", limit=9, now=AT, until=AT)
    )
    assert claimed == []
    row = await under_other_keys.read(lambda views: views.case("SQ1"))
    assert isinstance(row, WorkRow)
    assert NAME[0] not in row.person
    await under_other_keys.close()


def test_what_is_sealed_opens_in_its_place_only() -> None:
    sealed = a_sealer().seal("contents", "content", "SQ1", b"plain")
    assert a_sealer().open("contents", "content", "SQ1", sealed) == b"plain"
    for place in (
        ("contents", "content", "SQ2"),
        ("contents", "subject", "SQ1"),
        ("outbox", "content", "SQ1"),
    ):
        with pytest.raises(SealBroken):
            a_sealer().open(*place, sealed)
