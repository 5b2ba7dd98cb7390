"""退回部端接收: the national side's own rules for an application that a province gives back.

It is forwarded to the right place at once where that is known, else it waits at a desk: whoever
filed it is turned away by nobody.

Source: 人社厅发〔2020〕3号 arts. 7, 8.
"""

from contracts.verify.schema_validator import SchemaValidator
from schemas.calls.bodies import read_item
from schemas.calls.refusals import CallRefused
from schemas.records.application_returns import (
    NOT_OURS,
    WRONG_DIVISION,
    ApplicationReturn,
)
from schemas.records.canonical_form import content_digest
from schemas.records.receipts import ItemStatus
from schemas.records.strict_json import RawItem
from simulator.errors import RequestRefused
from simulator.exchanges.entries import Application, AppliedReturn, ItemAnswer
from simulator.exchanges.events import EventKind, Fact
from simulator.exchanges.receipts import refused_item, schema_errors
from simulator.national.book import Book
from simulator.national.places import is_known, is_within


def take_return(book: Book, area: str, item: RawItem, *, validator: SchemaValidator) -> ItemAnswer:
    """Judge one return of `area` by the published schema and the book; apply it at most once.

    A repeat gets the first receipt, wherever the application is by then; other content under the
    same key and revision, or a lower revision, is a conflict.
    """
    short = book.tree.normalise(area)
    try:
        record = read_item(item, ApplicationReturn.read)
        if faults := validator.check("application-return", item.content):
            raise RequestRefused("message.invalid", errors=schema_errors(faults))
        return _take(book, short, record)
    except CallRefused as refused:
        facts = {"code": refused.code, "area": area}
        book.events.record(EventKind.REFUSED, item.number(), facts)
        return refused_item(refused)


def _take(book: Book, area: str, record: ApplicationReturn) -> ItemAnswer:
    digest, earlier = content_digest(record), book.desk.returns_of(area, record.key)
    if (same := earlier.get(record.revision)) is not None:
        return _repeat(book, same, digest)
    if earlier and record.revision < max(earlier):
        raise RequestRefused("application-return.conflict")
    application = _returnable(book, area, record)
    taken = book.desk.take(area, record, digest)
    facts: dict[str, Fact] = {"area": area, "reason": record.reason}
    book.events.record(EventKind.RETURNED, record.application_no, facts)
    right = None if application is None else _right_place(book, area, application, record)
    if application is not None and right is not None:
        book.forward_on(application, right, place=record.belongs_to)
    else:
        _to_desk(book, application, taken)
    return ItemAnswer(ItemStatus.ACCEPTED, taken.receipt)


def _repeat(book: Book, same: AppliedReturn, digest: str) -> ItemAnswer:
    if same.digest != digest:
        raise RequestRefused("application-return.conflict")
    same.repeats += 1
    facts = {"revision": same.record.revision}
    book.events.record(EventKind.REPEATED, same.record.application_no, facts)
    return ItemAnswer(ItemStatus.DUPLICATE, same.receipt)


def _returnable(book: Book, area: str, record: ApplicationReturn) -> Application | None:
    """Return the application that goes back, None for an item without a number that does.

    Raises:
        RequestRefused: It is not this area's to give back, or not any more.
    """
    if record.position is not None:
        _check_stored(book.positions.is_acknowledged(area, record.position))
        return None
    application = book.applications.find(record.application_no or "")
    if application is None or application.area != area or application.at_desk:
        raise RequestRefused("application-return.unknown-application")
    _check_stored(application.acknowledged_at is not None)
    if application.results:
        raise RequestRefused("application-return.decided")
    if application.withdrawn_at is not None:
        raise RequestRefused("case.withdrawn")
    if record.reason in {NOT_OURS, WRONG_DIVISION}:
        for place in (application.place, record.belongs_to or ""):
            if is_within(place, area, book.tree):
                raise RequestRefused("application-return.belongs-here")
    return application


def _check_stored(acknowledged: bool | None) -> None:
    if acknowledged is None:
        raise RequestRefused("application-return.unknown-application")
    if not acknowledged:
        raise RequestRefused("outcome.not-acknowledged")


def _right_place(
    book: Book, area: str, application: Application, record: ApplicationReturn
) -> str | None:
    """Return where it belongs, if that is known and is not where it came from."""
    if record.reason not in {NOT_OURS, WRONG_DIVISION}:
        return None
    place = record.belongs_to or application.place
    return place if is_known(place, book.tree) and book.area_of(place) != area else None


def _to_desk(book: Book, application: Application | None, taken: AppliedReturn) -> None:
    if application is not None:
        application.at_desk = True
        application.acknowledged_at = None
    book.desk.keep(taken)
