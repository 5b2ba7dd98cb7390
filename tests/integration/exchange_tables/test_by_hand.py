"""前置库里的手工操作: half-written rows, repeats, statuses set by hand, rows changed or deleted."""

import json

import pytest

from gateway.domain.case import State
from gateway.jobs.table_rows import GRACE
from schemas.records.json_errors import LONGEST_ITEM_BYTES
from tests.integration.exchange_tables.office import TableOffice
from tests.integration.flows.desk import NUMBER


def codes(office: TableOffice) -> dict[object, list[object]]:
    """Return the codes of the errors, by row."""
    found: dict[object, list[object]] = {}
    for number, code, _ in office.database.errors():
        found.setdefault(number, []).append(code)
    return found


async def test_a_row_that_is_still_written_is_not_looked_at(office: TableOffice) -> None:
    await office.open_cases(NUMBER)
    office.database.run("INSERT INTO duijie_result (result_id, kind) VALUES ('R1', 'outcome')")
    await office.turn()
    sent = (await office.desk.outcome()).decode()
    office.database.run("UPDATE duijie_result SET payload = ?", sent)
    await office.turn()

    assert office.database.statuses() == {"R1": "DRAFT"}
    assert (await office.desk.case()).state is State.DISPATCHED

    office.database.run("UPDATE duijie_result SET status = 'READY'")
    await office.turn()
    assert office.database.statuses() == {"R1": "TAKEN"}


@pytest.mark.parametrize("written", [None, "", '{"application_no":"SY20', "{"])
async def test_a_ready_row_without_its_whole_payload_is_waited_for(
    office: TableOffice, written: str | None
) -> None:
    await office.open_cases(NUMBER)
    office.database.hand_in("R1", written)
    await office.turn()
    assert office.database.statuses() == {"R1": "READY"}
    assert codes(office) == {}

    sent = (await office.desk.outcome()).decode()
    office.database.run("UPDATE duijie_result SET payload = ?", sent)
    await office.turn()

    assert office.database.statuses() == {"R1": "TAKEN"}


async def test_a_ready_row_that_never_becomes_whole_gets_its_reason(office: TableOffice) -> None:
    await office.open_cases(NUMBER)
    office.database.hand_in("R1", None)
    office.database.hand_in("R2", '{"application_no":')
    office.database.hand_in("R3", await office.desk.outcome())
    await office.turn()
    assert office.database.statuses() == {"R1": "READY", "R2": "READY", "R3": "TAKEN"}

    office.clock.forward(seconds=GRACE.total_seconds())
    await office.turn()

    assert office.database.statuses() == {"R1": "REFUSED", "R2": "REFUSED", "R3": "TAKEN"}
    assert codes(office) == {"R1": ["message.malformed"], "R2": ["message.malformed"]}
    said = {number: json.loads(str(errors)) for number, _, errors in office.database.errors()}
    assert [said[one][0]["code"] for one in ("R1", "R2")] == ["json.empty", "json.syntax"]


HOSTILE = {
    "no-object": "[1]",
    "text": '"审核结果"',
    "twice": '{"revision":1,"revision":2}',
    "deep": "[" * 100 + "]" * 100,
    "two": '{"revision":1},{"revision":2}',
    "nul": '{"revision":"\\u0000"}',
    "surrogate": '{"revision":"\\ud842"}',
    "number": '{"revision":1e400}',
    "long": json.dumps({"note": "长" * LONGEST_ITEM_BYTES}, ensure_ascii=False),
    "mojibake": '{"aac003":"å¼\xa0ä¼\x9f"}',
}


async def test_whatever_stands_in_a_row_the_others_are_taken(office: TableOffice) -> None:
    await office.open_cases(NUMBER)
    for name, payload in HOSTILE.items():
        office.database.hand_in(name, payload)
    office.database.hand_in("sound", await office.desk.outcome())
    office.database.hand_in("kind", await office.desk.outcome(), "Outcome")
    await office.turn()
    office.clock.forward(seconds=GRACE.total_seconds())
    await office.turn()

    statuses = office.database.statuses()
    assert statuses.pop("sound") == "TAKEN"
    assert statuses == dict.fromkeys([*HOSTILE, "kind"], "REFUSED")
    found = codes(office)
    assert found.keys() == {*HOSTILE, "kind"}
    assert {code for of_row in found.values() for code in of_row} == {
        "message.malformed",
        "message.invalid",
    }


