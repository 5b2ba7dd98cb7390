"""对账单 at midnight: a day is over at midnight in Beijing, and what was known then is stated."""

from datetime import UTC, date, datetime, timedelta

import pytest

from schemas.records.receipts import Acknowledgement
from schemas.reference.divisions import DivisionTree
from simulator.errors import RequestRefused
from simulator.exchanges.entries import Application
from simulator.national.book import Book
from simulator.national.statements import Statements
from tests.builders.records import an_application, application_json
from tests.support.clock import SettableClock

DAY = date(2026, 3, 2)
HENAN = "410000"
BEFORE_MIDNIGHT = datetime(2026, 3, 2, 15, 59, 59, tzinfo=UTC)


def forwarded(book: Book, number: str) -> None:
    """Forward an application to Henan now."""
    at = book.now()
    application = Application(number, book.tree.normalise(HENAN), "410105", at, at, "")
    book.add(
        application, an_application(application_no=number), application_json(application_no=number)
    )


def test_a_day_ends_at_midnight_in_beijing_and_states_what_was_known_then() -> None:
    # Given one application a second before midnight and one a second after it
    clock = SettableClock(BEFORE_MIDNIGHT)
    book = Book(areas=[HENAN], tree=DivisionTree.load(), now=clock)
    statements = Statements(book)
    forwarded(book, "SY1")
    with pytest.raises(RequestRefused, match=r"statement\.not-ready"):
        statements.of(HENAN, DAY)
    clock.forward(seconds=2)
    forwarded(book, "SY2")

    # When both are acknowledged after midnight
    book.page(HENAN, 10)
    for number in ("SY1", "SY2"):
        said = Acknowledgement(application_no=number, kind="application", stored_at=clock())
        book.acknowledge(HENAN, said)

    # Then each day has its own, and the first does not know of the acknowledgement
    first = statements.of(HENAN, DAY)
    assert [(one.key, one.acknowledged) for one in first.entries] == [("SY1", False)]
    assert first.closed_at == BEFORE_MIDNIGHT + timedelta(seconds=1)
    clock.forward(days=1)
    second = statements.of(HENAN, DAY + timedelta(days=1))
    assert [(one.key, one.acknowledged) for one in second.entries] == [("SY2", True)]
    assert statements.of(HENAN, DAY) == first


def test_a_day_closed_early_is_stated_whole_once_it_has_ended() -> None:
    clock = SettableClock(BEFORE_MIDNIGHT - timedelta(hours=1))
    book = Book(areas=[HENAN], tree=DivisionTree.load(), now=clock)
    statements = Statements(book)
    forwarded(book, "SY1")
    assert statements.close(DAY) == clock()
    clock.forward(minutes=1)
    forwarded(book, "SY2")
    assert len(statements.of(HENAN, DAY).entries) == 1

    clock.forward(hours=1)

    assert len(statements.of(HENAN, DAY).entries) == 2


def test_a_day_without_anything_has_a_statement_of_one_empty_part() -> None:
    book = Book(areas=[HENAN], tree=DivisionTree.load(), now=SettableClock())
    whole = Statements(book).of(HENAN, DAY - timedelta(days=1))
    part = whole.part(1)
    assert part is not None
    assert (part.parts, part.entries, whole.part(2), whole.part(0)) == (1, (), None, None)
