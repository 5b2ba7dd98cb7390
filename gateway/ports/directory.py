"""机构清单: its versions in the ledger, what became of publishing them, and who takes them."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final, Protocol

from gateway.domain.directory_version import DirectoryVersion
from schemas.records.agencies import AgencyDirectory, DirectoryAnswer

DIRECTORY: Final = "agency-directory"
"""Whom a commit wakes, beside the peers, when there is a new version."""


class PublicationResult(StrEnum):
    """How publishing a version ended; a version without a result is not published yet."""

    PUBLISHED = "published"  # the national side has all of it in force
    REFUSED = "refused"  # the national side takes no such version


@dataclass(frozen=True, slots=True)
class Publication:
    """The end of publishing one version; `code` is the problem of a refusal, from our catalogue."""

    version: int
    result: PublicationResult
    at: datetime
    code: str = ""


@dataclass(frozen=True, slots=True)
class DirectoryRow:
    """One line of the list of versions, newest first; `overtaken` by a later one that ended."""

    number: int
    made_at: datetime
    valid_from: date
    made_by: str
    agencies: int
    publication: Publication | None
    overtaken: bool = False


class DirectoryVersions(Protocol):
    """The versions inside one transaction; none is ever changed."""

    def newest(self) -> DirectoryVersion | None:
        """Return the version with the highest number.

        Raises:
            DirectoryUnreadable: It was altered, or cannot be read.
        """
        ...

    def add(self, version: DirectoryVersion) -> None:
        """Add a version; its number is new. Whoever goes by the list is woken after the commit."""
        ...

    def end_publication(self, publication: Publication) -> None:
        """Note how publishing a version ended; a second time changes nothing."""
        ...


class DirectoryReceiver(Protocol):
    """The national side, as publishing needs it; raises as `Portal` does."""

    async def publish(self, part: AgencyDirectory) -> DirectoryAnswer:
        """Hand over one part of one version (机构清单发布), at least once.

        Returns which parts are there, and whether the version is in force.
        """
        ...
