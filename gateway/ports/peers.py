"""The two kinds of peer: the national side, and agencies whose systems take pushes."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Protocol

from gateway.domain.outbox_rules import MessageKind
from schemas.records.receipts import AcknowledgedItem, ItemResult
from schemas.records.statements import Statement
from schemas.records.strict_json import RawItem


class PeerCall(StrEnum):
    """What the gateway calls peers for (对外调用), by the operation of the contract."""

    DOWNLOAD = "downloadApplications"
    ACKNOWLEDGE = "acknowledgeApplications"
    REPORT = "uploadOutcomes"
    REPORT_REGISTRATIONS = "uploadRegistrations"
    REPORT_DEREGISTRATIONS = "uploadDeregistrations"
    PUBLISH = "publishAgencies"
    STATEMENT = "fetchStatement"
    CODE_TABLES = "fetchCodeTables"
    DIVISIONS = "fetchDivisions"
    RETURN = "returnApplications"
    PUSH = "deliverDispatches"
    PING = "ping"
    TABLES = "exchangeTables"  # 前置库: no operation, but the rows of an agency


@dataclass(frozen=True, slots=True)
class DownloadedPage:
    """One answer of 失业登记申请信息下载: items as raw as they came, malformed ones marked."""

    items: tuple[RawItem, ...]
    more: bool


class Portal(Protocol):
    """The national side, as the gateway needs it (全国统一服务入口).

    Every call raises `PeerUnavailable` (unknown what happened; repeat) or `PeerRefused`.
    """

    async def download(self, *, limit: int, wait_s: int) -> DownloadedPage:
        """Fetch the oldest unacknowledged items; hold the line up to `wait_s` for the first.

        Raises:
            PageUnreadable: The page cannot be taken apart; ask for fewer. A page of one that
                its item breaks is returned as one malformed item.
        """
        ...

    async def acknowledge(
        self, stored: Sequence[AcknowledgedItem]
    ) -> tuple[ItemResult | None, ...]:
        """Say what is durably stored; repeats are harmless. At most 200 a call.

        Returns one result per acknowledgement, in order; None where a single one got no usable
        answer while others did.
        """
        ...

    async def upload(self, kind: MessageKind, records: Sequence[bytes]) -> tuple[ItemResult, ...]:
        """Hand records of one kind over, at least once; one result each, in order. At most 200."""
        ...

    async def ping(self) -> None:
        """Prove reach, clock and keys (连通性测试)."""
        ...


class StatementSource(Protocol):
    """The national side as the source of statements (对账单); raises as `Portal` does."""

    async def fetch_statement(self, day: date, *, part: int) -> Statement:
        """Return one part of the statement (对账单) of a Beijing day, counted from 1.

        Signed by the national side; whether it is of that day and part is for the reader to check.
        """
        ...


class AgencySystem(Protocol):
    """An agency's own system that takes pushes; raises as `Portal` does."""

    async def deliver(self, dispatches: Sequence[bytes]) -> tuple[ItemResult, ...]:
        """Hand dispatches over, at least once; one result per dispatch, in order. At most 200."""
        ...
