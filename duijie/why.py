"""分派依据: why a case is with its agency: the rule, the path in the tree, the directory."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from gateway.domain.case import Case, HistoryEntry, Step
from gateway.domain.dated_rules import DatedRules
from gateway.domain.detail import Detail
from gateway.domain.directory import AgencyDirectory
from gateway.domain.intake_rules import Rules
from gateway.domain.operator_acts import ASSIGNED
from gateway.domain.routing import Route, Unroutable, route
from gateway.ports.unreadable import UnreadableRow
from gateway.words import HOLDS, describe_actor
from schemas.reference.clock import beijing_date
from schemas.reference.divisions import UnknownDivision

SETTINGS_FILE: Final = "settings-file"
LEDGER: Final = "ledger"
"""Where the agency directory came from: versions are in the ledger, the settings have none."""
BY_OPERATOR: Final = "operator"
_RULES: Final = {
    "exact": "登记失业地本级设有经办机构",
    "ancestor": "登记失业地本级没有经办机构，由最近的上级区划的经办机构办理",
}


@dataclass(frozen=True, slots=True)
class PathStep:
    """One division on the way up from the registration place; `agency` is that of the division."""

    division: str
    name: str
    agency: str | None


@dataclass(frozen=True, slots=True)
class RoutingReason:
    """Why a case is where it is.

    `rule` is `exact`, `ancestor`, `operator`, or the code of what kept it from being routed;
    `actor` is who chose the agency by hand. `path` is that of `on`, the Beijing date of the last
    routing; `agency_by_rule` is whom the rules give the case to on that day, by the version of the
    agency directory that was in force then.
    """

    rule: str
    actor: str | None
    on: date
    path: tuple[PathStep, ...]
    agency_by_rule: str | None
    directory_version: int | None = None

    def record(self) -> dict[str, object]:
        """Return it as a record of JSON."""
        return {
            "rule": self.rule,
            "actor": self.actor,
            "on": self.on.isoformat(),
            "path": [
                {"division": one.division, "name": one.name, "agency_code": one.agency}
                for one in self.path
            ],
            "agency_by_rule": self.agency_by_rule,
            "directory": SETTINGS_FILE if self.directory_version is None else LEDGER,
            "directory_version": self.directory_version,
        }


def routed_at(case: Case, history: Sequence[HistoryEntry | UnreadableRow]) -> datetime:
    """Return when a case was routed last, in UTC."""
    routed = _routings(history)
    return routed[-1].at if routed else case.accepted_at


def routing_reason(
    case: Case,
    history: Sequence[HistoryEntry | UnreadableRow],
    dated_rules: DatedRules,
    directory: AgencyDirectory,
) -> RoutingReason:
    """Return why a case is with its agency, or with none, by what was in force at `routed_at`."""
    routed = _routings(history)
    on = beijing_date(routed_at(case, history))
    rules = dated_rules.on(on)
    way = route(
        case.place_division,
        on=on,
        province=rules.province.division,
        tree=rules.tree,
        directory=directory,
    )
    by_rule = way.agency.code if isinstance(way, Route) else None
    chosen = _chosen_by(routed)
    return RoutingReason(
        rule=_rule_of(way) if chosen is None else BY_OPERATOR,
        actor=chosen,
        on=on,
        path=_path(case.place_division, on, rules, directory),
        agency_by_rule=by_rule,
        directory_version=directory.version,
    )


def describe_routing(reason: RoutingReason, directory: AgencyDirectory) -> Iterator[str]:
    """Yield why a case is with its agency, in lines that an operator reads."""
    yield f"分派规则：{_describe_rule(reason)}"
    steps = " → ".join(_describe_step(one, directory) for one in reason.path) or "–"
    yield f"区划路径（{reason.on.isoformat()}）：{steps}"
    by_rule = directory.get(reason.agency_by_rule) if reason.agency_by_rule else None
    yield f"按规则的经办机构：{f'{by_rule.code} {by_rule.name}' if by_rule else '无'}"
    if reason.directory_version is None:
        yield "机构清单：来自设置文件（无版本）"
    else:
        yield f"机构清单：版本 {reason.directory_version}"


def _rule_of(way: Route | Unroutable) -> str:
    return way.by.rule if isinstance(way, Route) else way.value


def _chosen_by(routed: Sequence[HistoryEntry]) -> str | None:
    """Return who chose the agency by hand, if the last routing was that."""
    last = routed[-1] if routed else None
    detail = Detail.read(last.note) if last is not None and last.note else None
    return last.actor if last and detail is not None and detail.code == ASSIGNED else None


def _routings(history: Sequence[HistoryEntry | UnreadableRow]) -> list[HistoryEntry]:
    entries = [one for one in history if isinstance(one, HistoryEntry)]
    return [one for one in entries if one.step in {Step.ACCEPT, Step.ASSIGN}]


def _path(place: str, on: date, rules: Rules, directory: AgencyDirectory) -> tuple[PathStep, ...]:
    try:
        above = rules.tree.ancestors_in_force(place, on)
    except UnknownDivision:
        return ()
    return tuple(_step(division, rules, directory) for division in above)


def _step(division: str, rules: Rules, directory: AgencyDirectory) -> PathStep:
    agency = directory.at(division)
    return PathStep(division, rules.tree.name(division), agency.code if agency else None)


def _describe_rule(reason: RoutingReason) -> str:
    if reason.actor is not None:
        return f"人工改派（{describe_actor(reason.actor, {})}）"
    return _RULES.get(reason.rule) or f"无法分派：{HOLDS.get(reason.rule, reason.rule)}"


def _describe_step(one: PathStep, directory: AgencyDirectory) -> str:
    agency = directory.get(one.agency) if one.agency else None
    own = f"（{agency.code} {agency.name}）" if agency else ""
    return f"{one.division} {one.name}{own}"
