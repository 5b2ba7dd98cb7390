"""考核统计: each figure is the number of the cases behind it, and they are those that it says."""

import random
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final

import pytest

from gateway.domain.appraisal import AppraisalFigure, Cause, Limits, Period
from gateway.domain.areas import AreaLevel, Areas
from gateway.domain.case import State
from gateway.flows.report_pages import Coverage
from gateway.flows.scoreboard import AppraisalTerms, Appraised, appraise
from gateway.ports.ledger import Ledger
from schemas.records.outcomes import Verdict
from schemas.reference.clock import BEIJING, beijing_date
from schemas.reference.divisions import DivisionTree
from storage.urls import sqlite_path
from tests.builders.extended import registration_json
from tests.builders.ledger import an_opening
from tests.builders.records import REFUSAL, withdrawal_json
from tests.integration.flows.desk import LOCAL, Desk, an_item

HOUR: Final = timedelta(hours=1)
PLACES: Final = {"410105": "410100", "419001": "419001"}
"""Where people apply, and the city that it counts for."""
ALWAYS: Final = Period(date(2026, 1, 1), date(2026, 12, 31))
Run = Callable[..., list[tuple[object, ...]]]


def beijing(at: datetime) -> str:
    return at.astimezone(BEIJING).isoformat()


async def appraised(
    desk: Desk, period: Period = ALWAYS, *, limits: Limits | None = None
) -> tuple[list[Appraised], Coverage]:
    coverage = Coverage()
    terms = AppraisalTerms(period, limits or Limits(), desk.clock())
    return [one async for one in appraise(desk.store, terms, coverage)], coverage


async def causes(desk: Desk, period: Period = ALWAYS) -> dict[AppraisalFigure, dict[str, Cause]]:
    """Return the cases behind each fault, and why they stand there."""
    found, _ = await appraised(desk, period)
    shown: dict[AppraisalFigure, dict[str, Cause]] = {}
    for one in found:
        if one.figure is not AppraisalFigure.RECEIVED:
            shown.setdefault(one.figure, {})[one.case.key] = one.cause
    return shown


@dataclass
class Decided:
    """One revision as the test remembers it."""

    arrived: datetime
    decided: datetime
    verdict: str
    reported: datetime | None = None


@dataclass
class CaseOfTheTest:
    """One case as the test remembers it, by what it did itself."""

    place: str
    submitted: datetime
    stored: datetime
    due_on: date
    revisions: list[Decided] = field(default_factory=list)


class History:
    """Lets a random week happen, and says by its own arithmetic what each figure must be."""

    def __init__(self, desk: Desk, seed: int) -> None:
        self.desk = desk
        self.dice = random.Random(seed)  # noqa: S311 -- which acts, the same every time
        self.cases: dict[str, CaseOfTheTest] = {}

    async def week(self) -> None:
        """Let applications, decisions, corrections and reports happen over a week."""
        for _ in range(40):
            self.desk.clock.forward(hours=self.dice.choice([1, 3, 6]))
            for act, chance in ((self._apply, 0.8), (self._decide, 0.7), (self._report, 0.4)):
                if self.dice.random() < chance:
                    await act()

    async def _apply(self) -> None:
        at, items = self.desk.clock(), []
        for _ in range(self.dice.randint(1, 3)):
            key, place = f"SY{len(self.cases):04}", self.dice.choice(sorted(PLACES))
            submitted = at - self.dice.choice([timedelta(minutes=5), HOUR, HOUR * 1.01, 9 * HOUR])
            self.cases[key] = CaseOfTheTest(place, submitted, at, date.max)
            items.append(an_item(key, place_division=place, submitted_at=beijing(submitted)))
        await self.desk.pull(*items)
        for key in list(self.cases)[-len(items) :]:
            due_on = (await self.desk.case(key)).due_on
            assert due_on is not None
            self.cases[key].due_on = due_on

    async def _decide(self) -> None:
        for key in self.dice.sample(sorted(self.cases), k=min(3, len(self.cases))):
            case, at = self.cases[key], self.desk.clock()
            if len(case.revisions) == 3:
                continue
            decided = at - self.dice.choice([timedelta(minutes=1), 0.9 * HOUR, 30 * HOUR])
            passed = self.dice.random() < 0.6
            changes = {"revision": len(case.revisions) + 1, "aae036": beijing(decided)}
            changes |= {} if passed else dict(REFUSAL)
            agency = (await self.desk.case(key)).agency
            outcome = await self.desk.outcome(key, **changes)
            (answer,) = await self.desk.decide(outcome, sender=agency or "")
            assert answer.refused is None
            verdict = Verdict.PASSED if passed else Verdict.NOT_PASSED
            case.revisions.append(Decided(at, decided, verdict))

    async def _report(self) -> None:
        while (await self.desk.report()).settled:
            pass
        for case in self.cases.values():
            for one in case.revisions:
                one.reported = one.reported or self.desk.clock()

    def expected(self, period: Period) -> dict[AppraisalFigure, set[str]]:
        """Return the keys behind each figure, by what is remembered."""
        now, found = self.desk.clock(), defaultdict(set)
        for key, case in self.cases.items():
            if period.first <= beijing_date(case.stored) <= period.last:
                found[AppraisalFigure.RECEIVED].add(key)
                if case.stored - case.submitted > HOUR:
                    found[AppraisalFigure.DOCKED_LATE].add(key)
            ended = case.revisions[0].arrived if case.revisions else now
            in_period = period.first <= case.due_on <= period.last
            if in_period and beijing_date(ended) > case.due_on:
                found[AppraisalFigure.ANSWERED_LATE].add(key)
            before = None
            for one in case.revisions:
                if period.first <= beijing_date(one.arrived) <= period.last:
                    if before not in {None, one.verdict}:
                        found[AppraisalFigure.FEEDBACK_WRONG].add(key)
                    if (one.reported or now) - one.decided > HOUR:
                        found[AppraisalFigure.UPDATED_LATE].add(key)
                before = one.verdict
        return found


