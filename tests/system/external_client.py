"""局外人: a running set, and what someone outside can do with it: steer, ask, sign as a vendor."""

import asyncio
import itertools
import json
import os
import signal
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Final

import httpx
from prometheus_client.parser import text_string_to_metric_families

from duijie.demo.plan import GATEWAY_FILE, SIMULATOR_FILE, Plan, Wishes
from duijie.demo.programs import Program
from duijie.demo.provision import prepare
from schemas.signing import Key, SignedRequest, Target, new_key, read_key_file, sign_request
from simulator.clock import real_time
from tests.support.ports import free_ports
from tests.system.running import own_ports

CITY, COUNTY, COMMUNITY = "4101000001", "4190010001", "4101050010010001"
"""郑州市 takes pushes, 济源市 and the community in 金水区 fetch."""
CITY_PLACE, COUNTY_PLACE = "410102", "419001"
NEVER_S: Final = 3600.0
"""So long think agencies whose results the test itself sends."""
WITHIN_S: Final = 60.0
_LOOK_EVERY_S: Final = 0.05
_JSON: Final = "application/json"
OUTCOMES: Final = "/agency/v1/outcomes"


async def until(
    holds: Callable[[], Awaitable[bool]], what: str, within_s: float = WITHIN_S
) -> None:
    """Look again and again until something holds; say what did not, when it does not in time."""
    try:
        async with asyncio.timeout(within_s):
            while not await holds():  # noqa: ASYNC110 - what is outside has no bell to wait for
                await asyncio.sleep(_LOOK_EVERY_S)
    except TimeoutError:
        raise AssertionError(f"not within {within_s:.0f} s: {what}") from None


@dataclass(frozen=True)
class Answered:
    """What the gateway said: its status and the problem's code, or each item's word."""

    status: int
    body: bytes

    @property
    def code(self) -> str:
        """The stable code of a refusal of the whole message."""
        return str(json.loads(self.body)["code"])

    @property
    def words(self) -> list[str]:
        """For each item: accepted, duplicate, or the code of its refusal."""
        results = json.loads(self.body)["results"]
        return [one["problem"]["code"] if "problem" in one else one["status"] for one in results]

    @property
    def receipts(self) -> list[object]:
        """The receipts, as they stand."""
        return [one.get("receipt") for one in json.loads(self.body)["results"]]


@dataclass(frozen=True)
class Vendor:
    """An agency's system as its vendor would write it: a key file, a signature, an HTTP client."""

    base: str
    key: Key
    http: httpx.AsyncClient

    def signed(self, body: bytes, *, at: datetime | None = None) -> SignedRequest:
        """Return the headers under which `body` is this agency's."""
        target = Target.from_url("POST", f"{self.base}{OUTCOMES}")
        now = at or real_time()
        return sign_request(self.key, target, body=body, content_type=_JSON, now=now)

    async def post(self, body: bytes, headers: Mapping[str, str]) -> Answered:
        """Send exactly this."""
        url = f"{self.base}{OUTCOMES}"
        answer = await self.http.post(url, content=body, headers={"content-type": _JSON, **headers})
        return Answered(answer.status_code, answer.content)

    async def submit(self, *outcomes: Mapping[str, object]) -> Answered:
        """Submit results, signed as they should be."""
        body = batch(*outcomes)
        return await self.post(body, self.signed(body).headers)

    def as_impostor(self) -> "Vendor":
        """Return one who uses this agency's key id with a key of his own."""
        return replace(self, key=new_key(self.key.key_id, self.key.suite))

    def as_stranger(self) -> "Vendor":
        """Return one whose key nobody here knows."""
        return replace(self, key=new_key("key-of-a-stranger", self.key.suite))


def batch(*outcomes: Mapping[str, object]) -> bytes:
    """Return the body of `submitOutcomes`."""
    return json.dumps({"outcomes": outcomes}, ensure_ascii=False).encode()


