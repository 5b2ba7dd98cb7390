"""A refused decision leaves an entry in the case's history: once a content, and not without end."""

import pytest

from gateway.domain.case import HistoryEntry, State, Step
from gateway.domain.detail import Detail
from gateway.domain.outcome_rules import MOST_REFUSALS_NOTED
from tests.builders.records import JINSHUI, JIYUAN, NAME, citizen_number, withdrawal_json
from tests.integration.flows.desk import NUMBER, Desk, an_item


@pytest.fixture
async def at_agency(desk: Desk) -> Desk:
    """Give a desk with two cases that are with 金水区."""
    await desk.pull(an_item(NUMBER), an_item("SY2"))
    await desk.push()
    return desk


async def refusals(desk: Desk, number: str = NUMBER) -> list[tuple[str, str, str]]:
    """Return who sent each refused outcome of a case, its revision, and why it was refused."""
    return [
        (entry.actor, detail.params["revision"], detail.params["code"])
        for entry in await desk.history(number)
        if (detail := noted(entry)) is not None
    ]


def noted(entry: HistoryEntry) -> Detail | None:
    detail = Detail.read(entry.note or "") if entry.step is Step.NOTE else None
    return detail if detail is not None and detail.code == "outcome.refused" else None


async def test_a_refused_outcome_stands_in_the_history_with_its_code(at_agency: Desk) -> None:
    await at_agency.decide(await at_agency.outcome(aae017=JIYUAN))
    await at_agency.decide(await at_agency.outcome(revision=3))
    at_agency.clock.forward(hours=1)
    await at_agency.decide(await at_agency.outcome(revision=2))
    await at_agency.decide(await at_agency.outcome(revision=3, aae019="王芳"))
    assert await refusals(at_agency) == [
        (JINSHUI, "1", "outcome.wrong-agency"),
        (JINSHUI, "2", "outcome.superseded"),
        (JINSHUI, "3", "outcome.conflict"),
    ]
    case = await at_agency.case()
    assert (case.state, case.revision) == (State.DECIDED, 3)
    assert await refusals(at_agency, "SY2") == []


async def test_an_outcome_of_a_withdrawn_case_stands_there_too(at_agency: Desk) -> None:
    sent = await at_agency.outcome()
    await at_agency.pull(withdrawal_json())
    await at_agency.decide(sent)
    assert await refusals(at_agency) == [(JINSHUI, "1", "case.withdrawn")]
    assert (await at_agency.case()).state is State.WITHDRAWN


async def test_the_same_content_is_entered_once_in_one_batch_or_many(at_agency: Desk) -> None:
    sent = await at_agency.outcome(aae017=JIYUAN)
    other = await at_agency.outcome(aae017=JIYUAN, aae019="王芳")
    for _ in range(3):
        await at_agency.decide(sent, sent, other)
    assert await refusals(at_agency) == [(JINSHUI, "1", "outcome.wrong-agency")] * 2


async def test_a_sender_that_never_stops_does_not_fill_the_history(at_agency: Desk) -> None:
    many = [await at_agency.outcome(revision=one) for one in range(1, MOST_REFUSALS_NOTED + 10)]
    await at_agency.reassign()
    for batch in (many[:5], many[5:]):
        await at_agency.decide(*batch)
    codes = [code for _, _, code in await refusals(at_agency)]
    assert codes == ["outcome.superseded-dispatch"] * MOST_REFUSALS_NOTED
    # and the agency that has the case now is heard all the same
    await at_agency.decide(await at_agency.outcome(aae017=JINSHUI), sender=JIYUAN)
    assert (await refusals(at_agency))[-1] == (JIYUAN, "1", "outcome.wrong-agency")


async def test_an_agency_that_never_had_the_case_leaves_nothing_in_it(at_agency: Desk) -> None:
    await at_agency.decide(await at_agency.outcome(), sender=JIYUAN)
    assert await refusals(at_agency) == []


async def test_an_entry_holds_nothing_of_the_person(at_agency: Desk) -> None:
    await at_agency.decide(await at_agency.outcome(aae017=JIYUAN))
    (entry,) = [one for one in await at_agency.history() if noted(one)]
    assert entry.note is not None
    for value in (NAME, citizen_number(), citizen_number()[-6:]):
        assert value not in entry.note


async def test_an_outcome_of_an_unknown_case_leaves_nothing(at_agency: Desk) -> None:
    sent = (await at_agency.outcome()).replace(NUMBER.encode(), b"SY-NONE")
    await at_agency.decide(sent)
    assert await refusals(at_agency) == []
    assert await at_agency.no_case("SY-NONE")
