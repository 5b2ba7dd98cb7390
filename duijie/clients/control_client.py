"""控制接口: the simulator's control interface, as the command line uses it."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, Self, TypeVar

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

from duijie.errors import FAILED, UNREACHABLE, CliError

_BASE: Final = "/control/v1"
_PAGE: Final = 5000
_JSON: Final = {"content-type": "application/json"}
_TIMEOUT: Final = httpx.Timeout(10.0, read=300.0)
M = TypeVar("M", bound=BaseModel)


class _Shown(BaseModel):
    """Something the interface shows; what is not used here is left out."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class EffectRow(_Shown):
    """One result in the national book."""

    revision: int


class ApplicationRow(_Shown):
    """One application in the national book; `no` counts from 1 in the order of filing."""

    no: int
    application_no: str
    place: str
    place_name: str
    state: str
    filed_at: datetime
    acknowledged_at: datetime | None
    decided_at: datetime | None
    effects: tuple[EffectRow, ...]


class DispatchRow(_Shown):
    """One dispatch in an agency's book, with the gateway's last answer to its result."""

    application_no: str
    sent: int
    answer: str | None
    answer_code: str | None
    answered_at: datetime | None


class FaultRow(_Shown):
    """An armed fault."""

    number: int
    fault: str
    operation: str
    nth: int | None
    count: int | None
    every: int | None
    params: dict[str, str | int]
    happened: int


class _Applications(_Shown):
    applications: tuple[ApplicationRow, ...]
    more: bool


class _Agency(_Shown):
    dispatches: tuple[DispatchRow, ...]


class _Filed(_Shown):
    application_nos: tuple[str, ...]


class _Faults(_Shown):
    faults: tuple[FaultRow, ...]


class _FieldProblem(_Shown):
    pointer: str
    message: str


class _Problem(_Shown):
    title: str
    detail: str | None = None
    errors: tuple[_FieldProblem, ...] = ()


class ControlClient:
    """One connection to the control interface at `url`.

    Every call raises `CliError` when the simulator is not there (exit code 3) or says no.
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

    async def file(self, count: int, *, seed: int | None, places: Sequence[str]) -> list[str]:
        """File applications; return their numbers."""
        wish: dict[str, object] = {"count": count}
        if seed is not None:
            wish["seed"] = seed
        if places:
            wish["places"] = list(places)
        filed = await self._call("POST", "/applications", _Filed, wish)
        return list(filed.application_nos)

    async def applications(self, after: int = 0) -> list[ApplicationRow]:
        """Return all applications after number `after`, in the order of filing."""
        rows: list[ApplicationRow] = []
        more = True
        while more:
            path = f"/applications?after={after + len(rows)}&limit={_PAGE}"
            page = await self._call("GET", path, _Applications)
            rows.extend(page.applications)
            more = page.more
        return rows

    async def dispatches(self, agency: str) -> tuple[DispatchRow, ...]:
        """Return the dispatches in an agency's book."""
        return (await self._call("GET", f"/agencies/{agency}", _Agency)).dispatches

    async def faults(self) -> tuple[FaultRow, ...]:
        """Return the armed faults."""
        return (await self._call("GET", "/faults", _Faults)).faults

    async def arm(self, wish: Mapping[str, object]) -> FaultRow:
        """Arm a fault."""
        return await self._call("POST", "/faults", FaultRow, wish)

    async def disarm(self, number: int | None) -> tuple[FaultRow, ...]:
        """Take one fault away, or all; return what is still armed."""
        query = "" if number is None else f"?number={number}"
        return (await self._call("DELETE", f"/faults{query}", _Faults)).faults

    async def _call(
        self, method: str, path: str, model: type[M], wish: Mapping[str, object] | None = None
    ) -> M:
        content = None if wish is None else json.dumps(wish)
        headers = None if wish is None else _JSON
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
            cure = "核对地址；这应是 duijie 模拟器的控制接口，版本须一致"
            raise CliError(f"{self.url} 的应答看不懂", cause, cure, UNREACHABLE) from exc

    def _unreached(self, exc: Exception) -> CliError:
        return CliError(
            f"连不上模拟器的控制接口 {self.url}",
            f"{type(exc).__name__}: {exc}",
            "先运行 duijie up 或 duijie simulator serve；端口不同时用 --control 指明",
            UNREACHABLE,
        )


def _refused(answer: httpx.Response) -> CliError:
    cure = "按原因改正参数后重试"
    try:
        problem = _Problem.model_validate_json(answer.content)
    except ValidationError:
        cause = f"HTTP {answer.status_code}"
        return CliError("模拟器没有接受", cause, "核对 --control 的地址", FAILED)
    fields = "；".join(f"{one.pointer} {one.message}" for one in problem.errors)
    cause = "；".join(part for part in (problem.title, problem.detail, fields) if part)
    return CliError("模拟器没有接受", cause, cure, FAILED)
