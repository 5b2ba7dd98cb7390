"""Another entry of a statement (对账单条目不同): missing, added or altered, and the rest is whole.

Totals and digest are made anew over the whole day, so the statement is used, and the difference
found. To meet every part of a statement, arm it for all calls (`every` 1).
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from enum import StrEnum
from hashlib import sha256
from typing import Final

from schemas.records.outcomes import Verdict
from schemas.records.statements import EntryKind, Statement, StatementEntry
from simulator.errors import unfit_member
from simulator.exchanges.calls import Answer, Call, CallHandler
from simulator.exchanges.statements import STATEMENT, DayStatement
from simulator.faults.fault import Params, RecordFault, refuse_unknown

_ADDED_KEY: Final = "SYDJ0000000000000000000000000"


class EntryChange(StrEnum):
    """What becomes of the entry."""

    MISSING = "missing"
    DOUBLED = "doubled"
    ADDED = "added"
    DIGEST = "digest"
    VERDICT = "verdict"
    ACKNOWLEDGED = "acknowledged"
    REVISION = "revision"


class StatementEntryChanged:
    """Params: `change`; `kind` and `key` of the entry, else it is the first that can be changed.

    An added entry is of `kind` under `key`, and stands for a message that nobody sent.
    """

    def __init__(self, params: Params) -> None:
        refuse_unknown(params, "change", "kind", "key")
        change, kind = params.get("change", EntryChange.MISSING), params.get("kind")
        if change not in set(EntryChange):
            raise unfit_member(
                "params", "change", text=f"change 须为 {'、'.join(EntryChange)} 之一"
            )
        if kind is not None and kind not in set(EntryKind):
            raise unfit_member("params", "kind", text=f"kind 须为 {'、'.join(EntryKind)} 之一")
        self._change, self._kind = EntryChange(change), None if kind is None else EntryKind(kind)
        self._key = None if params.get("key") is None else str(params["key"])

    async def apply(self, call: Call, handler: CallHandler, record: RecordFault) -> Answer:
        """Answer with the part as it is after the change of the whole."""
        answer = await handler(call)
        if answer.record != STATEMENT:
            return answer
        asked = Statement.read(answer.body)
        entries: list[StatementEntry] = []
        for number in range(1, asked.parts + 1):
            query = {**call.query, "part": str(number)}
            part = await handler(replace(call, query=query))
            entries += Statement.read(part.body).entries
        changed = self._changed(entries, asked)
        if changed is None:
            return answer
        whole = DayStatement(asked.date, asked.division, asked.closed_at, tuple(changed))
        part_now = whole.part(asked.part)
        if part_now is None:
            return answer
        record({"change": self._change, "part": asked.part})
        return replace(answer, body=part_now.wire())

    def _changed(
        self, entries: Sequence[StatementEntry], asked: Statement
    ) -> list[StatementEntry] | None:
        """Return the entries after the change, None where there is none to be changed."""
        if self._change is EntryChange.ADDED:
            return [*entries, self._added(asked)]
        place = next((no for no, one in enumerate(entries) if self._is_meant(one)), None)
        if place is None:
            return None
        instead: list[StatementEntry] = []
        if self._change is EntryChange.DOUBLED:
            instead = [entries[place], entries[place]]
        elif self._change is not EntryChange.MISSING:
            instead = [entries[place].model_copy(update=self._altered(entries[place]))]
        return [*entries[:place], *instead, *entries[place + 1 :]]

    def _is_meant(self, entry: StatementEntry) -> bool:
        if self._kind not in {None, entry.kind} or self._key not in {None, entry.key}:
            return False
        if self._change is EntryChange.VERDICT:
            return entry.verdict is not None
        return self._change is not EntryChange.ACKNOWLEDGED or entry.acknowledged is not None

    def _altered(self, entry: StatementEntry) -> dict[str, object]:
        match self._change:
            case EntryChange.VERDICT:
                passed = entry.verdict == Verdict.PASSED
                return {"verdict": Verdict.NOT_PASSED if passed else Verdict.PASSED}
            case EntryChange.ACKNOWLEDGED:
                return {"acknowledged": not entry.acknowledged}
            case EntryChange.REVISION:
                return {"revision": entry.revision + 1}
            case _:
                return {"digest": sha256(entry.digest.encode()).hexdigest()}

    def _added(self, asked: Statement) -> StatementEntry:
        kind, key = self._kind or EntryKind.OUTCOME, self._key or _ADDED_KEY
        forwarded = kind in {EntryKind.APPLICATION, EntryKind.WITHDRAWAL}
        decided = kind in {EntryKind.OUTCOME, EntryKind.REGISTRATION}
        return StatementEntry(
            kind=kind,
            key=key,
            revision=1,
            verdict=Verdict.PASSED if decided else None,
            acknowledged=True if forwarded else None,
            digest=sha256(key.encode()).hexdigest(),
            at=asked.closed_at - timedelta(seconds=1),
        )
