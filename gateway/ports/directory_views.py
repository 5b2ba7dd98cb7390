"""Reading the versions of the agency directory (机构清单)."""

from datetime import datetime
from typing import Protocol

from gateway.domain.directory_version import DirectoryVersion
from gateway.ports.directory import DirectoryRow


class DirectoryViews(Protocol):
    """Reading only, as `Views`."""

    def newest_directory(self) -> int:
        """Return the number of the newest version of the agency directory, 0 without any."""
        ...

    def directory(self, number: int) -> DirectoryVersion | None:
        """Return one version of the agency directory, or None.

        Raises:
            DirectoryUnreadable: It is not as it was written.
        """
        ...

    def directory_at(self, at: datetime) -> int:
        """Return the number of the version that was in force at an instant, 0 without any."""
        ...

    def directories_from(self, at: datetime) -> list[DirectoryVersion]:
        """Return the version in force at an instant and all with higher numbers, lowest first.

        Raises:
            DirectoryUnreadable: One of them is not as it was written.
        """
        ...

    def directories(self, *, before: int, limit: int) -> list[DirectoryRow]:
        """Return the latest versions below a number, highest first, and how publishing ended."""
        ...

    def last_publication(self) -> int:
        """Return the highest number of a version whose publishing ended, 0 without any."""
        ...
