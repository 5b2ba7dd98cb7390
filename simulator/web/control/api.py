"""The control interface (控制接口): file, inject, withdraw, arm faults, look inside.

Unsigned, for loopback only; it never shows a personal value.
"""

from collections.abc import Callable, Mapping
from typing import Final

from aiohttp import web
from aiohttp.typedefs import Middleware
from pydantic import ValidationError

from schemas.calls.queries import whole_number
from schemas.records.field_errors import field_errors
from simulator.agencies.agency import SimulatedAgency
from simulator.agencies.counter import Ending
from simulator.errors import RequestRefused, unfit_member
from simulator.faults.registry import FaultRegistry
from simulator.faults.trigger import Trigger
from simulator.national.entry import NationalEntry
from simulator.national.places import is_known
from simulator.national.pushing import FeedPusher
from simulator.web.control.bodies import (
    MAX_NUMBER,
    content_of,
    json_response,
    read_request,
    read_slice,
)
from simulator.web.control.offers import asked_edition
from simulator.web.control.requests import (
    ArmFaultRequest,
    CloseDayRequest,
    DeregisterRequest,
    FileRequest,
    ForwardRequest,
    InjectRequest,
    OfferTablesRequest,
    PushRequest,
    RegisterRequest,
    WithdrawRequest,
)
from simulator.web.control.responses import (
    ApplicationPage,
    ArmedFaults,
    DayClosed,
    Deregistered,
    EventPage,
    Filed,
    ForwardedOn,
    Injected,
    LocalResults,
    PublishedLists,
    Pushes,
    Registered,
    ResetDone,
    ReturnDeskView,
    Withdrawn,
)
from simulator.web.control.views import (
    show_agency,
    show_application,
    show_event,
    show_fault,
    show_list,
    show_push,
    show_result,
    show_return,
    show_summary,
    show_tables,
)
from simulator.web.problems import problems

_MAX_BODY_BYTES: Final = 8 << 20
_BASE: Final = "/control/v1"


