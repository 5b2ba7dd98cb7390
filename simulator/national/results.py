"""审核结果、本地受理登记接收: the national side's own rules for what a province uploads."""

from contracts.verify.schema_validator import SchemaValidator
from schemas.calls.bodies import read_item
from schemas.calls.refusals import CallRefused
from schemas.records.canonical_form import content_digest
from schemas.records.outcomes import Outcome, RefusalReason
from schemas.records.receipts import ItemStatus
from schemas.records.registrations import LocalRegistration
from schemas.records.strict_json import RawItem
from simulator.errors import RequestRefused
from simulator.exchanges.entries import AppliedResult, ItemAnswer, ResultKind
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
        outcome = read_item(item, Outcome.read)
        _check_schema("outcome", item, validator)
        _check_acceptable(book, area, outcome)
        return _take(book, "outcome", outcome, content_digest(outcome))
    except CallRefused as refused:
        return _refused(book, area, item, refused)


def take_registration(
    book: Book, area: str, item: RawItem, *, validator: SchemaValidator
) -> ItemAnswer:
    """Judge one local registration of `area` and apply it at most once, as `take_result` does."""
    try:
        registration = read_item(item, LocalRegistration.read)
        _check_schema("local-registration", item, validator)
        outcome = registration.outcome
        for division in (outcome.division or "", registration.place_division):
            if not is_within(division, area, book.tree):
                raise RequestRefused("auth.not-allowed")
        return _take(book, "registration", outcome, content_digest(registration))
    except CallRefused as refused:
        return _refused(book, area, item, refused)


def _refused(book: Book, area: str, item: RawItem, refused: CallRefused) -> ItemAnswer:
    facts = {"code": refused.code, "area": area}
    book.events.record(EventKind.REFUSED, item.number(), facts)
    return refused_item(refused)


def _check_schema(record: str, item: RawItem, validator: SchemaValidator) -> None:
    if faults := validator.check(record, item.content):
        raise RequestRefused("message.invalid", errors=schema_errors(faults))


def _take(book: Book, kind: ResultKind, outcome: Outcome, digest: str) -> ItemAnswer:
    earlier = book.results_of(outcome.key)
    if (same := earlier.get(outcome.revision)) is not None:
        return _repeat(book, same, kind, digest)
    if earlier and outcome.revision < max(earlier):
        raise RequestRefused("outcome.superseded")
    if outcome.is_dated_ahead(book.now()):
        raise RequestRefused("outcome.dated-ahead")
    return ItemAnswer(ItemStatus.ACCEPTED, book.apply(kind, outcome, digest).receipt)


def _check_acceptable(book: Book, area: str, outcome: Outcome) -> None:
    """Check that this area may give the result, and that there is something to give it to."""
    if outcome.application_no is None:
        if not is_within(outcome.division or "", area, book.tree):
            raise RequestRefused("auth.not-allowed")
        if not book.local_results(outcome.key):
            raise RequestRefused("outcome.unknown-application")
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


def _repeat(book: Book, same: AppliedResult, kind: ResultKind, digest: str) -> ItemAnswer:
    if (same.kind, same.digest) != (kind, digest):
        raise RequestRefused(f"{kind}.conflict")
    same.repeats += 1
    book.events.record(EventKind.REPEATED, same.key, {"revision": same.revision})
    return ItemAnswer(ItemStatus.DUPLICATE, same.receipt)
