"""前置库: dispatches become rows, rows become outcomes, by the same rules as messages."""

import json

from gateway.domain.case import State
from gateway.domain.return_rules import GIVEN_BACK
from schemas.records.canonical_form import content_digest
from schemas.records.dispatches import Dispatch
from schemas.records.outcomes import Outcome
from schemas.records.receipts import Receipt
from tests.builders.records import outcome_json
from tests.integration.exchange_tables.office import TableOffice
from tests.integration.flows.desk import NUMBER, an_item


async def test_a_dispatch_is_a_whole_row_and_its_case_is_dispatched(office: TableOffice) -> None:
    await office.open_cases(NUMBER)

    case = await office.desk.case()
    assert case.state is State.DISPATCHED
    ((number, key, due, status, payload, digest),) = office.database.run(
        "SELECT dispatch_no, application_no, due_on, status, payload, digest FROM duijie_dispatch"
    )
    assert (number, key, status) == (case.dispatch_no, NUMBER, "READY")
    assert due == str(case.due_on)
    dispatch = Dispatch.read(str(payload))
    assert dispatch.application.application_no == NUMBER
    assert digest == content_digest(dispatch)


async def test_a_result_in_the_table_is_reported_as_one_that_was_sent(office: TableOffice) -> None:
    await office.open_cases(NUMBER)
    sent = await office.desk.outcome()
    case = await office.desk.case()
    office.database.hand_in(
        "R1", sent, application_no=NUMBER, dispatch_no=case.dispatch_no, revision=1
    )

    await office.turn()
    await office.desk.report()

    assert (await office.desk.case()).state is State.REPORTED
    assert office.desk.portal.reports.taken == {(NUMBER, 1): sent}
    ((status, taken_at, receipt),) = office.database.run(
        "SELECT status, taken_at, receipt FROM duijie_result"
    )
    assert (status, taken_at) == ("TAKEN", "2026-03-02T01:30:00.000000Z")
    given = Receipt.read(str(receipt))
    assert (given.kind, given.key, given.revision) == ("outcome", NUMBER, 1)
    assert given.digest == content_digest(Outcome.read(sent))
    assert office.database.errors() == []
    assert office.rows_counted("taken") == 1


async def test_the_row_of_a_decided_dispatch_is_closed(office: TableOffice) -> None:
    await office.open_cases(NUMBER, "SY2")
    case = await office.desk.case()
    office.database.run("UPDATE duijie_dispatch SET status = 'TAKEN'")
    office.database.hand_in("R1", await office.desk.outcome())
    await office.turn()

    statuses = office.database.statuses("dispatch")
    assert statuses.pop(case.dispatch_no) == "CLOSED"
    assert list(statuses.values()) == ["TAKEN"]


async def test_a_dispatch_that_is_over_is_revoked(
    office: TableOffice,
) -> None:
    # Given four dispatches of which three are over
    numbers = ("SY1", "SY2", "SY3", "SY4")
    await office.open_cases(*numbers)
    dispatches = {one: (await office.desk.case(one)).dispatch_no for one in numbers}
    withdrawal = {"kind": "withdrawal", "application_no": "SY1"}
    withdrawal["withdrawn_at"] = "2026-03-02T09:10:00+08:00"
    await office.desk.pull(json.dumps(withdrawal).encode())
    await office.desk.reassign("SY2")
    office.database.hand_in("B3", await office.desk.return_of("SY3"), "return")

    await office.turn()

    assert office.database.statuses("dispatch") == {
        dispatches["SY1"]: "REVOKED",
        dispatches["SY2"]: "REVOKED",
        dispatches["SY3"]: "REVOKED",
        dispatches["SY4"]: "READY",
    }
    assert (await office.desk.case("SY3")).hold_reason == GIVEN_BACK
    assert office.database.statuses() == {"B3": "TAKEN"}


async def test_what_is_refused_of_a_message_is_refused_of_a_row(office: TableOffice) -> None:
    await office.open_cases(NUMBER)
    wrong = {
        "R1": (outcome_json(application_no="SY-none"), "outcome.unknown-application"),
        "R2": (await office.desk.outcome(aae017="419001-01"), "outcome.wrong-agency"),
        "R3": (await office.desk.outcome(dispatch_no=None), "outcome.dispatch-missing"),
        "R4": (await office.desk.outcome(aae016="9"), "message.invalid"),
    }
    for number, (payload, _) in wrong.items():
        office.database.hand_in(number, payload)

    await office.turn()

    assert office.database.statuses() == dict.fromkeys(wrong, "REFUSED")
    assert {number: code for number, code, _ in office.database.errors()} == {
        number: code for number, (_, code) in wrong.items()
    }
    errors = {number: json.loads(str(said)) for number, _, said in office.database.errors()}
    assert [one["pointer"] for one in errors["R4"]] == ["/aae016"]
    assert (await office.desk.case()).state is State.DISPATCHED


async def test_a_refused_row_that_was_mended_is_taken(office: TableOffice) -> None:
    await office.open_cases(NUMBER)
    office.database.hand_in("R1", await office.desk.outcome(dispatch_no=None))
    await office.turn()
    sent = (await office.desk.outcome()).decode()
    office.database.run("UPDATE duijie_result SET payload = ?, status = 'READY'", sent)

    await office.turn()

    assert office.database.statuses() == {"R1": "TAKEN"}
    assert (await office.desk.case()).state is State.DECIDED


async def test_a_correction_comes_after_what_it_corrects(
    office: TableOffice,
) -> None:
    await office.open_cases(NUMBER)
    office.database.hand_in("A-second", await office.desk.outcome(revision=2), revision=2)
    office.database.hand_in("B-first", await office.desk.outcome(), revision=1)

    await office.turn()

    assert set(office.database.statuses().values()) == {"TAKEN"}
    assert (await office.desk.case()).revision == 2


async def test_more_rows_than_a_page_holds_are_all_taken_in_one_turn(office: TableOffice) -> None:
    numbers = [f"SY{place:04}" for place in range(120)]
    await office.desk.pull(*(an_item(number) for number in numbers), limit=200)
    while (await office.dispatch()).claimed:
        pass
    for number in numbers:
        office.database.hand_in(f"R{number}", await office.desk.outcome(number))

    await office.turn()

    assert set(office.database.statuses().values()) == {"TAKEN"}
    assert office.rows_counted("taken") == 120
