"""台账写入: the gateway's ledger, opened on the command line to change it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

from duijie.cli_errors import ledger_errors
from gateway.adapters.ledger.store import LedgerStore, open_ledger
from gateway.config import Settings
from gateway.flows.key_rotation import give_back_uses, reserve_uses
from schemas.reference.clock import utc_now
from storage.key_uses import KeyUses
from storage.lease_clock import LeaseClock
from storage.sealing import Sealer
from storage.sealing_keys import load

_USES: Final = 1 << 12
"""What a command reserves at once: several times what one of its transactions seals."""


@dataclass(frozen=True, slots=True)
class LedgerWriter:
    """A ledger opened for writing; what it seals is counted as the gateway's own sealing is."""

    store: LedgerStore
    sealer: Sealer

    async def reserve(self) -> None:
        """Reserve uses of the data key for the next transaction, where few are left.

        Raises:
            StoreUnavailable: They cannot be reserved.
        """
        sealer = self.sealer
        await reserve_uses(sealer.epoch, store=self.store, uses=sealer.uses, at_once=_USES)


@asynccontextmanager
async def open_ledger_writer(
    settings: Settings, *, accepts_restored: bool = False
) -> AsyncIterator[LedgerWriter]:
    """Open the ledger of a gateway for writing; with SQLite that gateway must not run.

    With `accepts_restored` a file that does not fit its head becomes the one it is written for.
    What is reserved and not used is given back at the end; a command that is killed loses it.

    Raises:
        StoreMisconfigured: The keys or the database cannot be opened.
        StoreUnavailable: The database cannot be written to.
        CliError: The gateway runs on this ledger.
    """
    sealer = Sealer(load(settings.ledger_keys), KeyUses(metered=True))
    with ledger_errors(settings.console):
        store = open_ledger(
            settings.store,
            sealer=sealer,
            now=utc_now,
            lease_clock=LeaseClock(),
            accepts_restored=accepts_restored,
        )
    try:
        writer = LedgerWriter(store, sealer)
        await writer.reserve()
        yield writer
        await give_back_uses(store=store, uses=sealer.uses)
    finally:
        await store.close()
