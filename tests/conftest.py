"""测试夹具: fixtures for every test; what they stand on is in `tests/support`."""

import gc
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import hypothesis
import pytest
import respx
from playwright.async_api import Browser, Page

from gateway.jobs.garbage_collection import settle_memory
from tests.support import browser as browsers
from tests.support import mariadb, postgres
from tests.support.agency_databases import AgencyDatabases, AgencyTestDatabase
from tests.support.folders import put_test_folders_in_memory
from tests.support.ledger_databases import LedgerDatabases
from tests.support.needs import absent
from tests.support.network import forbid_network, trust_no_authority
from tests.support.transport_mocker import TransportMocker


def pytest_configure() -> None:
    """Close the network, choose folders, make property tests repeatable, before all else."""
    forbid_network()
    trust_no_authority()
    put_test_folders_in_memory()
    hypothesis.settings.register_profile(
        "repeatable", derandomize=True, deadline=None, database=None
    )
    hypothesis.settings.load_profile("repeatable")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect the tests without a look for garbage, and pass over them in each later one.

    Eight thousand tests with all that they import are a million objects that stay to the end.
    """
    gc.disable()
    try:
        return (yield)
    finally:
        settle_memory()
        gc.enable()


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Asynchronous tests run on asyncio, the only loop the project supports."""
    return "asyncio"


@pytest.fixture
def respx_mock(request: pytest.FixtureRequest) -> Iterator[respx.MockRouter]:
    """Script the answers to signed calls, which take the direct way of our own transport."""
    marker = request.node.get_closest_marker("respx")
    options = {"using": TransportMocker.name} | (marker.kwargs if marker else {})
    with respx.mock(**options) as router:
        yield router


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[postgres.Server]:
    """One real PostgreSQL server for the whole run; see `tests/support/postgres.py`."""
    with postgres.any_server() as server:
        yield server or absent("PostgreSQL", postgres.CURE)


@pytest.fixture(scope="session")
def spare_databases(postgres_server: postgres.Server) -> Iterator[list[str]]:
    """Databases that a test has left and that are empty again: clearing is cheaper than making."""
    spare: list[str] = []
    yield spare
    for address in spare:
        postgres_server.drop(address)


@pytest.fixture
def make_database(
    postgres_server: postgres.Server, spare_databases: list[str]
) -> Iterator[Callable[[], str]]:
    """Return a function that gives the URL of an empty database of this test alone."""
    made: list[str] = []

    def make() -> str:
        made.append(spare_databases.pop() if spare_databases else postgres_server.create())
        return made[-1]

    yield make
    for address in made:
        if postgres_server.clear(address):
            spare_databases.append(address)
        else:
            postgres_server.drop(address)


@pytest.fixture(scope="session")
def ledger_databases(postgres_server: postgres.Server) -> Iterator[LedgerDatabases]:
    """Databases that are migrated once and emptied after each test."""
    databases = LedgerDatabases(postgres_server)
    yield databases
    databases.close()


@pytest.fixture
def make_ledger_database(ledger_databases: LedgerDatabases) -> Iterator[Callable[[], str]]:
    """Return a function that gives the URL of a database with the ledger's tables, all empty."""
    made: list[str] = []

    def make() -> str:
        made.append(ledger_databases.take())
        return made[-1]

    yield make
    for url in made:
        ledger_databases.give_back(url)


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[mariadb.MariadbServer]:
    """One real MariaDB server for the whole run; see `tests/support/mariadb.py`."""
    with mariadb.any_mariadb() as server:
        yield server or absent("MariaDB", mariadb.CURE)


@pytest.fixture
def agency_databases(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[AgencyDatabases]:
    """Make databases of agencies (前置库), of any kind; they are gone after the test."""
    databases = AgencyDatabases(request, tmp_path)
    yield databases
    databases.close()


@pytest.fixture(params=["sqlite", "postgres", "mariadb"])
def agency_database(
    request: pytest.FixtureRequest, agency_databases: AgencyDatabases
) -> AgencyTestDatabase:
    """Give an agency's database with empty exchange tables, of each tested kind in turn."""
    return agency_databases.make(request.param)


@pytest.fixture(scope="session")
async def browser(anyio_backend: str) -> AsyncIterator[Browser]:
    """One real Chromium for the whole run; see `tests/support/browser.py`."""
    program = browsers.find_browser() or absent("Chromium", browsers.CURE)
    async with browsers.running_browser(program) as running:
        yield running


@pytest.fixture
async def page_opener(browser: Browser) -> AsyncIterator[browsers.PageOpener]:
    """Give a coroutine function that opens a URL in a clean profile and returns the page."""
    async with AsyncExitStack() as closing:

        async def open_page(url: str) -> Page:
            context = await browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai")
            closing.push_async_callback(context.close)
            page = await context.new_page()
            await page.goto(url)
            return page

        yield open_page
