"""控制接口: a client of the simulator's control interface, in the interface's own models."""

from collections.abc import Sequence
from typing import Final, Self, TypeVar

import httpx
from pydantic import ValidationError

from duijie.errors import FAILED, UNREACHABLE, CliError
from schemas.records.field_errors import rule_violations
from schemas.records.json_pointer import json_pointer
from schemas.records.problems import Problem
from simulator.web.control.agency_responses import AgencyView
from simulator.web.control.requests import (
    ArmFaultRequest,
    CloseDayRequest,
    ControlRequest,
    DeregisterRequest,
    FileRequest,
    ForwardRequest,
    InjectRequest,
    OfferTablesRequest,
    PushRequest,
    RegisterRequest,
)
from simulator.web.control.responses import (
    ApplicationPage,
    ApplicationView,
    ArmedFaults,
    ArmedFaultView,
    ControlResponse,
    DayClosed,
    Deregistered,
    EventPage,
    EventView,
    Filed,
    ForwardedOn,
    Injected,
    OfferedTablesView,
    PublishedList,
    PublishedLists,
    Pushes,
    PushView,
    Registered,
    ReturnDeskView,
    ReturnView,
    Summary,
)

_BASE: Final = "/control/v1"
SUMMARY_PATH: Final = f"{_BASE}/summary"
_PAGE: Final = 5000
_JSON: Final = {"content-type": "application/json"}
_TIMEOUT: Final = httpx.Timeout(10.0, read=300.0)
Q = TypeVar("Q", bound=ControlRequest)
R = TypeVar("R", bound=ControlResponse)


