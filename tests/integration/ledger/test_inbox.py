"""已收: a message seen before is known, with the answer it got then."""

from datetime import timedelta

import pytest

from gateway.adapters.ledger.store import LedgerStore
from tests.builders.ledger import AT, an_idempotency_key, an_inbox_entry
from tests.integration.conftest import Run

LATER = AT + timedelta(hours=1)


@pytest.mark.parametrize("size", [1, 5])
async def test_what_was_seen_is_returned_as_it_was(store: LedgerStore, size: int) -> None:
    keys = [an_idempotency_key(f"SQ{number}") for number in range(size)]
    first = {key: an_inbox_entry(key.key.encode()) for key in keys}
    other = {key: an_inbox_entry(b"other") for key in [*keys, an_idempotency_key("SQ-new")]}
    assert await store.transact(lambda ledger: ledger.inbox.record(first, AT)) == {}
    assert await store.transact(lambda ledger: ledger.inbox.record(first, LATER)) == first
    assert await store.transact(lambda ledger: ledger.inbox.record(other, LATER)) == first
    asked = [*keys, an_idempotency_key("SQ-new"), an_idempotency_key("SQ-never")]
    read = await store.transact(lambda ledger: ledger.inbox.find(asked))
    assert read == first | {an_idempotency_key("SQ-new"): an_inbox_entry(b"other")}
    assert await store.transact(lambda ledger: ledger.inbox.find([])) == {}
    assert await store.transact(lambda ledger: ledger.inbox.record({}, AT)) == {}


async def test_another_revision_is_another_message(store: LedgerStore) -> None:
    one, two = an_idempotency_key("SQ1", 1), an_idempotency_key("SQ1", 2)
    await store.transact(lambda ledger: ledger.inbox.record({one: an_inbox_entry(b"1")}, AT))
    assert await store.transact(lambda ledger: ledger.inbox.find([two])) == {}
    assert (
        await store.transact(lambda ledger: ledger.inbox.record({two: an_inbox_entry()}, AT)) == {}
    )


async def test_an_entry_that_was_moved_to_another_message_cannot_be_read(
    store: LedgerStore, sql: Run
) -> None:
    one, two = an_idempotency_key("SQ1"), an_idempotency_key("SQ2")
    await store.transact(lambda ledger: ledger.inbox.record({one: an_inbox_entry(b"1")}, AT))
    await store.transact(lambda ledger: ledger.inbox.record({two: an_inbox_entry(b"2")}, AT))
    moved = "UPDATE inbox SET receipt = (SELECT receipt FROM inbox WHERE key = 'SQ1')"
    sql(f"{moved} WHERE key = 'SQ2'")
    found = await store.transact(lambda ledger: ledger.inbox.find([one, two]))
    assert found[one] == an_inbox_entry(b"1")
    assert not found[two].is_readable
