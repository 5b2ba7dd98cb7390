"""`Portal` over HTTP: the operations of the contract that the national side serves."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import date
from types import MappingProxyType
from typing import Final

from gateway.adapters.batch_answers import read_results
from gateway.adapters.feed_positions import placed, read_positions
from gateway.adapters.pings import exchange_ping
from gateway.adapters.signed_client import SignedClient, read_in_thread, reading
from gateway.domain.outbox_rules import MessageKind
from gateway.errors import PageUnreadable, PeerFailure, PeerRefused, PeerUnavailable
from gateway.ports import PORTAL
from gateway.ports.peers import DownloadedPage
from schemas.records.agencies import AgencyDirectory, DirectoryAnswer
from schemas.records.broken_page import item_that_breaks, members_before
from schemas.records.json_errors import Malformed
from schemas.records.receipts import AcknowledgedItem, AcknowledgementBatch, ItemResult
from schemas.records.statements import Statement
from schemas.records.strict_json import RawItem, parse, read_page

_ROOT: Final = "/national/v1"
_UPLOADS: Final[Mapping[MessageKind, str]] = MappingProxyType(
    {
        MessageKind.REPORT: "outcomes",
        MessageKind.REGISTRATION: "registrations",
        MessageKind.DEREGISTRATION: "deregistrations",
        MessageKind.APPLICATION_RETURN: "returns",
    }
)
"""What the records of a kind are called, as member of the batch and as end of its path."""
_BELOW: Final[Mapping[MessageKind, str]] = MappingProxyType(
    {MessageKind.APPLICATION_RETURN: "/applications"}
)
"""Where the path of a kind does not stand at the root."""
_NOT_OFFERED: Final = frozenset({"route.unknown", "operation.not-built"})
"""What a portal of contract 1.0 says to what 1.1 adds."""


class HttpPortal:
    """The national side over signed HTTP; `Portal` says what each call means."""

    def __init__(self, client: SignedClient) -> None:
        self._client = client

    async def download(self, *, limit: int, wait_s: int) -> DownloadedPage:
        """失业登记申请信息下载."""
        path = f"{_ROOT}/applications?limit={limit}&wait={wait_s}&positions=1"
        body = await self._client.get(path, wait_s=wait_s)
        with reading(PORTAL):
            try:
                page, items = await read_in_thread(read_page, body, "items")
            except Malformed as exc:
                if limit > 1:
                    raise PageUnreadable(PORTAL) from exc
                return DownloadedPage((_broken_item(body),), more=True)
            positions = read_positions(page)
            if positions and len(positions) != len(items):  # an item hides where it ends
                if limit > 1:
                    raise PageUnreadable(PORTAL)
                items = [_broken_item(body)]
            if not isinstance(page.get("more"), bool) or len(items) > limit:
                raise PeerUnavailable(PORTAL, PeerFailure.UNFIT)
            return DownloadedPage(placed(items, positions), page["more"] is True)

    async def acknowledge(self, stored: Sequence[AcknowledgedItem]) -> tuple[ItemResult, ...]:
        """下载确认."""
        batch = AcknowledgementBatch(acknowledgements=tuple(stored))
        answer = await self._client.post(f"{_ROOT}/applications/acknowledgements", batch.wire())
        return await read_results(answer, expected=len(stored), peer=PORTAL)

    async def upload(self, kind: MessageKind, records: Sequence[bytes]) -> tuple[ItemResult, ...]:
        """失业登记审核结果、本地受理登记、失业登记注销的上传，退回部端."""
        name = _UPLOADS[kind]
        body = b'{"%b":[%b]}' % (name.encode(), b",".join(records))
        try:
            answer = await self._client.post(f"{_ROOT}{_BELOW.get(kind, '')}/{name}", body)
        except PeerUnavailable as exc:
            # a person has to find another way then: the case must not wait for ever
            if kind in _BELOW and exc.failure is PeerFailure.STATUS and exc.problem in _NOT_OFFERED:
                raise PeerRefused(PORTAL, status=exc.status, problem=exc.problem) from exc
            raise
        return await read_results(answer, expected=len(records), peer=PORTAL)

    async def publish(self, part: AgencyDirectory) -> DirectoryAnswer:
        """机构清单发布."""
        answer = await self._client.put(f"{_ROOT}/agencies", part.wire())
        with reading(PORTAL):
            read = await read_in_thread(DirectoryAnswer.read, answer)
        if not _is_about(read, part):
            raise PeerUnavailable(PORTAL, PeerFailure.UNFIT)
        return read

    async def fetch_statement(self, day: date, *, part: int) -> Statement:
        """对账单下载."""
        path = f"{_ROOT}/statements/{day.isoformat()}?part={part}"
        body = await self._client.get(path)
        with reading(PORTAL):
            return await read_in_thread(_read_statement, body)

    async def ping(self) -> None:
        """连通性测试."""
        await exchange_ping(self._client, f"{_ROOT}/ping", peer=PORTAL)


def _is_about(answer: DirectoryAnswer, part: AgencyDirectory) -> bool:
    """Say whether an answer is about the version of `part`, has it, and agrees with itself."""
    received = set(answer.received)
    asked = (part.division, part.version, part.parts)
    return (
        (answer.division, answer.version, answer.parts) == asked
        and part.part in received
        and received <= set(range(1, part.parts + 1))
        and answer.in_force == (len(received) == part.parts)
    )


def _read_statement(body: bytes) -> Statement:
    parse(body)  # no member stands twice
    return Statement.read(body)


def _broken_item(body: bytes) -> RawItem:
    """Return the item that breaks its page of one: kept as it came, with its position."""
    try:
        broken = item_that_breaks(body, "items")
    except Malformed as exc:
        raise PageUnreadable(PORTAL) from exc
    with suppress(Malformed):  # the item goes on without a position
        return placed([broken], read_positions(members_before(body, "items")))[0]
    return broken
