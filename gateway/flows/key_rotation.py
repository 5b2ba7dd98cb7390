"""换密钥: rows are brought under the newest keys, and uses of the data key are reserved.

Every turn is one short transaction that leaves each row whole, under the old key or the new one;
which rows are left to do is read from the rows themselves, so a death between two turns costs
nothing but a look at rows that are done.
"""

from functools import partial
from typing import Final

from gateway.flows.failpoints import Failpoint, FailpointHook, no_hook
from gateway.ports.leadership import LeaderLease
from gateway.ports.ledger import Ledger
from gateway.ports.sealed_rows import RowMark, SealedTable
from gateway.ports.store import Store
from storage.key_uses import KeyUses

ROWS_AT_ONCE: Final = 200
"""A short transaction: messages wait beside it."""
FIRST_USES: Final = 1 << 16
"""What a process reserves at first, and of a key that a reload may bring.

Lost where the process dies: one that is started again every few seconds must not wear a key out.
"""
MOST_USES: Final = 1 << 20
"""What it reserves at once, at most."""


async def reserve_uses(
    epoch: int, *, store: Store, uses: KeyUses, at_once: int = FIRST_USES
) -> int | None:
    """Reserve uses of the data key `epoch` and of the one that will follow, and grant them.

    Return how many of `epoch` are reserved in all; None at the bound, where nothing is granted.
    """
    for one, wanted in ((epoch, at_once), (epoch + 1, FIRST_USES)):
        if uses.left(one) <= wanted // 2:
            await _reserve(one, wanted, store=store, uses=uses)
    return uses.reserved(epoch)


async def give_back_uses(*, store: Store, uses: KeyUses) -> None:
    """Give back what is reserved and not used; nothing can be sealed afterwards.

    Raises:
        StoreUnavailable: What was not given back counts as used.
    """
    for epoch, left in uses.surrender().items():
        await store.transact(partial(_give_back, epoch=epoch, left=left))


def _give_back(ledger: Ledger, *, epoch: int, left: int) -> None:
    ledger.sealed_rows.reserve(epoch, -left)


async def _reserve(epoch: int, wanted: int, *, store: Store, uses: KeyUses) -> None:
    def work(ledger: Ledger) -> int | None:
        return ledger.sealed_rows.reserve(epoch, wanted)

    reserved = await store.transact(work)  # durable: granted only once it is on disk
    uses.grant(epoch, 0 if reserved is None else wanted, reserved=reserved)


async def reseal(
    lease: LeaderLease,
    table: SealedTable,
    *,
    after: RowMark,
    store: Store,
    hook: FailpointHook = no_hook,
) -> RowMark | None:
    """Seal some rows of a table under the newest key; return where to go on, None at the end.

    Raises:
        LeaseLost: Another process leads now; nothing was changed.
    """

    def work(ledger: Ledger) -> RowMark | None:
        ledger.leadership.ensure_held(lease)
        last = ledger.sealed_rows.reseal(table, after=after, limit=ROWS_AT_ONCE)
        hook(Failpoint.RESEAL_WRITTEN)
        return last

    last = await store.transact(work)
    hook(Failpoint.RESEAL_STORED)
    return last
