"""Rows of exchange tables: what ends a dispatch, which columns differ, what is written."""

import pytest

from gateway.domain.case import State
from gateway.domain.exchange_rows import (
    OpenDispatch,
    ResultRow,
    StoredRow,
    changed,
    differing_columns,
    ending,
    in_order,
)
from schemas.records.exchange_tables import (
    EXCHANGE_TABLES,
    KEY_COLUMNS,
    DispatchStatus,
    ResultKind,
    ResultStatus,
    TableName,
)
from tests.builders.ledger import a_case

HERE, NUMBER = "410105-01", "D1"


def a_row(result_id: str = "R1", kind: str = "outcome", **columns: str) -> ResultRow:
    return ResultRow(result_id, kind, columns, b"{}")


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (State.ACCEPTED, None),
        (State.DISPATCHED, None),
        (State.HELD, None),
        (State.DECIDED, DispatchStatus.CLOSED),
        (State.REPORTED, DispatchStatus.CLOSED),
        (State.WITHDRAWN, DispatchStatus.REVOKED),
        (State.RETURNED, DispatchStatus.REVOKED),
    ],
)
def test_a_dispatch_ends_with_its_case(state: State, expected: DispatchStatus | None) -> None:
    case = a_case("SY1", state=state, agency=HERE, dispatch_no=NUMBER)
    assert ending(OpenDispatch(NUMBER, "SY1"), case, HERE) is expected


@pytest.mark.parametrize(
    "elsewhere", [{"agency": "419001-01"}, {"agency": None, "dispatch_no": None}]
)
def test_a_dispatch_of_a_case_that_is_elsewhere_is_revoked(
    elsewhere: dict[str, str | None],
) -> None:
    case = a_case("SY1", state=State.HELD, **{"agency": HERE, "dispatch_no": NUMBER, **elsewhere})
    assert ending(OpenDispatch(NUMBER, "SY1"), case, HERE) is DispatchStatus.REVOKED


def test_a_dispatch_of_no_known_case_is_left_alone() -> None:
    assert ending(OpenDispatch(NUMBER, "SY1"), None, HERE) is None


@pytest.mark.parametrize(
    ("column", "said", "differs"),
    [
        ("1", 1, False),
        ("1", 1.0, False),
        ("1", "1", False),
        ("2", 1, True),
        ("1", None, True),
        ("1", True, True),
        ("", 7, False),
    ],
)
def test_a_column_is_compared_as_text_and_an_empty_one_says_nothing(
    column: str, said: object, differs: bool
) -> None:
    found = list(differing_columns(a_row(revision=column), {"revision": said}))
    assert found == (["revision"] if differs else [])


def test_kinds_go_in_the_order_in_which_they_build_on_each_other_and_revisions_rise() -> None:
    rows = [
        a_row("A", "deregistration"),
        a_row("B", "outcome", revision="10"),
        a_row("C", "outcome", revision="2"),
        a_row("D", "registration", revision="x"),
        a_row("E", "none"),
    ]
    found = in_order(rows)
    assert list(found) == [ResultKind.REGISTRATION, ResultKind.OUTCOME, ResultKind.DEREGISTRATION]
    assert [row.result_id for row in found[ResultKind.OUTCOME]] == ["C", "B"]


def test_a_stored_row_that_holds_the_same_is_not_changed() -> None:
    assert changed(StoredRow("R1", "outcome", "t", "a", "a")) is None
    answer = changed(StoredRow("R1", "return", "t", "a", "b"))
    assert answer is not None
    assert answer.refusal is not None
    assert (answer.status, answer.refusal.code) == (ResultStatus.CHANGED, "return.conflict")


def test_the_key_columns_are_columns_of_results() -> None:
    (results,) = (table for table in EXCHANGE_TABLES if table.name is TableName.RESULT)
    assert set(KEY_COLUMNS) <= {column.name for column in results.columns}
