"""A province that docks onto a running simulator, for tests: signed calls and the control side."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from typing import Final

import aiohttp
import orjson

from schemas.records.outcomes import Outcome, RefusalReason, Verdict
from schemas.reference.clock import Now, utc_now
from schemas.signing import Key, Suite, Target, new_key, sign_request, verify_answer, write_key_file
from simulator.app import Simulator
from simulator.config import AgencySettings, NationalSettings, ProvinceSettings, SimulatorSettings
from simulator.timer import Timer
from tests.support.stack import a_simulator
from tests.unit.simulator.settable_time import SkippingTimer

JSON: Final = "application/json"
HENAN, HUNAN = "410000", "430000"
APPLICATIONS: Final = "/national/v1/applications"
ACKNOWLEDGEMENTS: Final = "/national/v1/applications/acknowledgements"
OUTCOMES: Final = "/national/v1/outcomes"
PING: Final = "/national/v1/ping"
SKIPPING: Final = SkippingTimer()
DECIDED_AT: Final = datetime(2026, 11, 23, 1, 30, tzinfo=UTC)

JsonValue = str | int | float | bool | None | list["JsonValue"] | dict[str, "JsonValue"]
JsonObject = dict[str, JsonValue]


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer as received; `proven` when its signature was there and computed."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    proven: bool = False

    def json(self) -> JsonObject:
        """Return the body, an object."""
        value = orjson.loads(self.body)
        assert isinstance(value, dict)
        return value

    def items(self, member: str = "items") -> list[JsonObject]:
        """Return the objects of a list."""
        value = self.json()[member]
        assert isinstance(value, list)
        return [one for one in value if isinstance(one, dict)]

    def code(self) -> str:
        """Return the code of a problem body."""
        assert self.headers["Content-Type"] == "application/problem+json"
        return str(self.json()["code"])


@dataclass(frozen=True, slots=True)
class Signed:
    """A request ready to go; a test may spoil it."""

    method: str
    url: str
    body: bytes
    headers: dict[str, str]


@dataclass(frozen=True, slots=True)
class ProvinceSystem:
    """The system of a province: what it sends is signed, what it gets must be bound to that."""

    session: aiohttp.ClientSession
    base: str
    key: Key

    def sign(
        self,
        method: str,
        path: str,
        body: bytes = b"",
        *,
        content_type: str = JSON,
        now: Now = utc_now,
    ) -> Signed:
        """Return a request signed with the province's key."""
        url = f"{self.base}{path}"
        signed = sign_request(
            self.key,
            Target.from_url(method, url),
            body=body or None,
            content_type=content_type if body else None,
            now=now(),
        )
        headers = {**signed.headers, **({"Content-Type": content_type} if body else {})}
        return Signed(method, url, body, headers)

    async def send(self, request: Signed) -> Reply:
        """Send it and verify the answer's signature, if it has one."""
        async with self.session.request(
            request.method,
            request.url,
            data=BytesIO(request.body) if request.body else None,
            headers=request.headers,
        ) as answer:
            body = await answer.read()
            proven = "Signature" in answer.headers
            if proven:
                verify_answer(
                    self.key,
                    status=answer.status,
                    headers=answer.headers,
                    body=body,
                    request_signature=request.headers["Signature"],
                    now=utc_now(),
                )
            return Reply(answer.status, answer.headers, body, proven)

    async def get(self, path: str = APPLICATIONS) -> Reply:
        """Send a signed GET."""
        return await self.send(self.sign("GET", path))

    async def post(self, path: str, body: bytes) -> Reply:
        """Send a signed POST."""
        return await self.send(self.sign("POST", path, body))

    async def numbers(self, query: str = "?limit=200") -> list[str]:
        """Download a page and return its application numbers."""
        reply = await self.get(APPLICATIONS + query)
        assert reply.status == 200, reply.body
        return [str(item["application_no"]) for item in reply.items()]

    async def acknowledge(self, *numbers: str, kind: str = "application") -> list[JsonObject]:
        """Acknowledge and return the results."""
        said = [
            {"application_no": number, "kind": kind, "stored_at": "2026-11-23T09:00:00+08:00"}
            for number in numbers
        ]
        reply = await self.post(ACKNOWLEDGEMENTS, orjson.dumps({"acknowledgements": said}))
        assert reply.status == 200, reply.body
        return reply.items("results")

    async def register(self, *registrations: bytes) -> list[JsonObject]:
        """Upload local registrations and return the results."""
        return await self._hand_over("registrations", registrations)

    async def deregister(self, *deregistrations: bytes) -> list[JsonObject]:
        """Upload deregistrations and return the results."""
        return await self._hand_over("deregistrations", deregistrations)

    async def _hand_over(self, name: str, records: Sequence[bytes]) -> list[JsonObject]:
        body = b'{"%s":[%s]}' % (name.encode(), b",".join(records))
        reply = await self.post(f"/national/v1/{name}", body)
        assert reply.status == 200, reply.body
        return reply.items("results")

    async def upload(self, *outcomes: Outcome | bytes) -> list[JsonObject]:
        """Upload outcomes and return the results."""
        bodies = [one if isinstance(one, bytes) else one.wire() for one in outcomes]
        reply = await self.post(OUTCOMES, b'{"outcomes":[%s]}' % b",".join(bodies))
        assert reply.status == 200, reply.body
        return reply.items("results")


