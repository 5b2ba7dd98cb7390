"""The control interface (控制接口): file, inject, withdraw, arm faults, look inside.

Unsigned, for loopback only; it never shows a personal value.
"""

from base64 import b64decode
from binascii import Error as Base64Error
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from typing import Final, TypeVar

import orjson
from aiohttp import web
from aiohttp.typedefs import Handler
from pydantic import BaseModel, ValidationError

from schemas.records.json_pointer import pointer_to
from schemas.records.problems import LONGEST_POINTER, FieldError
from schemas.reference.divisions import UnknownDivision
from simulator.agencies.agency import Agency
from simulator.errors import Refused
from simulator.exchanges.calls import JSON, PROBLEM_JSON, whole_number
from simulator.exchanges.receipts import problem
from simulator.faults.registry import Armoury
from simulator.national.entry import NationalEntry
from simulator.web.control.models import FaultWanted, FileWanted, InjectWanted, WithdrawWanted
from simulator.web.control.views import (
    show_agency,
    show_application,
    show_effect,
    show_fault,
    show_summary,
)

BODY_BYTES: Final = 8 << 20
_PAGE: Final = 1000
_MOST_PAGES: Final = 9999
_BASE: Final = "/control/v1"
Wanted = TypeVar("Wanted", bound=BaseModel)


class ControlApi:
    """Lets a test or a person steer one simulator and see all that happened."""

    def __init__(
        self,
        entry: NationalEntry,
        *,
        agencies: Mapping[str, Agency],
        armoury: Armoury,
        listening: Callable[[], dict[str, str]],
    ) -> None:
        self._entry, self._agencies = entry, agencies
        self._armoury, self._listening = armoury, listening

    def routes(self) -> list[web.RouteDef]:
        """Return the routes of the control interface."""
        return [
            web.get(f"{_BASE}/summary", self.summary),
            web.post(f"{_BASE}/reset", self.reset),
            web.post(f"{_BASE}/applications", self.file),
            web.post(f"{_BASE}/applications/raw", self.inject),
            web.get(f"{_BASE}/applications", self.applications),
            web.get(_BASE + "/applications/{key:.+}", self.application),
            web.post(f"{_BASE}/withdrawals", self.withdraw),
            web.get(f"{_BASE}/events", self.events),
            web.get(f"{_BASE}/faults", self.faults),
            web.post(f"{_BASE}/faults", self.arm),
            web.delete(f"{_BASE}/faults", self.disarm),
            web.get(_BASE + "/agencies/{code}", self.agency),
        ]

    async def summary(self, _: web.Request) -> web.Response:
        """Counts, there-and-back times, and the addresses in use."""
        agencies = list(self._agencies.values())
        return _json(show_summary(self._entry.book, agencies, self._listening()))

    async def reset(self, _: web.Request) -> web.Response:
        """Empty all books and take all faults away."""
        self._armoury.disarm()
        self._entry.reset()
        for agency in self._agencies.values():
            agency.reset()
        return _json({"reset": True})

    async def file(self, request: web.Request) -> web.Response:
        """Let invented people file; answers their application numbers."""
        wanted = await _read(request, FileWanted)
        filed = await self._entry.file_people(wanted.count, seed=wanted.seed, places=wanted.places)
        numbers = [one.number for one in filed]
        return _json({"count": len(numbers), "application_nos": numbers}, status=201)

    async def inject(self, request: web.Request) -> web.Response:
        """Put bytes into an area's feed as they are; nothing is checked, the event log says so."""
        wanted = await _read(request, InjectWanted)
        self._check_place(wanted.province)
        self._entry.book.inject(
            wanted.province, _content(wanted), wanted.application_no, wanted.deliveries
        )
        return _json({"application_no": wanted.application_no, "checked": False}, status=201)

    async def withdraw(self, request: web.Request) -> web.Response:
        """Take an application back."""
        wanted = await _read(request, WithdrawWanted)
        self._entry.book.withdraw(wanted.application_no, wanted.reason)
        return _json({"application_no": wanted.application_no}, status=201)

    async def applications(self, request: web.Request) -> web.Response:
        """Up to `limit` applications after number `after`, in the order of filing."""
        after, limit = _slice(request)
        book, tree = self._entry.book, self._entry.tree
        found = [
            show_application(after + step, one, tree)
            for step, one in enumerate(book.applications(after, limit), 1)
        ]
        return _json({"applications": found, "more": after + len(found) < len(book)})

    async def application(self, request: web.Request) -> web.Response:
        """One application, or the results under a key `division/local_serial`."""
        key = request.match_info["key"]
        book = self._entry.book
        one = book.find(key)
        if one is not None:
            return _json(show_application(book.position(one), one, self._entry.tree))
        local = book.local_results(key)
        if not local:
            raise Refused("case.unknown")
        return _json({"key": key, "effects": [show_effect(effect) for effect in local]})

    async def events(self, request: web.Request) -> web.Response:
        """Up to `limit` events after number `after`."""
        after, limit = _slice(request)
        log = self._entry.book.events
        found = log.after(after, limit)
        return _json(
            {
                "events": [
                    {
                        "no": event.no,
                        "at": event.at,
                        "kind": event.kind,
                        "application_no": event.application_no,
                        "facts": dict(event.facts),
                    }
                    for event in found
                ],
                "more": after + len(found) < len(log),
            }
        )

    async def faults(self, _: web.Request) -> web.Response:
        """The armed faults."""
        return _json({"faults": [show_fault(armed) for armed in self._armoury.armed()]})

    async def arm(self, request: web.Request) -> web.Response:
        """Arm a fault."""
        wanted = await _read(request, FaultWanted)
        armed = self._armoury.arm(wanted.fault, wanted.operation, wanted.trigger(), wanted.params)
        return _json(show_fault(armed), status=201)

    async def disarm(self, request: web.Request) -> web.Response:
        """Take the fault `number` away, or all."""
        number = whole_number(request.query, "number", 0, least=0, most=_MOST_PAGES)
        self._armoury.disarm(number or None)
        return _json({"faults": [show_fault(armed) for armed in self._armoury.armed()]})

    async def agency(self, request: web.Request) -> web.Response:
        """A stand-in agency's book."""
        agency = self._agencies.get(request.match_info["code"])
        if agency is None:
            raise Refused("case.unknown", "没有这个机构")
        return _json(show_agency(agency))

    def _check_place(self, division: str) -> None:
        try:
            self._entry.tree.ancestors(division)
        except UnknownDivision:
            raise Refused("message.invalid", "unknown division") from None


