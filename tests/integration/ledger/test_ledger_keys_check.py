"""A key file that lacks what rows need: refused with the rows, on both stores."""

from collections.abc import Set as AbstractSet

import pytest

from gateway.app.ledger_keys_check import check_ledger_keys
from gateway.errors import Misconfigured
from gateway.flows.key_rotation import reserve_uses
from storage.key_uses import KeyUses
from storage.sealing import Sealer
from tests.builders.ledger import AT
from tests.integration.ledger.conftest import StoreOpener
from tests.integration.ledger.test_key_rotation import ALONE, NEW, OLD, fill, reseal_all


async def test_a_start_without_keys_that_rows_need_is_refused_until_none_does(
    url: str, open_at: StoreOpener
) -> None:
    # Given rows under the old key, and one case under the new one
    sealer = Sealer(OLD, KeyUses(metered=True))
    store = open_at(url, sealer)

    async def check(loaded: AbstractSet[int]) -> AbstractSet[int]:
        await check_ledger_keys(store, loaded, now=lambda: AT)
        return await store.read(lambda views: views.epochs_in_use())

    await reserve_uses(1, store=store, uses=sealer.uses)
    assert await check({1}) == {1, 2}  # uses of the key that a reload may bring are reserved
    await fill(store, count=2)
    sealer.exchange(NEW)
    await fill(store, first=2, count=1)

    # Then neither key may be missing, whichever copy of the file it is
    for loaded, missing in (({2}, "13 rows need epoch 1"), ({1}, "4 rows need epoch 2")):
        with pytest.raises(Misconfigured, match=f"keys are missing: {missing}; restore"):
            await check(loaded)

    # When the rows are under the new key, then the old one may go, and rows are not counted again
    await reseal_all(store)
    sealer.exchange(ALONE)
    assert await check({2}) == {2}
    await fill(store, first=3, count=1)
