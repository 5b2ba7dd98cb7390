"""Whether every row has its keys in the file (台账密钥缺失): checked before anything runs.

Rows without their key could not be read, nor a person or a message be recognised by them. So the
gateway does not start: a key was removed too early, or the file is an old copy.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet

from gateway.errors import Misconfigured
from gateway.ports.ledger import Ledger
from gateway.ports.store import Store
from gateway.ports.views import Views
from gateway.setting_reasons import SettingReason
from schemas.reference.clock import Now


async def check_ledger_keys(store: Store, loaded: AbstractSet[int], *, now: Now) -> None:
    """Make sure that no row needs keys of another epoch than those `loaded`.

    Rows are counted where keys are gone that were used; where none needs them that is noted, and
    not asked again.

    Raises:
        Misconfigured: Which epochs are missing, how many rows need each, and the cure.
        StoreUnavailable: The ledger cannot be read or written.
    """

    def view(views: Views) -> Mapping[int, int]:
        newest = max(*loaded, views.newest_epoch())
        absent = {epoch for epoch in views.epochs_in_use() - loaded if epoch <= newest}
        rows = views.rows_by_epoch() if absent else {}
        return {epoch: rows.get(epoch, 0) for epoch in absent}

    def note(ledger: Ledger) -> None:
        ledger.sealed_rows.retire(absent, now())

    absent = await store.read(view)
    needed = [
        SettingReason.LEDGER_KEYS_MISSING.at("ledger_keys", epoch=epoch, rows=rows)
        for epoch, rows in sorted(absent.items())
        if rows
    ]
    if needed:
        raise Misconfigured(*needed)
    if absent:
        await store.transact(note)
