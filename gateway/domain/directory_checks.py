"""机构清单核对: what keeps a content from becoming a version, and what is only marked in it."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from gateway.domain.listed_agencies import DirectoryContent, ListedAgency
from gateway.errors import GatewayError
from schemas.reference.divisions import DivisionTree, UnknownDivision


class DirectoryFault(StrEnum):
    """Why a content cannot become a version of the list."""

    EMPTY = "directory.empty"
    CODE_OVERLAPS = "directory.code-overlaps"  # two rows of one code on the same day
    DIVISION_OVERLAPS = "directory.division-overlaps"  # two that register in one division
    DATES_REVERSED = "directory.dates-reversed"
    PARENT_UNKNOWN = "directory.parent-unknown"
    PARENT_RING = "directory.parent-ring"
    DIVISION_UNKNOWN = "directory.division-unknown"
    DIVISION_OUTSIDE = "directory.division-outside"
    DIVISION_ABOLISHED = "directory.division-abolished"
    RESPONSIBLE_DIFFERS = "directory.responsible-differs"  # two for one division
    DAY_PASSED = "directory.day-passed"  # it was to be in force from a day that is over


class DirectoryFinding(StrEnum):
    """What is marked in a content that may become a version."""

    NO_ACCOUNT = "directory.no-account"  # registers, and nobody there may: 湘人社函〔2020〕23号
    ACCOUNTS_UNKNOWN = "directory.accounts-unknown"
    INCOMPLETE = "directory.incomplete"  # a list with it is not published
    NO_RESPONSIBLE = "directory.no-responsible"  # nobody is named for its division


@dataclass(frozen=True, slots=True)
class DirectoryFlaw:
    """A fault or a finding: `position` is that of the agency in the content, None of the whole."""

    code: DirectoryFault | DirectoryFinding
    position: int | None = None
    params: Mapping[str, str] = field(default_factory=dict)


class DirectoryRefused(GatewayError):
    """A content cannot become a version of the agency directory; nothing was stored.

    `faults` are all that is wrong with it.
    """

    code = "directory.refused"

    def __init__(self, faults: Sequence[DirectoryFlaw]) -> None:
        super().__init__(f"agency directory: {len(faults)} faults")
        self.faults = tuple(faults)


def directory_faults(
    content: DirectoryContent, *, tree: DivisionTree, province: str
) -> list[DirectoryFlaw]:
    """Return everything that keeps a content from becoming a version, by position.

    Source: 人社厅发〔2020〕3号 第七部分 (an application goes to one agency, by its place).
    """
    if not content.agencies:
        return [DirectoryFlaw(DirectoryFault.EMPTY)]
    found = [
        *_reversed_dates(content.agencies),
        *_unknown_divisions(content.agencies, tree, province),
        *_overlaps(content.agencies, tree),
        *_parents(content.agencies),
        *_differing_officers(content, tree),
    ]
    return sorted(found, key=lambda one: -1 if one.position is None else one.position)


def directory_findings(content: DirectoryContent) -> list[DirectoryFlaw]:
    """Return what is marked in a content, by position.

    Source: 湘人社函〔2020〕23号 第三部分末段 (HUN-21); 人社厅发〔2020〕3号 第八部分 (NAT-37).
    """
    named = {one.division for one in content.responsible}
    return [
        DirectoryFlaw(code, position)
        for position, one in enumerate(content.agencies)
        for code in _findings(one, is_named=one.division in named)
    ]


def _findings(one: ListedAgency, *, is_named: bool) -> Iterator[DirectoryFinding]:
    if one.registers and one.accounts == 0:
        yield DirectoryFinding.NO_ACCOUNT
    if one.registers and one.accounts is None:
        yield DirectoryFinding.ACCOUNTS_UNKNOWN
    if one.published is None:
        yield DirectoryFinding.INCOMPLETE
    if not is_named:
        yield DirectoryFinding.NO_RESPONSIBLE


def _reversed_dates(agencies: Sequence[ListedAgency]) -> Iterator[DirectoryFlaw]:
    for position, one in enumerate(agencies):
        if one.valid_to is not None and one.valid_to < one.valid_from:
            yield DirectoryFlaw(DirectoryFault.DATES_REVERSED, position)


def _unknown_divisions(
    agencies: Sequence[ListedAgency], tree: DivisionTree, province: str
) -> Iterator[DirectoryFlaw]:
    for position, one in enumerate(agencies):
        try:
            inside = tree.is_within(one.division, province)
            standing = tree.ancestors_in_force(one.division, max(one.valid_from, tree.as_of))
        except UnknownDivision:
            yield DirectoryFlaw(
                DirectoryFault.DIVISION_UNKNOWN, position, {"division": one.division}
            )
            continue
        said = {"division": one.division}
        if not inside:
            yield DirectoryFlaw(DirectoryFault.DIVISION_OUTSIDE, position, said)
        elif standing[0] != tree.normalise(one.division):
            said["successor"] = standing[0]
            yield DirectoryFlaw(DirectoryFault.DIVISION_ABOLISHED, position, said)


def _overlaps(agencies: Sequence[ListedAgency], tree: DivisionTree) -> Iterator[DirectoryFlaw]:
    by_code: dict[str, list[int]] = defaultdict(list)
    by_division: dict[str, list[int]] = defaultdict(list)
    for position, one in enumerate(agencies):
        by_code[one.code].append(position)
        if one.registers:
            by_division[tree.normalise(one.division)].append(position)
    for code, positions in by_code.items():
        for at, other in _overlapping(agencies, positions):
            said = {"code": code, "other": str(other)}
            yield DirectoryFlaw(DirectoryFault.CODE_OVERLAPS, at, said)
    for division, positions in by_division.items():
        for at, other in _overlapping(agencies, positions):
            if agencies[at].code != agencies[other].code:  # told of the code already
                said = {"division": division, "other": str(other)}
                yield DirectoryFlaw(DirectoryFault.DIVISION_OVERLAPS, at, said)


def _overlapping(
    agencies: Sequence[ListedAgency], positions: Sequence[int]
) -> Iterator[tuple[int, int]]:
    """Yield each that overlaps an earlier one by first day, with the one of them that ends last."""
    reach, *others = sorted(positions, key=lambda at: (agencies[at].valid_from, at))
    for at in others:
        if agencies[reach].overlaps(agencies[at]):
            yield at, reach
        if _last_day(agencies[at]) > _last_day(agencies[reach]):
            reach = at


def _last_day(one: ListedAgency) -> date:
    return one.valid_to or date.max


def _parents(agencies: Sequence[ListedAgency]) -> Iterator[DirectoryFlaw]:
    codes = {one.code for one in agencies}
    above = {one.code: one.parent for one in agencies if one.parent is not None}
    for position, one in enumerate(agencies):
        if one.parent is None:
            continue
        said = {"parent": one.parent}
        if one.parent not in codes:
            yield DirectoryFlaw(DirectoryFault.PARENT_UNKNOWN, position, said)
        elif _leads_back(one.code, one.parent, above):
            yield DirectoryFlaw(DirectoryFault.PARENT_RING, position, said)


def _leads_back(code: str, parent: str | None, above: Mapping[str, str | None]) -> bool:
    seen: set[str] = set()
    while parent is not None and parent not in seen:
        if parent == code:
            return True
        seen.add(parent)
        parent = above.get(parent)
    return False


def _differing_officers(content: DirectoryContent, tree: DivisionTree) -> Iterator[DirectoryFlaw]:
    said: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for one in content.responsible:
        said[tree.normalise(one.division)].add((one.unit, one.person))
    for division, officers in said.items():
        if len(officers) > 1:
            at = next(
                (
                    position
                    for position, one in enumerate(content.agencies)
                    if tree.normalise(one.division) == division
                ),
                None,
            )
            yield DirectoryFlaw(DirectoryFault.RESPONSIBLE_DIFFERS, at, {"division": division})