@pytest.mark.parametrize("seed", range(6))
async def test_every_figure_is_what_happened_and_the_sum_of_the_lists_of_its_cities(
    desk: Desk, seed: int
) -> None:
    # Given a week in which anything may happen
    happened = History(desk, seed)
    await happened.week()
    begin = date(2026, 3, 2)
    for first, days in ((0, 30), (0, 0), (1, 2), (3, 1), (40, 3)):
        period = Period(begin + timedelta(first), begin + timedelta(first + days))

        # When a period of it is appraised
        found, coverage = await appraised(desk, period)

        # Then the cases behind each figure are those of the test's own arithmetic, each once
        expected = happened.expected(period)
        keys = Counter((one.figure, one.case.key) for one in found)
        assert set(keys) == {(figure, key) for figure, those in expected.items() for key in those}
        assert set(keys.values()) <= {1}
        assert (coverage.unreadable, coverage.unrecorded) == (0, 0)

        # And the lists of the cities together are the figure, each city's its own
        for figure, those in expected.items():
            lists = by_city(found, figure)
            assert sum(map(len, lists.values())) == len(those)
            assert lists == {
                city: kept
                for place, city in PLACES.items()
                if (kept := {key for key in those if happened.cases[key].place == place})
            }


def by_city(found: list[Appraised], figure: AppraisalFigure) -> Mapping[str, set[str]]:
    """Return the list of each city, as the command chooses it."""
    day = date(2026, 3, 2)
    areas = Areas(DivisionTree.load(), province="410000", level=AreaLevel.CITY, on=day)
    cities = {areas.of(one.case.place_division) for one in found if one.figure is figure}
    return {
        city: {
            one.case.key
            for one in found
            if one.figure is figure and areas.is_counted_under(one.case.place_division, city)
        }
        for city in cities
    }


async def test_an_hour_exactly_is_in_time_and_the_limits_can_be_set(desk: Desk) -> None:
    at = desk.clock()
    await desk.pull(an_item("SY1", submitted_at=beijing(at - HOUR)))
    await desk.decide(await desk.outcome("SY1", aae036=beijing(at - HOUR)))
    await desk.report()

    assert await causes(desk) == {}
    found, _ = await appraised(desk, limits=Limits(HOUR / 2, HOUR / 2))
    assert {one.figure for one in found} == {
        *(AppraisalFigure.RECEIVED, AppraisalFigure.DOCKED_LATE, AppraisalFigure.UPDATED_LATE)
    }


async def test_what_the_national_side_refuses_counts_until_it_is_settled(desk: Desk) -> None:
    await desk.pull(an_item("SY1"))
    await desk.decide(await desk.outcome("SY1", aae036=beijing(desk.clock())))
    desk.portal.reports.refusals["SY1"] = "message.invalid"
    await desk.report()

    assert (await causes(desk))[AppraisalFigure.FEEDBACK_WRONG] == {"SY1": Cause.UPLOAD_REFUSED}
    tomorrow = beijing_date(desk.clock()) + timedelta(days=1)
    assert AppraisalFigure.FEEDBACK_WRONG not in await causes(desk, Period(tomorrow, tomorrow))


async def test_other_content_under_a_revision_counts(desk: Desk) -> None:
    await desk.pull(an_item("SY1"))
    now = beijing(desk.clock())
    await desk.decide(await desk.outcome("SY1", aae036=now))
    await desk.decide(await desk.outcome("SY1", aae036=now, aae019="王芳"))

    assert (await causes(desk)) == {AppraisalFigure.FEEDBACK_WRONG: {"SY1": Cause.CONTENT_CONFLICT}}


