"""The second port: what a scrape reads of the ledger, and how often."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import TypeVar, cast

import pytest

from gateway.adapters.ledger.store import LedgerStore, open_ledger
from gateway.domain.case import State
from gateway.metrics import Metrics
from gateway.ports.ledger import Ledger
from gateway.ports.store import Store
from gateway.ports.views import Views
from gateway.web.calls import Call
from gateway.web.health_api import HealthApi
from tests.builders.ledger import AT, a_sealer, an_opening
from tests.support.clock import SettableClock

T = TypeVar("T")
SCRAPE = Call({}, {})


class RecordingViews:
    """Real views that note which of them are asked for."""

    def __init__(self, views: Views, asked: list[str]) -> None:
        self._views, self._asked = views, asked

    def __getattr__(self, name: str) -> object:
        self._asked.append(name)
        return getattr(self._views, name)


@dataclass
class RecordingStore:
    """A real store that notes what is read."""

    store: Store
    asked: list[str] = field(default_factory=list)

    async def transact(self, work: Callable[[Ledger], T], *, durable: bool = True) -> T:
        """See `Store.transact`."""
        return await self.store.transact(work, durable=durable)

    async def read(self, view: Callable[[Views], T]) -> T:
        """See `Store.read`."""
        return await self.store.read(
            lambda real: view(cast("Views", RecordingViews(real, self.asked)))
        )

    async def close(self) -> None:
        """See `Store.close`."""
        await self.store.close()


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[LedgerStore]:
    """A ledger of open cases whose last days are yesterday, today, tomorrow, and unknown."""
    opened = open_ledger(f"sqlite:///{tmp_path}/gateway.db", sealer=a_sealer(), now=lambda: AT)
    today = AT.date()
    due: dict[str, date | None] = {
        "A": today - timedelta(days=1),
        "B": today,
        "C": today,
        "D": today + timedelta(days=1),
        "E": None,
    }
    openings = [
        an_opening(key, due_on=due_on, state=State.DISPATCHED) for key, due_on in due.items()
    ]
    await opened.transact(lambda ledger: ledger.cases.open(openings))
    yield opened
    await opened.close()


async def test_a_scrape_counts_the_ledger_once_and_the_next_ones_not_at_all(
    store: LedgerStore,
) -> None:
    wall, monotonic = SettableClock(AT), SettableClock(AT)
    metrics, recording = Metrics(version="0", contract="0"), RecordingStore(store)
    health = HealthApi(
        store=recording, probe=store.probe_write, metrics=metrics, now=wall, monotonic=monotonic
    )

    for _ in range(3):
        text = (await health.metrics(SCRAPE)).body.decode()
    assert recording.asked == ["figures"]

    wall.forward(seconds=-30)  # a step of the wall clock keeps no figure longer
    monotonic.forward(seconds=5)
    await health.metrics(SCRAPE)
    assert recording.asked == ["figures"] * 2
    for line in ("missed 1.0", "at_risk 2.0", "unknown 1.0"):
        assert f"\nduijie_deadline_{line}\n" in text


@dataclass
class HeldStore(RecordingStore):
    """One whose reading has begun, and ends when it is let go."""

    begun: asyncio.Event = field(default_factory=asyncio.Event)
    let_go: asyncio.Event = field(default_factory=asyncio.Event)

    async def read(self, view: Callable[[Views], T]) -> T:
        """See `Store.read`."""
        self.begun.set()
        await self.let_go.wait()
        return await super().read(view)


async def test_scrapes_at_the_same_time_share_one_reading_of_the_ledger(
    store: LedgerStore,
) -> None:
    held = HeldStore(store)
    health = HealthApi(
        store=held,
        probe=store.probe_write,
        metrics=Metrics(version="0", contract="0"),
        now=SettableClock(AT),
    )
    scrapes = [asyncio.create_task(health.metrics(SCRAPE)) for _ in range(5)]
    await held.begun.wait()
    scrapes.pop(0).cancel()  # the client that was first goes away in the midst of it
    held.let_go.set()

    texts = {(await scrape).body for scrape in scrapes}

    assert held.asked == ["figures"]
    assert len(texts) == 1
    assert b"duijie_deadline_missed 1.0" in texts.pop()