@web.middleware
async def local_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Serve who names this machine; a page elsewhere that points its own name here is refused."""
    host = request.host.rpartition(":")[0] or request.host
    if not _is_loopback(host) or "Origin" in request.headers:
        return _problem(Refused("auth.not-allowed", "控制接口只供本机使用"))
    return await handler(request)


@web.middleware
async def problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Turn a refusal, and a path or method that does not exist, into a problem body."""
    try:
        return await handler(request)
    except Refused as refused:
        return _problem(refused)
    except web.HTTPNotFound:
        return _problem(Refused("route.unknown"))
    except web.HTTPMethodNotAllowed:
        return _problem(Refused("method.not-allowed"))
    except web.HTTPRequestEntityTooLarge:
        return _problem(Refused("message.too-large"))


async def _read(request: web.Request, model: type[Wanted]) -> Wanted:
    if request.content_type != JSON:
        raise Refused("message.unsupported-type")
    try:
        return model.model_validate_json(await request.read())
    except ValidationError as exc:
        errors = tuple(
            FieldError(
                pointer=pointer_to(error)[:LONGEST_POINTER],
                code="message.invalid",
                message=error["msg"][:300],
            )
            for error in exc.errors(include_url=False, include_input=False, include_context=False)
        )
        raise Refused("message.invalid", errors=errors) from None


def _content(wanted: InjectWanted) -> bytes:
    if wanted.content is not None:
        return wanted.content.encode()
    try:
        return b64decode(wanted.content_base64 or "", validate=True)
    except Base64Error:
        raise Refused("message.invalid", "content_base64 is not base64") from None


def _slice(request: web.Request) -> tuple[int, int]:
    text = request.query.get("after", "0")
    if not (text.isascii() and text.isdigit() and len(text) <= 12):
        raise Refused("query.invalid")
    return int(text), whole_number(request.query, "limit", _PAGE, least=1, most=_MOST_PAGES)


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _json(value: object, *, status: int = 200) -> web.Response:
    body = orjson.dumps(value, option=orjson.OPT_UTC_Z)
    return web.Response(body=body, status=status, content_type=JSON)


def _problem(refused: Refused) -> web.Response:
    said = problem(refused)
    return web.Response(body=said.wire(), status=said.status, content_type=PROBLEM_JSON)
