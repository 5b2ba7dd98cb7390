"""One gateway as the flow tests drive it: its flows with their dependencies already given."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from gateway.domain.case import Case, HistoryEntry, Step, advance
from gateway.domain.intake_rules import Rules
from gateway.domain.item_answer import ItemAnswer
from gateway.flows import fetch
from gateway.flows.assign import assign_cases
from gateway.flows.deregistration import record_deregistrations
from gateway.flows.dispatch_return import record_returns
from gateway.flows.intake import ingest
from gateway.flows.outcome import record_outcomes
from gateway.flows.page_result import PageResult, PushResult
from gateway.flows.pushed_page import record_pushed
from gateway.flows.registration import record_registrations
from gateway.flows.relay import Relayed, relay_dispatches, relay_reports
from gateway.ports.ledger import Ledger
from gateway.ports.notices import NoticeDue
from gateway.ports.store import Store
from gateway.ports.views import FlowFigures, MessageView, QuarantineRow, WorkRow
from schemas.records.receipts import DispatchAcknowledgement
from schemas.records.strict_json import RawItem, read_page
from tests.builders.extended import return_json
from tests.builders.records import JINSHUI, JIYUAN, REFUSAL, application_json, outcome_json, rules
from tests.support.clock import SettableClock
from tests.support.peers import ScriptedAgency, ScriptedPortal
from tests.support.rows import readable

LOCAL: Final = "419001/JY-2026-0001"
NUMBER: Final = "SY2026030200001"
TODAY: Final = date(2026, 3, 2)
AT_JIYUAN: Final = {"aab299": "419001", "aab301": "419001", "place_division": "419001"}


def an_item(number: str, **changes: object) -> bytes:
    """Return an application of this number; the people differ only by it."""
    return application_json(**{"application_no": number, **changes})


class Desk:
    """The flows over one store, one clock, one portal and the push agency 金水区."""

    def __init__(self, store: Store, clock: SettableClock) -> None:
        self.store, self.clock = store, clock
        self.portal, self.agency = ScriptedPortal(), ScriptedAgency()
        self.rules: Rules = rules()
        self.jitter: Callable[[], float] = lambda: 0.999

    async def pull(self, *items: bytes, limit: int = 100) -> PageResult:
        """Have the portal forward `items` besides what it offers, and take one page over."""
        self.portal.feed.extend(items)
        return await ingest(
            self.portal, store=self.store, rules=self.rules, now=self.clock, limit=limit
        )

    async def take_push(self, *items: bytes) -> PushResult:
        """Have the national side push `items`, each as it would stand in a page."""
        _, raws = read_page(b'{"items":[%b]}' % b",".join(items), "items")
        return await record_pushed(raws, store=self.store, rules=self.rules, now=self.clock)

    async def push(self) -> Relayed:
        """Relay what is due to 金水区."""
        return await relay_dispatches(
            JINSHUI, self.agency, store=self.store, now=self.clock, jitter=self.jitter
        )

    async def report(self) -> Relayed:
        """Relay what is due to the portal."""
        return await relay_reports(
            self.portal, store=self.store, now=self.clock, jitter=self.jitter
        )

    async def decide(self, *outcomes: bytes, sender: str = JINSHUI) -> tuple[ItemAnswer, ...]:
        """Hand outcomes in as `sender`, each as readable JSON."""
        raws = [RawItem(content) for content in outcomes]
        return await record_outcomes(raws, sender=sender, store=self.store, now=self.clock)

    async def register(self, *registrations: bytes, sender: str = JIYUAN) -> tuple[ItemAnswer, ...]:
        """Hand local registrations in as `sender`, each as readable JSON."""
        raws = [RawItem(content) for content in registrations]
        return await record_registrations(
            raws, sender=sender, store=self.store, rules=self.rules, now=self.clock
        )

    async def deregister(
        self, *deregistrations: bytes, sender: str = JINSHUI
    ) -> tuple[ItemAnswer, ...]:
        """Hand deregistrations in as `sender`, each as readable JSON."""
        raws = [RawItem(content) for content in deregistrations]
        return await record_deregistrations(
            raws, sender=sender, store=self.store, rules=self.rules, now=self.clock
        )

    async def notices(self, before: date | None = None) -> list[NoticeDue]:
        """Return the notices that are due."""
        return await self.store.read(
            lambda views: views.notices_due(before=before, after=None, limit=100)
        )

    async def give_back(self, *returns: bytes, sender: str = JINSHUI) -> tuple[ItemAnswer, ...]:
        """Return dispatches as `sender`, each as readable JSON."""
        raws = [RawItem(content) for content in returns]
        return await record_returns(raws, sender=sender, store=self.store, now=self.clock)

    async def return_of(self, number: str = NUMBER, **changes: object) -> bytes:
        """Return a 退回 of the case's dispatch as it stands now."""
        case = await self.case(number)
        given = {"application_no": number, "dispatch_no": case.dispatch_no}
        return return_json(**{**given, **changes})

    async def pending_dispatches(
        self, agency: str = JIYUAN, limit: int = 100
    ) -> tuple[list[bytes], bool]:
        """Fetch dispatches as `agency`."""
        return await fetch.pending_dispatches(agency, store=self.store, limit=limit)

    async def acknowledge(self, *numbers: str, agency: str = JIYUAN) -> tuple[ItemAnswer, ...]:
        """Say as `agency` that these dispatches are stored there."""
        batch = [
            DispatchAcknowledgement(dispatch_no=number, stored_at=self.clock())
            for number in numbers
        ]
        return await fetch.acknowledge(agency, batch, store=self.store, now=self.clock)

    async def case(self, number: str = NUMBER) -> Case:
        """Return a case that must be there."""
        row = await self.store.read(lambda views: views.case(number))
        assert isinstance(row, WorkRow), number
        return row.case

    async def no_case(self, number: str) -> bool:
        """Tell whether there is no such case."""
        return await self.store.read(lambda views: views.case(number)) is None

    async def history(self, number: str = NUMBER) -> list[HistoryEntry]:
        """Return a case's history."""
        return readable(await self.store.read(lambda views: views.history(number)))

    async def messages(self, number: str = NUMBER) -> list[MessageView]:
        """Return the messages about a case, all of which can be read."""
        found = await self.store.read(lambda views: views.messages(number))
        readable = [one for one in found if isinstance(one, MessageView)]
        assert readable == found
        return readable

    async def texts(self, number: str = NUMBER) -> Mapping[int, str]:
        """Return what was written with entries of a case's history."""
        return await self.store.read(lambda views: views.texts(number))

    async def figures(self) -> FlowFigures:
        """Return the counts."""
        return await self.store.read(lambda views: views.figures(TODAY))

    async def quarantined(self) -> list[QuarantineRow]:
        """Return the items in quarantine."""
        return readable(await self.store.read(lambda views: views.quarantined(limit=100)))

    async def outbox_depth(self, peer: str) -> tuple[int, int]:
        """Return how many messages to `peer` are in the outbox, and how many of them are parked."""
        backlog = [one for one in (await self.figures()).backlog if one.peer == peer]
        return sum(one.depth for one in backlog), sum(one.parked for one in backlog)

    async def outcome(self, number: str = NUMBER, **changes: object) -> bytes:
        """Return an outcome that answers the case's dispatch as it stands now."""
        case = await self.case(number)
        given = {"application_no": number, "dispatch_no": case.dispatch_no, "aae017": case.agency}
        return outcome_json(**{**given, **changes})

    async def refusal(self, number: str = NUMBER, **changes: object) -> bytes:
        """Return an outcome that does not pass."""
        return await self.outcome(number, **{**REFUSAL, **changes})

    async def end_as_returned(self, number: str) -> None:
        """Return a held case to the portal's side (退回)."""
        at = self.clock()

        def work(ledger: Ledger) -> None:
            case = ledger.cases.read([number])[number]
            ledger.cases.save([advance(case, Step.RETURN, at=at, actor="operator")])

        await self.store.transact(work)

    async def reassign(self, number: str = NUMBER, agency: str = JIYUAN) -> Case:
        """Give a case to another agency (改派): a new dispatch; the old one is not sent."""
        to = self.rules.directory.on(TODAY).get(agency)
        assert to is not None, agency
        (act,) = await assign_cases(
            [number],
            agency=to,
            reason="改派",
            operator="李敏",
            store=self.store,
            rules=self.rules,
            now=self.clock,
        )
        assert act.change is not None, act.result
        return act.change.case
