"""主动推送: what the national side pushes, what it believes, and when it leaves an item alone."""

from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import orjson
import pytest
from aiohttp import web

from schemas.records.applications import FeedPage, ForwardedApplication, Withdrawal
from schemas.records.base import WireModel
from schemas.records.canonical_form import content_digest
from schemas.records.receipts import BatchAnswer, ItemResult, ItemStatus, Receipt
from schemas.reference.clock import utc_now
from schemas.signing import (
    Key,
    Link,
    Suite,
    Target,
    new_key,
    sign_answer,
    verify_request,
    write_key_file,
)
from simulator.app import Simulator
from simulator.config import NationalSettings, ProvinceSettings, PushSettings, SimulatorSettings
from simulator.national.pushing import MOST_PUSHES, FeedPusher
from tests.integration.simulator.docking import HENAN, SKIPPING
from tests.integration.simulator.scripted_gateway import a_problem
from tests.support.serving import served
from tests.support.stack import a_simulator
from tests.support.until import until

PATH: Final = "/province/v1/applications"
PLACE: Final = "410105"


@dataclass
class TakingGateway:
    """A gateway that takes pushes: `script` says what happens to the next ones.

    "503", "400", "cut", "unsigned", "fewer", "other receipt", or a code for every item; else each
    item is accepted, and one that came before a duplicate.
    """

    ours: Key
    theirs: Key
    script: deque[str] = field(default_factory=deque)
    pushes: list[list[str]] = field(default_factory=list)
    taken: dict[tuple[str, str], Receipt] = field(default_factory=dict)
    always: str = ""

    async def answer(self, request: web.Request) -> web.Response:
        """Answer one push as the script has it."""
        body = await request.read()
        target = Target.received(request.method, request.host, request.raw_path)
        link = Link(self.ours, self.theirs)
        links = {self.theirs.key_id: link}
        verified = verify_request(links, target, request.headers, body, now=utc_now())
        items = [_read(orjson.dumps(one)) for one in orjson.loads(body)["items"]]
        self.pushes.append([one.application_no for one in items])
        act = self.script.popleft() if self.script else self.always
        if act in {"503", "400"}:
            code = {"503": "service.unavailable", "400": "message.malformed"}[act]
            return self._signed(verified.signature, a_problem(code, int(act)), status=int(act))
        results = [self._result(one, act) for one in items]
        if act == "cut":
            assert request.transport is not None
            request.transport.abort()
        if act == "unsigned":
            return web.json_response({"results": []})
        kept = results[:-1] if act == "fewer" else results
        return self._signed(verified.signature, BatchAnswer(results=tuple(kept)))

    def _result(self, item: ForwardedApplication | Withdrawal, act: str) -> ItemResult:
        if "." in act:
            return ItemResult(status=ItemStatus.REFUSED, problem=a_problem(act, 409))
        key = (item.kind, item.application_no)
        status = ItemStatus.DUPLICATE if key in self.taken else ItemStatus.ACCEPTED
        digest = content_digest(item)
        given = Receipt(
            receipt_no=digest[:24],
            key=item.application_no,
            kind=item.kind,
            revision=1,
            digest=digest,
            received_at=utc_now(),
        )
        receipt = self.taken.setdefault(key, given)
        if act == "other receipt":
            receipt = receipt.model_copy(update={"digest": "0" * 64})
        return ItemResult(status=status, receipt=receipt)

    def _signed(self, signature: str, record: WireModel, *, status: int = 200) -> web.Response:
        body = record.wire()
        headers = sign_answer(
            self.ours, status=status, body=body, request_signature=signature, now=utc_now()
        )
        return web.Response(
            body=body, status=status, content_type="application/json", headers=headers
        )


def _read(content: bytes) -> ForwardedApplication | Withdrawal:
    (item,) = FeedPage.read(b'{"items":[%b],"more":false}' % content).items
    return item


