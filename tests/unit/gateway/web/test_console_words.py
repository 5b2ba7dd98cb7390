"""The console has a Chinese word for everything the ledger can say."""

from gateway.domain.case import State, Step
from gateway.domain.routing import Unroutable
from gateway.domain.screening import Finding
from gateway.web.console_words import FINDINGS, HOLDS, STATES, STEPS, spoken_finding


def test_no_state_step_finding_or_reason_is_without_a_word() -> None:
    assert set(STATES) == set(State)
    assert set(STEPS) == set(Step)
    assert set(FINDINGS) == set(Finding)
    assert set(HOLDS) >= set(Unroutable)


def test_a_finding_is_said_with_its_place_and_article() -> None:
    said = spoken_finding("code.unknown:aac011")

    assert said == "指标代码表中没有该值（aac011），依据：指标代码表"


def test_a_finding_of_a_newer_version_is_shown_as_it_is() -> None:
    assert spoken_finding("new.rule:x") == "new.rule:x"
