"""The TLS of the simulator's listeners, and of the links that it opens to gateways (双向 TLS)."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Self

from simulator.config import SimulatorSettings
from simulator.errors import SettingsRefused
from transport.errors import TransportMisconfigured
from transport.tls import TlsInUse, read_again
from transport.tls_settings import LinkTls, ListenTls


@dataclass(frozen=True, slots=True)
class SimulatorTls:
    """By where it listens (`national`, or an agency's code), and by who calls.

    That is an agency, by its code, or `push` and the area that the national side pushes to.
    """

    listeners: Mapping[str, TlsInUse]
    links: Mapping[str, TlsInUse]

    @classmethod
    def read(cls, settings: SimulatorSettings) -> Self:
        """Return what the settings say, with the files as they are now.

        Raises:
            SettingsRefused: A file is unfit: which setting, and the cure.
        """
        listening = {"national": settings.national.listen_tls}
        listening |= {one.code: one.listen_tls for one in settings.agency}
        calling = {one.code: one.tls for one in settings.agency}
        calling |= {f"push {one.division}": one.push.tls for one in settings.province if one.push}
        try:
            return cls(_in_use(listening, "listen_tls"), _in_use(calling, "tls"))
        except TransportMisconfigured as exc:
            raise SettingsRefused(*exc.reasons) from exc

    def reload(self) -> None:
        """Read the files again, for the handshakes to come.

        Raises:
            SettingsRefused: A file is unfit; all stay as they were.
        """
        try:
            read_again((*self.listeners.values(), *self.links.values()))
        except TransportMisconfigured as exc:
            raise SettingsRefused(*exc.reasons) from exc


def _in_use(
    tables: Mapping[str, LinkTls | None] | Mapping[str, ListenTls | None], setting: str
) -> dict[str, TlsInUse]:
    return {
        name: TlsInUse(partial(table.context, f"{name}: {setting}"))
        for name, table in tables.items()
        if table is not None
    }
