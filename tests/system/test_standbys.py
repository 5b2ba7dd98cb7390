"""备库: an asynchronous standby is said plainly, and refused where the settings demand another."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import psycopg
import pytest

from duijie.checks.standby import check_standby
from gateway.adapters.ledger.store import LedgerStore, ledger_schema, open_ledger
from gateway.adapters.ledger.unit_of_work import LedgerTerms
from gateway.app.lifecycle import Gateway
from gateway.config import Settings
from gateway.jobs.store_watch import StoreWatchLoop
from gateway.metrics import Metrics
from schemas.reference.clock import utc_now
from storage.errors import StoreMisconfigured, StoreUnavailable
from storage.postgres.store import PostgresStore
from storage.replication import Replication
from storage.store import replication_at
from tests.builders.ledger import a_sealer
from tests.support.needs import absent
from tests.support.postgres import CURE
from tests.support.stack import make_stack
from tests.support.until import until
from tests.system.kills.failovers import ServersAbsent, replicated_servers
from tests.system.kills.replicated import ReplicatedServer

SAID: Final = "store.standby-asynchronous"
NOT_WAITING: Final = "ALTER DATABASE ledger SET synchronous_commit = local"
WAITING: Final = "ALTER DATABASE ledger RESET synchronous_commit"
CUT: Final = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@pytest.fixture(scope="module")
def servers() -> Iterator[ReplicatedServer]:
    """Give a primary with its synchronous standby."""
    try:
        with replicated_servers() as running:
            yield running
    except ServersAbsent:
        absent("PostgreSQL", CURE)


@pytest.fixture
def url(servers: ReplicatedServer) -> str:
    """Name an empty ledger on the primary: each test has keys of its own."""
    ask(servers.url, "DROP SCHEMA public CASCADE")
    ask(servers.url, "CREATE SCHEMA public")
    return servers.url


@pytest.fixture
def asynchronous(url: str) -> Iterator[None]:
    """Let no commit in this database wait for the standby."""
    ask(url, NOT_WAITING)
    yield
    ask(url, WAITING)


@pytest.fixture
def a_server(make_ledger_database: Callable[[], str]) -> str:
    """Name a ledger on a server that nobody follows."""
    return make_ledger_database()


def ask(url: str, statement: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(statement.encode())


def settings_of(folder: Path, url: str, *, demanded: bool = False) -> Settings:
    settings = make_stack(folder, store=url).gateway_settings()
    return settings.model_copy(update={"synchronous_standby": demanded})


async def said_at_start(settings: Settings, caplog: pytest.LogCaptureFixture) -> list[str]:
    gateway = Gateway(settings)
    await gateway.open()
    await gateway.drain()
    return [one.getMessage() for one in caplog.records]


async def test_a_synchronous_standby_is_what_was_demanded(
    tmp_path: Path, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    settings = settings_of(tmp_path, url, demanded=True)

    assert SAID not in await said_at_start(settings, caplog)
    assert check_standby(settings).is_ok
    assert replication_at(url) is Replication.SYNCHRONOUS


@pytest.mark.usefixtures("asynchronous")
async def test_an_asynchronous_standby_is_said_at_start_and_by_the_doctor(
    tmp_path: Path, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    settings = settings_of(tmp_path, url)

    assert SAID in await said_at_start(settings, caplog)
    found = check_standby(settings)
    assert (found.is_weak, found.seen) == (True, "异步备库")
    assert "synchronous_standby_names" in found.cure


@pytest.mark.usefixtures("asynchronous")
async def test_a_demanded_standby_that_no_commit_waits_for_keeps_the_gateway_from_starting(
    tmp_path: Path, url: str
) -> None:
    settings = settings_of(tmp_path, url, demanded=True)

    with pytest.raises(StoreMisconfigured, match="synchronous_standby_names"):
        await Gateway(settings).open()
    assert check_standby(settings).is_fault


async def test_a_demanded_standby_named_in_the_place_of_its_primary_is_told_to_only_read(
    servers: ReplicatedServer,
) -> None:
    itself = servers.standby.address.removesuffix("postgres") + "ledger"
    with pytest.raises(StoreMisconfigured, match="the server only reads"):
        open_ledger(itself, sealer=a_sealer(), now=utc_now, demands_synchronous=True)


async def test_a_single_server_has_no_standby_to_demand(tmp_path: Path, a_server: str) -> None:
    with pytest.raises(StoreMisconfigured, match="replication is none"):
        await Gateway(settings_of(tmp_path, a_server, demanded=True)).open()
    assert check_standby(settings_of(tmp_path, a_server)).is_ok


async def test_a_standby_that_is_given_up_while_it_runs_stops_the_writing_until_it_is_back(
    url: str,
) -> None:
    # Given a store that demands a standby, at work
    store = open_ledger(url, sealer=a_sealer(), now=utc_now, demands_synchronous=True)
    await store.probe_write()

    # When commits no longer wait for it, and the connections are made again
    ask(url, NOT_WAITING)
    ask(url, CUT)
    refusals = [await refusal(store) for _ in range(4)]  # two writers lose a connection each
    assert all(refusals)
    assert "a synchronous standby is demanded" in refusals[-1]

    # Then it writes again once they wait
    ask(url, WAITING)
    assert [await refusal(store) for _ in range(4)][-1] == ""
    await store.close()


async def refusal(store: LedgerStore) -> str:
    """Write once; return why that was refused, nothing where it was not."""
    try:
        await store.probe_write()
    except StoreUnavailable as exc:
        return str(exc)
    return ""


async def test_a_standby_that_is_given_up_under_lasting_connections_stops_the_writing(
    servers: ReplicatedServer, url: str, caplog: pytest.LogCaptureFixture
) -> None:
    # Given a store that demands a standby, at work, and asks before each batch
    store: LedgerStore = PostgresStore(
        url,
        ledger_schema(LedgerTerms(a_sealer(), utc_now)),
        writers=1,  # a second one would connect later, and be refused for that
        demands_synchronous=True,
        ask_standbys_every_s=0.0,
    )
    watch = StoreWatchLoop(store=store, metrics=Metrics(version="0", contract="0"))
    assert await refusal(store) == ""

    # When the server is told, with the connections as they are, that no commit waits any more
    _change(servers, "SET synchronous_standby_names = ''")
    await until(lambda: _has_refused(store))

    # Then that is in the log, and the store writes again by itself once there is a standby
    await watch.turn()
    assert "store.replication-changed" in [one.getMessage() for one in caplog.records]
    _change(servers, "RESET synchronous_standby_names")
    await until(lambda: _has_written(store))
    assert store.replication == "synchronous"
    await store.close()


def _change(servers: ReplicatedServer, setting: str) -> None:
    servers.primary.ask(f"ALTER SYSTEM {setting}".encode())
    servers.primary.ask(b"SELECT pg_reload_conf()")


async def _has_refused(store: LedgerStore) -> bool:
    return "a synchronous standby is demanded" in await refusal(store)


async def _has_written(store: LedgerStore) -> bool:
    return await refusal(store) == ""
