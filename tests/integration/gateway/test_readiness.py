"""就绪: it fails while real writes fail and holds again as soon as they succeed."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Final

import pytest

from gateway.adapters.ledger.store import LedgerStore, open_ledger
from gateway.metrics import Metrics
from gateway.ports.ledger import Ledger
from gateway.web.calls import Call
from gateway.web.health_api import MOST_PROBES, HealthApi, Probe
from storage.errors import StoreUnavailable
from storage.sqlite.store import SqliteStore
from tests.builders.ledger import AT, a_quarantined_item, a_sealer

ASK: Final = Call({}, {})
WITHIN_S: Final = 2.0
MEBIBYTE: Final = 1 << 20


@pytest.fixture
async def store(anyio_backend: str, tmp_path: Path) -> AsyncIterator[LedgerStore]:
    """Open a ledger in a file."""
    opened = open_ledger(f"sqlite:///{tmp_path}/ledger.db", sealer=a_sealer(), now=lambda: AT)
    yield opened
    await opened.close()


@pytest.fixture
def health(store: LedgerStore) -> HealthApi:
    return ready(store, store.probe_write)


def ready(store: LedgerStore, probe: Probe) -> HealthApi:
    """Return the second port of a gateway that has started."""
    api = HealthApi(
        store=store,
        probe=probe,
        metrics=Metrics(version="0", contract="0"),
        now=lambda: AT,
    )
    api.ready = True
    return api


async def status(health: HealthApi) -> int:
    """Ask once; the answer comes in time."""
    asked = time.monotonic()
    answer = await health.readyz(ASK)
    assert time.monotonic() - asked < WITHIN_S
    return answer.status


def large(ledger: Ledger) -> None:
    """Write about as much as a page of messages."""
    ledger.quarantine.add([a_quarantined_item(bytes(MEBIBYTE))])


def pragma(store: LedgerStore, text: str) -> Callable[[Ledger], None]:
    """Return work that sets something on the writing connection."""
    assert isinstance(store, SqliteStore)
    connection = store.connection

    def work(_ledger: Ledger) -> None:
        connection.execute(f"PRAGMA {text}")

    return work


async def test_a_full_disk_is_not_ready_until_there_is_room_for_real_writes(
    store: LedgerStore, health: HealthApi
) -> None:
    assert await status(health) == 200
    await store.transact(pragma(store, "max_page_count = 100"))
    with pytest.raises(StoreUnavailable):
        await store.transact(large)
    for _ in range(3):
        assert await status(health) == 503  # its small row alone could be written
    await store.transact(pragma(store, "max_page_count = 10000"))
    assert await status(health) == 200
    await store.transact(large)


async def test_a_file_that_only_reads_is_not_ready_and_does_not_end_the_process(
    store: LedgerStore, health: HealthApi
) -> None:
    assert isinstance(store, SqliteStore)
    store.connection.execute("PRAGMA query_only = on")
    with pytest.raises(StoreUnavailable):
        await store.transact(large)
    assert await status(health) == 503
    assert store.broken is None
    store.connection.execute("PRAGMA query_only = off")
    assert await status(health) == 200


async def test_a_store_that_answers_nothing_is_not_ready_in_time_and_is_asked_a_few_times_only(
    store: LedgerStore,
) -> None:
    asked: list[int] = []
    answers = asyncio.Event()

    async def hang() -> None:
        asked.append(len(asked))
        await answers.wait()

    health = ready(store, hang)
    statuses = await asyncio.gather(*(status(health) for _ in range(3 * MOST_PROBES)))
    assert set(statuses) == {503}
    assert len(asked) == MOST_PROBES
    answers.set()
    await asyncio.sleep(0)
    assert await status(health) == 200
