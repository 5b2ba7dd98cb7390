"""Duplicate (重复): an item is sent twice in one page, or once more after its acknowledgement.

A push is doubled likewise: its first item in the same page, or all of it after its answer.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from enum import StrEnum

from schemas.calls.bodies import MOST_ITEMS
from schemas.calls.queries import whole_number
from simulator.errors import unfit_member
from simulator.exchanges.calls import DEFAULT_LIMIT, Answer, Call, CallHandler
from simulator.faults.fault import Params, RecordFault, refuse_unknown

Redeliver = Callable[[str, Iterable[str]], Sequence[str]]
"""Puts acknowledged applications into the feed of a key once more; returns which."""


class _Mode(StrEnum):
    PAGE = "page"
    AFTER_ACKNOWLEDGEMENT = "after-acknowledgement"


class Duplicate:
    """Params: `mode`, `page` (on a download) or `after-acknowledgement` (on an acknowledgement)."""

    def __init__(self, params: Params, redeliver: Redeliver) -> None:
        refuse_unknown(params, "mode")
        mode = params.get("mode", _Mode.PAGE)
        if mode not in set(_Mode):
            text = f"mode 须为 {'、'.join(_Mode)} 之一"
            raise unfit_member("params", "mode", text=text)
        self._mode, self._redeliver = _Mode(mode), redeliver

    async def apply(self, call: Call, handler: CallHandler, record: RecordFault) -> Answer:
        """Run the handler and send something again, if there is anything."""
        if call.items is not None:
            return await self._push_twice(call, handler, record)
        answer = await handler(call)
        if self._mode is _Mode.PAGE:
            return self._twice(call, answer, record)
        if again := self._redeliver(call.key_id, answer.numbers):
            record({"mode": self._mode, "items": len(again)})
        return answer

    async def _push_twice(self, call: Call, handler: CallHandler, record: RecordFault) -> Answer:
        """Push the first item twice in one page, or the whole page once more after its answer."""
        items = call.items or ()
        if self._mode is _Mode.PAGE and len(items) < MOST_ITEMS:
            record({"mode": self._mode, "items": 1})
            return await handler(replace(call, items=(*items, *items[:1])))
        answer = await handler(call)
        if self._mode is _Mode.AFTER_ACKNOWLEDGEMENT:
            record({"mode": self._mode, "items": len(items)})
            await handler(call)
        return answer

    def _twice(self, call: Call, answer: Answer, record: RecordFault) -> Answer:
        """Send the first item again at the end of the page, which stays within its limit."""
        limit = whole_number(call.query, "limit", DEFAULT_LIMIT, minimum=1, maximum=MOST_ITEMS)
        if not answer.items or limit == 1:
            return answer
        record({"mode": self._mode, "items": 1})
        kept = answer.items[: limit - 1]
        more = answer.more or len(kept) < len(answer.items)
        places = answer.positions
        if places is not None:
            places = (*places[: limit - 1], places[0])
        return replace(answer, items=(*kept, answer.items[0]), positions=places, more=more)
