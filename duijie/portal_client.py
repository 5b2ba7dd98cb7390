"""部端连接: the national side as the gateway calls it, for a command that runs no gateway."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from gateway.adapters.link_keys import read_link
from gateway.adapters.portal import HttpPortal
from gateway.adapters.signed_client import SignedClient
from gateway.app.key_files import portal_link_settings
from gateway.config import Settings
from gateway.ports import PORTAL
from gateway.setting_types import outgoing_tls
from schemas.reference.clock import utc_now
from schemas.signing import Window


@asynccontextmanager
async def open_portal(settings: Settings) -> AsyncIterator[HttpPortal]:
    """Open a connection to the national side.

    Raises:
        Misconfigured: A key or a file of TLS cannot be used.
    """
    link = read_link(portal_link_settings(settings.portal), settings.crypto_profile)
    client = SignedClient(
        settings.portal.url,
        link,
        peer=PORTAL,
        now=utc_now,
        window=Window(max_age_s=settings.window_s),
        tls=outgoing_tls(settings.portal, PORTAL),
    )
    async with client:
        yield HttpPortal(client)
