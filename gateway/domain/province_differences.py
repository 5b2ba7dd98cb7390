"""与全国规定的差别: where a profile is other than the national rules, each with its article."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from gateway.domain.form_layout import gathered
from gateway.domain.ground_rules import Ground, GroundWay, NoticeDuty
from gateway.domain.province import Province

_ANY: Final = "*"


class DifferenceKind(StrEnum):
    """What differs."""

    ALLOWANCE = "allowance"  # 办结时限, in working days, by policy
    GROUND = "ground"  # whether there is such a ground
    MODES = "modes"  # 注销方式 of a ground
    VERIFICATION = "verification"  # 核实方式 of a ground
    NOTICE = "notice"  # 告知 of a ground
    FORM_LACKS = "form-lacks"  # a member without a box
    FORM_ADDS = "form-adds"  # a box without a member
    ANYWHERE = "anywhere"  # 全省通办


@dataclass(frozen=True, slots=True)
class ProvinceDifference:
    """One difference: about what, the national values and the province's, as codes; its article.

    An empty tuple says that there is none; `*` that anything goes.
    """

    kind: DifferenceKind
    subject: str
    national: tuple[str, ...]
    own: tuple[str, ...]
    source: str


def province_differences(province: Province, national: Province) -> tuple[ProvinceDifference, ...]:
    """Return what differs between a province and the national rules, in the order of a profile."""
    return (
        *_allowances(province, national),
        *_grounds(province, national),
        *_form(province, national),
        *_acceptance(province, national),
    )


def _allowances(province: Province, national: Province) -> Iterator[ProvinceDifference]:
    for policy in sorted(province.allowances.keys() | national.allowances.keys()):
        own, other = province.allowances.get(policy), national.allowances.get(policy)
        values = tuple(() if one is None else (str(one.working_days),) for one in (other, own))
        if values[0] != values[1]:
            source = own.source if own else province.allowances[province.default_policy].source
            yield ProvinceDifference(DifferenceKind.ALLOWANCE, policy, values[0], values[1], source)


def _grounds(province: Province, national: Province) -> Iterator[ProvinceDifference]:
    rules, national_grounds = province.ground_rules, national.ground_rules.grounds
    for code in sorted(rules.grounds.keys() | national_grounds.keys()):
        own, other = rules.grounds.get(code), national_grounds.get(code)
        source = own.source if own else rules.off.get(code, rules.source)
        if own is None or other is None:
            there = tuple(() if one is None else (code,) for one in (other, own))
            yield ProvinceDifference(DifferenceKind.GROUND, code, there[0], there[1], source)
            continue
        for kind, read in _READ.items():
            first, second = _all(other, read), _all(own, read)
            if first != second:
                yield ProvinceDifference(kind, code, first, second, source)


def _modes(way: GroundWay) -> frozenset[str]:
    return way.modes


def _verification(way: GroundWay) -> frozenset[str]:
    return way.verified_by or frozenset({_ANY})


def _notice(way: GroundWay) -> frozenset[NoticeDuty]:
    return frozenset({way.notice})


_READ: Final[Mapping[DifferenceKind, Callable[[GroundWay], Iterable[str]]]] = {
    DifferenceKind.MODES: _modes,
    DifferenceKind.VERIFICATION: _verification,
    DifferenceKind.NOTICE: _notice,
}


def _all(ground: Ground, read: Callable[[GroundWay], Iterable[str]]) -> tuple[str, ...]:
    return tuple(sorted({value for way in ground.ways for value in read(way)}))


def _form(province: Province, national: Province) -> Iterator[ProvinceDifference]:
    form = province.form
    other = national.form.lacking
    for member in gathered(one for one in form.lacking if one not in other):
        yield ProvinceDifference(DifferenceKind.FORM_LACKS, member, (member,), (), form.source)
    for box in form.not_carried:
        yield ProvinceDifference(DifferenceKind.FORM_ADDS, box.label, (), (box.label,), form.source)


def _acceptance(province: Province, national: Province) -> Iterator[ProvinceDifference]:
    if province.anywhere != national.anywhere:
        values = tuple(() if one.anywhere is None else ("1",) for one in (national, province))
        source = province.anywhere or ""
        yield ProvinceDifference(DifferenceKind.ANYWHERE, "", values[0], values[1], source)
