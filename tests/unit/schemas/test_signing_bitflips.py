"""Two thousand single-bit errors, none of which goes through."""

from random import Random

import pytest
from multidict import CIMultiDict

from schemas.signing import Suite, Target
from tests.unit.schemas.signing_messages import Message, a_message

FLIPS = 2000
PARTS = ("Signature", "Signature-Input", "Content-Digest", "Content-Type", "body", "path", "query")


def flipped(text: bytes, draw: Random) -> bytes:
    changed = bytearray(text)
    changed[draw.randrange(len(changed))] ^= 1 << draw.randrange(8)
    return bytes(changed)


def flip(message: Message, part: str, draw: Random) -> None:
    target = message.target
    match part:
        case "body":
            message.body = flipped(message.body, draw)
        case "path":
            path = flipped(target.path.encode(), draw).decode("latin-1")
            message.target = Target(target.method, target.authority, path, target.query)
        case "query":
            query = flipped(target.query.encode(), draw).decode("latin-1")
            message.target = Target(target.method, target.authority, target.path, query)
        case _:
            message.headers[part] = flipped(message.headers[part].encode(), draw).decode("latin-1")


@pytest.mark.parametrize("suite", list(Suite))
def test_a_flipped_bit_anywhere_is_refused(suite: Suite) -> None:
    draw = Random(9421)  # noqa: S311 - repeatable, not secret
    sound = a_message(suite)
    accepted = []
    for number in range(FLIPS):
        part = PARTS[number % len(PARTS)]
        message = Message(sound.target, CIMultiDict(sound.headers), sound.body, sound.links)
        flip(message, part, draw)
        if message.rejection() == "accepted":
            accepted.append((part, dict(message.headers)))

    assert accepted == []
    assert sound.rejection() == "accepted"