@dataclass(frozen=True, slots=True)
class RawControl:
    """The control interface as JSON: its own tests do not read it through the client they prove."""

    session: aiohttp.ClientSession
    base: str

    async def get(self, path: str) -> JsonObject:
        """Ask the control side."""
        async with self.session.get(f"{self.base}/control/v1/{path}") as answer:
            assert answer.status == 200, await answer.read()
            return Reply(answer.status, answer.headers, await answer.read()).json()

    async def post(self, path: str, wanted: JsonObject | None = None) -> Reply:
        """Tell the control side."""
        url = f"{self.base}/control/v1/{path}"
        async with self.session.post(url, json=wanted or {}) as answer:
            return Reply(answer.status, answer.headers, await answer.read())

    async def put(self, path: str, wanted: JsonObject) -> JsonObject:
        """Tell the control side how something is to be."""
        async with self.session.put(f"{self.base}/control/v1/{path}", json=wanted) as answer:
            assert answer.status == 200, await answer.read()
            return Reply(answer.status, answer.headers, await answer.read()).json()

    async def file(self, count: int = 1, *places: str) -> list[str]:
        """Let people file and return their numbers."""
        wanted: JsonObject = {"count": count}
        if places:
            wanted["places"] = list(places)
        reply = await self.post("applications", wanted)
        assert reply.status == 201, reply.body
        numbers = reply.json()["application_nos"]
        assert isinstance(numbers, list)
        return [str(number) for number in numbers]

    async def arm(self, fault: str, operation: str, **trigger: JsonValue) -> None:
        """Arm a fault."""
        reply = await self.post("faults", {"fault": fault, "operation": operation, **trigger})
        assert reply.status == 201, reply.body

    async def events(self, kind: str) -> list[JsonObject]:
        """Return the events of one kind."""
        found = (await self.get("events"))["events"]
        assert isinstance(found, list)
        return [one for one in found if isinstance(one, dict) and one["kind"] == kind]


@dataclass(frozen=True, slots=True)
class Docked:
    """A running simulator with two provinces."""

    simulator: Simulator
    henan: ProvinceSystem
    hunan: ProvinceSystem
    control: RawControl
    session: aiohttp.ClientSession


def a_province_setting(folder: Path, division: str, key: Key) -> ProvinceSettings:
    path = folder / f"portal-{division}.json"
    write_key_file(path, key)
    return ProvinceSettings(division=division, key_file=path, answer_key_file=path)


@asynccontextmanager
async def docked(
    folder: Path,
    *,
    suite: Suite = Suite.HMAC_SHA256,
    agencies: tuple[AgencySettings, ...] = (),
    now: Now = utc_now,
    timer: Timer = SKIPPING,
) -> AsyncIterator[Docked]:
    """Run a simulator on free ports, with Henan and Hunan docked; its pauses end at once."""
    keys = {code: new_key(f"portal-{code}", suite) for code in (HENAN, HUNAN)}
    settings = SimulatorSettings(
        seed=7,
        national=NationalSettings(listen="127.0.0.1:0", control="127.0.0.1:0"),
        province=tuple(a_province_setting(folder, code, key) for code, key in keys.items()),
        agency=agencies,
    )
    async with (
        a_simulator(settings, now=now, timer=timer) as simulator,
        aiohttp.ClientSession() as session,
    ):
        national, control = simulator.addresses.national, simulator.addresses.control
        yield Docked(
            simulator,
            ProvinceSystem(session, national, keys[HENAN]),
            ProvinceSystem(session, national, keys[HUNAN]),
            RawControl(session, control),
            session,
        )


def an_outcome(number: str, *, revision: int = 1, handler: str = "模拟经办人") -> Outcome:
    return Outcome(
        application_no=number,
        revision=revision,
        review_state="2",
        verdict=Verdict.PASSED,
        agency_code="4101000001",
        agency_name="郑州市公共就业服务中心",
        agency_division="410100",
        handler=handler,
        decided_at=DECIDED_AT,
        registration_no="41010020261123000001",
        registration_date=date(2026, 11, 23),
        certificate_no="4101005026000001",
    )


def a_refusal(number: str, reason: RefusalReason = RefusalReason.REGISTERED_ELSEWHERE) -> Outcome:
    return an_outcome(number).model_copy(
        update={
            "verdict": Verdict.NOT_PASSED,
            "refusal_reason": reason,
            "registration_no": None,
            "registration_date": None,
            "certificate_no": None,
        }
    )
