"""One gateway's world: a real store, a clock that stands, peers that do as the test says."""

import pytest

from gateway.ports.store import Store
from tests.integration.flows.desk import Desk
from tests.support.clock import SettableClock


@pytest.fixture
def desk(store: Store, clock: SettableClock) -> Desk:
    """Give the gateway's flows over the store, with a scripted portal and a scripted agency."""
    return Desk(store, clock)
