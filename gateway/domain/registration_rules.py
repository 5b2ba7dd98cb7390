"""本地受理登记: whether a local registration may be taken, and the case that it opens.

Source: 人社厅发〔2020〕3号 arts. 3, 7.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final

from gateway.domain.case import Case, Change, State, Step, advance, begin, trace_of
from gateway.domain.deadline import Due
from gateway.domain.decision import decision_note
from gateway.domain.detail import ALSO_APPLIED, REGISTERED_LOCALLY, Detail
from gateway.domain.intake_rules import Rules
from gateway.domain.outcome_rules import DATED_AHEAD, is_in_charge
from gateway.domain.routing import Route
from gateway.domain.screening import Finding
from schemas.records.registrations import LocalRegistration
from schemas.reference.clock import beijing_date

NOT_YOURS: Final = (
    "registration.division-not-served",
    "the key is of a division that another serves",
)
"""The one answer for a key of others, whether or not there is a case under it."""
MOST_LINKED: Final = 20
"""How many local registrations are noted in one open application; there is no end to them."""


def objection(
    registration: LocalRegistration, case: Case | None, sender: str, *, rules: Rules, at: datetime
) -> tuple[str, str] | None:
    """Return why a local registration cannot be taken, as (code, detail), or None when it can.

    `sender` is the agency whose key signed the message; `case` what is there under the key. The
    division of the key is one that the sender serves, so that no two agencies share a key. Where
    the person is registered is the sender's too, or below it, unless the province lets everyone
    accept for all (全省通办).

    Source: 人社厅发〔2020〕3号 art. 7; 吉林省通知 (全省通办).
        Assumed: whose divisions a key may name
        Assumed: that an agency accepts for what lies below it
    """
    standing = _objections(registration, case, sender, rules=rules, at=at)
    return next(standing, None)


def _objections(
    registration: LocalRegistration, case: Case | None, sender: str, *, rules: Rules, at: datetime
) -> Iterator[tuple[str, str]]:
    outcome, key = registration.outcome, registration.key
    others = case is not None and not (case.is_local and is_in_charge(case, sender))
    if others or not _serves(rules, sender, outcome.division or "", at):
        yield NOT_YOURS
    if outcome.agency_code != sender:
        yield "outcome.wrong-agency", f"{key}: aae017 is not {sender}"
    if not _may_accept_for(rules, sender, registration.place_division, at):
        yield "registration.place-not-served", f"{key}: not a place of {sender}"
    if case is not None and outcome.revision <= case.revision:
        yield "outcome.superseded", f"{key}: revision {case.revision} is here already"
    if outcome.is_dated_ahead(at):
        yield DATED_AHEAD, f"{key}: aae036 is in the future"


def opened(
    registration: LocalRegistration, sender: str, *, rules: Rules, at: datetime
) -> tuple[Change, Change]:
    """Return the case that a local registration opens, and the same case decided.

    Its time runs from when the person asked (受理), which is before we hear of it.

    Source: 人社厅发〔2020〕3号 art. 3.
        Assumed: that the day of acceptance does not count here either
    """
    asked_at = registration.submitted_at
    term = _due(registration, rules)
    case = Case(
        key=registration.key,
        state=State.ACCEPTED,
        version=1,
        revision=0,
        place_basis=registration.place_basis,
        place_division=registration.place_division,
        agency=sender,
        dispatch_no=None,
        dispatches=0,
        policy=registration.policy,
        submitted_at=asked_at,
        accepted_at=at,
        changed_at=at,
        due_on=term.on,
        due_rule=term.rule,
        hold_reason=None,
        findings=_findings(registration, rules, at),
        trace_id=registration.trace_id or trace_of(registration.key),
        chain="",
    )
    first = begin(case, sender, None)
    return first, _decided(first.case, registration, sender, at)


def corrected(
    case: Case, registration: LocalRegistration, sender: str, *, rules: Rules, at: datetime
) -> Change:
    """Return the case of a registration of which a later revision came, with its new form."""
    asked_at = registration.submitted_at
    term = _due(registration, rules)
    kept = tuple(one for one in case.findings if one.startswith(Finding.ALSO_APPLIED))
    return advance(
        case,
        Step.DECIDE,
        at=at,
        actor=sender,
        note=decision_note(registration.outcome),
        revision=registration.outcome.revision,
        place_basis=registration.place_basis,
        place_division=registration.place_division,
        policy=registration.policy,
        submitted_at=asked_at,
        due_on=term.on,
        due_rule=term.rule,
        findings=(*_findings(registration, rules, at), *kept),
    )


def linked(local: Case, applied: Sequence[Case], sender: str, at: datetime) -> Iterator[Change]:
    """Yield the cases of one person with each other noted: a local one and open applications.

    Nothing is decided by it: the national number stays open until its agency decides it.
    """
    new = {
        f"{Finding.ALSO_APPLIED}:{one.key}": one
        for one in applied
        if f"{Finding.ALSO_APPLIED}:{one.key}" not in local.findings
    }
    if not new:
        return
    also_applied = Detail(ALSO_APPLIED, {"keys": " ".join(one.key for one in new.values())})
    yield _noted(local, also_applied, new, sender, at)
    registered = Detail(REGISTERED_LOCALLY, {"key": local.key})
    for one in new.values():
        if sum(has.startswith(Finding.REGISTERED_LOCALLY) for has in one.findings) < MOST_LINKED:
            found = f"{Finding.REGISTERED_LOCALLY}:{local.key}"
            yield _noted(one, registered, [found], sender, at)


def _noted(case: Case, note: Detail, found: Iterable[str], sender: str, at: datetime) -> Change:
    findings = (*case.findings, *found)
    return advance(case, Step.NOTE, at=at, actor=sender, note=str(note), findings=findings)


def _decided(case: Case, registration: LocalRegistration, sender: str, at: datetime) -> Change:
    revision = registration.outcome.revision
    note = decision_note(registration.outcome)
    return advance(case, Step.DECIDE, at=at, actor=sender, note=note, revision=revision)


def _due(registration: LocalRegistration, rules: Rules) -> Due:
    """Return the due date of what was asked for at a counter: its time runs from the asking."""
    asked_on = beijing_date(registration.submitted_at)
    return rules.due_dates.of(asked_on, registration.policy, registration.place_division)


def _findings(registration: LocalRegistration, rules: Rules, at: datetime) -> tuple[str, ...]:
    return rules.screener.screen(registration.person, registration, beijing_date(at))


def _serves(rules: Rules, sender: str, division: str, at: datetime) -> bool:
    """Say whether `sender` is the agency that a division leads to."""
    way = rules.router.route(division, beijing_date(at))
    return isinstance(way, Route) and way.agency.code == sender


def _may_accept_for(rules: Rules, sender: str, place: str, at: datetime) -> bool:
    way = rules.router.route(place, beijing_date(at))
    if not isinstance(way, Route):
        return False
    if rules.province.accepts_anywhere or way.agency.code == sender:
        return True
    agency = rules.directory.on(beijing_date(at)).get(sender)
    return agency is not None and rules.tree.is_within(place, agency.division)
