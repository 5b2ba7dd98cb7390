"""No failpoint is left out by the kill tests, and the page of promises counts them right."""

from collections.abc import Callable, Iterator

from gateway.flows.failpoints import Failpoint
from tests.integration.flows import (
    test_case_disclosure,
    test_directory,
    test_directory_publication,
    test_dispatch_return,
    test_operator_acts,
    test_portal_return,
    test_pushed_page,
    test_reconcile_kills,
    test_release,
    test_resend,
    test_table_decision,
    test_table_fetch,
)
from tests.integration.ledger import test_key_rotation
from tests.support.failpoints import ON_THE_WAY
from tests.support.tree import ROOT
from tests.system import test_killed_anywhere, test_killed_at_the_tables

KILL_TESTS: tuple[Callable[..., object], ...] = (
    test_killed_anywhere.test_a_death_at_any_failpoint_loses_and_doubles_nothing,
    test_killed_anywhere.test_a_death_while_the_portal_pushes_loses_and_doubles_nothing,
    test_killed_anywhere.test_a_death_while_registrations_come_loses_and_doubles_nothing,
    test_killed_anywhere.test_a_death_while_deregistrations_come_loses_and_doubles_nothing,
    test_killed_at_the_tables.test_a_death_at_the_tables_loses_and_doubles_nothing,
    test_dispatch_return.test_a_death_leaves_all_of_a_return_or_nothing_and_the_agency_sends_it_again,
    test_directory.test_a_death_makes_a_version_whole_or_not_at_all_and_a_repeat_ends_it,
    test_directory_publication.test_a_death_while_publishing_doubles_nothing_and_another_goes_on,
    test_pushed_page.test_a_death_while_a_push_comes_leaves_all_of_it_or_nothing_and_it_is_pushed_again,
    test_operator_acts.test_an_act_killed_before_its_commit_is_none_and_after_it_is_whole,
    test_case_disclosure.test_a_death_before_the_commit_leaves_no_trace_and_after_it_the_record,
    test_portal_return.test_a_return_killed_before_its_commit_is_none_and_after_it_is_whole,
    test_release.test_a_release_killed_before_its_commit_is_none_and_after_it_is_whole,
    test_resend.test_a_command_that_is_killed_did_all_or_nothing_and_can_be_repeated,
    test_reconcile_kills.test_a_day_killed_anywhere_ends_as_if_it_had_not_been,
    test_table_fetch.test_a_death_while_tables_are_fetched_leaves_all_of_them_or_nothing,
    test_table_decision.test_a_death_while_an_operator_decides_leaves_a_whole_decision_or_none,
    test_key_rotation.test_a_death_at_any_failpoint_leaves_whole_rows_and_the_rest_for_the_next_run,
)


def walked_by(test: Callable[..., object]) -> Iterator[Failpoint]:
    """Yield the failpoints among the values that a test is run with."""
    for mark in getattr(test, "pytestmark", ()):
        rows = mark.args[1] if mark.name == "parametrize" else ()
        for row in rows:
            values = row if isinstance(row, tuple) else (row,)
            yield from (value for value in values if isinstance(value, Failpoint))


def test_every_failpoint_is_walked_by_a_kill_test() -> None:
    assert {one for test in KILL_TESTS for one in walked_by(test)} == set(Failpoint)


def test_the_promises_count_the_failpoints_on_the_way() -> None:
    page = (ROOT / "docs/reference/promises.md").read_text("utf-8")
    assert f"共 {len(ON_THE_WAY)} 个故障点" in page
    assert f"each of the {len(ON_THE_WAY)} failpoints" in page
    assert f"其中 {len(test_killed_anywhere.SECOND)} 个" in page
