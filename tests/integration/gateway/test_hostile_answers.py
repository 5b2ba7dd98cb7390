"""Answers of a peer that nobody signed: whatever stands in them is «no answer», and no more."""

import asyncio
from datetime import UTC, datetime
from typing import Final

import pytest
import respx
from hypothesis import example, given
from hypothesis import strategies as st

from gateway.adapters.answer_times import MAX_RETRY_AFTER_S, read_retry_after
from gateway.adapters.signed_client import SignedClient, reading
from gateway.errors import PeerFailure, PeerUnavailable
from schemas.signing import Link, Suite, new_key
from tests.support.serving import served_bytes

NOW: Final = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
KEY: Final = new_key("key-portal", Suite.HMAC_SHA256)
ABSURD: Final = (
    "Mon, 01 Jan 0001 00:00:00 +9999",
    "Fri, 31 Dec 9999 23:59:59 -9999",
    "Mon, 02 Mar 2026 01:30:00 +99999999999999999999",
    "Mon, 02 Mar 2026 25:61:61 GMT",
    "Mon, 99 Mar 2026 00:00:00 GMT",
    "Mon, 02 Mar 99999999999999999999 00:00:00 GMT",
    "Mon, 02 Mar 2026 00:00:00 -0000",
    ",,,,",
    "1e999",
    "-1",
    "٣",
    "\x00",
)


def client_of(base: str) -> SignedClient:
    """Return a client that signs, and believes, by the one key."""
    return SignedClient(base, Link(KEY, KEY), peer="p", now=lambda: NOW)


async def answered_with(url: str, headers: list[tuple[bytes, bytes]]) -> PeerUnavailable:
    """Return what a call comes to that a raw server answers 503, unsigned, with these headers."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        lines = b"".join(b"%b: %b\r\n" % line for line in headers)
        writer.write(b"HTTP/1.1 503 Busy\r\n%bContent-Length: 0\r\n\r\n" % lines)
        await writer.drain()
        writer.close()

    async with served_bytes(answer) as base, client_of(base) as client:
        with pytest.raises(PeerUnavailable) as unknown:
            await client.get(url)
    return unknown.value


@pytest.mark.parametrize("asked", [text for text in ABSURD if "\x00" not in text])
async def test_an_absurd_wait_on_an_unsigned_answer_asks_for_nothing(asked: str) -> None:
    failed = await answered_with("/", [(b"Retry-After", asked.encode())])
    assert failed.retry_after_s is None


async def test_a_wait_that_nobody_signed_counts_as_none() -> None:
    failed = await answered_with("/", [(b"Retry-After", b"600")])
    assert failed.retry_after_s is None


@given(st.text() | st.from_regex(r"\A[A-Z][a-z]{2}, \d{1,9} [A-Z][a-z]{2} \d{1,9} [\d:]{1,12}.*\Z"))
@example("Mon, 01 Jan 0001 00:00:00 +9999")
def test_no_text_whatever_is_more_than_a_wait_or_none(written: str) -> None:
    wait_s = read_retry_after(written, NOW)
    assert wait_s is None or 0.0 <= wait_s <= MAX_RETRY_AFTER_S


@pytest.mark.parametrize(
    "raised", [OverflowError("date"), RecursionError(), KeyError("张伟"), RuntimeError("cut")]
)
async def test_whatever_reading_an_answer_raises_is_no_answer_and_tells_no_value(
    respx_mock: respx.MockRouter, raised: Exception
) -> None:
    respx_mock.get("http://127.0.0.1:8600/").mock(side_effect=raised)
    async with client_of("http://127.0.0.1:8600") as client:
        with pytest.raises(PeerUnavailable) as unknown:
            await client.get("/")
    assert unknown.value.failure is PeerFailure.UNREADABLE
    assert str(unknown.value) == "p: answer.unreadable"


@pytest.mark.parametrize("raised", [RecursionError(), MemoryError(), KeyError("张伟")])
async def test_whatever_reading_a_signed_answer_raises_is_no_usable_answer(
    raised: Exception,
) -> None:
    with pytest.raises(PeerUnavailable) as unknown, reading("p"):
        raise raised
    assert str(unknown.value) == "p: answer.unreadable"


async def test_a_call_that_is_broken_off_stays_broken_off() -> None:
    asked = asyncio.Event()

    async def hold(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.set()
        await reader.read()
        writer.close()

    async with served_bytes(hold) as base, client_of(base) as client:
        call = asyncio.create_task(client.get("/"))
        await asked.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
