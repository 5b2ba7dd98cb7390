"""响应不可用: each call of a peer that brings no usable answer is counted by its reason.

An answer that the peer signed, but not for the request it came for, is a security event of its
own: something on the way repeats or exchanges answers, or the peer does not bind what it signs.
"""

import logging
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from types import MappingProxyType
from typing import Final

from gateway.domain.outbox_rules import MessageKind
from gateway.errors import PeerFailure, PeerRefused, PeerUnavailable
from gateway.events import say
from gateway.metrics import Metrics
from gateway.ports import PORTAL
from gateway.ports.directory import DirectoryReceiver
from gateway.ports.peers import AgencySystem, DownloadedPage, PeerCall, Portal, StatementSource
from gateway.ports.table_source import TableSource
from schemas.records.agencies import AgencyDirectory, DirectoryAnswer
from schemas.records.receipts import AcknowledgedItem, ItemResult
from schemas.records.statements import Statement
from schemas.records.tables import CodeTableList, DivisionPage

LOG: Final = logging.getLogger(__name__)
_UPLOADS: Final[Mapping[MessageKind, PeerCall]] = MappingProxyType(
    {
        MessageKind.REPORT: PeerCall.REPORT,
        MessageKind.REGISTRATION: PeerCall.REPORT_REGISTRATIONS,
        MessageKind.DEREGISTRATION: PeerCall.REPORT_DEREGISTRATIONS,
        MessageKind.APPLICATION_RETURN: PeerCall.RETURN,
    }
)


class WatchedCalls:
    """Watches the calls of one peer; `peer` is its name among ours, never one that it sends."""

    def __init__(self, peer: str, metrics: Metrics) -> None:
        self._peer, self._metrics = peer, metrics

    @contextmanager
    def watch(self, call: PeerCall) -> Iterator[None]:
        """Count what the call within comes to, unless it succeeds, and name it in the error."""
        try:
            yield
        except PeerUnavailable as exc:
            exc.operation = call.value
            self._metrics.count(
                self._metrics.call_failures, self._peer, call.value, exc.failure.value
            )
            if exc.failure is PeerFailure.NOT_BOUND:
                self._tell_not_bound(call, exc.status)
            raise
        except PeerRefused as exc:
            exc.operation = call.value
            self._metrics.count(self._metrics.call_failures, self._peer, call.value, exc.code)
            raise

    def _tell_not_bound(self, call: PeerCall, status: int) -> None:
        say(
            LOG,
            logging.ERROR,
            "answer.not-bound",
            peer=self._peer,
            operation=call.value,
            status=status,
        )


class WatchedPortalCalls:
    """`Portal` whose calls are watched."""

    def __init__(self, portal: Portal, metrics: Metrics) -> None:
        self._portal, self._calls = portal, WatchedCalls(PORTAL, metrics)

    async def download(self, *, limit: int, wait_s: int) -> DownloadedPage:
        """See `Portal.download`."""
        with self._calls.watch(PeerCall.DOWNLOAD):
            return await self._portal.download(limit=limit, wait_s=wait_s)

    async def acknowledge(
        self, stored: Sequence[AcknowledgedItem]
    ) -> tuple[ItemResult | None, ...]:
        """See `Portal.acknowledge`."""
        with self._calls.watch(PeerCall.ACKNOWLEDGE):
            return await self._portal.acknowledge(stored)

    async def upload(self, kind: MessageKind, records: Sequence[bytes]) -> tuple[ItemResult, ...]:
        """See `Portal.upload`."""
        with self._calls.watch(_UPLOADS[kind]):
            return await self._portal.upload(kind, records)

    async def ping(self) -> None:
        """See `Portal.ping`."""
        with self._calls.watch(PeerCall.PING):
            await self._portal.ping()


class WatchedDirectoryCalls:
    """`DirectoryReceiver` whose calls are watched."""

    def __init__(self, receiver: DirectoryReceiver, metrics: Metrics) -> None:
        self._receiver, self._calls = receiver, WatchedCalls(PORTAL, metrics)

    async def publish(self, part: AgencyDirectory) -> DirectoryAnswer:
        """See `DirectoryReceiver.publish`."""
        with self._calls.watch(PeerCall.PUBLISH):
            return await self._receiver.publish(part)


class WatchedStatements:
    """`StatementSource` whose calls are watched."""

    def __init__(self, source: StatementSource, metrics: Metrics) -> None:
        self._source, self._calls = source, WatchedCalls(PORTAL, metrics)

    async def fetch_statement(self, day: date, *, part: int) -> Statement:
        """See `StatementSource.fetch_statement`."""
        with self._calls.watch(PeerCall.STATEMENT):
            return await self._source.fetch_statement(day, part=part)


class WatchedTableCalls:
    """`TableSource` whose calls are watched."""

    def __init__(self, source: TableSource, metrics: Metrics) -> None:
        self._source, self._calls = source, WatchedCalls(PORTAL, metrics)

    async def code_tables(self, part: int) -> CodeTableList:
        """See `TableSource.code_tables`."""
        with self._calls.watch(PeerCall.CODE_TABLES):
            return await self._source.code_tables(part)

    async def divisions(self, after: str | None) -> DivisionPage:
        """See `TableSource.divisions`."""
        with self._calls.watch(PeerCall.DIVISIONS):
            return await self._source.divisions(after)


class WatchedAgencyCalls:
    """`AgencySystem` whose calls are watched; `agency` is its code in the settings."""

    def __init__(self, system: AgencySystem, agency: str, metrics: Metrics) -> None:
        self._system, self._calls = system, WatchedCalls(agency, metrics)

    async def deliver(self, dispatches: Sequence[bytes]) -> tuple[ItemResult, ...]:
        """See `AgencySystem.deliver`."""
        with self._calls.watch(PeerCall.PUSH):
            return await self._system.deliver(dispatches)
