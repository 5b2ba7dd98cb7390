"""An agency that is served by exchange tables: its database, and the gateway's loop over it."""

from dataclasses import dataclass, field
from datetime import datetime

from gateway.adapters.exchange_table.database import AgencyDatabase
from gateway.adapters.exchange_table.dialects import dialect_of
from gateway.adapters.exchange_table.tables import AgencyTables
from gateway.app.build_context import BuildContext
from gateway.app.exchange_tables import recorders
from gateway.domain.retry_policy import LEASE
from gateway.flows.failpoints import FailpointHook, no_hook
from gateway.flows.relay import Relayed, relay_dispatches
from gateway.jobs.exchange_tables import ExchangeTableLoop
from gateway.jobs.table_rows import RowTaker
from gateway.metrics import Metrics
from gateway.ports.store import Store
from gateway.table_settings import read_login
from tests.builders.records import JINSHUI
from tests.integration.flows.desk import Desk, an_item
from tests.support.agency_databases import AgencyTestDatabase
from tests.support.clock import SettableClock


def tables_of(
    database: AgencyTestDatabase, clock: SettableClock, hook: FailpointHook = no_hook
) -> AgencyTables:
    """Return the gateway's adapter of an agency's database."""
    login = read_login(database.settings, "agency")
    opened = AgencyDatabase(dialect_of(login.address.kind, "tables"), login, agency=JINSHUI)
    return AgencyTables(opened, now=clock, hook=hook)


def no_jitter() -> float:
    """Return the longest wait."""
    return 0.999


@dataclass
class TableOffice:
    """金水区 behind its database, beside one gateway."""

    database: AgencyTestDatabase
    desk: Desk
    hook: FailpointHook = no_hook
    holder: str = "gateway-1"
    metrics: Metrics = field(default_factory=lambda: Metrics(version="0", contract="0"))

    def __post_init__(self) -> None:
        self.tables = tables_of(self.database, self.clock, self.hook)
        self.loop = self.a_loop(self.holder)

    @property
    def clock(self) -> SettableClock:
        """The clock of everything."""
        return self.desk.clock

    @property
    def store(self) -> Store:
        """The ledger."""
        return self.desk.store

    def a_loop(self, holder: str) -> ExchangeTableLoop:
        """Return the loop of a gateway of this name."""
        context = BuildContext(self.clock, no_jitter, self.hook, self.metrics)
        record = recorders(JINSHUI, context, store=self.store, rules=self.desk.rules)
        taker = RowTaker(self.tables, record, now=self.clock, monotonic=self.clock, hook=self.hook)
        return ExchangeTableLoop(
            JINSHUI,
            self.tables,
            taker,
            holder=holder,
            poll_every_s=5,
            store=self.store,
            now=self.clock,
            monotonic=self.clock,
            jitter=no_jitter,
            metrics=self.metrics,
        )

    async def open_cases(self, *numbers: str) -> None:
        """Let people apply, and their dispatches be written."""
        await self.desk.pull(*(an_item(number) for number in numbers))
        await self.dispatch()

    async def dispatch(self) -> Relayed:
        """Relay what is due to the agency."""
        return await relay_dispatches(
            JINSHUI, self.tables, store=self.store, now=self.clock, jitter=no_jitter
        )

    async def turn(self) -> float:
        """Let the gateway take a turn at the tables."""
        return await self.loop.turn()

    def outlive_leases(self) -> datetime:
        """Go to where no claim of before holds any more."""
        return self.clock.forward(seconds=LEASE.total_seconds() + 1)

    def rows_counted(self, answer: str) -> float:
        """Return how many rows got this answer."""
        sample = self.metrics.registry.get_sample_value(
            "duijie_table_rows_total", {"agency": JINSHUI, "answer": answer}
        )
        return sample or 0.0
