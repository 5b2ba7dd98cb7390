"""Whom a change breaks (方向): an older caller with a newer server, a newer with an older one."""

from collections.abc import Iterator

from contracts.compat.changes import ChangeRule, ContractChange, Impact, Pairing
from contracts.compat.growth_rules import Contracts, record_name

_OF_CALLERS = frozenset(
    {
        *(ChangeRule.OPERATION_REMOVED, ChangeRule.STATUS_ADDED, ChangeRule.ERROR_ADDED),
        *(ChangeRule.PARAMETER_ADDED, ChangeRule.PARAMETER_REMOVED),
    }
)
"""What a server of the new version does to a caller of the old one, and to nobody else."""


def broken_by(change: ContractChange, contracts: Contracts) -> frozenset[Pairing]:
    """Return the pairs of an older and a newer side of which the change breaks one."""
    if not change.breaking:
        return frozenset()
    if change.rule in _OF_CALLERS:
        return frozenset({Pairing.OLD_CALLER})
    found = frozenset(_by_way(change, contracts))
    return found or frozenset(Pairing)


def _by_way(change: ContractChange, contracts: Contracts) -> Iterator[Pairing]:
    if not change.file.startswith("jsonschema/"):
        return
    name = record_name(change.file, contracts)
    for one in (*contracts.old_carriers.get(name, ()), *contracts.new_carriers.get(name, ())):
        if change.impact in {Impact.WIDENS, Impact.BOTH}:
            yield Pairing.OLD_SERVER if one.in_request else Pairing.OLD_CALLER
        if change.impact in {Impact.NARROWS, Impact.BOTH}:
            yield Pairing.OLD_CALLER if one.in_request else Pairing.OLD_SERVER