class ControlApi:
    """Lets a test or a person steer one simulator and see all that happened.

    `listening` returns the base URLs in use, as the summary shows them.
    """

    def __init__(
        self,
        entry: NationalEntry,
        *,
        agencies: Mapping[str, SimulatedAgency],
        pushers: Mapping[str, FeedPusher],
        faults: FaultRegistry,
        listening: Callable[[], dict[str, str]],
    ) -> None:
        self._entry, self._agencies, self._pushers = entry, agencies, pushers
        self._faults, self._listening = faults, listening

    def app(self, access: Middleware) -> web.Application:
        """Return the control interface, for those whom `access` lets in."""
        app = web.Application(client_max_size=_MAX_BODY_BYTES, middlewares=[problems, access])
        app.add_routes(
            [
                web.get(f"{_BASE}/summary", self.summary),
                web.post(f"{_BASE}/reset", self.reset),
                web.post(f"{_BASE}/applications", self.file),
                web.post(f"{_BASE}/applications/raw", self.inject),
                web.get(f"{_BASE}/applications", self.applications),
                web.get(_BASE + "/applications/{key:.+}", self.application),
                web.post(f"{_BASE}/registrations", self.register),
                web.post(f"{_BASE}/deregistrations", self.deregister),
                web.post(f"{_BASE}/withdrawals", self.withdraw),
                web.get(f"{_BASE}/agency-lists", self.agency_lists),
                web.get(f"{_BASE}/pushes", self.pushes),
                web.post(f"{_BASE}/pushes", self.switch_push),
                web.post(f"{_BASE}/statements", self.close_day),
                web.get(f"{_BASE}/returns", self.returns),
                web.post(f"{_BASE}/forwards", self.forward),
                web.get(f"{_BASE}/events", self.events),
                web.get(f"{_BASE}/faults", self.faults),
                web.post(f"{_BASE}/faults", self.arm),
                web.delete(f"{_BASE}/faults", self.disarm),
                web.get(f"{_BASE}/tables", self.tables),
                web.put(f"{_BASE}/tables", self.offer_tables),
                web.get(_BASE + "/agencies/{code}", self.agency),
            ]
        )
        return app

    async def summary(self, _: web.Request) -> web.Response:
        """Counts, round-trip times, and the addresses in use."""
        agencies = list(self._agencies.values())
        return json_response(show_summary(self._entry.book, agencies, self._listening()))

    async def reset(self, _: web.Request) -> web.Response:
        """Empty all books and disarm all faults."""
        self._faults.disarm()
        self._entry.reset()
        for agency in self._agencies.values():
            agency.reset()
        return json_response(ResetDone())

    async def file(self, request: web.Request) -> web.Response:
        """Let invented people file; answer their application numbers."""
        asked = await read_request(request, FileRequest)
        filed = await self._entry.file_people(asked.count, seed=asked.seed, places=asked.places)
        numbers = tuple(one.number for one in filed)
        return json_response(Filed(count=len(numbers), application_nos=numbers), status=201)

    async def register(self, request: web.Request) -> web.Response:
        """Let invented people come to the counter of an agency; answer the keys they got."""
        asked = await read_request(request, RegisterRequest)
        agency = self._agencies.get(asked.agency)
        if agency is None:
            raise RequestRefused("case.unknown", "没有此经办机构")
        division = agency.settings.division
        keys = agency.register(self._entry.people_at(division, asked.count, seed=asked.seed))
        return json_response(Registered(count=len(keys), keys=tuple(keys)), status=201)

    async def deregister(self, request: web.Request) -> web.Response:
        """Let an agency end a registration of its own."""
        asked = await read_request(request, DeregisterRequest)
        agency = self._agencies.get(asked.agency)
        if agency is None:
            raise RequestRefused("case.unknown", "没有此经办机构")
        ending = Ending(
            asked.key, asked.ground, asked.verified_by, asked.mode, asked.revision, asked.informed
        )
        try:
            keys = agency.deregister([ending])
        except ValidationError as exc:
            errors = field_errors(exc, await request.read())
            raise RequestRefused("message.invalid", errors=errors) from None
        return json_response(Deregistered(keys=tuple(keys)), status=201)

    async def inject(self, request: web.Request) -> web.Response:
        """Put bytes into an area's feed as they are; nothing is checked, the event log says so."""
        asked = await read_request(request, InjectRequest)
        if not is_known(asked.province, self._entry.tree):
            raise unfit_member("province", text="没有这个行政区划代码")
        self._entry.book.inject(
            asked.province, content_of(asked), asked.application_no, asked.deliveries
        )
        return json_response(Injected(application_no=asked.application_no), status=201)

    async def withdraw(self, request: web.Request) -> web.Response:
        """Take an application back."""
        asked = await read_request(request, WithdrawRequest)
        self._entry.book.withdraw(asked.application_no, asked.reason)
        return json_response(Withdrawn(application_no=asked.application_no), status=201)

    async def pushes(self, _: web.Request) -> web.Response:
        """The areas that may be pushed to, and whether they are."""
        return json_response(Pushes(pushes=tuple(map(show_push, self._pushers.values()))))

    async def switch_push(self, request: web.Request) -> web.Response:
        """Push what waits for an area from now on, or no more."""
        asked = await read_request(request, PushRequest)
        pusher = self._pushers.get(asked.province)
        if pusher is None:
            raise unfit_member("province", text="该省份没有设置 push")
        pusher.switch(on=asked.on)
        return json_response(show_push(pusher))

    async def close_day(self, request: web.Request) -> web.Response:
        """Close a day now, so that its statement can be fetched before it ends."""
        asked = await read_request(request, CloseDayRequest)
        closed_at = self._entry.statements.close(asked.date)
        return json_response(DayClosed(date=asked.date, closed_at=closed_at), status=201)

    async def returns(self, _: web.Request) -> web.Response:
        """What areas returned and for which nobody knows the right place yet."""
        waiting = self._entry.book.desk.waiting()
        return json_response(ReturnDeskView(returns=tuple(map(show_return, waiting))))

    async def forward(self, request: web.Request) -> web.Response:
        """Forward an undecided application on, from the desk or from where it is."""
        asked = await read_request(request, ForwardRequest)
        if not is_known(asked.to, self._entry.tree):
            raise unfit_member("to", text="没有这个行政区划代码")
        application = self._entry.book.applications.find(asked.application_no)
        if application is None:
            raise RequestRefused("case.unknown")
        if application.results or application.withdrawn_at is not None:
            raise RequestRefused("case.illegal-step")
        place = asked.to if application.at_desk else None
        self._entry.book.forward_on(application, asked.to, place=place)
        answer = ForwardedOn(application_no=application.number, area=application.area)
        return json_response(answer, status=201)

    async def applications(self, request: web.Request) -> web.Response:
        """Up to `limit` applications after number `after`, in the order of filing."""
        after, limit = read_slice(request)
        applications, tree = self._entry.book.applications, self._entry.tree
        found = tuple(
            show_application(no, one, tree)
            for no, one in enumerate(applications.after(after, limit), after + 1)
        )
        more = after + len(found) < len(applications)
        return json_response(ApplicationPage(applications=found, more=more))

    async def application(self, request: web.Request) -> web.Response:
        """One application, or the results under a key `division/local_serial`."""
        key = request.match_info["key"]
        applications = self._entry.book.applications
        if (one := applications.find(key)) is not None:
            return json_response(
                show_application(applications.position(one), one, self._entry.tree)
            )
        local = self._entry.book.local_results(key)
        if not local:
            raise RequestRefused("case.unknown")
        return json_response(LocalResults(key=key, effects=tuple(map(show_result, local))))

    async def agency_lists(self, _: web.Request) -> web.Response:
        """What the areas published of their agencies."""
        found = tuple(map(show_list, self._entry.book.agency_lists.all()))
        return json_response(PublishedLists(lists=found))

    async def events(self, request: web.Request) -> web.Response:
        """Up to `limit` events after number `after`."""
        after, limit = read_slice(request)
        log = self._entry.book.events
        found = tuple(map(show_event, log.after(after, limit)))
        return json_response(EventPage(events=found, more=after + len(found) < len(log)))

    async def faults(self, _: web.Request) -> web.Response:
        """The armed faults."""
        return json_response(self._armed())

    async def arm(self, request: web.Request) -> web.Response:
        """Arm a fault."""
        asked = await read_request(request, ArmFaultRequest)
        trigger = Trigger(asked.nth, asked.count, asked.every)
        armed = self._faults.arm(asked.fault, asked.operation, trigger, asked.params)
        return json_response(show_fault(armed), status=201)

    async def disarm(self, request: web.Request) -> web.Response:
        """Disarm the fault `number`, or all; answer what is still armed."""
        number = whole_number(request.query, "number", 0, minimum=0, maximum=MAX_NUMBER)
        self._faults.disarm(number or None)
        return json_response(self._armed())

    async def tables(self, _: web.Request) -> web.Response:
        """Which edition of code tables and divisions is offered."""
        return json_response(show_tables(self._entry.offered))

    async def offer_tables(self, request: web.Request) -> web.Response:
        """Offer another edition; the rehearsal is of the first area here if none is named."""
        asked = await read_request(request, OfferTablesRequest)
        self._entry.offer(asked_edition(asked, self._entry))
        return json_response(show_tables(self._entry.offered))

    async def agency(self, request: web.Request) -> web.Response:
        """The book of a stand-in agency."""
        agency = self._agencies.get(request.match_info["code"])
        if agency is None:
            raise RequestRefused("case.unknown", "没有此经办机构")
        return json_response(show_agency(agency))

    def _armed(self) -> ArmedFaults:
        return ArmedFaults(faults=tuple(map(show_fault, self._faults.armed())))
