"""机构清单差异: what is other in one content than in another, member by member."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

from gateway.domain.listed_agencies import DirectoryContent, ListedAgency, Responsible


@dataclass(frozen=True, slots=True)
class ChangedAgency:
    """An agency that is other than before, and the members in which it is."""

    before: ListedAgency
    after: ListedAgency
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ChangedResponsible:
    """A division for which another unit or person is responsible; None where nobody is named."""

    division: str
    before: Responsible | None
    after: Responsible | None


@dataclass(frozen=True, slots=True)
class DirectoryDifferences:
    """What is added, removed and changed from one content to another, in the order of codes."""

    added: tuple[ListedAgency, ...] = ()
    removed: tuple[ListedAgency, ...] = ()
    changed: tuple[ChangedAgency, ...] = ()
    responsible: tuple[ChangedResponsible, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed or self.responsible)


def compare_directories(before: DirectoryContent, after: DirectoryContent) -> DirectoryDifferences:
    """Return what is other in `after` than in `before`.

    An agency is known by its code; of several rows of one code, those with the same first day
    belong together, then the others in the order of their first days.
    """
    old, new = _by_code(before.agencies), _by_code(after.agencies)
    added: list[ListedAgency] = []
    removed: list[ListedAgency] = []
    changed: list[ChangedAgency] = []
    for code in sorted(old.keys() | new.keys()):
        gone, come, pairs = _paired(old.get(code, ()), new.get(code, ()))
        removed += gone
        added += come
        changed += [
            ChangedAgency(first, other, members)
            for first, other in pairs
            if (members := _differing(first, other))
        ]
    officers = _compare_officers(before.responsible, after.responsible)
    return DirectoryDifferences(tuple(added), tuple(removed), tuple(changed), officers)


def _by_code(agencies: Iterable[ListedAgency]) -> dict[str, list[ListedAgency]]:
    found: dict[str, list[ListedAgency]] = defaultdict(list)
    for one in sorted(agencies, key=lambda agency: agency.valid_from):
        found[one.code].append(one)
    return found


def _paired(
    old: Sequence[ListedAgency], new: Sequence[ListedAgency]
) -> tuple[list[ListedAgency], list[ListedAgency], list[tuple[ListedAgency, ListedAgency]]]:
    """Return the rows of one code that are gone, that are new, and those that belong together."""
    days = {one.valid_from: one for one in old}
    pairs = [(days[one.valid_from], one) for one in new if one.valid_from in days]
    kept = {one.valid_from for one, _ in pairs}
    gone = [one for one in old if one.valid_from not in kept]
    come = [one for one in new if one.valid_from not in kept]
    moved = list(zip(gone, come, strict=False))
    return gone[len(moved) :], come[len(moved) :], [*pairs, *moved]


def _differing(first: ListedAgency, other: ListedAgency) -> tuple[str, ...]:
    names = (one.name for one in fields(ListedAgency))
    return tuple(name for name in names if getattr(first, name) != getattr(other, name))


def _compare_officers(
    before: Iterable[Responsible], after: Iterable[Responsible]
) -> tuple[ChangedResponsible, ...]:
    old = {one.division: one for one in before}
    new = {one.division: one for one in after}
    return tuple(
        ChangedResponsible(division, old.get(division), new.get(division))
        for division in sorted(old.keys() | new.keys())
        if old.get(division) != new.get(division)
    )
