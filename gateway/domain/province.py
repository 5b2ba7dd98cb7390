"""省份配置: what differs between provinces is data, each rule tied to its article."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Allowance:
    """办结时限 of one policy: so many working days, or the day of download itself (0)."""

    policy: str
    working_days: int
    source: str


@dataclass(frozen=True, slots=True)
class GroundRule:
    """注销情形 of a province's rules: how it may be verified, and whether by the system alone."""

    verified_by: frozenset[str]
    automatic: bool
    source: str


@dataclass(frozen=True, slots=True)
class Province:
    """One province's profile: its division, its deadline rules, its names for the queues."""

    division: str
    name: str
    allowances: Mapping[str, Allowance]
    default_policy: str
    queue_name: str
    grounds: Mapping[str, GroundRule] = field(default_factory=dict)
    """注销情形 by ACC025; without any, those of the notice count, however verified."""
    division_allowances: Mapping[str, Mapping[str, Allowance]] = field(default_factory=dict)
    """办结时限 of a division and all below it, by policy, in the place of the province's."""
    accepts_anywhere: bool = False
    """全省通办: an agency may register whoever belongs to another place of the province."""
