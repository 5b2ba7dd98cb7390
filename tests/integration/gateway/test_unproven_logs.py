"""What a caller who has proven nothing can write into the log: few lines, none of its own text."""

import asyncio
import io
import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import orjson

from gateway.logs import UNPROVEN_PER_S, LineLimit, write_logs
from gateway.web.calls import Answer, SignedCall
from tests.integration.gateway.acting import BODY, PATH, acting
from tests.support.raw_http import body_headers, raw_connection, request_head

CANARY: Final = "canary7f"
HEXADECIMAL: Final = "c0ffee5eedc0ffee5eedc0ffee5eed77"
FLOOD: Final = 5 * UNPROVEN_PER_S


async def never(_: SignedCall) -> Answer:
    raise AssertionError("nobody has proven anything")


@contextmanager
def logged() -> Iterator[io.StringIO]:
    """Write the log as the process does, into memory, and let no time pass for its limit."""
    root, ours = logging.getLogger(), logging.getLogger("gateway")
    before = (list(root.handlers), root.level, ours.level)
    lines = io.StringIO()
    write_logs("info", lines).filters[:] = [LineLimit(clock_s=lambda: 0.0)]
    try:
        yield lines
    finally:
        root.handlers[:], root.level = before[0], before[1]
        ours.setLevel(before[2])


async def test_a_flood_of_unknown_callers_writes_few_lines_and_nothing_that_they_chose(
    tmp_path: Path,
) -> None:
    with logged() as lines:
        async with asyncio.timeout(30), acting(tmp_path, never) as act:
            for number in range(FLOOD):
                await send_what_does_not_hold(act.client.base, number)
                unknown_caller = act.client.with_unknown_key()
                signed = unknown_caller.sign("POST", PATH, BODY)
                field = signed.headers["Signature-Input"].replace("key-of-nobody", CANARY)
                async with raw_connection(act.client.base) as line:
                    named = body_headers(BODY, signed, signature_input=field)
                    line.send(request_head(act.client.base, "POST", PATH, named) + BODY)
                    await line.answer()

    text = lines.getvalue()
    kinds = Counter((one["event"], one.get("code")) for one in map(orjson.loads, text.splitlines()))
    assert {code for _, code in kinds} >= {"route.unknown", "signature.unknown-key"}
    assert ("connection.refused", "message.malformed") in kinds
    assert max(kinds.values()) == UNPROVEN_PER_S  # a slow machine may say of itself that it is
    assert CANARY not in text
    assert HEXADECIMAL not in text
    assert HEXADECIMAL[16:] not in text


async def send_what_does_not_hold(base: str, number: int) -> None:
    """Send an unknown path with telling headers, and bytes that are no request."""
    lines = [
        ("traceparent", f"00-{HEXADECIMAL}-{HEXADECIMAL[16:]}-01"),
        ("User-Agent", CANARY),
        ("Referer", CANARY),
    ]
    async with raw_connection(base) as unknown:
        unknown.send(request_head(base, "GET", f"/{CANARY}/{number}", lines))
        await unknown.answer()
    async with raw_connection(base) as mangled:
        mangled.send(b"GET /" + CANARY.encode() + b" HTTP/1.1\r\n" + b"a\x00b: c\r\n\r\n")
        await mangled.ended()
