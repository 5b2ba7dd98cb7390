"""留存待查: what cannot be accepted is kept once, raw, for a person."""

from dataclasses import replace
from datetime import timedelta

from gateway.adapters.ledger.store import LedgerStore
from tests.builders.ledger import AT, a_quarantined_item
from tests.support.rows import readable

LATER = AT + timedelta(hours=1)


async def test_an_item_is_quarantined_once_for_each_reason(store: LedgerStore) -> None:
    item = a_quarantined_item()
    hostile = a_quarantined_item(b"\xff\x00", key="SQ\x00\ud800", at=LATER)
    again = replace(item, at=LATER, detail="repeated")
    await store.transact(lambda ledger: ledger.quarantine.add([item, hostile]))
    await store.transact(lambda ledger: ledger.quarantine.add([again]))
    await store.transact(lambda ledger: ledger.quarantine.add([replace(item, reason="other")]))
    await store.transact(lambda ledger: ledger.quarantine.add([]))
    kept = readable(await store.read(lambda views: views.quarantined(limit=10)))
    assert [(row.reason, row.key, row.at) for row in kept] == [
        ("other", "SQ0099", AT),
        ("item.malformed", "SQ\\x00\\ud800", LATER),
        ("item.malformed", "SQ0099", AT),
    ]
    assert len(await store.read(lambda views: views.quarantined(limit=1))) == 1
