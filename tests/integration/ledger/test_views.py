"""查阅: lists by keyset, filtered and masked; the figures."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from gateway.adapters.ledger.masking import (
    mask_certificate,
    mask_name,
    shown_difference,
    shown_text,
)
from gateway.adapters.ledger.store import LedgerStore
from gateway.adapters.ledger.worklist import SEAL_BROKEN
from gateway.domain.case import State
from gateway.domain.differences import Difference
from gateway.ports.cases import Opening
from gateway.ports.views import PageMark, UnreadableCase, Views, WorkFilter, WorkRow
from tests.builders.ledger import (
    AT,
    a_beginning,
    a_form,
    a_message,
    a_quarantined_item,
    an_opening,
)


def page_after(
    chosen: WorkFilter, mark: PageMark | None, limit: int
) -> Callable[[Views], list[WorkRow | UnreadableCase]]:
    """Return a view of the page after `mark`."""
    return lambda views: views.worklist(chosen, after=mark, limit=limit)


async def list_all(store: LedgerStore, chosen: WorkFilter, *, limit: int) -> list[str]:
    """Page through a list and return its keys."""
    keys: list[str] = []
    mark: PageMark | None = None
    while page := await store.read(page_after(chosen, mark, limit)):
        assert len(page) <= limit
        keys += [row.mark.key for row in page]
        mark = page[-1].mark
    return keys


@pytest.fixture
async def filled(store: LedgerStore) -> LedgerStore:
    """Fill the ledger: by due date B, A and D, E, then C and F whose date is unknown."""
    kinds: dict[str, dict[str, Any]] = {  # fields of Case by name
        "A": {"due_on": date(2026, 3, 6), "state": State.DISPATCHED},
        "B": {"due_on": date(2026, 3, 5)},
        "C": {"due_on": None, "state": State.HELD, "hold_reason": "place.unknown", "agency": None},
        "D": {"due_on": date(2026, 3, 6), "agency": "other", "place_division": "419001"},
        "E": {"due_on": date(2026, 4, 1), "state": State.REPORTED},
        "F": {"due_on": None, "state": State.HELD, "hold_reason": "agency.silent"},
    }
    openings = [an_opening(key, **changes) for key, changes in kinds.items()]
    await store.transact(lambda ledger: ledger.cases.open(openings))
    return store


@pytest.mark.parametrize(
    ("chosen", "expected"),
    [
        (WorkFilter(), "BADECF"),
        (WorkFilter(agency="430104A01"), "BAEF"),
        (WorkFilter(states=("ACCEPTED", "DISPATCHED")), "BAD"),
        (WorkFilter(agency="430104A01", states=("HELD", "REPORTED", "HELD")), "EF"),
        (WorkFilter(key="E"), "E"),
        (WorkFilter(key="E", agency="other"), ""),
        (WorkFilter(key="missing"), ""),
        (WorkFilter(states=("WITHDRAWN",)), ""),
    ],
)
async def test_a_list_is_paged_by_due_date_then_key(
    filled: LedgerStore, chosen: WorkFilter, expected: str
) -> None:
    for limit in (1, 2, 4, 50):
        assert await list_all(filled, chosen, limit=limit) == list(expected)


async def test_a_page_goes_on_where_the_last_ended_though_cases_were_opened_before(
    filled: LedgerStore,
) -> None:
    mark = PageMark.of(date(2026, 3, 6), "A")
    new = an_opening("A0", due_on=date(2026, 3, 6))
    old = an_opening("Z", due_on=date(2026, 3, 1))
    await filled.transact(lambda ledger: ledger.cases.open([new, old]))
    page = await filled.read(lambda views: views.worklist(WorkFilter(), after=mark, limit=2))
    assert [row.mark.key for row in page] == ["A0", "D"]


async def test_one_case_is_shown_masked(filled: LedgerStore) -> None:
    row = await filled.read(lambda views: views.case("B"))
    expected = an_opening("B").change.case
    assert row == WorkRow(expected, "买**", "11" + "*" * 16, ("A", "C", "D", "F"))
    assert await filled.read(lambda views: views.case("missing")) is None


async def test_the_figures_count_what_there_is(filled: LedgerStore) -> None:
    items = [
        a_quarantined_item(),
        a_quarantined_item(b"2"),
        a_quarantined_item(b"3", reason="other"),
    ]
    older = a_message("A", due_at=AT - timedelta(hours=1))
    await filled.transact(lambda ledger: ledger.quarantine.add(items))
    await filled.transact(lambda ledger: ledger.outbox.enqueue([a_message("B"), older]))
    figures = await filled.read(lambda views: views.figures(date(2026, 3, 6)))
    assert figures.states == {"ACCEPTED": 2, "DISPATCHED": 1, "HELD": 2, "REPORTED": 1}
    assert figures.held == {"place.unknown": 1, "agency.silent": 1}
    assert figures.quarantined == {"item.malformed": 2, "other": 1}
    (backlog,) = figures.backlog
    assert (backlog.peer, backlog.kind, backlog.depth) == ("430104A01", "dispatch", 2)
    assert (backlog.oldest, backlog.parked) == (AT - timedelta(hours=1), 0)
    assert (figures.overdue, figures.due_today, figures.due_unknown) == (1, 2, 2)
    assert figures.due_soon == 2
    warned = await filled.read(lambda views: views.figures(date(2026, 3, 5), date(2026, 3, 6)))
    assert (warned.due_today, warned.due_soon) == (1, 3)
    later = await filled.read(lambda views: views.figures(date(2026, 5, 1)))
    assert later.overdue == 3


async def test_an_empty_ledger_has_empty_figures(store: LedgerStore) -> None:
    figures = await store.read(lambda views: views.figures(AT.date()))
    assert (figures.states, figures.held, figures.backlog, figures.overdue) == ({}, {}, (), 0)


async def test_a_row_moved_to_another_case_does_not_open_and_does_not_hide_the_list(
    store: LedgerStore, sql: Callable[..., list[tuple[object, ...]]]
) -> None:
    other = Opening(a_beginning("B"), a_form("王小明"), "310101199003070003")
    await store.transact(
        lambda ledger: ledger.cases.open([an_opening("A"), other, an_opening("C")])
    )
    for old, new in (("A", "x"), ("B", "A"), ("x", "B")):
        sql("UPDATE contents SET key = ? WHERE key = ?", new, old)
    page = await store.read(lambda views: views.worklist(WorkFilter(), after=None, limit=9))
    shown = [row for row in page if isinstance(row, WorkRow)]
    assert [(row.case.key, row.person, row.certificate) for row in shown] == [
        ("A", SEAL_BROKEN, SEAL_BROKEN),
        ("B", SEAL_BROKEN, SEAL_BROKEN),
        ("C", "买**", "11" + "*" * 16),
    ]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("王小明", "王**"),
        ("李雷", "李*"),
        ("欧阳", "欧*"),
        ("王", "*"),
        ("", ""),
        ("阿卜杜拉·买买提明·伊力哈木", "阿***"),
        ("𠮷野家", "𠮷**"),
        ("e\u0301a", "e\u0301*"),
        ("\u202e张\u200d伟\u2069", "张*"),
        ("\u2028\u200b\u3164", "*"),
        ("张" + "\u0336" * 40 + "伟", "张" + "\u0336" * 4 + "*"),
    ],
)
def test_a_name_shows_its_first_character(name: str, shown: str) -> None:
    assert mask_name(name) == shown


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("110101199003070003", "11****************"),
        ("11010119900307000X", "11****************"),
        ("H12345678", "*********"),
        ("", ""),
    ],
)
def test_a_certificate_shows_its_province_at_most(number: str, shown: str) -> None:
    assert mask_certificate(number) == shown


def test_a_value_that_differs_shows_what_would_hide_in_it_or_turn_its_line() -> None:
    shown = shown_difference(Difference("/aae020", '"济源\u202e市"', '"济源\\u001b[2J市"'))
    assert (shown.first, shown.other) == ("济源\\u{202e}市", "济源\\u{1b}[2J市")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("电话13800000000，另13900000000", "电话***********，另***********"),
        (
            "证件110101199003070003、11010119900307000x",
            "证件11****************、11****************",
        ),
        ("旧证110105490101000", "旧证***************"),
        (
            "申请 SYDJ13800000000 分派单 D13800000000-1",
            "申请 SYDJ13800000000 分派单 D13800000000-1",
        ),
        ("第一行\n\t第二行", "第一行 第二行"),
        ("\u202e反", "\\u{202e}反"),
    ],
)
def test_what_people_write_is_shown_on_one_line_without_the_numbers_of_persons(
    text: str, shown: str
) -> None:
    assert shown_text(text) == shown
