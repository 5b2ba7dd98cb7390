"""Canaries (探测值): values of simulated people that nothing may write, and what finds them.

A value is looked for in every spelling in which a program may have written it: encodings of text,
JSON escapes, percent escapes, hexadecimal, base64 at each of its three alignments.
"""

import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import quote, quote_plus

from tests.builders.records import citizen_number

NAME: Final = "欧阳模拟雁"
CERTIFICATE: Final = citizen_number("19880808", area="410102")
MOBILE: Final = "13900001357"
ADDRESS: Final = "雁鸣湖路八百八十八号"
CANARIES: Final[Mapping[str, str]] = {
    "name": NAME,
    "certificate": CERTIFICATE,
    "mobile": MOBILE,
    "address": ADDRESS,
}
_TEXT_ENCODINGS: Final = ("utf-8", "gb18030", "utf-16-le", "utf-16-be")


@dataclass(frozen=True, slots=True)
class Leak:
    """A canary that stands in what was written: whose value, where, and how it is spelled."""

    canary: str
    where: str
    spelling: str


def spellings(value: str) -> Iterator[tuple[str, bytes]]:
    """Yield the ways in which `value` may have been written, by name."""
    escaped = json.dumps(value)[1:-1]
    texts = {
        "plain": value,
        "json": escaped,
        "json-upper": escaped.upper().replace("\\U", "\\u"),
        "percent": quote(value, safe=""),
        "percent-lower": quote(value, safe="").lower(),
        "percent-all": "".join(f"%{byte:02X}" for byte in value.encode()),
        "percent-twice": quote(quote(value, safe=""), safe=""),
        "plus": quote_plus(value),
        "latin-1": value.encode().decode("latin-1"),
        "bytes-repr": repr(value.encode())[2:-1],
    }
    for name, text in texts.items():
        yield name, text.encode()
    for encoding in _TEXT_ENCODINGS:
        content = value.encode(encoding)
        yield encoding, content
        yield f"{encoding} hex", content.hex().encode()
        yield f"{encoding} hex-upper", content.hex().upper().encode()
        yield from _base64(encoding, content)


def _base64(encoding: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the characters of base64 that do not depend on what stands before or after."""
    for shift in range(3):
        for name, encode in (("base64", b64encode), ("base64url", urlsafe_b64encode)):
            written = encode(bytes(shift) + content).rstrip(b"=")
            whole = written[4 if shift else 0 : (shift + len(content)) // 3 * 4]
            if len(whole) >= 8:
                yield f"{encoding} {name} +{shift}", whole


def scan(written: Mapping[str, bytes]) -> list[Leak]:
    """Return every canary that stands in what was written, by where it was written."""
    return [
        Leak(canary, where, name)
        for canary, value in CANARIES.items()
        for name, spelled in spellings(value)
        for where, content in written.items()
        if spelled in content
    ]


def files_below(folder: Path) -> dict[str, bytes]:
    """Return what every file below a folder holds, by its path; names of files count as written."""
    found = {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }
    return found | {"names of files": "\n".join(found).encode()}
