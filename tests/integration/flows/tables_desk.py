"""A desk whose tables are fetched, decided on and taken up, as a gateway and operators do it."""

from collections.abc import Sequence
from datetime import date, timedelta

from gateway.domain.directory import Agency
from gateway.domain.table_decisions import FetchedMark, TableDecision
from gateway.domain.table_editions import Edition, EditionRef, TableKind
from gateway.flows.table_decision import DecisionDone, DecisionRequest, decide_on_tables
from gateway.flows.table_fetch import FetchedTables, fetch_tables
from gateway.jobs.tables_in_force import RulesInForce
from gateway.metrics import Metrics
from gateway.ports.ledger import Ledger
from gateway.ports.store import Store
from gateway.ports.table_views import TableStanding
from schemas.reference.clock import beijing_date
from tests.builders.records import rules
from tests.support.clock import SettableClock
from tests.support.tables import ScriptedTables


class TablesDesk:
    """The flows of the tables over one store and one clock."""

    def __init__(self, store: Store, clock: SettableClock, more: Sequence[Agency] = ()) -> None:
        self.store, self.clock, self._more = store, clock, more
        self.metrics = Metrics(version="0", contract="0")
        self.rules = self.a_process()

    def a_process(self) -> RulesInForce:
        """Return what one more process works by: so far the tables as shipped."""
        return RulesInForce(
            rules(more=self._more), ledger=self.store, now=self.clock, metrics=self.metrics
        )

    @property
    def today(self) -> date:
        """The day in Beijing."""
        return beijing_date(self.clock())

    def day(self, ahead: int) -> date:
        """Return the day in Beijing so many days from now."""
        return self.today + timedelta(days=ahead)

    async def fetch(self, kind: TableKind, source: ScriptedTables) -> FetchedTables:
        """Fetch the tables of a kind."""
        return await fetch_tables(kind, source, store=self.store, now=self.clock)

    async def store_edition(self, edition: Edition) -> EditionRef:
        """Store an edition as if it had been fetched before."""
        at = self.clock()

        def work(ledger: Ledger) -> None:
            ledger.table_editions.add(edition, at)

        await self.store.transact(work)
        return edition.ref

    async def decide(
        self,
        edition: EditionRef,
        from_day: date | None,
        *,
        after: int | None = None,
        operator: str = "李敏",
    ) -> DecisionDone:
        """Decide on an edition as an operator who saw the last decision, or that with a number."""
        seen = (await self.standing(edition.kind)).last_no if after is None else after
        asked = DecisionRequest(edition, from_day, operator, "部端通知", seen)
        return await decide_on_tables(asked, store=self.store, now=self.clock)

    async def standing(self, kind: TableKind) -> TableStanding:
        """Return how the tables of a kind stand today."""
        return await self.store.read(lambda views: views.table_standing(kind, self.today))

    async def waiting(self, kind: TableKind) -> FetchedMark | None:
        """Return the proposal that waits for a decision."""
        return (await self.standing(kind)).waiting

    async def decisions(self, kind: TableKind) -> list[TableDecision]:
        """Return what was decided, the last decision first."""
        return await self.store.read(lambda views: views.table_decisions(kind, limit=50))

    async def editions(self, kind: TableKind) -> int:
        """Return how many editions of a kind are stored, two at most."""
        anything = EditionRef(kind, "")
        return len(await self.store.read(lambda views: views.editions_named(anything)))
