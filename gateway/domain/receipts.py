"""回执: a receipt follows from what it is for: a repeat gets no other, and a wrong one is known."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Literal

import orjson

from schemas.records.base import WireModel
from schemas.records.canonical_form import bytes_digest, digest_of_received
from schemas.records.receipts import Receipt

ReceiptKind = Literal[
    "application",
    "withdrawal",
    "outcome",
    "dispatch",
    "registration",
    "deregistration",
    "return",
    "position",
    "application-return",
]


def receipt(
    source: str,
    key: str,
    kind: ReceiptKind,
    *,
    revision: int,
    digest: str,
    at: datetime,
) -> bytes:
    """Return the receipt, as its exact bytes, for a message received from `source` at `at`.

    Its number is 24 hexadecimal digits over the message's identity and content. Written without
    the model `Receipt`, to the same byte: one is given for every message, at a third of the cost.
    """
    identity = "\x1f".join((source, key, kind, str(revision), digest))
    return orjson.dumps(
        {
            "receipt_no": hashlib.sha256(identity.encode()).hexdigest()[:24],
            "key": key,
            "kind": kind,
            "revision": revision,
            "digest": digest,
            "received_at": at,
        },
        option=orjson.OPT_UTC_Z,
    )


class ReceiptFault(StrEnum):
    """Why a peer's receipt is not one for the message that was sent."""

    KIND = "kind"
    KEY = "key"
    REVISION = "revision"
    DIGEST = "digest"


CONFIRMATION_NOT_BELIEVED: Final = "acknowledgement.not-believed"
"""Why a stored item is acknowledged again whose receipt is for something else."""
ACKNOWLEDGEMENT_REFUSED: Final = "acknowledgement.refused"
"""The portal refused the acknowledgement of an item that it forwarded; why is a parameter."""


@dataclass(frozen=True, slots=True)
class ExpectedConfirmation:
    """What the receipt for an acknowledgement must say: it is for what was acknowledged.

    `digests` are those of the content received under the number, of its bytes, and of what was
    received first where the content differs; None where it may be any.
    """

    kind: ReceiptKind
    key: str
    digests: frozenset[str] | None

    def fault(self, given: Receipt) -> ReceiptFault | None:
        """Return what is wrong with the receipt that a peer gave, None where nothing is."""
        if given.kind != self.kind:
            return ReceiptFault.KIND
        if given.key != self.key:
            return ReceiptFault.KEY
        if given.revision != 1:
            return ReceiptFault.REVISION
        fits = self.digests is None or given.digest in self.digests
        return None if fits else ReceiptFault.DIGEST


@dataclass(frozen=True, slots=True)
class ExpectedReceipt:
    """What a receipt for a message must say; `sent` are its bytes, `read` reads its record.

    Peers that docked before content had one meaning give, and repeat, a receipt whose digest is
    over the bytes as sent; with it the key of a dispatch may be that of its case, `case_key`.
    """

    kind: ReceiptKind
    key: str
    revision: int
    case_key: str
    sent: bytes
    read: Callable[[bytes], WireModel]

    def fault(self, given: Receipt) -> ReceiptFault | None:
        """Return what is wrong with the receipt that a peer gave, None where nothing is."""
        earlier = given.digest == bytes_digest(self.sent)
        if given.kind != self.kind:
            return ReceiptFault.KIND
        if given.key != self.key and not (earlier and given.key == self.case_key):
            return ReceiptFault.KEY
        if given.revision != self.revision:
            return ReceiptFault.REVISION
        if not earlier and given.digest != digest_of_received(self.sent, self.read):
            return ReceiptFault.DIGEST
        return None
