"""The portal as the intake uses it: a held download can be ended, acknowledging is timed.

What is acknowledged goes through `Acknowledger`.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime

from gateway.domain.outbox_rules import MessageKind
from gateway.errors import PeerFailure, PeerUnavailable
from gateway.jobs.acknowledging import Acknowledger
from gateway.metrics import Metrics
from gateway.ports import PORTAL
from gateway.ports.peers import DownloadedPage, Portal
from schemas.records.receipts import AcknowledgedItem, ItemResult
from schemas.reference.clock import Now


class WatchedPortal:
    """The portal for the intake: times acknowledgements, lets a held download be cancelled."""

    def __init__(
        self, portal: Portal, metrics: Metrics, monotonic: Now, *, acknowledger: Acknowledger
    ) -> None:
        self._portal, self._metrics, self._monotonic = portal, metrics, monotonic
        self._acknowledger = acknowledger
        self._held: asyncio.Future[DownloadedPage] | None = None
        self._stopped = False
        self._received_at: datetime | None = None

    def stop(self) -> None:
        """Cancel a download that waits, and let no other begin: nothing of it is stored yet."""
        self._stopped = True
        if self._held is not None:
            self._held.cancel()

    async def download(self, *, limit: int, wait_s: int) -> DownloadedPage:
        """See `Portal.download`."""
        if self._stopped:
            raise PeerUnavailable(PORTAL, PeerFailure.DRAINING)
        self._held = asyncio.ensure_future(self._portal.download(limit=limit, wait_s=wait_s))
        try:
            page = await self._held
        except asyncio.CancelledError:
            if self._stopped:
                raise PeerUnavailable(PORTAL, PeerFailure.DRAINING) from None
            raise
        finally:
            self._held = None
        self._received_at = self._monotonic()
        return page

    async def acknowledge(
        self, stored: Sequence[AcknowledgedItem]
    ) -> tuple[ItemResult | None, ...]:
        """See `Portal.acknowledge`; timed where it is the first since a page was received."""
        results = await self._acknowledger.acknowledge(stored)
        if self._received_at is not None:
            took = self._monotonic() - self._received_at
            self._metrics.intake_ack.observe(took.total_seconds())
            self._received_at = None
        return results

    async def upload(self, kind: MessageKind, records: Sequence[bytes]) -> tuple[ItemResult, ...]:
        """See `Portal.upload`."""
        return await self._portal.upload(kind, records)

    async def ping(self) -> None:
        """See `Portal.ping`."""
        await self._portal.ping()
