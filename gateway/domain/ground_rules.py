"""注销规定: the grounds (注销情形) of one set of rules, each with its article, as data.

A ground is used in one or more ways. What the text of a notice leaves open is left open here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from schemas.records.deregistrations import Deregistration

NOT_ALLOWED: Final = "deregistration.ground-not-allowed"
NOT_TOLD_FIRST: Final = "deregistration.not-told-first"


class GroundTrigger(StrEnum):
    """起因: what brings a deregistration about."""

    EMPLOYMENT = "employment-registration"  # 办理就业登记
    INSURANCE = "insurance-change"  # 社会保险登记变更
    HANDLER = "handler"  # 经办人员核实
    COUNT = "count"  # 达到规定次数
    OPEN = "open"  # the notice does not say


class NoticeDuty(StrEnum):
    """告知义务: whether the person is told, and whether before."""

    FIRST = "first"  # 先告知，后注销
    DUE = "due"  # 注销并告知
    EXEMPT = "exempt"  # 无须告知


@dataclass(frozen=True, slots=True)
class GroundWay:
    """One way to deregister on a ground: modes (注销方式) and verification (核实方式), by code.

    An empty `verified_by` allows every way to verify it.
    """

    trigger: GroundTrigger
    modes: frozenset[str]
    verified_by: frozenset[str]
    notice: NoticeDuty

    def verified(self, deregistration: Deregistration) -> bool:
        """Say whether a deregistration was verified as this way wants it."""
        return not self.verified_by or deregistration.verified_by in self.verified_by


@dataclass(frozen=True, slots=True)
class Ground:
    """注销情形: a code of ACC025, the article that has it, and the ways to use it."""

    code: str
    source: str
    ways: tuple[GroundWay, ...]


@dataclass(frozen=True, slots=True)
class Breach:
    """What a deregistration breaks: a code of the error catalogue, the member, the article."""

    code: str
    pointer: str
    article: str


@dataclass(frozen=True, slots=True)
class GroundRules:
    """注销规定: a set of grounds by their code; `off` are codes put out of use, with the article.

    `source` is the article that lists the grounds: any other is refused by it.
    """

    name: str
    source: str
    grounds: Mapping[str, Ground]
    off: Mapping[str, str] = field(default_factory=dict)

    def breach(self, deregistration: Deregistration) -> Breach | None:
        """Return what a deregistration breaks first, or None.

        Source: 人社厅发〔2020〕3号 art. 5; 湘人社函〔2020〕23号 art. 1(3);
            湖南基层公共就业服务经办规程 art. 7.
        """
        return next(self._breaches(deregistration), None)

    def _breaches(self, deregistration: Deregistration) -> Iterator[Breach]:
        ground = self.grounds.get(deregistration.ground)
        if ground is None:
            article = self.off.get(deregistration.ground, self.source)
            yield Breach(NOT_ALLOWED, "/acc025", article)
            return
        in_mode = [way for way in ground.ways if deregistration.mode in way.modes]
        ways = [way for way in in_mode if way.verified(deregistration)]
        if not in_mode:
            yield Breach(NOT_ALLOWED, "/mode", ground.source)
        elif not ways:
            yield Breach(NOT_ALLOWED, "/verified_by", ground.source)
        elif _first_always(ways) and not _told_first(deregistration):
            yield Breach(NOT_TOLD_FIRST, "/notice", ground.source)


def _first_always(ways: Sequence[GroundWay]) -> bool:
    return all(way.notice is NoticeDuty.FIRST for way in ways)


def _told_first(deregistration: Deregistration) -> bool:
    notice = deregistration.notice
    return notice is not None and notice.given_at <= deregistration.decided_at