class ControlClient:
    """One connection to the control interface at `url`.

    Every call raises `CliError` when the simulator cannot be reached (exit code 3) or refuses.
    """

    def __init__(self, url: str) -> None:
        self.url = url
        self._client = httpx.AsyncClient(
            base_url=url, timeout=_TIMEOUT, trust_env=False, follow_redirects=False
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._client.aclose()

    async def summary(self) -> Summary:
        """Return the counts of the national book and the agencies' books."""
        return await self._get("/summary", Summary)

    async def file(
        self, count: int, *, seed: int | None = None, places: Sequence[str] = ()
    ) -> list[str]:
        """File applications of invented people, at any places if none are given.

        Returns:
            The application numbers, in the order of filing.
        """
        request = checked_request(FileRequest, count=count, seed=seed, places=list(places) or None)
        filed = await self._call("POST", "/applications", Filed, request)
        return list(filed.application_nos)

    async def register(self, agency: str, count: int, *, seed: int | None) -> list[str]:
        """Let people come to the counter of an agency; return the keys they got."""
        request = checked_request(RegisterRequest, agency=agency, count=count, seed=seed)
        return list((await self._call("POST", "/registrations", Registered, request)).keys)

    async def deregister(self, request: DeregisterRequest) -> tuple[str, ...]:
        """Let an agency end a registration; return its key."""
        return (await self._call("POST", "/deregistrations", Deregistered, request)).keys

    async def close_day(self, request: CloseDayRequest) -> DayClosed:
        """Close a day before it ends, so that its statement can be fetched."""
        return await self._call("POST", "/statements", DayClosed, request)

    async def inject(self, request: InjectRequest) -> None:
        """Put bytes into the feed of a province as they are."""
        await self._call("POST", "/applications/raw", Injected, request)

    async def forward(self, number: str, to: str) -> str:
        """Forward an undecided application on; return the area that it came to."""
        request = checked_request(ForwardRequest, application_no=number, to=to)
        return (await self._call("POST", "/forwards", ForwardedOn, request)).area

    async def returns(self) -> tuple[ReturnView, ...]:
        """Return what areas gave back and nobody knows the right place of."""
        return (await self._get("/returns", ReturnDeskView)).returns

    async def application(self, number: str) -> ApplicationView:
        """Return one application of the national book."""
        return await self._get(f"/applications/{number}", ApplicationView)

    async def applications(self, after: int = 0) -> list[ApplicationView]:
        """Return all applications after number `after`, in the order of filing."""
        found: list[ApplicationView] = []
        more = True
        while more:
            path = f"/applications?after={after + len(found)}&limit={_PAGE}"
            page = await self._get(path, ApplicationPage)
            found.extend(page.applications)
            more = page.more
        return found

    async def events(self) -> list[EventView]:
        """Return what happened at the national side, in order."""
        found: list[EventView] = []
        more = True
        while more:
            page = await self._get(f"/events?after={len(found)}&limit={_PAGE}", EventPage)
            found.extend(page.events)
            more = page.more
        return found

    async def agency_lists(self) -> tuple[PublishedList, ...]:
        """Return what the areas published of their agencies."""
        return (await self._get("/agency-lists", PublishedLists)).lists

    async def agency(self, code: str) -> AgencyView:
        """Return a stand-in agency's book."""
        return await self._get(f"/agencies/{code}", AgencyView)

    async def pushes(self) -> tuple[PushView, ...]:
        """Return the areas that may be pushed to, and whether they are."""
        return (await self._get("/pushes", Pushes)).pushes

    async def switch_push(self, province: str, *, on: bool) -> PushView:
        """Push what waits for a province from now on, or no more."""
        request = checked_request(PushRequest, province=province, on=on)
        return await self._call("POST", "/pushes", PushView, request)

    async def tables(self) -> OfferedTablesView:
        """Return which edition of code tables and divisions is offered."""
        return await self._get("/tables", OfferedTablesView)

    async def offer_tables(self, request: OfferTablesRequest) -> OfferedTablesView:
        """Have another edition offered, and return what it is."""
        return await self._call("PUT", "/tables", OfferedTablesView, request)

    async def faults(self) -> tuple[ArmedFaultView, ...]:
        """Return the armed faults."""
        return (await self._get("/faults", ArmedFaults)).faults

    async def arm(self, request: ArmFaultRequest) -> ArmedFaultView:
        """Arm a fault."""
        return await self._call("POST", "/faults", ArmedFaultView, request)

    async def disarm(self, number: int | None) -> tuple[ArmedFaultView, ...]:
        """Disarm one fault, or all; return those that are still armed."""
        query = "" if number is None else f"?number={number}"
        return (await self._call("DELETE", f"/faults{query}", ArmedFaults)).faults

    async def _get(self, path: str, model: type[R]) -> R:
        return await self._call("GET", path, model)

    async def _call(
        self, method: str, path: str, model: type[R], request: ControlRequest | None = None
    ) -> R:
        content = None if request is None else request.model_dump_json(exclude_none=True)
        headers = None if request is None else _JSON
        try:
            answer = await self._client.request(
                method, f"{_BASE}{path}", content=content, headers=headers
            )
        except (httpx.TransportError, httpx.InvalidURL, httpx.UnsupportedProtocol) as exc:
            raise self._unreached(exc) from exc
        if not answer.is_success:
            raise _refused(answer)
        try:
            return model.model_validate_json(answer.content)
        except ValidationError as exc:
            cause = f"{exc.error_count()} 处不符，例如 {exc.errors()[0]['loc']}"
            cure = "请核对地址；该地址应为 duijie 模拟器的控制接口，版本须一致"
            raise CliError(f"{self.url} 的响应无法解析", cause, cure, UNREACHABLE) from exc

    def _unreached(self, exc: Exception) -> CliError:
        return CliError(
            f"无法连接模拟器的控制接口 {self.url}",
            f"未能连接，或地址写法有误（{type(exc).__name__}）\n原文：{exc}",
            "请先运行 duijie up 或 duijie simulator serve；端口不同时用 --control 指明",
            UNREACHABLE,
        )


def checked_request(model: type[Q], **members: object) -> Q:
    """Return a request of these members.

    Raises:
        CliError: The interface would refuse it.
    """
    try:
        return model.model_validate(members)
    except ValidationError as exc:
        places = [json_pointer(one["loc"]) for one in exc.errors(include_input=False)]
        broken = zip(places, rule_violations(exc), strict=True)
        wrong = [_at(place, one.message) for place, one in broken]
        raise _not_accepted("请求不符合控制接口的要求", None, wrong) from None


def _refused(answer: httpx.Response) -> CliError:
    try:
        problem = Problem.model_validate_json(answer.content)
    except ValidationError:
        cause = f"HTTP {answer.status_code}"
        return CliError("模拟器未接受请求", cause, "请核对 --control 的地址", FAILED)
    wrong = [_at(one.pointer, one.message) for one in problem.errors]
    return _not_accepted(problem.title, None if wrong else problem.detail, wrong)


def _at(pointer: str, message: str) -> str:
    return f"{pointer}：{message}" if pointer else message


def _not_accepted(title: str, detail: str | None, errors: Sequence[str]) -> CliError:
    cause = "；".join(part for part in (title, detail, *errors) if part)
    return CliError("模拟器未接受请求", cause, "请按原因改正参数后重试", FAILED)
