"""对账单 of the national side: of a closed day, in parts, the same whenever it is asked for."""

import pytest

from schemas.records.statements import EntryKind, Statement, statement_digest
from schemas.reference.clock import beijing_date, utc_now
from tests.builders.extended import deregistration_json, registration_json
from tests.integration.simulator.docking import Docked, JsonValue, ProvinceSystem, an_outcome
from tests.integration.simulator.test_deregistrations import OF_LOCAL

PLACE = "410100"


async def a_part(province: ProvinceSystem, part: int = 1) -> Statement:
    """Return a part of today's statement."""
    reply = await province.get(f"/national/v1/statements/{today()}?part={part}")
    assert (reply.status, reply.proven) == (200, True), reply.body
    return Statement.read(reply.body)


def today() -> str:
    """Return the date in Beijing."""
    return beijing_date(utc_now()).isoformat()


async def close(here: Docked) -> None:
    """Close today, before it ends."""
    reply = await here.control.post("statements", {"date": today()})
    assert reply.status == 201, reply.body


async def with_everything(here: Docked) -> list[str]:
    """Let every kind of message pass between Henan and the nation, one of them unacknowledged."""
    numbers = await here.control.file(3, PLACE)
    await here.control.post("withdrawals", {"application_no": numbers[1]})
    await here.henan.numbers()
    await here.henan.acknowledge(*numbers[:2])
    await here.henan.upload(an_outcome(numbers[0]))
    await here.henan.register(registration_json())
    await here.henan.deregister(deregistration_json(**OF_LOCAL))
    return numbers


async def test_a_day_has_no_statement_before_it_is_closed(here: Docked) -> None:
    for day in (today(), "2099-01-01"):
        reply = await here.henan.get(f"/national/v1/statements/{day}")
        assert (reply.status, reply.code(), reply.proven) == (404, "statement.not-ready", True)
    reply = await here.control.post("statements", {"date": "2099-01-01"})
    assert reply.status == 404


async def test_a_closed_day_states_every_message_of_the_area(here: Docked) -> None:
    numbers = await with_everything(here)
    await close(here)

    part = await a_part(here.henan)

    assert [(one.kind, one.key, one.acknowledged, one.verdict) for one in part.entries] == [
        (EntryKind.APPLICATION, numbers[0], True, None),
        (EntryKind.APPLICATION, numbers[1], True, None),
        (EntryKind.WITHDRAWAL, numbers[1], False, None),
        (EntryKind.APPLICATION, numbers[2], False, None),
        (EntryKind.OUTCOME, numbers[0], None, "1"),
        (EntryKind.REGISTRATION, "419001/JY-2026-0001", None, "1"),
        (EntryKind.DEREGISTRATION, "419001/JY-2026-0001", None, None),
    ]
    counted = part.counts
    assert (counted.applications, counted.withdrawals, counted.acknowledged) == (3, 1, 2)
    assert (counted.outcomes, counted.registrations, counted.deregistrations) == (1, 1, 1)
    assert (part.part, part.parts, part.division) == (1, 1, "410000")
    assert part.digest == statement_digest(part.entries)


async def test_another_province_finds_nothing_of_it(here: Docked) -> None:
    await with_everything(here)
    await close(here)
    part = await a_part(here.hunan)
    assert (part.division, part.entries) == ("430000", ())


async def test_what_comes_after_the_closing_is_not_in_it(here: Docked) -> None:
    await here.control.file(1, PLACE)
    await close(here)
    first = await a_part(here.henan)
    numbers = await here.henan.numbers()
    await here.henan.acknowledge(*numbers)
    await here.control.file(2, PLACE)

    assert await a_part(here.henan) == first
    await close(here)
    assert (await a_part(here.henan)).counts.applications == 3


async def test_a_long_day_comes_in_parts_that_agree(here: Docked) -> None:
    await here.control.file(2100, PLACE)
    await close(here)

    parts = [await a_part(here.henan, number) for number in (1, 2, 3)]

    assert [len(part.entries) for part in parts] == [1000, 1000, 100]
    assert {(part.parts, part.digest, part.closed_at) for part in parts} == {
        (3, parts[0].digest, parts[0].closed_at)
    }
    assert statement_digest(one for part in parts for one in part.entries) == parts[0].digest
    beyond = await here.henan.get(f"/national/v1/statements/{today()}?part=4")
    assert (beyond.status, beyond.code()) == (400, "query.invalid")


