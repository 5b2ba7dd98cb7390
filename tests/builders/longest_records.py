"""The longest lawful records, written as long as JSON lets them be, by the contract's own limits.

Every member is there, every text as long as its schema allows, of characters beyond the first plane
where it may be; and every character, of names too, is written as an escape.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from pydantic.json_schema import JsonSchemaValue

from contracts.publish.limits import as_sent, longest_text
from contracts.publish.record_schemas import schema_of

_RARE: Final = "𠮷"
_FULL: Final[Mapping[str, str]] = {  # whatever a pattern bounds, at its bound
    "date": "2026-03-01",
    "date-time": "2026-03-02T09:00:00.000000+08:00",
}


def longest_application(number: str, **given: object) -> dict[str, object]:
    """Return a lawful application with every text at its limit, under a number of full length."""
    return _longest("application", "ForwardedApplication") | {
        "application_no": number.ljust(40, "~"),
        "kind": "application",
        "aac033": "5",
        "aae015": f"{'a' * 25}@{'b' * 24}",
        "aac067": "13900000000",
        "ajc093": "90",
        "code_set": "2016",
        "commitment": {"given": True, "date": "2026-03-01", "text_version": _RARE * 50},
        "forwarded_at": "2026-03-02T09:00:00.000000+08:00",
        **given,
    }


def longest_outcome(**given: object) -> dict[str, object]:
    """Return a lawful outcome with every text at its limit, of a person who did not pass."""
    full = _longest("outcome", "Outcome")
    forwarded = {name: full[name] for name in full if name not in ("division", "local_serial")}
    return forwarded | {
        "aae016": "2",
        "review_state": "2",
        "refusal_reason": "01",
        "revision": 1,
        **given,
    }


def longest_dispatch(number: str, application: dict[str, object], agency: str) -> dict[str, object]:
    """Return a lawful dispatch of an application, with as many findings as there may be."""
    return _longest("dispatch", "Dispatch") | {
        "dispatch_no": number.ljust(64, "0"),
        "agency_code": agency,
        "routed_by": {
            "rule": "ancestor",
            "place_division": "410102000000",
            "matched_division": "410102000000",
        },
        "application": application,
    }


def escaped(value: object) -> bytes:
    """Write a value as JSON without blanks, each character of each text as one or two escapes."""
    if isinstance(value, str):
        units = value.encode("utf-16-be")
        pairs = (units[at : at + 2].hex() for at in range(0, len(units), 2))
        return b'"%b"' % "".join(f"\\u{pair}" for pair in pairs).encode()
    if isinstance(value, Mapping):
        members = (b"%b:%b" % (escaped(name), escaped(one)) for name, one in value.items())
        return b"{%b}" % b",".join(members)
    if isinstance(value, Sequence):
        return b"[%b]" % b",".join(map(escaped, value))
    return str(value).lower().encode()


def _longest(record: str, part: str) -> dict[str, object]:
    schema = schema_of(record)
    parts = {**schema.get("$defs", {}), part: schema}
    return {name: _full(shape, parts) for name, shape in parts[part]["properties"].items()}


def _full(shape: JsonSchemaValue, parts: Mapping[str, JsonSchemaValue]) -> object:
    if "$ref" in shape:
        return _full(parts[str(shape["$ref"]).rpartition("/")[2]], parts)
    if "anyOf" in shape:
        return _full(next(one for one in shape["anyOf"] if one.get("type") != "null"), parts)
    return _full_value(shape, parts)


def _full_value(reader: JsonSchemaValue, parts: Mapping[str, JsonSchemaValue]) -> object:
    shape = as_sent(reader)
    if "enum" in shape or "const" in shape:
        return max(filter(None, shape.get("enum", [shape.get("const")])), key=len)
    kinds = shape["type"] if isinstance(shape["type"], list) else [shape["type"]]
    match next(one for one in kinds if one != "null"):
        case "object":
            return {name: _full(one, parts) for name, one in shape["properties"].items()}
        case "array":
            return [_full(shape["items"], parts)] * int(shape["maxItems"])
        case "boolean":
            return False
        case "integer":
            return shape["maximum"]
        case _:
            return _full_text(shape)


def _full_text(shape: JsonSchemaValue) -> str:
    if "maxLength" in shape:
        return _RARE * int(shape["maxLength"])
    return _FULL.get(str(shape.get("format")), "1" * longest_text(shape))
