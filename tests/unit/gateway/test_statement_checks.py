"""对账单采用: a statement that is truncated, shuffled or not ours is not used, and says why."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.statement_checks import (
    MOST_ENTRIES_OF_A_LINE,
    Expected,
    StatementFault,
    StatementNotUsed,
    WholeStatement,
    check_part,
    entries_by_line,
    header_of,
    spellings_of,
)
from gateway.domain.statement_line import Line, instant_there
from schemas.records.statements import EntryKind, Statement, StatementEntry, statement_digest
from simulator.exchanges.statements import DayStatement
from tests.support.statements import DAY, an_entry

CLOSED = datetime(2026, 3, 2, 16, 0, tzinfo=UTC)
EXPECTED = Expected(DAY, spellings_of("410000"), CLOSED)
ENTRIES = tuple(an_entry(key=f"SY{number:04}") for number in range(1500))
WHOLE = DayStatement(DAY, "410000", CLOSED, ENTRIES)
KEYS = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=6)


def a_part(number: int, **update: object) -> Statement:
    part = WHOLE.part(number)
    assert part is not None
    return part.model_copy(update=update)


def fault_of(part: Statement, number: int = 2) -> StatementFault | None:
    try:
        check_part(part, number, EXPECTED, header_of(a_part(1)))
    except StatementNotUsed as exc:
        return exc.fault
    return None


def whole_fault(entries: tuple[StatementEntry, ...]) -> StatementFault | None:
    whole = WholeStatement()
    lines = entries_by_line(entries, {})
    try:
        whole.add(sorted(lines.items()))
        whole.check(header_of(a_part(1)))
    except StatementNotUsed as exc:
        return exc.fault
    return None


@pytest.mark.parametrize(
    ("update", "fault"),
    [
        ({}, None),
        ({"date": DAY + timedelta(days=1)}, StatementFault.OTHER_DATE),
        ({"division": "430000"}, StatementFault.OTHER_AREA),
        ({"division": "410000000000"}, StatementFault.OTHER_CLOSING),
        ({"part": 1}, StatementFault.OTHER_PART),
        ({"part": 3}, StatementFault.OTHER_PART),
        ({"parts": 3}, StatementFault.OTHER_CLOSING),
        ({"parts": 1001}, StatementFault.TOO_MANY),
        ({"closed_at": CLOSED - timedelta(seconds=1)}, StatementFault.OTHER_CLOSING),
        ({"digest": "1" * 64}, StatementFault.OTHER_CLOSING),
        ({"entries": (an_entry(at=CLOSED),)}, StatementFault.OTHER_DAY),
    ],
)
def test_a_part_that_is_not_the_one_asked_for_is_not_used(
    update: dict[str, object], fault: StatementFault | None
) -> None:
    assert fault_of(a_part(2, **update)) is fault


def test_a_statement_closed_at_a_time_that_has_not_come_is_not_used() -> None:
    part = a_part(1, closed_at=CLOSED + timedelta(hours=1))
    with pytest.raises(StatementNotUsed, match=StatementFault.CLOSED_AHEAD):
        check_part(part, 1, EXPECTED, None)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda entries: entries, None),
        (lambda entries: entries[::-1], None),
        (lambda entries: entries[:-1], StatementFault.WRONG_COUNTS),
        (lambda entries: (*entries, entries[0]), StatementFault.WRONG_COUNTS),
        (
            lambda entries: (*entries[:-1], an_entry(key="SY-OTHER")),
            StatementFault.WRONG_DIGEST,
        ),
    ],
)
def test_what_totals_and_digest_do_not_fit_is_not_used(
    change: Callable[[tuple[StatementEntry, ...]], tuple[StatementEntry, ...]],
    fault: StatementFault | None,
) -> None:
    assert whole_fault(change(ENTRIES)) is fault


def test_a_line_may_not_stand_there_over_and_over() -> None:
    entries = [an_entry()] * (MOST_ENTRIES_OF_A_LINE + 1)
    assert len(entries_by_line(entries[1:], {})) == 1
    with pytest.raises(StatementNotUsed, match=StatementFault.TOO_OFTEN):
        entries_by_line(entries, {})
    with pytest.raises(StatementNotUsed, match=StatementFault.TOO_OFTEN):
        entries_by_line(entries[:1], entries_by_line(entries[1:], {}))


@given(st.lists(st.tuples(KEYS, st.integers(1, 30), st.sampled_from("01")), max_size=12))
def test_the_digest_is_that_of_the_contract_whatever_the_keys(
    drawn: list[tuple[str, int, str]],
) -> None:
    entries = [
        an_entry(key=key, revision=revision, digest=digit * 64) for key, revision, digit in drawn
    ]
    counted = {str(Line.of(one)) for one in entries}
    if len(entries) - len(counted) > MOST_ENTRIES_OF_A_LINE:
        return
    whole = WholeStatement()
    for line in sorted(entries_by_line(entries, {}).items()):
        whole.add([line])
    day = DayStatement(DAY, "410000", CLOSED, tuple(entries))
    whole.check(header_of(day.part(1) or a_part(1)))
    assert day.digest == statement_digest(entries)


@given(st.sampled_from(EntryKind), KEYS, st.integers(1, 9999))
def test_a_line_is_read_as_it_was_written(kind: EntryKind, key: str, revision: int) -> None:
    line = Line(kind, key, revision)
    assert Line.read(str(line)) == line


def test_an_instant_far_ahead_of_our_clock_is_ours() -> None:
    assert instant_there(CLOSED - timedelta(days=3), CLOSED) == CLOSED - timedelta(days=3)
    assert instant_there(datetime(2199, 1, 1, tzinfo=UTC), CLOSED) == CLOSED
    assert instant_there(None, CLOSED) == CLOSED
