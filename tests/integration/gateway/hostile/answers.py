"""Hostile answers, made at random from a seed: status lines, headers, framing, encodings, JSON.

Some are signed as the peer would sign them, so that what is behind the signature is reached too.
Wherever a peer can put a value, the planted one is put now and then.
"""

import gzip
import random
from collections.abc import Callable
from functools import cache
from typing import Final

from schemas.reference.clock import Now
from schemas.signing import Link, sign_answer
from tests.support.canaries import CERTIFICATE, NAME
from tests.support.hostile_server import (
    HostileAnswer,
    HostileRequest,
    header_lines,
    http_answer,
)

PLANTED: Final = f"{NAME}-{CERTIFICATE}"
"""What must reach no log: canaries."""
_LARGE: Final = 4 << 20
_STATUSES: Final = (200, 200, 200, 201, 202, 204, 301, 307, 400, 401, 403, 404, 409, 413, 422, 429)
_STATUS_LINES: Final = (
    b"HTTP/1.1 200 OK",
    b"HTTP/1.1 503 Busy",
    b"HTTP/1.1 403 Forbidden",
    b"HTTP/1.0 200 OK",
    b"HTTP/9.9 200 OK",
    b"HTTP/1.1 000 None",
    b"HTTP/1.1 999 All",
    b"HTTP/1.1 99999999999999999999 Many",
    b"HTTP/1.1 -200 Less",
    b"HTTP/1.1 200",
    b"http/1.1 200 ok",
    b"HTTP/1.1 101 Switching Protocols",
    b"HTTP/1.1 304 Not Modified",
    b"ICY 200 OK",
    b"\x16\x03\x01\x02\x00\x01",
    b"",
)
_RETRY_AFTER: Final = (
    "0",
    "-1",
    "600",
    "9" * 40,
    "1e999",
    "nan",
    "٣",
    "Fri, 31 Dec 9999 23:59:59 -9999",
    "Mon, 01 Jan 0001 00:00:00 +9999",
    "Mon, 02 Mar 99999999999999999999 00:00:00 GMT",
    "Mon, 02 Mar 2026 00:00:00 +99999999999999999999",
    PLANTED,
)
_HEADERS: Final[tuple[tuple[str, tuple[str, ...]], ...]] = (
    ("Content-Length", ("0", "5", "-1", "+5", "0x5", "5, 5", "5, 6", "9" * 30, "", "1_0")),
    ("Transfer-Encoding", ("chunked", "gzip, chunked", "identity", "chunked, chunked", "xchunked")),
    ("Content-Encoding", ("identity", "gzip", "br", "zstd", "deflate", "gzip, gzip", "", PLANTED)),
    ("Content-Type", ("application/json", "text/html", "application/problem+json", ";;;", PLANTED)),
    ("Retry-After", _RETRY_AFTER),
    ("Date", (*_RETRY_AFTER, "Mon, 02 Mar 2026 01:30:00 GMT", "Thu, 01 Jan 1970 00:00:00 GMT")),
    ("Set-Cookie", (f"a={PLANTED}; Domain=.", "a=" + "b;" * 3000, "=;=;=", 'a="' + "\\" * 4000)),
    ("Location", (f"http://127.0.0.1:1/{PLANTED}", "//[", "http://[::1", "\\")),
    ("Content-Digest", ("sha-256=:AAAA:", "sha-256=", "a=" + "(" * 1000, PLANTED)),
    ("Signature", ("duijie=:AAAA:", "duijie=:" + "A" * 6000 + ":", ", " * 2000, PLANTED)),
    ("Signature-Input", ('duijie=("@status");created=1;keyid="x";tag="duijie-v1"', "(" * 4000)),
    ("Connection", ("close", "keep-alive", "upgrade", PLANTED)),
    ("Upgrade", ("h2c", "websocket", PLANTED)),
    ("Trailer", ("Content-Digest",)),
    ("X-" + "a" * 200, (PLANTED, "b" * 9000, "\u00ff\u00fe")),
)
_JSON: Final[tuple[str, ...]] = (
    "",
    "null",
    "[]",
    "{}",
    '{"items":[],"more":false}',
    '{"items":[],"more":1}',
    '{"items":[1,[],{}],"more":true}',
    '{"items":[{"application_no":"A","application_no":"B"}],"more":true}',
    '{"items":[{"kind":"application","application_no":"' + PLANTED + '"}],"more":true}',
    '{"items":[{"aac003":"' + PLANTED + '"}],"more":false}',
    '{"items":[NaN,Infinity,-0,1e999,' + "9" * 5000 + '],"more":false}',
    '{"items":["\\ud800"],"more":false}',
    '{"items":' + "[" * 30_000,
    "[" * 60_000 + "]" * 60_000,
    '{"a":' * 20_000 + "1" + "}" * 20_000,
    '{"items":[' + "{}," * 20_000 + '{}],"more":false}',
    '{"items":["' + "x" * 500_000 + '"],"more":false}',
    '{"results":[]}',
    '{"results":[{"status":"refused","problem":{"code":"' + PLANTED + '"}}]}',
    '{"results":[{"status":"accepted","receipt":{"receipt_no":"' + PLANTED + '"}}]}',
    '{"results":[' + '{"status":"accepted"},' * 5000 + "{}]}",
    '{"type":"urn:duijie:problem:' + CERTIFICATE + '","code":"' + CERTIFICATE + '",'
    '"title":"' + PLANTED + '","status":422,"detail":"' + PLANTED + '"}',
    "\ufeff{}",
    PLANTED,
)


