"""报送答复: what the gateway's answer to a record that was handed in means for the record."""

from typing import Final

from schemas.records.base import WireModel
from schemas.records.canonical_form import is_digest_of
from schemas.records.receipts import Receipt

RETRYABLE: Final = frozenset(
    {"service.unavailable", "service.busy", "service.fault", "outcome.dated-ahead"}
)
"""Problems of the moment, not of the record: it goes again."""


def is_for(given: Receipt, identity: tuple[str, str, int], record: WireModel, sent: bytes) -> bool:
    """Say whether a receipt is for what was sent: `identity` is its kind, key and revision."""
    said = (given.kind, given.key, given.revision)
    return said == identity and is_digest_of(given.digest, record, sent)
