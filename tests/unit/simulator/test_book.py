"""The national side's book and its filing desk."""

import asyncio
import re
from dataclasses import replace
from datetime import date

import orjson
import pytest

from schemas.records.applications import ForwardedApplication
from schemas.records.outcomes import Outcome
from schemas.records.strict_json import RawItem
from simulator.errors import RequestRefused
from simulator.exchanges.entries import Progress
from simulator.national.filing_request import FilingRequest
from simulator.national.results import take_result
from simulator.timer import RealTimer
from tests.support.clock import SettableClock
from tests.support.until import until
from tests.unit.contracts.records import OUTCOME, spoiled
from tests.unit.simulator.national_side import (
    HENAN,
    HUNAN,
    START,
    a_filing_request,
    an_acknowledgement,
    an_entry,
)


def a_result(number: str, revision: int = 1) -> RawItem:
    return RawItem(orjson.dumps(spoiled(OUTCOME, application_no=number, revision=revision)))


def with_form(request: FilingRequest, **members: object) -> FilingRequest:
    return replace(request, form=request.form.model_copy(update=members))


def test_a_number_names_date_and_county_and_never_comes_twice() -> None:
    clock = SettableClock(START)
    entry = an_entry(clock)
    numbers = []
    for person in range(3):
        request = a_filing_request(entry, person)
        numbers.append(entry.file(request).number)
        county = entry.tree.normalise(request.place_division)[:6]
        assert re.fullmatch(rf"SYDJ20261123{county}32400{person + 1:06d}", numbers[-1])
    entry.reset()
    numbers.append(entry.file(a_filing_request(entry)).number)
    clock.forward(seconds=1)
    numbers.append(an_entry(clock).file(a_filing_request(entry)).number)
    assert len(set(numbers)) == 5


def test_what_is_forwarded_is_what_was_filled_in() -> None:
    entry = an_entry()
    request = a_filing_request(entry)
    application = entry.file(request)
    (item,), more = entry.book.page(HENAN, 10)
    record = ForwardedApplication.read(item.content)
    assert not more
    assert record.certificate_no == request.form.certificate_no
    assert (record.place_basis, record.place_division) == (
        request.place_basis,
        request.place_division,
    )
    assert record.commitment.date == date(2026, 11, 23)
    assert record.trace_id == application.trace_id
    assert re.fullmatch(r"[0-9a-f]{32}", application.trace_id)


def test_progress_goes_from_waiting_to_under_review_to_reviewed() -> None:
    clock = SettableClock(START)
    entry = an_entry(clock)
    application = entry.file(a_filing_request(entry))
    book, seen = entry.book, [application.progress]
    book.page(HENAN, 1)
    clock.forward(minutes=5)
    book.acknowledge(HENAN, an_acknowledgement(application.number))
    seen.append(application.progress)
    clock.forward(minutes=5)
    take_result(book, HENAN, a_result(application.number), validator=entry.validator)
    seen.append(application.progress)
    assert seen == [Progress.WAITING, Progress.UNDER_REVIEW, Progress.REVIEWED]
    assert application.decided_at == clock()
    assert application.result_in_force is not None
    assert isinstance(application.result_in_force.outcome, Outcome)


def test_a_result_taken_again_and_again_takes_effect_once() -> None:
    entry = an_entry()
    number = entry.file(a_filing_request(entry)).number
    entry.book.page(HENAN, 1)
    entry.book.acknowledge(HENAN, an_acknowledgement(number))
    answers = [
        take_result(entry.book, HENAN, a_result(number), validator=entry.validator)
        for _ in range(5)
    ]
    assert len({answer.content for answer in answers}) == 1
    assert [(one.key, one.revision, one.repeats) for one in entry.book.results] == [(number, 1, 4)]


