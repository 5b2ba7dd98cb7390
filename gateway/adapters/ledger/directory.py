"""机构清单: the tables `directory_versions`, `directory_agencies` and `directory_publications`."""

from contextlib import suppress
from datetime import date, datetime
from typing import Final, NamedTuple

from gateway.adapters.ledger.directory_rows import agency_rows, read_version, version_row
from gateway.adapters.ledger.row_shapes import DAMAGED, RowShape
from gateway.adapters.ledger.timestamps import instant, micros
from gateway.domain.directory_version import DirectoryVersion, due_at
from gateway.ports.directory import DIRECTORY, DirectoryRow, Publication, PublicationResult
from storage.sealing import Sealer
from storage.session import Session


class _ListedRow(NamedTuple):
    """A row of `list_directories`."""

    number: int
    made_at: int
    valid_from: str
    made_by: str
    agencies: int
    result: str | None
    at: int | None
    code: str | None


class _UnpublishedRow(NamedTuple):
    """The row of `unpublished_directory`."""

    number: int
    made_at: int
    valid_from: str


_LISTED: Final = RowShape(_ListedRow)
_UNPUBLISHED: Final = RowShape(_UnpublishedRow)


class SqlDirectory:
    """`DirectoryVersions` inside one transaction of `session`."""

    __slots__ = ("_sealer", "_session", "peers")

    def __init__(self, session: Session, sealer: Sealer) -> None:
        self._session, self._sealer = session, sealer
        self.peers: set[str] = set()
        """Whom to notify after the commit."""

    def newest(self) -> DirectoryVersion | None:
        """Return the version with the highest number."""
        for row in self._session.rows("newest_directory"):
            return read_version(self._session, self._sealer, row)
        return None

    def add(self, version: DirectoryVersion) -> None:
        """Add a version; its number is new."""
        self._session.change("add_directory_version", *version_row(self._sealer, version))
        self._session.change_each("add_directory_agency", agency_rows(version))
        self.peers.add(DIRECTORY)

    def end_publication(self, publication: Publication) -> None:
        """Note how publishing a version ended; a second time changes nothing."""
        result, at = publication.result.value, micros(publication.at)
        self._session.change("end_publication", publication.version, result, at, publication.code)


def newest_directory_number(session: Session) -> int:
    """Return the highest number of a version, 0 where there is none."""
    return next((int(number) for (number,) in session.rows("newest_directory_number")), 0)


def read_directory(session: Session, sealer: Sealer, number: int) -> DirectoryVersion | None:
    """Return a version, or None; raise `DirectoryUnreadable`."""
    rows = session.rows("directory_version", number)
    return next((read_version(session, sealer, row) for row in rows), None)


def directory_number_at(session: Session, at: datetime, day: date) -> int:
    """Return the number of the version that was in force then, 0 where there was none."""
    rows = session.rows("directory_number_on", micros(at), day.isoformat())
    return next((int(number) for (number,) in rows), 0)


def read_directories_from(
    session: Session, sealer: Sealer, at: datetime, day: date
) -> list[DirectoryVersion]:
    """Return the version in force, and all after it."""
    first = directory_number_at(session, at, day)
    rows = session.rows("directories_from", first)
    return [read_version(session, sealer, row) for row in rows]


def list_directories(session: Session, before: int, limit: int) -> list[DirectoryRow]:
    """Return the latest versions below a number, highest first; no damaged row."""
    ended = last_publication(session)
    found: list[DirectoryRow] = []
    for values in session.rows("list_directories", before, limit):
        with suppress(*DAMAGED):
            row = _LISTED.row(values)
            publication = _publication(row)
            found.append(
                DirectoryRow(
                    row.number,
                    instant(row.made_at),
                    date.fromisoformat(row.valid_from),
                    row.made_by,
                    row.agencies,
                    publication,
                    overtaken=publication is None and row.number < ended,
                )
            )
    return found


def unpublished_since(session: Session, day: date) -> datetime | None:
    """Return since when the oldest version is to be published that is not yet; None if none is."""
    for values in session.rows("unpublished_directory", last_publication(session), day.isoformat()):
        with suppress(*DAMAGED):
            row = _UNPUBLISHED.row(values)
            return due_at(instant(row.made_at), date.fromisoformat(row.valid_from))
    return None


def last_publication(session: Session) -> int:
    """Return the highest number of a version whose publishing ended, 0 where none did."""
    return next((int(number) for (number,) in session.rows("last_publication")), 0)


def _publication(row: _ListedRow) -> Publication | None:
    if row.result is None or row.at is None:
        return None
    return Publication(row.number, PublicationResult(row.result), instant(row.at), row.code or "")
