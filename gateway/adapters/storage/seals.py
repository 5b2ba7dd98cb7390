"""Where personal data stand in the tables, and how little of it a list may show."""

import unicodedata
from typing import Final

import orjson

from gateway.ports.messages import Message, Opening, SetAside
from storage.sealing import Sealer
from storage.session import Row

_NAME, _CERTIFICATE = "aac003", "aac147"  # 姓名, 证件号码 on the wire
_MOST_STARS: Final = 3
_MIDDLE_DOT: Final = "\u00b7"
_PROVINCE_DIGITS: Final = 2
_CITIZEN_NUMBER_LENGTH: Final = 18


def content_row(sealer: Sealer, opening: Opening) -> Row:
    """Return what was received, in the order key epoch, person index, subject, content, key."""
    key, subject = opening.change.case.key, opening.subject
    return (
        sealer.epoch,
        None if subject is None else sealer.index(subject),
        None if subject is None else sealer.seal("contents", "subject", key, subject.encode()),
        sealer.seal("contents", "content", key, opening.content),
        key,
    )


def open_content(sealer: Sealer, key: str, sealed: bytes) -> bytes:
    """Return what was received for a case; raise `SealBroken`."""
    return sealer.open("contents", "content", key, sealed)


def open_subject(sealer: Sealer, key: str, sealed: bytes) -> str:
    """Return the certificate number of a case; raise `SealBroken`."""
    return sealer.open("contents", "subject", key, sealed).decode()


def sealed_body(sealer: Sealer, message: Message) -> bytes:
    """Return a message's body sealed for its number."""
    place = _place(message.kind.value, message.peer, message.number)
    return sealer.seal("outbox", "body", place, message.body)


def open_body(sealer: Sealer, *, kind: str, peer: str, number: str, sealed: bytes) -> bytes:
    """Return a message's body; raise `SealBroken`."""
    return sealer.open("outbox", "body", _place(kind, peer, number), sealed)


def sealed_aside(sealer: Sealer, item: SetAside) -> bytes:
    """Return the raw content of a thing set aside, sealed."""
    place = _place(item.source, item.digest, item.reason)
    return sealer.seal("set_aside", "content", place, item.content)


def shown_name(content: bytes) -> str:
    """Return the masked name in an application as received; empty when there is none to read."""
    try:
        form = orjson.loads(content)
    except orjson.JSONDecodeError:
        return ""
    name = form.get(_NAME) if isinstance(form, dict) else None
    return mask_name(name) if isinstance(name, str) else ""


def mask_name(name: str) -> str:
    """Return the first character and a star for each further one, three at most.

    Of a name with U+00B7 (间隔号) only the first part counts; a name of one character is a star.
    """
    letters = _graphemes(name.partition(_MIDDLE_DOT)[0].strip())
    if not letters:
        return ""
    return letters[0] + "*" * min(len(letters) - 1, _MOST_STARS) if len(letters) > 1 else "*"


def mask_certificate(number: str) -> str:
    """Return the province digits of a citizen's number (公民身份号码), and stars for the rest."""
    shown = _PROVINCE_DIGITS if _is_citizen_number(number) else 0
    return number[:shown] + "*" * (len(number) - shown)


def _is_citizen_number(number: str) -> bool:
    first = number[:-1]
    return len(number) == _CITIZEN_NUMBER_LENGTH and first.isascii() and first.isdecimal()


def _graphemes(text: str) -> list[str]:
    """Split into what a reader takes for one character: marks stay with what they mark."""
    letters: list[str] = []
    for sign in text:
        if letters and unicodedata.category(sign) in {"Mn", "Me", "Mc", "Cf"}:
            letters[-1] += sign
        else:
            letters.append(sign)
    return letters


def _place(*parts: str) -> str:
    return "\x1f".join(parts)
