"""失业登记注销接收: the national side's own rules for a deregistration that a province uploads."""

from contracts.verify.schema_validator import SchemaValidator
from schemas.calls.bodies import read_item
from schemas.calls.refusals import CallRefused
from schemas.records.canonical_form import content_digest
from schemas.records.deregistrations import Deregistration
from schemas.records.receipts import ItemStatus
from schemas.records.strict_json import RawItem
from simulator.errors import RequestRefused
from simulator.exchanges.entries import AppliedDeregistration, ItemAnswer
from simulator.exchanges.events import EventKind
from simulator.exchanges.receipts import refused_item, schema_errors
from simulator.national.book import Book
from simulator.national.places import is_within


def take_deregistration(
    book: Book, area: str, item: RawItem, *, validator: SchemaValidator
) -> ItemAnswer:
    """Judge one deregistration of `area` by the published schema and the book; apply it once.

    It ends a registration that is in force under the same key and number, whichever area's it is
    not being told. A repeat gets the first receipt, other content is a conflict, a lower revision
    comes too late.
    """
    try:
        record = read_item(item, Deregistration.read)
        if faults := validator.check("deregistration", item.content):
            raise RequestRefused("message.invalid", errors=schema_errors(faults))
        return _take(book, area, record)
    except CallRefused as refused:
        number = item.number()
        book.events.record(EventKind.REFUSED, number, {"code": refused.code, "area": area})
        return refused_item(refused)


def _take(book: Book, area: str, record: Deregistration) -> ItemAnswer:
    registered = book.registration_in_force(record.key)
    if not _is_of(book, area, record) or registered is None:
        raise RequestRefused("deregistration.unknown-registration")
    if registered.registration_no != record.registration_no:
        raise RequestRefused("deregistration.unknown-registration")
    digest, earlier = content_digest(record), book.deregistrations_of(record.key)
    if (same := earlier.get(record.revision)) is not None:
        return _repeat(book, record, same, digest)
    if earlier and record.revision < max(earlier):
        raise RequestRefused("deregistration.superseded")
    if record.is_dated_ahead(book.now()):
        raise RequestRefused("outcome.dated-ahead")
    return ItemAnswer(ItemStatus.ACCEPTED, book.end(record, digest).receipt)


def _is_of(book: Book, area: str, record: Deregistration) -> bool:
    """Say whether the registration is one of this area."""
    if record.application_no is None:
        return is_within(record.division or "", area, book.tree)
    application = book.applications.find(record.application_no)
    return application is not None and application.area == book.tree.normalise(area)


def _repeat(
    book: Book, record: Deregistration, same: AppliedDeregistration, digest: str
) -> ItemAnswer:
    if same.digest != digest:
        raise RequestRefused("deregistration.conflict")
    same.repeats += 1
    book.events.record(EventKind.REPEATED, record.key, {"revision": record.revision})
    return ItemAnswer(ItemStatus.DUPLICATE, same.receipt)
