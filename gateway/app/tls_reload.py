"""Certificates are read again while the gateway runs (重新载入证书): all are exchanged, or none."""

import logging
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from gateway.config import Settings
from gateway.errors import Misconfigured
from gateway.events import say
from gateway.metrics import Metrics
from gateway.ports import PORTAL
from gateway.setting_types import outgoing_tls, serving_tls
from transport.tls import TlsInUse, read_again

LOG: Final = logging.getLogger(__name__)


class GatewayTls:
    """The TLS that a running gateway uses: of its listener, and by peer of the links it opens."""

    def __init__(self, settings: Settings, metrics: Metrics) -> None:
        """Read the files.

        Raises:
            Misconfigured: Which file is unfit, by its setting, and the cure.
        """
        self._metrics = metrics
        self.listener = serving_tls(settings.listen_tls)
        links = {one.code: outgoing_tls(one, f"agency {one.code}") for one in settings.agency}
        links[PORTAL] = outgoing_tls(settings.portal, PORTAL)
        self.links: Final[Mapping[str, TlsInUse | None]] = MappingProxyType(links)

    def reload(self) -> bool:
        """Read the files again for the handshakes to come; say whether they could be used.

        A bad file leaves all in force as they were. Connections that are open go on.
        """
        in_use = [one for one in (self.listener, *self.links.values()) if one is not None]
        if not in_use:
            return True
        try:
            read_again(in_use)
        except Misconfigured as exc:
            self._metrics.count(self._metrics.tls_reloads, "refused")
            say(LOG, logging.ERROR, "tls.kept", code=exc.code, raised=exc)
            return False
        self._metrics.count(self._metrics.tls_reloads, "done")
        say(LOG, logging.INFO, "tls.reloaded", count=len(in_use))
        return True
