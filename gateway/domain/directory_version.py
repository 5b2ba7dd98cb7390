"""机构清单版本: versions are made, never changed; which is in force, and how it is published."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Final

from gateway.domain.delivery import Delivery
from gateway.domain.directory import Agency, AgencyDirectory
from gateway.domain.listed_agencies import DirectoryContent
from schemas.records.agencies import AgencyDirectory as DirectoryPart
from schemas.reference.clock import BEIJING

PART: Final = 200
"""How many agencies one part of a published version has at most."""
SETTINGS: Final = "settings"
"""Who made the version that the agencies of the settings file were taken into."""


@dataclass(frozen=True, slots=True)
class DirectoryVersion:
    """One version of the list: numbered from 1; when it was made (UTC), by whom, why.

    It is in force from `valid_from`, a Beijing date, until a version with a higher number is.
    """

    number: int
    made_at: datetime
    valid_from: date
    made_by: str
    reason: str = field(repr=False)
    content: DirectoryContent

    @property
    def due_at(self) -> datetime:
        """Since when it is to be published: when it is made, or its first day begins."""
        return due_at(self.made_at, self.valid_from)


def due_at(made_at: datetime, valid_from: date) -> datetime:
    """Return when a version is in force and to be published: not before its first day."""
    return max(made_at, datetime.combine(valid_from, time(), BEIJING))


def published_parts(version: DirectoryVersion, division: str) -> tuple[DirectoryPart, ...] | None:
    """Return a version as it is published for a province, in parts of `PART` agencies at most.

    A version always has the same parts, so that one sent again is known again. None where there is
    no agency, or something that must be published is not known of one.

    Source: 人社厅发〔2020〕3号 第七部分 and annex 4. Assumed: versions and parts.
    """
    known = [one.published for one in version.content.agencies]
    agencies = [one for one in known if one is not None]
    if not agencies or len(agencies) < len(known):
        return None
    pages = [tuple(agencies[start : start + PART]) for start in range(0, len(agencies), PART)]
    return tuple(
        DirectoryPart(
            division=division,
            version=version.number,
            published_at=version.made_at,
            part=number,
            parts=len(pages),
            agencies=page,
        )
        for number, page in enumerate(pages, 1)
    )


class DirectoriesInUse:
    """机构清单 that a running gateway goes by: exchanged for newer versions while it runs.

    Until there is a version, the agencies of the settings count. `connections` says how dispatches
    reach the agencies whose systems the settings name.

    Source: 人社厅发〔2020〕3号 第七部分 (kept up to date).
    """

    def __init__(self, of_settings: Iterable[Agency]) -> None:
        self.of_settings = AgencyDirectory(of_settings)
        self.connections: Mapping[str, Delivery | None] = {
            one.code: one.delivery for one in self.of_settings
        }
        self._versions: Sequence[DirectoryVersion] = ()
        self._days: dict[date, AgencyDirectory] = {}

    @property
    def newest(self) -> int:
        """The number of the newest version that is known here, 0 without any."""
        return max((one.number for one in self._versions), default=0)

    def exchange(self, versions: Iterable[DirectoryVersion]) -> None:
        """Go by these versions from now on: that in force, and those that will be."""
        self._versions = sorted(versions, key=lambda one: one.number, reverse=True)
        self._days = {}

    def on(self, day: date) -> AgencyDirectory:
        """Return the directory in force on a Beijing date: of the agencies that register.

        That of the settings where there is no version; an empty one before the first.
        """
        if not self._versions:
            return self.of_settings
        found = self._days.get(day)
        if found is None:
            found = self._directory(day)
            if len(self._days) > 1:  # a gateway asks for today, and for yesterday at midnight
                self._days = {}
            self._days[day] = found
        return found

    def name_of(self, code: str, day: date) -> str | None:
        """Return the name of an agency by the list of a day, or by the settings."""
        return self.on(day).name_of(code, day) or self.of_settings.name_of(code, day)

    def version_on(self, day: date) -> DirectoryVersion | None:
        """Return the version in force on a Beijing date, None before the first."""
        return next((one for one in self._versions if one.valid_from <= day), None)

    def _directory(self, day: date) -> AgencyDirectory:
        version = self.version_on(day)
        if version is None:
            return AgencyDirectory(())
        return directory_of(version, day, self.connections)


def directory_of(
    version: DirectoryVersion, day: date, connections: Mapping[str, Delivery | None]
) -> AgencyDirectory:
    """Return the agencies of a version that may be given cases on a Beijing date."""
    return AgencyDirectory(
        (
            Agency(one.code, one.name, one.division, connections.get(one.code))
            for one in version.content.listed_on(day)
            if one.registers
        ),
        version=version.number,
    )