@cache
def _bomb() -> bytes:
    """Return a few KiB that would be 16 MiB."""
    return gzip.compress(bytes(16 << 20))


class HostileAnswers:
    """The answers of one seed, endless; `link` signs as the peer that is asked."""

    def __init__(self, seed: str, link: Link, now: Now) -> None:
        self._random = random.Random(seed)  # noqa: S311 -- to be repeated, not secret
        self._link, self._now = link, now
        self._kinds: tuple[Callable[[str], HostileAnswer], ...] = (
            self._signed,
            self._signed,
            self._raw,
            self._raw,
            self._chunked,
            self._many,
            self._cut,
        )

    def answer(self, request: HostileRequest) -> HostileAnswer:
        """Return the next answer; the signed ones are for this request."""
        return self._random.choice(self._kinds)(request.signature)

    def _signed(self, request_signature: str) -> HostileAnswer:
        """What only the peer can say: a signature that holds, over whatever it pleases."""
        rng = self._random
        status, body = rng.choice((*_STATUSES, 500, 503, 599)), self._body()
        wait = rng.choice((None, *_RETRY_AFTER))
        if wait is not None and not wait.isascii():
            wait = None  # cannot be signed
        lines = sign_answer(
            self._link.ours,
            status=status,
            body=body,
            request_signature=request_signature,
            now=self._now(),
            retry_after=wait,
        )
        lines["Content-Type"] = rng.choice(("application/json", "application/problem+json", "x"))
        if wait is not None:
            lines["Retry-After"] = wait
        return http_answer(status, lines, body)

    def _raw(self, _: str) -> HostileAnswer:
        """Any status line, any headers, any body, dripping now and then."""
        rng = self._random
        line = rng.choice(_STATUS_LINES)
        if rng.random() < 0.1:
            line += PLANTED.encode() * rng.choice((1, 1000))
        chosen = [self._header() for _ in range(rng.randrange(8))]
        break_ = rng.choice((b"\r\n", b"\r\n", b"\r\n", b"\n", b"\r"))
        head = line + break_ + header_lines(chosen, break_)
        head += rng.choice((break_, break_, b" x\r\n\r\n"))
        whole = head + self._body()
        if rng.random() < 0.2:
            cuts = sorted(rng.randrange(len(whole) + 1) for _ in range(3))
            return HostileAnswer(
                tuple(whole[a:b] for a, b in zip([0, *cuts], [*cuts, len(whole)], strict=True)),
                holds=rng.random() < 0.3,
            )
        return HostileAnswer((whole,), reads_request=rng.random() < 0.9)

    def _chunked(self, _: str) -> HostileAnswer:
        """Chunks: tiny, lying about their size, with extensions, without an end."""
        rng = self._random
        head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        chunks = rng.choice(
            (
                b"1\r\n{\r\n" * rng.choice((10, 30_000)),
                b"5;" + b"e" * rng.choice((10, 100_000)) + b"\r\n{}{}{\r\n0\r\n\r\n",
                b"ffffffffffffffffff\r\n{}",
                b"-1\r\n{}\r\n0\r\n\r\n",
                b"2\r\n{}\r\n0\r\nContent-Digest: a\r\n" + b"X: y\r\n" * 1000 + b"\r\n",
                b"400000\r\n" + bytes(_LARGE) + b"\r\n1\r\nx\r\n0\r\n\r\n",
                b"2\r\n{}",
            )
        )
        return HostileAnswer((head, chunks), holds=rng.random() < 0.2)

    def _many(self, _: str) -> HostileAnswer:
        """Far too much of one thing, in the head or before it."""
        rng = self._random
        ok = b"HTTP/1.1 200 OK\r\n"
        return HostileAnswer(
            rng.choice(
                (
                    (b"HTTP/1.1 100 Continue\r\n\r\n" * 3000, ok + b"\r\n"),
                    (ok, b"X: y\r\n" * 20_000, b"\r\n"),
                    (ok, b"Set-Cookie: a=b; c=d; e=f\r\n" * 3000, b"\r\n"),
                    (ok, b"X: " + b"y" * 1_000_000 + b"\r\n\r\n"),
                    (ok, b"Content-Encoding: identity\r\nContent-Encoding: gzip\r\n\r\n", _bomb()),
                    (ok, b"Content-Encoding: gzip\r\n\r\n", _bomb()),
                    (ok + b"\r\n", bytes(_LARGE + 1)),
                    (ok + b"Content-Length: 2\r\n\r\n{}", ok * 100),
                    (b"\r\n" * 50_000, ok),
                )
            )
        )

    def _cut(self, _: str) -> HostileAnswer:
        """Nothing, or the beginning of something."""
        rng = self._random
        begun = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"
        return HostileAnswer(
            (begun[: rng.randrange(len(begun))],),
            reads_request=rng.random() < 0.5,
            holds=rng.random() < 0.2,
        )

    def _header(self) -> tuple[str, str]:
        name, values = self._random.choice(_HEADERS)
        return name, self._random.choice(values)

    def _body(self) -> bytes:
        rng = self._random
        chosen = rng.random()
        if chosen < 0.75:
            return rng.choice(_JSON).encode()
        if chosen < 0.85:
            return rng.choice(_JSON).encode("gb18030")
        if chosen < 0.95:
            text = bytearray(rng.choice(_JSON).encode()[:5000] or b"{}")
            for _ in range(rng.randrange(1, 4)):
                text[rng.randrange(len(text))] = rng.randrange(256)
            return bytes(text)
        return rng.randbytes(rng.choice((1, 100, 100_000)))
