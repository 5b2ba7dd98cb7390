"""回执: a receipt follows from what it is for, so a repeat cannot get another."""

import hashlib
from datetime import datetime
from typing import Literal

from schemas.receipts import Receipt


def receipt(
    source: str,
    key: str,
    kind: Literal["application", "withdrawal", "outcome", "dispatch"],
    *,
    revision: int,
    digest: str,
    at: datetime,
) -> bytes:
    """Return the receipt, as its exact bytes, for a message received from `source` at `at`.

    Its number is 24 hexadecimal digits over the message's identity and content.
    """
    identity = "\x1f".join((source, key, kind, str(revision), digest))
    return Receipt(
        receipt_no=hashlib.sha256(identity.encode()).hexdigest()[:24],
        key=key,
        kind=kind,
        revision=revision,
        digest=digest,
        received_at=at,
    ).wire()