@pytest.mark.parametrize("path", ["2026-02-30", "2026-3-5", "1899-01-01", "2026-03-05x"])
async def test_what_is_no_date_is_refused(here: Docked, path: str) -> None:
    reply = await here.henan.get(f"/national/v1/statements/{path}")
    assert (reply.status, reply.code()) == (400, "query.invalid")


@pytest.mark.parametrize(
    ("params", "kind", "members"),
    [
        ({"change": "missing"}, None, {}),
        ({"change": "digest"}, "application", {}),
        ({"change": "verdict"}, "outcome", {"verdict": "2"}),
        ({"change": "acknowledged", "kind": "withdrawal"}, "withdrawal", {"acknowledged": True}),
        ({"change": "revision", "kind": "outcome"}, "outcome", {"revision": 2}),
        ({"change": "doubled", "kind": "outcome"}, "outcome", {}),
        ({"change": "added", "kind": "application"}, "application", {"acknowledged": True}),
    ],
)
async def test_one_entry_is_another_and_the_statement_stays_whole(
    here: Docked, params: dict[str, JsonValue], kind: str | None, members: dict[str, object]
) -> None:
    await with_everything(here)
    await close(here)
    faithful = await a_part(here.henan)
    await here.control.arm("statement-entry", "fetchStatement", params=params)

    part = await a_part(here.henan)

    assert part.digest == statement_digest(part.entries)
    new = [one for one in part.entries if part.entries.count(one) != faithful.entries.count(one)]
    if kind is None:
        assert len(part.entries) == len(faithful.entries) - 1
    else:
        assert {one.kind for one in new} == {EntryKind(kind)}
        assert {name: getattr(new[0], name) for name in members} == members
    assert await a_part(here.henan) == faithful


@pytest.mark.parametrize(
    ("fault", "params"),
    [
        ("statement-truncated", {"entries": 2}),
        ("statement-shuffled", {"mode": "part"}),
        ("statement-shuffled", {"mode": "closing"}),
    ],
)
async def test_a_statement_is_broken_for_once(
    here: Docked, fault: str, params: dict[str, JsonValue]
) -> None:
    await with_everything(here)
    await close(here)
    faithful = await a_part(here.henan)
    await here.control.arm(fault, "fetchStatement", params=params)

    broken = await a_part(here.henan)

    assert broken != faithful
    assert (broken.digest, broken.counts) == (faithful.digest, faithful.counts)
    assert await a_part(here.henan) == faithful


async def test_an_answer_is_unsigned_for_once(here: Docked) -> None:
    await close(here)
    await here.control.arm("unsigned", "fetchStatement")
    path = f"/national/v1/statements/{today()}"
    assert [(await here.henan.get(path)).proven for _ in range(2)] == [False, True]


@pytest.mark.parametrize(
    ("fault", "params"),
    [
        ("statement-entry", {"change": "sideways"}),
        ("statement-entry", {"kind": "dispatch"}),
        ("statement-entry", {"at": 1}),
        ("statement-shuffled", {"mode": "cards"}),
        ("statement-truncated", {"entries": 1001}),
        ("unsigned", {"ms": 1}),
    ],
)
async def test_a_fault_without_sense_is_not_armed(
    here: Docked, fault: str, params: dict[str, JsonValue]
) -> None:
    asked: dict[str, JsonValue] = {"fault": fault, "operation": "fetchStatement"}
    reply = await here.control.post("faults", {**asked, "params": params})
    assert reply.status == 422


async def test_faults_of_statements_leave_other_answers_alone(here: Docked) -> None:
    for fault in ("statement-entry", "statement-shuffled", "statement-truncated"):
        await here.control.arm(fault, "downloadApplications", every=1)
    (number,) = await here.control.file(1, PLACE)
    assert await here.henan.numbers() == [number]
