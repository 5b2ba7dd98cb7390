"""One gateway's world: a real store, a clock that stands, peers that do as the test says."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from gateway.adapters.ledger.store import open_ledger
from gateway.ports.store import Store
from tests.builders.ledger import a_sealer
from tests.integration.flows.desk import Desk
from tests.support.clock import SettableClock


@pytest.fixture
def clock() -> SettableClock:
    """Return a clock that stands on a Monday morning in Beijing."""
    return SettableClock()


@pytest.fixture(params=["sqlite", "postgresql"])
async def store(
    request: pytest.FixtureRequest, anyio_backend: str, tmp_path: Path, clock: SettableClock
) -> AsyncIterator[Store]:
    """Give an empty ledger, on each of the two databases."""
    url = f"sqlite:///{tmp_path}/ledger.db"
    if request.param == "postgresql":
        url = request.getfixturevalue("make_database")()
    opened = open_ledger(url, sealer=a_sealer(), now=clock)
    yield opened
    await opened.close()


@pytest.fixture
def desk(store: Store, clock: SettableClock) -> Desk:
    """Give the gateway's flows over the store, with a scripted portal and a scripted agency."""
    return Desk(store, clock)
