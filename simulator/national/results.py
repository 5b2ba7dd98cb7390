"""审核结果接收: the national side's own rules for a result that a province uploads."""

from contracts.verify.schema_validator import SchemaValidator
from schemas.calls.bodies import read_item
from schemas.calls.refusals import CallRefused
from schemas.records.canonical_form import content_digest
from schemas.records.outcomes import Outcome, RefusalReason
from schemas.records.receipts import ItemStatus
from schemas.records.strict_json import RawItem
from simulator.errors import RequestRefused
from simulator.exchanges.entries import AppliedResult, ItemAnswer
from simulator.exchanges.events import EventKind
from simulator.exchanges.receipts import refused_item, schema_errors
from simulator.national.book import Book
from simulator.national.places import is_within


def take_result(book: Book, area: str, item: RawItem, *, validator: SchemaValidator) -> ItemAnswer:
    """Judge one result of `area` by the published schema and the book; apply it at most once.

    Same key, revision and content: the first receipt. Other content under them: a conflict.
    A revision below one in effect: superseded; one that leaves others out is applied. A decision
    dated in the future is not taken yet.
    """
    try:
        return _take(book, area, item, validator)
    except CallRefused as refused:
        number = item.number()
        book.events.record(EventKind.REFUSED, number, {"code": refused.code, "area": area})
        return refused_item(refused)


def _take(book: Book, area: str, item: RawItem, validator: SchemaValidator) -> ItemAnswer:
    outcome = read_item(item, Outcome.read)
    if faults := validator.check("outcome", item.content):
        raise RequestRefused("message.invalid", errors=schema_errors(faults))
    _check_acceptable(book, area, outcome)
    digest = content_digest(outcome)
    earlier = book.results_of(outcome.key)
    if (same := earlier.get(outcome.revision)) is not None:
        return _repeat(book, same, digest)
    if earlier and outcome.revision < max(earlier):
        raise RequestRefused("outcome.superseded")
    if outcome.is_dated_ahead(book.now()):
        raise RequestRefused("outcome.dated-ahead")
    return ItemAnswer(ItemStatus.ACCEPTED, book.apply(outcome, digest).receipt)


def _check_acceptable(book: Book, area: str, outcome: Outcome) -> None:
    """Check that this area may give the result, and that its application is ready for one."""
    if outcome.application_no is None:
        if not is_within(outcome.division or "", area, book.tree):
            raise RequestRefused("auth.not-allowed")
        return
    application = book.applications.find(outcome.application_no)
    if application is None:
        raise RequestRefused("outcome.unknown-application")
    if application.area != book.tree.normalise(area):
        raise RequestRefused("auth.not-allowed")
    if application.acknowledged_at is None:
        raise RequestRefused("outcome.not-acknowledged")
    withdrawn = application.withdrawn_at is not None and not application.results
    if withdrawn and outcome.refusal_reason != RefusalReason.WITHDRAWN:
        raise RequestRefused("case.withdrawn")


def _repeat(book: Book, same: AppliedResult, digest: str) -> ItemAnswer:
    if same.digest != digest:
        raise RequestRefused("outcome.conflict")
    same.repeats += 1
    book.events.record(EventKind.REPEATED, same.key, {"revision": same.revision})
    return ItemAnswer(ItemStatus.DUPLICATE, same.receipt)
