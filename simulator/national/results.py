"""审核结果接收: the national side's own rules for a result that a province uploads."""

from pydantic import ValidationError

from contracts.verify.schema_validator import SchemaValidator
from schemas.records.outcomes import Outcome, RefusalReason
from schemas.records.receipts import ItemStatus
from schemas.records.strict_json import RawItem
from schemas.reference.divisions import UnknownDivision
from simulator.errors import Refused
from simulator.exchanges.entries import Effect, Verdict
from simulator.exchanges.events import EventKind
from simulator.exchanges.receipts import as_errors, content_digest, refusal
from simulator.national.book import Book


def take_result(book: Book, area: str, item: RawItem, *, witness: SchemaValidator) -> Verdict:
    """Judge one result of `area` by the published schema and the book; apply it at most once.

    Same key, revision and content: the first receipt. Other content under them: a conflict.
    A revision below one in effect: superseded.
    """
    try:
        return _take(book, area, item, witness)
    except Refused as refused:
        number = item.number()
        book.events.record(EventKind.REFUSED, number, {"code": refused.code, "area": area})
        return refusal(refused)


def _take(book: Book, area: str, item: RawItem, witness: SchemaValidator) -> Verdict:
    if item.error is not None:
        raise Refused("message.malformed")
    if faults := witness.check("outcome", item.content):
        raise Refused("message.invalid", errors=as_errors(faults))
    try:
        outcome = Outcome.read(item.content)
    except ValidationError:  # an instant that no calendar has, such as a leap second
        raise Refused("message.invalid") from None
    _check_standing(book, area, outcome)
    digest = content_digest(item.content)
    earlier = book.results_of(outcome.key)
    if (same := earlier.get(outcome.revision)) is not None:
        return _repeat(book, same, digest)
    if earlier and outcome.revision < max(earlier):
        raise Refused("outcome.superseded")
    return Verdict(ItemStatus.ACCEPTED, book.apply(outcome.key, outcome, digest).receipt)


def _check_standing(book: Book, area: str, outcome: Outcome) -> None:
    """Make sure that the result is this area's to give, and that its turn has come."""
    if outcome.application_no is None:
        if not _within(book, outcome.division or "", area):
            raise Refused("auth.not-allowed")
        return
    application = book.find(outcome.application_no)
    if application is None:
        raise Refused("outcome.unknown-application")
    if application.area != book.tree.normalise(area):
        raise Refused("auth.not-allowed")
    if application.acknowledged_at is None:
        raise Refused("outcome.not-acknowledged")
    taken_back = application.withdrawn_at is not None and not application.effects
    if taken_back and outcome.refusal_reason != RefusalReason.WITHDRAWN:
        raise Refused("case.withdrawn")


def _repeat(book: Book, same: Effect, digest: str) -> Verdict:
    if same.digest != digest:
        raise Refused("outcome.conflict")
    same.repeats += 1
    book.events.record(EventKind.REPEATED, same.key, {"revision": same.revision})
    return Verdict(ItemStatus.DUPLICATE, same.receipt)


def _within(book: Book, division: str, area: str) -> bool:
    try:
        return book.tree.is_within(division, area)
    except UnknownDivision:
        return False
