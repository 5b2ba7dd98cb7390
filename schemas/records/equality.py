"""相同: when two messages say the same, however they are written. One comparison for all sides.

Blanks, the order of members, escapes, a member that is `null` instead of absent, `1.0` for `1` and
the zone in which an instant is written make no difference; a text differs by any character.
"""

import hashlib
from datetime import UTC, date, datetime

import orjson

from schemas.records.base import WireModel


def content_digest(record: WireModel) -> str:
    """Return SHA-256, hexadecimal, over what `record` says: the same for every spelling of it."""
    said = record.model_dump(by_alias=True, exclude_none=True)
    written = orjson.dumps(said, default=_written, option=orjson.OPT_PASSTHROUGH_DATETIME)
    return hashlib.sha256(written).hexdigest()


def _written(value: object) -> str:
    match value:
        case datetime():
            return value.astimezone(UTC).isoformat()
        case date():
            return value.isoformat()
        case _:
            raise TypeError
