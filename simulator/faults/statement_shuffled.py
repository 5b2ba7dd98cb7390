"""Shuffled statement (对账单错乱): a part says that it is another one, or of another closing."""

from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from typing import Final

from schemas.records.statements import Statement
from simulator.errors import unfit_member
from simulator.exchanges.calls import Answer, Call, CallHandler
from simulator.exchanges.statements import STATEMENT
from simulator.faults.fault import Params, RecordFault, refuse_unknown

_LAST_PART: Final = 9999


class _Mode(StrEnum):
    PART = "part"
    CLOSING = "closing"


class StatementShuffled:
    """Params: `mode`, `part` (it bears the number of the next part) or `closing` (other totals)."""

    def __init__(self, params: Params) -> None:
        refuse_unknown(params, "mode")
        mode = params.get("mode", _Mode.PART)
        if mode not in set(_Mode):
            text = f"mode 须为 {'、'.join(_Mode)} 之一"
            raise unfit_member("params", "mode", text=text)
        self._mode = _Mode(mode)

    async def apply(self, call: Call, handler: CallHandler, record: RecordFault) -> Answer:
        """Answer with a part that does not belong where it stands."""
        answer = await handler(call)
        if answer.record != STATEMENT:
            return answer
        part = Statement.read(answer.body)
        record({"part": part.part, "mode": self._mode})
        return replace(answer, body=part.model_copy(update=self._changes(part)).wire())

    def _changes(self, part: Statement) -> dict[str, object]:
        if self._mode is _Mode.PART:
            return {"part": min(part.part + 1, _LAST_PART)}
        return {"closed_at": part.closed_at - timedelta(seconds=1)}
