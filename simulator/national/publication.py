"""机构清单接收: the national side's own rules for the list that a province publishes."""

from contracts.verify.schema_validator import SchemaValidator
from schemas.calls.bodies import read_record
from schemas.calls.refusals import CallRefused
from schemas.records.agencies import AgencyDirectory, DirectoryAnswer
from schemas.records.canonical_form import content_digest
from simulator.errors import RequestRefused, unfit_member
from simulator.exchanges.events import EventKind
from simulator.exchanges.receipts import schema_errors
from simulator.national.agency_lists import PublishedVersion
from simulator.national.book import Book
from simulator.national.places import is_within


def take_part(book: Book, area: str, body: bytes, *, validator: SchemaValidator) -> DirectoryAnswer:
    """Judge one part of one version of the list of `area`; keep it once, show it once whole.

    The same part again changes nothing. Other content under a version that is there is a
    conflict, a version below the newest comes too late.

    Raises:
        CallRefused: Why it is not taken; nothing was kept.
    """
    try:
        part = read_record(body, AgencyDirectory.read)
        if faults := validator.check("agency-directory", body):
            raise RequestRefused("message.invalid", errors=schema_errors(faults))
        _check(book, area, part)
        version = _version_of(book, book.tree.normalise(area), part)
        return _keep(book, version, part)
    except CallRefused as refused:
        book.events.record(EventKind.REFUSED, None, {"code": refused.code, "area": area})
        raise


def _check(book: Book, area: str, part: AgencyDirectory) -> None:
    """Check that the area may publish what a part holds, and that the part can be one."""
    tree = book.tree
    if tree.normalise(part.division) != tree.normalise(area):
        raise RequestRefused("auth.not-allowed")
    if any(not is_within(one.division, area, tree) for one in part.agencies):
        raise RequestRefused("auth.not-allowed")
    if part.part > part.parts:
        raise unfit_member("part", text="分片序号大于分片总数")


def _version_of(book: Book, area: str, part: AgencyDirectory) -> PublishedVersion:
    newest = book.agency_lists.newest(area)
    if newest is not None and part.version < newest.version:
        raise RequestRefused("directory.superseded")
    if newest is not None and part.version == newest.version:
        if not newest.belongs(part):
            raise RequestRefused("directory.conflict")
        return newest
    return PublishedVersion(area, part.version, part.parts, part.published_at, book.now())


def _keep(book: Book, version: PublishedVersion, part: AgencyDirectory) -> DirectoryAnswer:
    digest = content_digest(part)
    earlier = version.digests.get(part.part)
    if earlier is not None and earlier != digest:
        raise RequestRefused("directory.conflict")
    lists, facts = book.agency_lists, {"version": version.version, "part": part.part}
    if lists.newest(version.area) is not version:
        lists.begin(version)
    if earlier is not None:
        version.repeats += 1
        book.events.record(EventKind.REPEATED, None, {"area": version.area, **facts})
    else:
        version.digests[part.part] = digest
        version.agencies[part.part] = part.agencies
        if version.is_complete:
            lists.put_in_force(version, book.now())
        whole = {"parts": version.parts, "in_force": version.is_complete}
        book.events.record(EventKind.PUBLISHED, None, {"area": version.area, **facts, **whole})
    return DirectoryAnswer(
        division=part.division,
        version=version.version,
        received=tuple(sorted(version.digests)),
        parts=version.parts,
        in_force=version.is_complete,
    )
