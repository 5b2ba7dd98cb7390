"""下载确认: say what is stored, and believe a confirmation only where it is for just that.

The portal forwards an item until it takes note of its acknowledgement; the receipt says what it
believes to have forwarded. An item without a confirmation that is believed is acknowledged again.
What contradicts us is kept for a person: the two sides hold different things under one number.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from datetime import datetime

from gateway.domain.detail import Detail
from gateway.domain.feed_items import FeedKind, Received, Unreadable, position_key
from gateway.domain.item_answer import known_problem
from gateway.domain.receipts import (
    ACKNOWLEDGEMENT_REFUSED,
    CONFIRMATION_NOT_BELIEVED,
    ExpectedConfirmation,
)
from gateway.domain.retry_policy import is_worth_repeating
from gateway.errors import PeerRefused
from gateway.flows.page_result import Acknowledged, StoredItem, UnconfirmedItem
from gateway.ports import PORTAL
from gateway.ports.ledger import Ledger
from gateway.ports.peers import Portal
from gateway.ports.quarantine import QuarantinedItem
from gateway.ports.store import Store
from schemas.records.canonical_form import bytes_digest
from schemas.records.receipts import (
    BY_POSITION,
    Acknowledgement,
    ItemResult,
    PositionAcknowledgement,
)
from storage.errors import StorageError

FirstDigests = Mapping[tuple[str, str], str | None]
"""Digests of what was received before, by application number and kind; None if unknown."""


def stored_items(
    received: Iterable[Received], first: FirstDigests, at: datetime
) -> list[StoredItem]:
    """Return what is to be acknowledged: each number once, whatever came under it.

    What the portal reads in an item that is unreadable here nobody knows: any digest may be its.
    One without a number is acknowledged by its position, if it has one: by the bytes that came.
    """
    received = list(received)
    by_number = _by_number(received, first, at)
    return [*by_number, *_by_position(received, at)]


def _by_number(received: Iterable[Received], first: FirstDigests, at: datetime) -> list[StoredItem]:
    digests: dict[tuple[str, FeedKind], set[str | None]] = {}
    for one in received:
        if one.number is None:
            continue
        key = one.number, one.kind
        those = digests.setdefault(key, {first[key]} if key in first else set())
        unreadable = isinstance(one.item, Unreadable)
        those |= {None} if unreadable else {one.digest, bytes_digest(one.content)}
    return [
        StoredItem(
            Acknowledgement(application_no=number, kind=kind, stored_at=at),
            ExpectedConfirmation(kind, number, _known(those)),
        )
        for (number, kind), those in sorted(digests.items(), key=lambda one: one[0])
    ]


def _by_position(received: Iterable[Received], at: datetime) -> Iterator[StoredItem]:
    nameless = (one for one in received if one.number is None)
    for position, digest in sorted(
        (one.item.position, bytes_digest(one.content))
        for one in nameless
        if isinstance(one.item, Unreadable) and one.item.position is not None
    ):
        yield StoredItem(
            PositionAcknowledgement(
                kind=BY_POSITION, position=position, digest=digest, stored_at=at
            ),
            ExpectedConfirmation(BY_POSITION, str(position), frozenset({digest})),
        )


def _known(digests: AbstractSet[str | None]) -> frozenset[str] | None:
    return None if None in digests else frozenset(one for one in digests if one is not None)


async def acknowledge_stored(
    portal: Portal, stored: Sequence[StoredItem], *, store: Store, at: datetime
) -> Acknowledged:
    """Acknowledge what is stored, and return what the portal confirmed of it and what it did not.

    Raises:
        PeerUnavailable, PeerRefused: There is no usable answer at all.
    """
    answers = await portal.acknowledge([one.acknowledgement for one in stored])
    confirmed: list[StoredItem] = []
    unconfirmed: list[UnconfirmedItem] = []
    contradictions: list[QuarantinedItem] = []
    for one, result in zip(stored, answers, strict=True):
        if result is None:
            continue
        doubt = _doubt(one, result)
        if doubt is None:
            confirmed.append(one)
            continue
        unconfirmed.append(doubt)
        contradictions.extend(_contradiction(doubt, result, at))
    if contradictions:
        await _keep(contradictions, store)
    return Acknowledged(tuple(confirmed), tuple(unconfirmed))


def _doubt(one: StoredItem, result: ItemResult) -> UnconfirmedItem | None:
    """Return why an item is not confirmed, None where it is."""
    if result.receipt is None:
        said = "" if result.problem is None else result.problem.code
        return UnconfirmedItem(one, known_problem(said) or PeerRefused.code)
    fault = one.expected.fault(result.receipt)
    return None if fault is None else UnconfirmedItem(one, CONFIRMATION_NOT_BELIEVED, fault)


def _contradiction(
    doubt: UnconfirmedItem, result: ItemResult, at: datetime
) -> Iterator[QuarantinedItem]:
    """Yield an answer that contradicts what is stored here, to be kept for a person.

    It is kept once for each item and reason, so that its digest is not over its content: a portal
    that gives a new receipt every time would fill the quarantine, and hold up its own feed.
    """
    if is_worth_repeating(doubt.reason):
        return
    said = doubt.item.acknowledgement
    place = " ".join((said.key, said.kind, doubt.reason, doubt.fault or ""))
    refused = doubt.fault is None
    yield QuarantinedItem(
        source=PORTAL,
        key=said.application_no
        if isinstance(said, Acknowledgement)
        else position_key(said.position),
        reason=ACKNOWLEDGEMENT_REFUSED if refused else CONFIRMATION_NOT_BELIEVED,
        detail=str(_detail(doubt)),
        digest=bytes_digest(place.encode()),
        content=result.wire(),
        at=at,
    )


async def _keep(contradictions: Sequence[QuarantinedItem], store: Store) -> None:
    """Keep what contradicts us; while the ledger cannot, the log and the metrics say it alone."""

    def work(ledger: Ledger) -> None:
        ledger.quarantine.add(contradictions)

    with suppress(StorageError):
        await store.transact(work)


def _detail(doubt: UnconfirmedItem) -> Detail:
    if doubt.fault is None:
        return Detail(ACKNOWLEDGEMENT_REFUSED, {"code": doubt.reason})
    return Detail(f"receipt.other-{doubt.fault.value}")