async def test_a_correction_that_keeps_the_verdict_is_no_wrong_feedback(desk: Desk) -> None:
    await desk.pull(an_item("SY1"))
    for revision in (1, 2):
        now = beijing(desk.clock())
        await desk.decide(await desk.outcome("SY1", aae036=now, revision=revision))

    assert await causes(desk) == {}


async def test_what_is_withdrawn_or_returned_in_time_is_answered(desk: Desk) -> None:
    held = {"place_division": "410202", "aab299": "410202"}
    await desk.pull(an_item("SY1"), an_item("SY2", **held), an_item("SY3"), an_item("SY4"))
    await desk.pull(withdrawal_json(application_no="SY1"))
    await desk.end_as_returned("SY2")
    desk.clock.forward(days=30)
    await desk.pull(withdrawal_json(application_no="SY3"))

    assert (await causes(desk))[AppraisalFigure.ANSWERED_LATE] == {
        "SY3": Cause.ANSWERED_AFTER,
        "SY4": Cause.STILL_OPEN,
    }


async def test_a_registration_at_a_counter_is_answered_when_it_was_decided(desk: Desk) -> None:
    # Given one decided on the day it was asked for, and heard of a month later
    desk.clock.forward(days=30)
    decided = {"aae036": "2026-03-02T15:00:00+08:00"}
    (answer,) = await desk.register(registration_json(result=decided))
    assert answer.refused is None

    # Then it was answered in time, and came too late to the national side
    assert await causes(desk) == {AppraisalFigure.UPDATED_LATE: {LOCAL: Cause.NOT_REPORTED}}
    await desk.report()
    assert await causes(desk) == {AppraisalFigure.UPDATED_LATE: {LOCAL: Cause.REPORTED_LATE}}


async def test_one_decided_at_a_counter_after_its_due_date_is_late(desk: Desk) -> None:
    desk.clock.forward(days=30)
    decided = {"aae036": beijing(desk.clock() - timedelta(minutes=5))}
    await desk.register(registration_json(result=decided))
    await desk.report()

    found, _ = await appraised(desk)
    assert [(one.figure, one.cause) for one in found] == [
        (AppraisalFigure.ANSWERED_LATE, Cause.ANSWERED_AFTER)
    ]


async def test_a_case_without_a_due_date_is_never_late(desk: Desk) -> None:
    undated = an_opening("SY1", due_on=None, state=State.HELD, agency=None)
    await desk.store.transact(lambda ledger: ledger.cases.open([undated]))
    desk.clock.forward(days=300)

    assert AppraisalFigure.ANSWERED_LATE not in await causes(desk)


async def test_decisions_of_an_earlier_version_are_counted_as_not_recorded(
    desk: Desk, sql: Run, url: str
) -> None:
    await desk.pull(an_item("SY1"))
    await desk.decide(await desk.outcome("SY1"))
    await desk.decide(await desk.refusal("SY1", revision=2))
    if sqlite_path(url) is not None:
        sql("DROP TRIGGER case_history_keeps_its_values")
    else:
        sql("ALTER TABLE case_history DISABLE TRIGGER USER")
    old = "outcome.received revision=1"
    sql("UPDATE case_history SET note = ? WHERE note LIKE ?", old, f"{old} v%")

    found, coverage = await appraised(desk)

    assert coverage.unrecorded == 1
    assert {one.figure for one in found} & {AppraisalFigure.FEEDBACK_WRONG} == set()


async def test_a_damaged_row_is_told_of_and_hides_no_other(desk: Desk, sql: Run) -> None:
    late = beijing(desk.clock() - 9 * HOUR)
    await desk.pull(*(an_item(f"SY{number}", submitted_at=late) for number in range(3)))
    sql("UPDATE cases SET due_on = '2026-03-xx' WHERE key = 'SY1'")

    found, coverage = await appraised(desk)

    assert {one.case.key for one in found if one.figure is AppraisalFigure.DOCKED_LATE} == {
        "SY0",
        "SY2",
    }
    assert coverage.unreadable >= 1


async def test_more_than_a_page_is_counted(desk: Desk) -> None:
    late = desk.clock() - 9 * HOUR
    many = [an_opening(f"SQ{number:04}", submitted_at=late) for number in range(1203)]

    def work(ledger: Ledger) -> None:
        ledger.cases.open(many)

    await desk.store.transact(work)
    found, _ = await appraised(desk)

    assert Counter(one.figure for one in found)[AppraisalFigure.DOCKED_LATE] == 1203
