"""回执号: a receipt's number follows from what it is for, so a repeat cannot get another."""

import hashlib


def receipt_number(source: str, key: str, kind: str, revision: int, digest: str) -> str:
    """Return 24 hexadecimal digits over the message's identity and content."""
    identity = "\x1f".join((source, key, kind, str(revision), digest))
    return hashlib.sha256(identity.encode()).hexdigest()[:24]
