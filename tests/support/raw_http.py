"""HTTP by hand (原始报文): bytes over a socket, for what no client library would send."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from schemas.signing import SignedRequest

Lines = Iterable[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """One answer as it came; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class RawConnection:
    """One connection; it reads no more than it is asked to."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    def send(self, data: bytes) -> None:
        """Send these bytes; a connection that is gone takes them, too."""
        self.writer.write(data)

    async def answer(self) -> RawAnswer:
        """Return the next answer; every one of ours says how long it is."""
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        named = (line.partition(":") for line in head[1:] if line)
        headers = {name.lower(): value.strip() for name, _, value in named}
        body = await self.reader.readexactly(int(headers.get("content-length", "0")))
        return RawAnswer(int(head[0].split()[1]), headers, body)

    async def ended(self) -> bytes:
        """Return what still comes until the other side ends the connection."""
        rest = bytearray()
        with suppress(ConnectionError):
            while data := await self.reader.read(1 << 16):
                rest += data
        return bytes(rest)


@asynccontextmanager
async def raw_connection(base: str, source: str = "127.0.0.1") -> AsyncIterator[RawConnection]:
    """Connect to the server at a base URL, from an address of the loopback."""
    parts = urlsplit(base)
    reader, writer = await asyncio.open_connection(
        parts.hostname, parts.port, local_addr=(source, 0)
    )
    try:
        yield RawConnection(reader, writer)
    finally:
        writer.transport.abort()


def request_head(base: str, method: str, target: str, lines: Lines = ()) -> bytes:
    """Return a request line with Host and these header lines, and the empty line."""
    named = [("Host", urlsplit(base).netloc), *lines]
    fields = "".join(f"{name}: {value}\r\n" for name, value in named)
    return f"{method} {target} HTTP/1.1\r\n{fields}\r\n".encode("latin-1")


def body_headers(
    body: bytes, signed: SignedRequest, **changes: str | None
) -> list[tuple[str, str]]:
    """Return the header lines of a signed JSON body; `None` leaves one out, `_` stands for `-`."""
    complete = {
        "content-type": "application/json",
        "content-length": str(len(body)),
        **{name.lower(): value for name, value in signed.headers.items()},
    }
    changed: dict[str, str | None] = {
        **complete,
        **{name.replace("_", "-"): value for name, value in changes.items()},
    }
    return [(name, value) for name, value in changed.items() if value is not None]
