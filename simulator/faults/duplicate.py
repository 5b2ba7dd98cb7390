"""Duplicate (重复): an item is sent twice in one page, or once more after its acknowledgement."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from enum import StrEnum

from simulator.errors import Refused
from simulator.exchanges.calls import (
    DEFAULT_LIMIT,
    MOST_ITEMS,
    Answer,
    Call,
    Operation,
    whole_number,
)
from simulator.faults.fault import Happened, Params, only

Redeliver = Callable[[str, Iterable[str]], Sequence[str]]
"""Puts acknowledged applications into the feed of a key once more; returns which."""


class _Mode(StrEnum):
    PAGE = "page"
    AFTER_ACKNOWLEDGEMENT = "after-acknowledgement"


class Duplicate:
    """Params: `mode`, `page` (on a download) or `after-acknowledgement` (on an acknowledgement)."""

    def __init__(self, params: Params, redeliver: Redeliver) -> None:
        only(params, "mode")
        mode = params.get("mode", _Mode.PAGE)
        if mode not in set(_Mode):
            raise Refused("message.invalid", "mode: page or after-acknowledgement")
        self._mode, self._redeliver = _Mode(mode), redeliver

    async def apply(self, call: Call, operation: Operation, happened: Happened) -> Answer:
        """Run the operation and send something again, if there is anything."""
        answer = await operation(call)
        if self._mode is _Mode.PAGE:
            return self._twice(call, answer, happened)
        if again := self._redeliver(call.key_id, answer.numbers):
            happened({"mode": self._mode, "items": len(again)})
        return answer

    def _twice(self, call: Call, answer: Answer, happened: Happened) -> Answer:
        """Send the first item again at the end of the page, which stays within its limit."""
        limit = whole_number(call.query, "limit", DEFAULT_LIMIT, least=1, most=MOST_ITEMS)
        if not answer.items or limit == 1:
            return answer
        happened({"mode": self._mode, "items": 1})
        kept = answer.items[: limit - 1]
        more = answer.more or len(kept) < len(answer.items)
        return replace(answer, items=(*kept, answer.items[0]), more=more)
