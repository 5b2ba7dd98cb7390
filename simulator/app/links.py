"""The keys of the simulator's connections, and how they are exchanged while it runs."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Self

from schemas.signing import Link
from simulator.config import SimulatorSettings
from simulator.errors import SettingsRefused
from simulator.setting_reasons import SimulatorReason


@dataclass(frozen=True, slots=True)
class SimulatorLinks:
    """The connections to provinces by division, and of the stand-in agencies by code.

    `pushes` are those by which areas are pushed to, by division.
    """

    provinces: Mapping[str, Link]
    agencies: Mapping[str, Link]
    pushes: Mapping[str, Link]

    @classmethod
    def read(cls, settings: SimulatorSettings) -> Self:
        """Return the connections with the keys in the files.

        Raises:
            SettingsRefused: A key cannot be read, or two provinces share a key id.
        """
        links = cls(
            {one.division: one.link().reloadable() for one in settings.province},
            {one.code: one.link().reloadable() for one in settings.agency},
            {
                one.division: link.reloadable()
                for one in settings.province
                if (link := one.push_link()) is not None
            },
        )
        links.areas()
        return links

    def areas(self) -> dict[str, str]:
        """Return which division each key id docks for.

        Raises:
            SettingsRefused: One key id stands for two of them.
        """
        named = [
            (key_id, division)
            for division, link in self.provinces.items()
            for key_id in link.theirs.key_ids
        ]
        areas = dict(named)
        if len(areas) < len(named):
            raise SettingsRefused(SimulatorReason.KEY_ID_SHARED.at("province.key_file"))
        return areas

    def reload(self, settings: SimulatorSettings) -> None:
        """Exchange the keys for those now in the files, all of them or none.

        Raises:
            SettingsRefused: A key cannot be read, or two provinces share a key id.
        """
        fresh = type(self).read(settings)
        for name, link in self.provinces.items():
            link.exchange(fresh.provinces[name])
        for name, link in self.agencies.items():
            link.exchange(fresh.agencies[name])
        for name, link in self.pushes.items():
            link.exchange(fresh.pushes[name])


@dataclass(frozen=True, slots=True)
class LinksByKeyId(Mapping[str, Link]):
    """Connections by any key id of the other party, as their keys are now."""

    links: tuple[Link, ...]

    def __getitem__(self, key_id: str) -> Link:
        """Return the connection in which the other party has this key id."""
        for link in self.links:
            if key_id in link.theirs.key_ids:
                return link
        raise KeyError(key_id)

    def __iter__(self) -> Iterator[str]:
        """Yield every key id."""
        return (key_id for link in self.links for key_id in link.theirs.key_ids)

    def __len__(self) -> int:
        """Return how many key ids there are."""
        return sum(1 for _ in self)
