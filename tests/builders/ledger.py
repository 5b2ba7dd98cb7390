"""What the ledger keeps: a case, its opening, a message, a nonce, an item in quarantine."""

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, Final

import orjson

from gateway.domain.case import Case, Change, State, begin
from gateway.domain.outbox_rules import MessageKind
from gateway.domain.table_decisions import DecisionStep, TableDecision
from gateway.domain.table_editions import EditionRef, TableKind
from gateway.ports.cases import Opening
from gateway.ports.inbox import IdempotencyKey, InboxEntry
from gateway.ports.nonces import Nonce
from gateway.ports.outbox import ClaimedMessage, OutboxMessage
from gateway.ports.quarantine import QuarantinedItem
from storage.sealing import LedgerKeys, Sealer

AT: Final = datetime(2026, 3, 2, 1, 30, 0, 123456, tzinfo=UTC)
SUBJECT: Final = "110101199003070003"
NAME: Final = "买买提·𠮷克"


def a_sealer(byte: int = 7) -> Sealer:
    """Return a sealer whose keys are the same every time."""
    return Sealer(LedgerKeys({1: bytes([byte]) * 32}, {1: bytes([byte + 1]) * 32}))


def a_case(key: str = "SQ0001", **changes: Any) -> Case:  # Any: fields of Case by name
    """Return a case just accepted, with an agency."""
    case = Case(
        key=key,
        state=State.ACCEPTED,
        version=1,
        revision=0,
        place_basis="1",
        place_division="430104",
        agency="430104A01",
        dispatch_no=f"{key}-1",
        dispatches=1,
        policy="79",
        submitted_at=AT,
        accepted_at=AT,
        changed_at=AT,
        due_on=date(2026, 3, 5),
        due_rule="79号: 3 working days",
        hold_reason=None,
        findings=("age.unusual",),
        trace_id="0af7651916cd43dd8448eb211c80319c",
        chain="",
    )
    return case._replace(**changes)


def a_decision(**changes: Any) -> TableDecision:  # Any: fields of TableDecision by name
    """Return the first decision on code tables: an adoption."""
    decision = TableDecision(
        EditionRef(TableKind.CODES, "a" * 64),
        1,
        DecisionStep.ADOPTED,
        date(2026, 3, 2),
        AT,
        "operator:李敏",
        "部端通知",
    )
    return replace(decision, **changes)


def a_form(name: str = NAME, subject: str = SUBJECT) -> bytes:
    """Return an application as received, as canonical JSON."""
    return orjson.dumps(
        {
            "aac003": name,
            "aac010": "长沙市岳麓区麓山南路1号",
            "aac067": "13800000000",
            "aac147": subject,
        },
        option=orjson.OPT_SORT_KEYS,
    )


def a_beginning(key: str = "SQ0001", **changes: Any) -> Change:  # Any: as a_case
    """Return the first change of a case."""
    return begin(a_case(key, **changes), "portal", None)


def an_opening(key: str = "SQ0001", **changes: Any) -> Opening:  # Any: as a_case
    """Return a case to open, with its form."""
    return Opening(a_beginning(key, **changes), a_form(), SUBJECT)


def a_message(
    key: str = "SQ0001", **changes: Any
) -> OutboxMessage:  # Any: fields of OutboxMessage by name
    """Return a dispatch to be sent to the case's agency."""
    message = OutboxMessage(
        kind=MessageKind.DISPATCH,
        peer="430104A01",
        key=key,
        number=f"{key}-1",
        revision=1,
        body=b'{"dispatch_no":"' + key.encode() + b'-1"}',
        due_at=AT,
    )
    return replace(message, **changes)


def an_idempotency_key(key: str = "SQ0001", revision: int = 0) -> IdempotencyKey:
    """Return the identity of a forwarded application."""
    return IdempotencyKey("portal", key, "application", revision)


def an_inbox_entry(content: bytes = b"content") -> InboxEntry:
    """Return what is remembered of a message with this content."""
    return InboxEntry(hashlib.sha256(content).hexdigest(), b'{"receipt":1}')


def a_nonce(value: str = "n-1", until: datetime = AT) -> Nonce:
    """Return a nonce of an agency's key."""
    return Nonce("430104A01-2026", value, until)


def a_quarantined_item(
    content: bytes = b'{"aac003": 7}', **changes: Any
) -> QuarantinedItem:  # as above
    """Return a malformed item of a page."""
    item = QuarantinedItem(
        source="portal",
        key="SQ0099",
        reason="item.malformed",
        detail="aac003: text expected",
        digest=hashlib.sha256(content).hexdigest(),
        content=content,
        at=AT,
    )
    return replace(item, **changes)


def a_claimed_message() -> ClaimedMessage:
    """Return a report that was claimed, to be sent now."""
    return ClaimedMessage(
        id=7,
        fence=1,
        kind=MessageKind.REPORT,
        peer="portal",
        key="SY1",
        number="SY1:1",
        revision=1,
        attempts=9,
        body=b"{}",
        content=None,
        trace_id="",
    )