async def test_whoever_waits_for_a_result_is_told_once_it_is_in_effect() -> None:
    entry = an_entry()
    number = entry.file(a_filing_request(entry)).number
    entry.book.page(HENAN, 10)
    entry.book.acknowledge(HENAN, an_acknowledgement(number))
    arrived = entry.book.result_applied
    waiting = asyncio.create_task(arrived.wait(60, timer=RealTimer()))
    await until(lambda: arrived.waiting == 1)
    take_result(entry.book, HENAN, a_result(number), validator=entry.validator)

    async with asyncio.timeout(10):
        assert await waiting


def test_a_person_may_apply_again_once_the_first_application_is_answered() -> None:
    entry = an_entry()
    request = a_filing_request(entry)
    number = entry.file(request).number
    with pytest.raises(RequestRefused, match=r"case\.illegal-step"):
        entry.file(with_form(request, certificate_no=request.form.certificate_no.lower()))
    entry.book.withdraw(number, None)
    assert entry.file(request).number != number


def test_an_application_waits_for_its_province_if_nobody_docks_there() -> None:
    entry = an_entry(areas=[HENAN])
    number = entry.file(a_filing_request(entry, place=HUNAN)).number
    assert entry.book.page(HENAN, 10) == ([], False)
    (item,), _ = entry.book.page(HUNAN, 10)
    assert item.number == number


def test_an_area_below_the_province_gets_its_own_applications() -> None:
    entry = an_entry(areas=[HENAN, "419001"])
    own = entry.file(a_filing_request(entry, place="419001"))
    assert own.area == "419001"


@pytest.mark.parametrize(
    ("members", "pointer"),
    [
        ({"sex": "7"}, "/aac004"),
        ({"certificate_type": "55"}, "/aac058"),
        ({"household_division": "990101"}, "/aab299"),
        ({"unemployed_since": date(2026, 11, 24)}, "/ajc090"),
        ({"reason": "11"}, "/ajc093"),
        ({"code_set": "1999"}, "/ajc093"),
    ],
)
def test_a_form_the_tables_do_not_know_is_refused_by_member(
    members: dict[str, object], pointer: str
) -> None:
    entry = an_entry()
    with pytest.raises(RequestRefused) as refused:
        entry.file(with_form(a_filing_request(entry), **members))
    assert pointer in {error.pointer for error in refused.value.errors}
    assert len(entry.book.applications) == 0


def test_a_population_is_built_once_a_day() -> None:
    clock = SettableClock(START)
    entry = an_entry(clock)
    today = entry.population(7, [HENAN])
    assert entry.population(7, (HENAN,)) is today
    assert entry.population(8, [HENAN]) is not today
    clock.forward(days=1)
    assert entry.population(7, [HENAN]) is not today


def test_the_place_follows_from_its_basis() -> None:
    entry = an_entry()
    elsewhere = replace(a_filing_request(entry), place_basis="1", place_division="430102")
    by_old_notice = replace(a_filing_request(entry), place_basis="3", policy="2020-3")
    for request, pointer in ((elsewhere, "/place_division"), (by_old_notice, "/acc412")):
        with pytest.raises(RequestRefused) as refused:
            entry.file(request)
        assert [error.pointer for error in refused.value.errors] == [pointer]


def test_the_event_log_tells_the_story_without_a_person() -> None:
    entry = an_entry()
    request = a_filing_request(entry)
    number = entry.file(request).number
    entry.book.page(HENAN, 1)
    entry.book.acknowledge(HENAN, an_acknowledgement(number))
    take_result(entry.book, HENAN, a_result(number), validator=entry.validator)
    take_result(entry.book, HENAN, a_result("SYDJ-0"), validator=entry.validator)
    events = entry.book.events.after(0, 100)
    assert [event.kind for event in events] == [
        *("filed", "delivered", "acknowledged", "decided", "refused")
    ]
    text = str(events)
    assert request.form.name not in text
    assert request.form.certificate_no not in text
    assert request.form.certificate_no not in repr(entry.book.applications.find(number))
