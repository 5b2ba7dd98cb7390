"""审核结果的要点: the note of a decision says verdict and times; agencies are told the revision."""

from datetime import UTC, date, datetime

import pytest

from gateway.domain.case import HistoryEntry, State, Step
from gateway.domain.decision import Decision, decision_note
from gateway.domain.detail import published
from tests.builders.ledger import AT
from tests.builders.records import REFUSAL, an_outcome


def an_entry(note: str | None, step: Step = Step.DECIDE) -> HistoryEntry:
    return HistoryEntry("SQ1", 2, AT, step, State.DECIDED, "410105-01", note, "0" * 64)


def test_a_decision_is_read_back_as_it_was_noted() -> None:
    note = decision_note(an_outcome(revision=2))
    decided_at = datetime(2026, 3, 2, 1, 20, tzinfo=UTC)
    assert Decision.read(an_entry(note)) == Decision(
        "SQ1", AT, 2, "1", decided_at, date(2026, 3, 3)
    )


def test_a_refusal_registers_nobody() -> None:
    decision = Decision.read(an_entry(decision_note(an_outcome(**REFUSAL))))
    assert decision is not None
    assert decision.is_recorded
    assert not decision.registers
    assert decision.registered_on is None


def test_what_an_earlier_version_noted_has_no_verdict() -> None:
    decision = Decision.read(an_entry("outcome.received revision=1"))
    assert decision == Decision("SQ1", AT, 1)
    assert decision is not None
    assert not decision.is_recorded


@pytest.mark.parametrize(
    "note",
    [
        None,
        "",
        "place.unknown",
        "outcome.received",
        "outcome.received revision=x",
        "outcome.received revision=1 decided=yesterday",
        "outcome.received revision=1 verdict=1 decided=2026-03-02T01:20:00",
        "outcome.received revision=1 registered=2026-13-01",
    ],
)
def test_a_note_of_anything_else_is_no_decision(note: str | None) -> None:
    assert Decision.read(an_entry(note)) is None
    assert Decision.read(an_entry(decision_note(an_outcome()), Step.NOTE)) is None


def test_agencies_are_told_the_revision_alone() -> None:
    assert published(decision_note(an_outcome(revision=3))) == "outcome.received revision=3"
