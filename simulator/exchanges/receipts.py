"""回执与拒绝: the receipt for what was stored, and the problem for what was not."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256
from typing import Literal

import orjson

from contracts.verify.schema_validator import SchemaViolation
from schemas.calls.refusals import CallRefused, problem
from schemas.records.field_errors import field_error
from schemas.records.problems import FieldError, Problem
from schemas.records.receipts import ItemStatus
from simulator.exchanges.entries import ItemAnswer

ReceiptKind = Literal[
    "application",
    "withdrawal",
    "outcome",
    "dispatch",
    "registration",
    "deregistration",
    "position",
    "application-return",
]


def receipt(key: str, kind: ReceiptKind, *, revision: int, digest: str, at: datetime) -> bytes:
    """Return the receipt for a message stored at `at`: the bytes of the model `Receipt`.

    `digest` is over what the message says, not over how it is written.
    """
    number = sha256(f"{kind}/{key}/{revision}/{digest}/{at.isoformat()}".encode()).hexdigest()[:24]
    return orjson.dumps(  # without the model: one is given for every message
        {
            "receipt_no": number,
            "key": key,
            "kind": kind,
            "revision": revision,
            "digest": digest,
            "received_at": at,
        },
        option=orjson.OPT_UTC_Z,
    )


def problem_of(refused: CallRefused, trace_id: str | None = None) -> Problem:
    """Return the problem body for a refusal, in the words of the catalogue."""
    return problem(refused.code, refused.detail, trace_id=trace_id, errors=refused.errors)


def refused_item(refused: CallRefused) -> ItemAnswer:
    """Return the answer to an item that was refused."""
    return ItemAnswer(ItemStatus.REFUSED, problem_of(refused).wire())


def schema_errors(violations: Sequence[SchemaViolation]) -> tuple[FieldError, ...]:
    """Return what the published schema alone holds against a record that its model takes.

    The two come to one verdict on every record that was ever tried; this is the second check.
    """
    return tuple(
        field_error(one.pointer, "value_error", f"不符合公布的规则 {one.rule}")
        for one in violations
    )