def a_refusal(number: str, dispatch_no: str, agency: str) -> dict[str, object]:
    """Return a result that does not pass, as an agency writes it."""
    return {
        "application_no": number,
        "revision": 1,
        "dispatch_no": dispatch_no,
        "review_state": "2",
        "aae016": "2",
        "refusal_reason": "05",
        "aae017": agency,
        "aae020": "公共就业服务中心（模拟）",
        "aae022": agency[:6],
        "aae019": "李静",
        "aae036": real_time().isoformat(timespec="seconds"),
    }


@dataclass
class RunningSet:
    """Simulator, gateways and agencies as processes of their own, on free ports."""

    folder: Path
    plan: Plan
    http: httpx.AsyncClient
    ending: AsyncExitStack
    gateways: list[Program] = field(default_factory=list)

    async def start_gateway(self, settings: str = GATEWAY_FILE) -> None:
        """Start a gateway and wait until it is ready."""
        ready = f"http://{_setting(self.folder / settings, 'health')}/readyz"
        gateway = await _launch(self.folder, "gateway", settings, ready)
        self.ending.push_async_callback(gateway.stop)
        self.gateways.append(gateway)
        await gateway.wait_ready(self.http)

    async def start_replicas(self, count: int) -> None:
        """Start gateways with the same settings but for where they listen; a balancer in front."""
        behind: list[str] = []
        for at in range(count):
            name = _replica(self.folder, at)
            await self.start_gateway(name)
            behind.append(_setting(self.folder / name, "listen"))
        port = self.plan.ports["gateway"]
        await self.ending.enter_async_context(_balancer(port, behind))

    @property
    def national(self) -> str:
        """Where a person files."""
        return self.plan.url("simulator")

    @property
    def console(self) -> str:
        """Where the gateway lists its cases."""
        return self.plan.url("gateway")

    @property
    def config(self) -> Path:
        """The gateway's settings."""
        return self.folder / GATEWAY_FILE

    async def control(self, method: str, path: str, wish: object = None) -> dict[str, object]:
        """Call the control interface."""
        url = f"{self.plan.url('control')}/control/v1{path}"
        answer = await self.http.request(method, url, json=wish)
        assert answer.is_success, answer.text
        told: dict[str, object] = answer.json()
        return told

    async def file(self, count: int = 1, *places: str) -> list[str]:
        """Let invented people file; return their numbers."""
        wish = {"count": count, "seed": 7, **({"places": places} if places else {})}
        filed = await self.control("POST", "/applications", wish)
        numbers = filed["application_nos"]
        assert isinstance(numbers, list)
        return numbers

    async def inject(self, content: bytes, number: str | None) -> None:
        """Put bytes into the province's feed as they are."""
        wish = {"province": self.plan.province, "content_base64": b64encode(content).decode()}
        wish |= {} if number is None else {"application_no": number}
        await self.control("POST", "/applications/raw", wish)

    async def summary(self) -> dict[str, object]:
        """Return the counts of the national book and the agencies' books."""
        return await self.control("GET", "/summary")

    async def application(self, number: str) -> dict[str, object]:
        """Return one application of the national book."""
        return await self.control("GET", f"/applications/{number}")

    async def dispatch_no(self, agency: str, number: str) -> str:
        """Return the dispatch under which an agency has an application, as soon as it has."""
        found: list[str] = []

        async def arrived() -> bool:
            book = await self.control("GET", f"/agencies/{agency}")
            dispatches = book["dispatches"]
            assert isinstance(dispatches, list)
            numbers = [one["dispatch_no"] for one in dispatches if one["application_no"] == number]
            found.extend(numbers)
            return bool(numbers)

        await until(arrived, f"{number} reaches {agency}")
        return found[-1]

    async def figure(self, name: str, gateway: int = 0, **labels: str) -> float:
        """Return one figure of `/metrics`, the sum over the labels that are not named."""
        answer = await self.http.get(self.gateways[gateway].ready.replace("/readyz", "/metrics"))
        return sum(
            sample.value
            for family in text_string_to_metric_families(answer.text)
            for sample in family.samples
            if sample.name == name and labels.items() <= sample.labels.items()
        )

    def vendor(self, agency: str) -> Vendor:
        """Return the system of one agency, with the key it was given."""
        key = read_key_file(self.folder / "keys" / f"agency-{agency}.json")
        return Vendor(self.plan.url("gateway"), key, self.http)

    def kill(self, gateway: int) -> None:
        """End one gateway without a word."""
        os.kill(self.gateways[gateway].process.pid, signal.SIGKILL)


