"""规范形式: what a record says, as one sequence of bytes, however it was written.

Equality, digests, receipts and conflicts go by it; what is kept is the received bytes. A member
that is absent, `null` or at its default is left out; an instant is in UTC, ends with `Z` and has no
zeros at the end of its fraction; a whole number has no point. What remains is written by RFC 8785:
no blanks, members sorted by name, in UTF-8 with no more escapes than JSON demands. Names are ASCII,
so their order by code point, by byte and by UTF-16 code unit is the same. Text, civil dates and
the order of a list stay as they are.
"""

import hashlib
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Final

import orjson
from pydantic import ValidationError

from schemas.records.base import WireModel

_UTC: Final = "+00:00"
_OPTIONS: Final = orjson.OPT_SORT_KEYS | orjson.OPT_PASSTHROUGH_DATETIME


def canonical_form(record: WireModel) -> bytes:
    """Return what `record` says in its canonical form: the same bytes for every spelling of it."""
    said = record.__pydantic_serializer__.to_python(record, by_alias=True, exclude_defaults=True)
    return orjson.dumps(said, default=_written, option=_OPTIONS)


def content_digest(record: WireModel) -> str:
    """Return SHA-256, hexadecimal, over the canonical form of `record`."""
    return hashlib.sha256(canonical_form(record)).hexdigest()


def bytes_digest(received: bytes) -> str:
    """Return SHA-256, hexadecimal, over bytes as received: of what cannot be read as a record."""
    return hashlib.sha256(received).hexdigest()


def form_of_received(received: bytes, read: Callable[[bytes], WireModel]) -> bytes:
    """Return the canonical form of what `received` says, itself where `read` cannot read it."""
    try:
        return canonical_form(read(received))
    except ValidationError:
        return received


def digest_of_received(received: bytes, read: Callable[[bytes], WireModel]) -> str:
    """Return the digest of what `received` says, over its bytes where `read` cannot read it."""
    return bytes_digest(form_of_received(received, read))


def is_digest_of(digest: str, record: WireModel, received: bytes) -> bool:
    """Say whether `digest` is that of `record`, which came as `received`.

    Digests of earlier programs are recognised too: those over the bytes as received, and those over
    the members in the order of the model, with instants to the microsecond and empty lists.
    """
    return (
        digest == content_digest(record)
        or digest == bytes_digest(received)
        or digest == _digest_in_model_order(record)
    )


def _written(value: object) -> str:
    """Return a date, or an instant in UTC: `date` is the wider class."""
    match value:
        case datetime():
            written = value.astimezone(UTC).isoformat().removesuffix(_UTC)
            return f"{written.rstrip('0') if value.microsecond else written}Z"
        case date():
            return value.isoformat()
        case _:
            raise TypeError


def _digest_in_model_order(record: WireModel) -> str:
    """Return the digest as earlier programs stored it: frozen, and made for no new entry."""
    said = record.model_dump(by_alias=True, exclude_none=True)
    written = orjson.dumps(said, default=_in_utc, option=orjson.OPT_PASSTHROUGH_DATETIME)
    return hashlib.sha256(written).hexdigest()


def _in_utc(value: object) -> str:
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat()
        case date():
            return value.isoformat()
        case _:
            raise TypeError
