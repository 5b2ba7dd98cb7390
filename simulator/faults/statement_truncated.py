"""Truncated statement (对账单截断): entries are missing at the end of a part, its totals stand."""

from dataclasses import replace
from typing import Final

from schemas.records.statements import Statement
from simulator.exchanges.calls import Answer, Call, CallHandler
from simulator.exchanges.statements import STATEMENT
from simulator.faults.fault import Params, RecordFault, integer_param, refuse_unknown

_MOST: Final = 1000


class StatementTruncated:
    """Params: `entries`, how many are left out, 1 if not given."""

    def __init__(self, params: Params) -> None:
        refuse_unknown(params, "entries")
        self._entries = integer_param(params, "entries", 1, maximum=_MOST)

    async def apply(self, call: Call, handler: CallHandler, record: RecordFault) -> Answer:
        """Leave out the last entries of the part, if it has any."""
        answer = await handler(call)
        if answer.record != STATEMENT:
            return answer
        part = Statement.read(answer.body)
        kept = part.entries[: max(len(part.entries) - self._entries, 0)]
        if len(kept) == len(part.entries):
            return answer
        record({"part": part.part, "entries": len(part.entries) - len(kept)})
        return replace(answer, body=part.model_copy(update={"entries": kept}).wire())
