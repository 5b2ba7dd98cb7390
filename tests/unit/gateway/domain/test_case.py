"""办件: the table is the whole life, nothing goes back, and a history cannot be altered unseen."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.case import (
    Case,
    Change,
    HistoryEntry,
    State,
    Step,
    advance,
    begin,
    chain_hash,
    life,
)
from gateway.domain.dispatch import dispatch_number
from gateway.domain.intake_rules import accept
from gateway.errors import IllegalStep
from tests.builders.records import MORNING, an_application, rules

RANK: Final = {
    State.ACCEPTED: 0,
    State.HELD: 0,
    State.DISPATCHED: 1,
    State.DECIDED: 2,
    State.REPORTED: 3,
    State.RETURNED: 4,
    State.WITHDRAWN: 4,
}
ENDS: Final = (State.WITHDRAWN,)


def a_case(state: State = State.ACCEPTED) -> Case:
    return accept(an_application(), rules=rules(), at=MORNING).case._replace(state=state)


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("step", Step)
def test_a_step_leads_where_the_table_says_or_cannot_be_taken(state: State, step: Step) -> None:
    case, later = a_case(state), MORNING + timedelta(hours=1)
    target = life().get((state, step))
    if target is None:
        with pytest.raises(IllegalStep) as refused:
            advance(case, step, at=later, actor="test")
        assert (refused.value.key, refused.value.state, refused.value.step) == (
            case.key,
            state,
            step,
        )
        return
    change = advance(case, step, at=later, actor="test", note="why")
    assert change.case.state is change.entry.state is target
    assert change.case.version == change.entry.seq == case.version + 1
    assert change.case.changed_at == change.entry.at == later
    assert (change.entry.step, change.entry.actor, change.entry.note) == (step, "test", "why")


def test_every_state_is_reached_and_only_the_ends_are_never_left() -> None:
    reached, left = {State.ACCEPTED, State.HELD}, set[State]()
    for (state, _), target in life().items():
        reached.add(target)
        if target is not state:
            left.add(state)
    assert reached == set(State)
    assert set(State) - left == set(ENDS)


def test_a_person_may_withdraw_at_any_time_but_a_decision_stands() -> None:
    targets = {state: life()[state, Step.WITHDRAW] for state in State}
    assert targets[State.DECIDED] is State.DECIDED
    assert targets[State.REPORTED] is State.REPORTED
    assert {targets[state] for state in (State.ACCEPTED, State.DISPATCHED, State.HELD)} == {
        State.WITHDRAWN
    }


def test_nothing_but_the_beginning_accepts() -> None:
    assert not [state for state, step in life() if step is Step.ACCEPT]
    assert begin(a_case(), "intake", None).entry.step is Step.ACCEPT


def test_a_step_changes_only_what_it_names() -> None:
    before = a_case()
    after = advance(before, Step.HOLD, at=MORNING, actor="test", hold_reason="place.unknown").case
    moved = {"state", "version", "changed_at", "chain", "hold_reason"}
    same = set(Case._fields) - moved
    assert after.hold_reason == "place.unknown"
    assert all(getattr(after, name) == getattr(before, name) for name in same)


def walked(case: Case, step: Step, at: datetime) -> Change | None:
    """Take `step` as the flows do: 改派 opens a dispatch, a decision a revision."""
    if (case.state, step) not in life():
        return None
    if step is Step.ASSIGN:
        ordinal = case.dispatches + 1
        number = dispatch_number(case.key, ordinal)
        return advance(case, step, at=at, actor="test", dispatches=ordinal, dispatch_no=number)
    if step is Step.DECIDE:
        return advance(case, step, at=at, actor="test", revision=case.revision + 1)
    return advance(case, step, at=at, actor="test")


def progress(case: Case) -> tuple[int, int, int]:
    return case.revision, case.dispatches, RANK[case.state]


@given(st.lists(st.sampled_from(Step), max_size=30))
def test_revision_and_dispatch_and_rank_never_go_back(steps: list[Step]) -> None:
    case, at = a_case(), MORNING
    for step in steps:
        at += timedelta(minutes=1)
        change = walked(case, step, at)
        if change is None:
            continue
        if step is not Step.HOLD:  # 挂起 stands beside the order: it takes a case off its way
            assert progress(change.case) >= progress(case)
        assert change.case.revision >= case.revision
        assert change.case.dispatches >= case.dispatches
        case = change.case


# The history as a chain


def a_history(*steps: Step) -> tuple[Case, list[HistoryEntry]]:
    change = begin(a_case(), "intake", None)
    entries = [change.entry]
    for minutes, step in enumerate(steps, start=1):
        at = MORNING + timedelta(minutes=minutes)
        change = advance(change.case, step, at=at, actor="test", note=f"note {minutes}")
        entries.append(change.entry)
    return change.case, entries


def is_sound(case: Case, entries: list[HistoryEntry]) -> bool:
    """Recompute the chain from the entries alone, up to the head that the case bears."""
    chain = ""
    for one in entries:
        chain = chain_hash(
            chain, one.key, one.seq, one.at, one.step, one.state, one.actor, one.note
        )
        if chain != one.chain:
            return False
    return chain == case.chain and len(entries) == case.version


WAY: Final = (Step.DELIVER, Step.DECIDE, Step.REPORT, Step.DECIDE, Step.REPORT)


def test_an_untouched_history_is_sound() -> None:
    assert is_sound(*a_history(*WAY))


@pytest.mark.parametrize(
    "alteration",
    [
        {"key": "SY2026030200002"},
        {"seq": 9},
        {"at": datetime(2026, 3, 2, 1, 31, 0, 1, tzinfo=UTC)},
        {"step": Step.HOLD},
        {"state": State.HELD},
        {"actor": "tesu"},
        {"note": "note"},
        {"note": None},
        {"chain": "0" * 64},
    ],
    ids=str,
)
@pytest.mark.parametrize("place", range(len(WAY) + 1))
def test_any_altered_entry_is_found(place: int, alteration: dict[str, object]) -> None:
    case, entries = a_history(*WAY)
    altered = entries[place]._replace(**alteration)  # type: ignore[arg-type] # names are checked by _replace
    if altered == entries[place]:
        altered = altered._replace(note="something else")
    entries[place] = altered
    assert not is_sound(case, entries)


@pytest.mark.parametrize("place", range(len(WAY) + 1))
def test_a_removed_entry_is_found(place: int) -> None:
    case, entries = a_history(*WAY)
    del entries[place]
    assert not is_sound(case, entries)


@pytest.mark.parametrize("place", range(len(WAY)))
def test_two_swapped_entries_are_found(place: int) -> None:
    case, entries = a_history(*WAY)
    entries[place], entries[place + 1] = entries[place + 1], entries[place]
    assert not is_sound(case, entries)


def test_a_shortened_history_is_found_by_the_head_of_the_case() -> None:
    case, entries = a_history(*WAY)
    assert not is_sound(case, entries[:-1])


def test_an_entry_of_another_history_does_not_fit() -> None:
    case, entries = a_history(*WAY)
    _, others = a_history(Step.HOLD, Step.ASSIGN)
    assert not is_sound(case, [*entries[:1], others[1], *entries[2:]])


@pytest.mark.parametrize(
    ("at", "written"),
    [
        (datetime(2026, 3, 2, 1, 31, tzinfo=UTC), b"2026-03-02T01:31:00+00:00"),
        (datetime(2026, 3, 2, 1, 31, 0, 120, tzinfo=UTC), b"2026-03-02T01:31:00.000120+00:00"),
    ],
    ids=["whole second", "microseconds"],
)
def test_a_chain_is_over_the_same_bytes_as_ever(at: datetime, written: bytes) -> None:
    facts = b'["before","SY1",2,"%b","decide","DECIDED","410000-01",null]' % written
    found = chain_hash("before", "SY1", 2, at, Step.DECIDE, State.DECIDED, "410000-01", None)
    assert found == hashlib.sha256(facts).hexdigest()


def test_a_missing_note_is_not_the_word_none() -> None:
    assert chain_hash("", "key", None) != chain_hash("", "key", "None")


def test_facts_that_bear_the_separators_keep_their_bounds() -> None:
    assert chain_hash("", "a\x1f", "b") != chain_hash("", "a", "\x1fb")
    assert chain_hash("", "a", "b") != chain_hash("", "a\x1fb")
    assert chain_hash("a", "b\x1ec") != chain_hash("a\x1eb", "c")
