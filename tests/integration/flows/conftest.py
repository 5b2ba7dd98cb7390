"""One gateway's world: a real store, a clock that stands, peers that do as the test says."""

import pytest

from gateway.ports.store import Store
from tests.integration.flows.desk import Desk, an_item
from tests.integration.flows.reconciling import Reconciler
from tests.support.clock import SettableClock


@pytest.fixture
def desk(store: Store, clock: SettableClock) -> Desk:
    """Give the gateway's flows over the store, with a scripted portal and a scripted agency."""
    return Desk(store, clock)


@pytest.fixture
async def reconciler(desk: Desk) -> Reconciler:
    """Return a reconciler over a day on which SY1 was decided and reported, SY2 only received."""
    await desk.pull(an_item("SY1"), an_item("SY2"))
    await desk.decide(await desk.outcome("SY1"))
    await desk.report()
    desk.clock.forward(hours=20)
    return Reconciler(desk)
