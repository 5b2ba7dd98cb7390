"""改派: the operators' system gives cases to other agencies, returned ones and some others."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Final

import aiohttp

from schemas.records.operator_acts import ActAnswer, ActCode, ActEntry, AssignAct
from schemas.records.receipts import ItemStatus
from schemas.signing import Link
from simulator.agencies.book import ReceivedDispatch
from simulator.app import Simulator
from simulator.exchanges.signed_client import SignedClient, Unanswered
from tests.support.clock import SettableClock
from tests.support.until import PATIENCE_S, until

_DEADLINE_S: Final = 15.0
_LOOK_EVERY_S: Final = 0.05
_CAMPAIGN_S: Final = 4 * PATIENCE_S
_TAKEN: Final = frozenset({ItemStatus.ACCEPTED, ItemStatus.DUPLICATE})


class DeskLoad:
    """The operators' system, calling the gateway at `base` with the keys of `link`.

    `answers` has the last one about each case that it acted on.
    """

    def __init__(
        self, simulator: Simulator, clock: SettableClock, *, base: str, link: Link
    ) -> None:
        self._simulator, self._clock, self._base, self._link = simulator, clock, base, link
        self._wanted: list[str] = []
        self._seen: set[str] = set()
        self.answers: dict[str, ActEntry] = {}

    def reassign(self, number: str) -> None:
        """Give a case to another agency as soon as the gateway has it, wherever it stands."""
        self._wanted.append(number)

    async def work(self, is_over: Callable[[], bool]) -> None:
        """Act on whatever is wanted or was given back, until it is over and nothing is left."""
        async with aiohttp.ClientSession(trust_env=False, auto_decompress=False) as session:
            client = SignedClient(session, self._base, self._link, self._clock)
            await until(
                partial(self._turn, client, is_over),
                "the desk has nothing left to do",
                within_s=_CAMPAIGN_S,
                every_s=_LOOK_EVERY_S,
            )

    async def _turn(self, client: SignedClient, is_over: Callable[[], bool]) -> bool:
        """Act on what is wanted now; say whether it is over and nothing is left."""
        self._wanted += self._given_back()
        for number in list(self._wanted):
            if await self._is_done(client, number):
                self._wanted.remove(number)
        return is_over() and not self.has_work()

    def has_work(self) -> bool:
        """Say whether a case waits for the desk."""
        return bool(self._wanted) or any(
            one.dispatch.dispatch_no not in self._seen for one in self._returned()
        )

    def _given_back(self) -> Iterator[str]:
        for one in list(self._returned()):
            if one.dispatch.dispatch_no not in self._seen:
                self._seen.add(one.dispatch.dispatch_no)
                yield one.dispatch.application.application_no

    def _returned(self) -> Iterator[ReceivedDispatch]:
        for agency in self._simulator.agencies.values():
            for one in agency.book.received.values():
                if one.returned is not None and one.answer in _TAKEN:
                    yield one

    async def _is_done(self, client: SignedClient, number: str) -> bool:
        """Ask once; say whether there was an answer, and the gateway knew the case."""
        asked = AssignAct(
            keys=(number,), to=self._next_agency(number), reason="模拟改派", operator="模拟经手人"
        )
        try:
            body = await client.post(
                "/operator/v1/assignments", asked.wire(), deadline_s=_DEADLINE_S
            )
        except Unanswered:
            return False
        (entry,) = ActAnswer.read(body).results
        if entry.result is ActCode.UNKNOWN:
            return False
        self.answers[number] = entry
        return True

    def _next_agency(self, number: str) -> str:
        """Return an agency that did not have the case last, the same until it is answered."""
        codes = sorted(self._simulator.agencies)
        last = self.answers.get(number)
        holders = [
            code
            for code, agency in self._simulator.agencies.items()
            if agency.book.per_application[number]
        ]
        had = last.agency_code if last is not None else next(iter(holders), codes[0])
        return codes[(codes.index(had or codes[0]) + 1) % len(codes)]