@dataclass(frozen=True)
class Pushing:
    """A national side that pushes to a scripted gateway."""

    simulator: Simulator
    gateway: TakingGateway

    @property
    def pusher(self) -> FeedPusher:
        """What pushes to Henan."""
        return self.simulator.pushers[HENAN]

    async def file(self, count: int = 1) -> list[str]:
        """Let people file in Henan; return their numbers."""
        filed = await self.simulator.entry.file_people(count, places=[PLACE])
        return [one.number for one in filed]

    def waiting(self) -> int:
        """Return how many items have not been acknowledged."""
        return len(self.simulator.entry.book.feed(HENAN))

    async def until_pushed(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds."""
        await until(holds, "what is pushed", within_s=20.0)


@asynccontextmanager
async def pushing(folder: Path, *, on: bool = True) -> AsyncIterator[Pushing]:
    keys = {name: new_key(name, Suite.ED25519) for name in ("portal", "national", "push")}
    for name, key in keys.items():
        shown = key.public_half() if name == "portal" else key
        write_key_file(folder / f"{name}.json", shown)
    gateway = TakingGateway(keys["portal"], keys["push"].public_half())
    app = web.Application(client_max_size=16 << 20)
    app.router.add_post(PATH, gateway.answer)
    async with served(app, finish_s=0.1) as base:
        push = PushSettings(gateway=base, key_file=folder / "push.json", on=on)
        province = ProvinceSettings(
            division=HENAN,
            key_file=folder / "portal.json",
            answer_key_file=folder / "national.json",
            push=push,
        )
        here = NationalSettings(listen="127.0.0.1:0", control="127.0.0.1:0")
        settings = SimulatorSettings(national=here, province=(province,))
        async with a_simulator(settings, timer=SKIPPING) as simulator:
            yield Pushing(simulator, gateway)


async def test_what_is_filed_is_pushed_at_once_and_counts_as_acknowledged(tmp_path: Path) -> None:
    async with pushing(tmp_path) as here:
        (number,) = await here.file()
        await here.until_pushed(lambda: not here.waiting())
        application = here.simulator.entry.book.applications.find(number)
        assert application is not None
        assert application.acknowledged_at is not None
        assert (application.deliveries, application.acknowledgements) == (1, 1)
        assert here.gateway.pushes == [[number]]


async def test_nothing_is_pushed_while_it_is_off(tmp_path: Path) -> None:
    async with pushing(tmp_path, on=False) as here:
        numbers = await here.file(3)
        assert (here.pusher.waiting(), here.gateway.pushes) == (3, [])
        here.pusher.switch(on=True)
        await here.until_pushed(lambda: not here.waiting())
        assert here.gateway.pushes == [numbers]


@pytest.mark.parametrize("act", ["503", "cut", "unsigned", "fewer", "other receipt"])
async def test_without_an_answer_that_can_be_believed_the_same_is_pushed_again(
    tmp_path: Path, act: str
) -> None:
    async with pushing(tmp_path) as here:
        here.gateway.script.extend([act, act])
        (number,) = await here.file()
        await here.until_pushed(lambda: not here.waiting())
        assert here.gateway.pushes == [[number]] * 3


async def test_an_item_is_pushed_so_often_at_most_and_then_left_to_the_download(
    tmp_path: Path,
) -> None:
    async with pushing(tmp_path) as here:
        here.gateway.always = "503"
        await here.file()
        await here.until_pushed(lambda: not here.pusher.waiting())
        assert len(here.gateway.pushes) == MOST_PUSHES
        assert (here.waiting(), here.pusher.left_to_download()) == (1, 1)

        # What comes later is pushed all the same
        here.gateway.always = ""
        (number,) = await here.file()
        await here.until_pushed(lambda: here.waiting() == 1)
        assert here.gateway.pushes[-1] == [number]


@pytest.mark.parametrize(
    ("code", "pushes"), [("application.conflict", 1), ("service.unavailable", 2)]
)
async def test_what_is_refused_for_good_is_pushed_no_more(
    tmp_path: Path, code: str, pushes: int
) -> None:
    async with pushing(tmp_path) as here:
        here.gateway.script.append(code)
        (number,) = await here.file()
        await here.until_pushed(lambda: len(here.gateway.pushes) == pushes)
        await here.until_pushed(lambda: not here.pusher.waiting())
        assert here.gateway.pushes == [[number]] * pushes
        assert here.waiting() == (1 if pushes == 1 else 0)


async def test_a_page_that_is_refused_whole_is_halved_until_its_culprit_stands_alone(
    tmp_path: Path,
) -> None:
    async with pushing(tmp_path, on=False) as here:
        numbers = await here.file(4)
        here.gateway.script.extend(["400", "400", "400"])  # of four, of two, of one
        here.pusher.switch(on=True)
        await here.until_pushed(lambda: not here.pusher.waiting())
        sizes = [len(push) for push in here.gateway.pushes]
        assert sizes[:3] == [4, 2, 1]
        assert sorted(number for push in here.gateway.pushes[3:] for number in push) == numbers[1:]
        assert (here.waiting(), here.pusher.left_to_download()) == (1, 1)


async def test_a_withdrawal_follows_its_application(tmp_path: Path) -> None:
    async with pushing(tmp_path) as here:
        (number,) = await here.file()
        await here.until_pushed(lambda: not here.waiting())
        here.simulator.entry.book.withdraw(number, None)
        await here.until_pushed(lambda: not here.waiting())
        assert set(here.gateway.taken) == {("application", number), ("withdrawal", number)}


async def test_an_item_that_was_replaced_while_it_was_pushed_stays(tmp_path: Path) -> None:
    # Given other content that is put under the number while its push is under way
    async with pushing(tmp_path, on=False) as here:
        (number,) = await here.file()
        feed = here.simulator.entry.book.feed(HENAN)
        item = feed.find("application", number)
        assert item is not None
        book = here.simulator.entry.book
        book.inject(HENAN, item.content.replace(b'"channel":"', b'"channel":"9'), number, 1)

        book.take_confirmation(HENAN, item)

        assert here.waiting() == 1
