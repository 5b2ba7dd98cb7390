"""机构清单 at the national side: what each area published, by version, and which is in force."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from schemas.records.agencies import Agency, AgencyDirectory


@dataclass(slots=True)
class PublishedVersion:
    """One version of one area's list, as far as it has arrived; instants in UTC.

    `digests` are those of the parts that are there, by number.
    """

    area: str
    version: int
    parts: int
    published_at: datetime
    first_at: datetime
    digests: dict[int, str] = field(default_factory=dict)
    agencies: dict[int, tuple[Agency, ...]] = field(default_factory=dict)
    in_force_at: datetime | None = None
    repeats: int = 0

    @property
    def is_complete(self) -> bool:
        """Whether all parts are there."""
        return len(self.digests) == self.parts

    def belongs(self, part: AgencyDirectory) -> bool:
        """Say whether a part can be one of this version."""
        return (part.parts, part.published_at) == (self.parts, self.published_at)

    def listed(self) -> Iterator[Agency]:
        """Yield the agencies that have arrived, in the order of the parts."""
        for number in sorted(self.agencies):
            yield from self.agencies[number]


class AgencyLists:
    """The lists of all areas."""

    def __init__(self) -> None:
        self._arriving: dict[str, PublishedVersion] = {}
        self._in_force: dict[str, PublishedVersion] = {}

    def newest(self, area: str) -> PublishedVersion | None:
        """Return the version of an area with the highest number, complete or not."""
        return self._arriving.get(area)

    def in_force(self, area: str) -> PublishedVersion | None:
        """Return the version of an area that is shown."""
        return self._in_force.get(area)

    def all(self) -> Iterator[PublishedVersion]:
        """Yield, area by area, the version in force and one that is still arriving."""
        for area in sorted(self._arriving):
            shown, arriving = self._in_force.get(area), self._arriving[area]
            if shown is not None and shown is not arriving:
                yield shown
            yield arriving

    def begin(self, version: PublishedVersion) -> None:
        """Let a version take the place of the one that arrived before it."""
        self._arriving[version.area] = version

    def put_in_force(self, version: PublishedVersion, at: datetime) -> None:
        """Show a version from now on."""
        version.in_force_at = at
        self._in_force[version.area] = version

    def agencies(self, on: date) -> Iterator[Agency]:
        """Yield the agencies of all lists in force that are listed on a Beijing date."""
        for area in sorted(self._in_force):
            for one in self._in_force[area].listed():
                if one.valid_from <= on and (one.valid_to is None or on <= one.valid_to):
                    yield one