async def test_no_error_repeats_what_stands_in_the_row(office: TableOffice) -> None:
    await office.open_cases(NUMBER)
    office.database.hand_in("R1", await office.desk.outcome(aae019="13800000000", aae016="张伟"))
    await office.turn()

    said = str(office.database.run("SELECT code, title, detail, errors FROM duijie_error"))
    assert "/aae016" in said
    assert "张伟" not in said
    assert "13800000000" not in said


async def test_key_columns_that_say_something_else_are_refused(office: TableOffice) -> None:
    await office.open_cases(NUMBER)
    sent = await office.desk.outcome()
    office.database.hand_in("R1", sent, application_no="SY-other", revision=2)

    await office.turn()

    assert office.database.statuses() == {"R1": "REFUSED"}
    ((_, code, errors),) = office.database.errors()
    assert code == "message.invalid"
    found = [(one["pointer"], one["code"]) for one in json.loads(str(errors))]
    assert found == [
        ("/application_no", "table.column-differs"),
        ("/revision", "table.column-differs"),
    ]
    assert (await office.desk.case()).state is State.DISPATCHED


async def test_a_row_set_back_by_hand_gets_the_first_receipt_again(office: TableOffice) -> None:
    await office.open_cases(NUMBER)
    office.database.hand_in("R1", await office.desk.outcome())
    await office.turn()
    receipts = office.database.run("SELECT receipt FROM duijie_result")
    before = await office.desk.case()
    office.clock.forward(hours=1)
    office.database.run("UPDATE duijie_result SET status = 'READY', receipt = NULL")

    await office.turn()

    assert office.database.statuses() == {"R1": "TAKEN"}
    assert office.database.run("SELECT receipt FROM duijie_result") == receipts
    assert await office.desk.case() == before
    assert office.database.errors() == []


async def test_the_same_result_in_another_row_is_a_repeat(office: TableOffice) -> None:
    await office.open_cases(NUMBER)
    sent = await office.desk.outcome()
    office.database.hand_in("R1", sent)
    await office.turn()
    office.database.hand_in("R2", json.dumps(json.loads(sent), indent=2))

    await office.turn()

    assert office.database.statuses() == {"R1": "TAKEN", "R2": "TAKEN"}
    assert len(set(office.database.run("SELECT receipt FROM duijie_result"))) == 1


@pytest.mark.parametrize("set_back", [True, False])
async def test_a_row_changed_after_it_was_taken_is_a_conflict_and_never_applied(
    office: TableOffice, *, set_back: bool
) -> None:
    await office.open_cases(NUMBER)
    sent = await office.desk.outcome()
    office.database.hand_in("R1", sent)
    await office.turn()
    before = await office.desk.case()
    other = (await office.desk.refusal()).decode()
    status = "READY" if set_back else "TAKEN"
    office.database.run("UPDATE duijie_result SET payload = ?, status = ?", other, status)

    await office.turn()
    await office.turn()

    assert codes(office) == {"R1": ["outcome.conflict"]}
    assert office.database.statuses() == {"R1": "REFUSED" if set_back else "CHANGED"}
    case = await office.desk.case()
    assert (case.state, case.revision) == (before.state, before.revision)
    await office.desk.report()
    assert office.desk.portal.reports.taken == {(NUMBER, 1): sent}


async def test_a_row_deleted_by_hand_changes_nothing_that_was_recorded(office: TableOffice) -> None:
    await office.open_cases(NUMBER)
    office.database.hand_in("R1", await office.desk.outcome())
    await office.turn()
    office.database.run("DELETE FROM duijie_result")
    office.database.run("DELETE FROM duijie_dispatch")

    await office.turn()

    assert (await office.desk.case()).state is State.DECIDED
    assert office.database.statuses("dispatch") == {}


async def test_a_decision_dated_ahead_waits_and_says_why(office: TableOffice) -> None:
    await office.open_cases(NUMBER)
    sent = await office.desk.outcome(aae036="2026-03-02T12:00:00+08:00")
    office.database.hand_in("R1", sent)
    await office.turn()
    await office.turn()
    assert office.database.statuses() == {"R1": "READY"}
    assert codes(office) == {"R1": ["outcome.dated-ahead"]}
    assert office.loop.breaker.failures == 0

    office.clock.forward(hours=3)
    await office.turn()
    assert office.database.statuses() == {"R1": "TAKEN"}


async def test_an_application_number_changed_by_hand_ends_no_dispatch(office: TableOffice) -> None:
    await office.open_cases(NUMBER)
    number = (await office.desk.case()).dispatch_no
    office.database.run("UPDATE duijie_dispatch SET application_no = 'SY-none'")

    await office.turn()

    assert office.database.statuses("dispatch") == {number: "READY"}
