"""来件: people file in waves, one of them withdraws, and agencies correct results (更正)."""

import asyncio
from dataclasses import dataclass
from functools import partial
from typing import Final

import aiohttp

from schemas.records.applications import ForwardedApplication
from schemas.records.canonical_form import content_digest
from schemas.records.outcomes import Outcome
from schemas.records.receipts import BatchAnswer, ItemStatus
from simulator.agencies.agency import SimulatedAgency
from simulator.agencies.book import ReceivedDispatch
from simulator.app import Simulator
from simulator.exchanges.signed_client import SignedClient, Unanswered
from tests.support.clock import SettableClock
from tests.support.until import PATIENCE_S, until
from tests.system.kills.counter_load import CounterLoad
from tests.system.kills.desk_load import DeskLoad

AREA: Final = "410000"
PUSHED: Final = ("410102", "410103")
"""Places of the agency that takes pushes."""
FETCHED: Final = ("419001", "410105001001")
_WITHDRAWS_EVERY: Final = 5
_DEADLINE_S: Final = 15.0
_CAMPAIGN_S: Final = 4 * PATIENCE_S
_LOOK_SELDOM_S: Final = 0.05
_TAKEN: Final = frozenset({ItemStatus.ACCEPTED, ItemStatus.DUPLICATE})
_CORRECTOR: Final = "模拟更正人"


@dataclass(slots=True)
class Correction:
    """A second result for an application; `answer` is the gateway's, the last word on it."""

    application_no: str
    content: bytes = b""
    sent: int = 0
    answer: ItemStatus | None = None


class Load:
    """What people and agencies do; `filed` holds the digest of each application as it was filed.

    With a `desk`, its operators give cases to other agencies meanwhile.
    """

    def __init__(
        self, simulator: Simulator, clock: SettableClock, desk: DeskLoad | None = None
    ) -> None:
        self._simulator, self._clock = simulator, clock
        self.counter, self.desk = CounterLoad(simulator), desk
        self._feed = simulator.entry.book.feed(AREA)
        self._waves = 0
        self._all_filed = False
        self.filed: dict[str, str] = {}
        self.withdrawn: set[str] = set()
        self.corrections: list[Correction] = []
        self._taken: dict[str, tuple[SimulatedAgency, ReceivedDispatch]] = {}
        self._looked_s = -_LOOK_SELDOM_S

    async def run(self, people: asyncio.TaskGroup, *, waves: int = 3) -> None:
        """File wave after wave, each when the one before was acknowledged: so pages follow."""
        for _ in range(waves):
            await self.file_wave(people)
            await until(lambda: len(self._feed) == 0)
        self.close()

    async def file_wave(self, people: asyncio.TaskGroup, *, corrects_every: int = 1) -> None:
        """Let one person file at each place; some withdraw, and some results are corrected."""
        first, second, *_ = [await self._file(place) for place in (*PUSHED, *FETCHED)]
        if self.desk is not None:
            self.desk.reassign(second)
            self.counter.wave()
        if self._waves % _WITHDRAWS_EVERY == 0:
            self._withdraw(await self._file(PUSHED[0]))
        self._waves += 1
        if self._waves % corrects_every == 0:
            correction = Correction(first)
            self.corrections.append(correction)
            people.create_task(self._correct(correction))

    def close(self) -> None:
        """Say that nobody else will file."""
        self._all_filed = True

    def is_back(self) -> bool:
        """Say whether the national side has all it waits for."""
        return self._all_filed and len(self._feed) == 0 and not self.missing()

    def missing(self) -> list[str]:
        """Return the applications that have no result yet, or lack their correction."""
        find = self._simulator.entry.book.applications.find
        open_ = self.filed.keys() - self.withdrawn
        found = [(number, find(number)) for number in open_]
        without = [number for number, one in found if one is None or not one.results]
        uncorrected = [one for one in self.corrections if not self._is_corrected(one)]
        local = self.counter.missing()
        return without + [one.application_no for one in uncorrected] + local

    def is_answered(self) -> bool:
        """Say whether every agency has its last word on every result."""
        agencies = self._simulator.agencies.values()
        if not self.counter.is_answered() or (self.desk is not None and self.desk.has_work()):
            return False
        return all(one.answer is not None for one in self.corrections) and not any(
            agency.book.waiting() for agency in agencies
        )

    def is_over(self) -> bool:
        """Say whether everything is back, and everybody has the last word on it."""
        return self.is_back() and self.is_answered()

    async def _file(self, place: str) -> str:
        (application,) = await self._simulator.entry.file_people(1, places=(place,))
        item = self._feed.find("application", application.number)
        assert item is not None
        self.filed[application.number] = content_digest(ForwardedApplication.read(item.content))
        return application.number

    def _withdraw(self, number: str) -> None:
        self._simulator.entry.book.withdraw(number, "模拟撤回")
        self.withdrawn.add(number)

    async def _correct(self, correction: Correction) -> None:
        """Send a second revision of a result once the first was taken, until it is answered."""
        number = correction.application_no
        await until(
            lambda: self._first_result(number) is not None,
            f"the first result of {number} is answered",
            within_s=_CAMPAIGN_S,
            every_s=_LOOK_SELDOM_S,
        )
        agency, first = self._taken[number]
        assert first.outcome is not None
        outcome = Outcome.read(first.outcome)
        corrected = outcome.model_copy(update={"revision": 2, "handler": _CORRECTOR})
        correction.content = corrected.wire()
        settings = agency.settings
        async with aiohttp.ClientSession(trust_env=False, auto_decompress=False) as session:
            client = SignedClient(session, settings.gateway, settings.link(), self._clock)
            await until(
                partial(_is_answered, client, correction),
                f"the correction of {number} is answered",
                within_s=_CAMPAIGN_S,
            )

    def _first_result(self, number: str) -> ReceivedDispatch | None:
        """Return the dispatch whose result was answered; the books are gone through seldom."""
        now_s = asyncio.get_running_loop().time()
        if now_s - self._looked_s >= _LOOK_SELDOM_S:
            self._looked_s = now_s
            self._taken = {
                one.dispatch.application.application_no: (agency, one)
                for agency in self._simulator.agencies.values()
                for one in agency.book.received.values()
                if one.outcome is not None and one.answer in _TAKEN
            }
        found = self._taken.get(number)
        return None if found is None else found[1]

    def _is_corrected(self, correction: Correction) -> bool:
        return 2 in self._simulator.entry.book.results_of(correction.application_no)


async def _is_answered(client: SignedClient, correction: Correction) -> bool:
    """Send it once; say whether it was answered, or must go again."""
    body = b'{"outcomes":[%s]}' % correction.content
    correction.sent += 1
    try:
        answer = await client.post("/agency/v1/outcomes", body, deadline_s=_DEADLINE_S)
    except Unanswered:
        return False
    (result,) = BatchAnswer.read(answer).results
    if result.problem is not None and result.problem.code.startswith("service."):
        return False
    correction.answer = result.status
    return True
