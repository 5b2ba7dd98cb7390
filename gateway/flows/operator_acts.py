"""经手: what every act of an operator on cases goes through, in one transaction.

The cases are locked, each is decided on by itself, and what the operator wrote stands, sealed,
with the entry of each that changed. A second act, or one after a death, finds them as they are.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from gateway.domain.case import Case, Change
from gateway.domain.operator_acts import ActResult
from gateway.ports.entry_texts import EntryText
from gateway.ports.ledger import Ledger

ACTS_AT_ONCE: Final = 100
"""Cases of one transaction: messages wait beside it."""


@dataclass(frozen=True, slots=True)
class CaseAct:
    """What became of one case; `before` is the case as it was, None where there is none."""

    key: str
    result: ActResult
    before: Case | None = None
    change: Change | None = None


def act_on(
    ledger: Ledger, keys: Sequence[str], decide: Callable[[Case], Change | ActResult], *, text: str
) -> tuple[CaseAct, ...]:
    """Decide on each case by `decide` and store what changes, with the `text`; one result a key."""
    cases = ledger.cases.read(sorted(set(keys)))
    decided = {key: decide(case) for key, case in cases.items()}
    unreadable = dict.fromkeys(ledger.cases.unreadable, ActResult.UNREADABLE)
    acts = tuple(_act(key, cases, {**unreadable, **decided}) for key in dict.fromkeys(keys))
    changes = [one.change for one in acts if one.change is not None]
    ledger.cases.save(changes)
    ledger.entry_texts.add([EntryText(one.case.key, one.entry.seq, text) for one in changes])
    return acts


def _act(key: str, cases: Mapping[str, Case], decided: Mapping[str, Change | ActResult]) -> CaseAct:
    found = decided.get(key, ActResult.UNKNOWN)
    if isinstance(found, Change):
        return CaseAct(key, ActResult.DONE, cases[key], found)
    return CaseAct(key, found, cases.get(key))