@asynccontextmanager
async def a_running_set(
    folder: Path, *, store: str | None = None, decide_after_s: float = 0.0, gateway: bool = True
) -> AsyncIterator[RunningSet]:
    """Run simulator, agencies and a gateway until the block ends; every process is ended."""
    wishes = Wishes(store=store, ports=own_ports()[0], decide_after_s=decide_after_s)
    plan = prepare(folder, wishes)
    async with AsyncExitStack() as ending:
        http = await ending.enter_async_context(httpx.AsyncClient(trust_env=False, timeout=30.0))
        running = RunningSet(folder, plan, http, ending)
        simulator = await _launch(folder, "simulator", SIMULATOR_FILE, _alive(plan))
        ending.push_async_callback(simulator.stop)
        await simulator.wait_ready(http)
        if gateway:
            await running.start_gateway()
        yield running


def _alive(plan: Plan) -> str:
    return f"{plan.url('control')}/control/v1/summary"


async def _launch(folder: Path, word: str, settings: str, ready: str) -> Program:
    words = (word, "serve", "--config", str(folder / settings))
    log = folder / "logs" / f"{settings}.log"
    return await Program.start(word, words, log=log, ready=ready)


def _setting(path: Path, name: str) -> str:
    line = next(one for one in path.read_text("utf-8").splitlines() if one.startswith(f"{name} ="))
    return line.partition('"')[2].rstrip('"')


@asynccontextmanager
async def _balancer(port: int, behind: list[str]) -> AsyncIterator[None]:
    """Pass connections on to the addresses `behind` in turn, leaving out who does not answer."""
    turns = itertools.count()
    passing: set[asyncio.Task[None]] = set()

    async def serve(near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        first = next(turns)
        for at in range(len(behind)):
            host, _, number = behind[(first + at) % len(behind)].rpartition(":")
            with suppress(ConnectionError):
                far, onward = await asyncio.open_connection(host, int(number))
                await asyncio.gather(_passed(near, onward), _passed(far, back))
                return
        back.close()

    def accept(near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(serve(near, back))
        passing.add(task)
        task.add_done_callback(passing.discard)

    server = await asyncio.start_server(accept, "127.0.0.1", port)
    try:
        yield
    finally:
        server.close()
        for task in passing:
            task.cancel()
        await asyncio.gather(*passing, return_exceptions=True)
        await server.wait_closed()


async def _passed(near: asyncio.StreamReader, onward: asyncio.StreamWriter) -> None:
    """Pass bytes on until their end, and the end as well."""
    try:
        while block := await near.read(1 << 16):
            onward.write(block)
            await onward.drain()
    except ConnectionError:
        pass  # one side is gone; the other is told by the end below
    finally:
        onward.close()


def _replica(folder: Path, at: int) -> str:
    """Write the settings of another replica: the same but for where it listens."""
    listen, health = free_ports(2)
    text = (folder / GATEWAY_FILE).read_text("utf-8")
    for name, port in (("listen", listen), ("health", health)):
        old = f'{name} = "{_setting(folder / GATEWAY_FILE, name)}"'
        text = text.replace(old, f'{name} = "127.0.0.1:{port}"', 1)
    path = folder / f"replica-{at}.toml"
    path.write_text(text, "utf-8")
    return path.name
