"""Signed calls (签名调用) to a gateway, of a stand-in agency or of the national side.

An unproven answer is none.
"""

import asyncio
import io
import secrets
from dataclasses import dataclass
from typing import Final

import aiohttp
from yarl import URL

from schemas.records.json_errors import LONGEST_BODY_BYTES
from schemas.reference.clock import Now
from schemas.signing import Link, SignatureRejected, Target, sign_request, verify_answer
from transport.tls import TlsInUse

_JSON: Final = "application/json"


class Unanswered(Exception):
    """No answer that can be believed: what happened over there is unknown; the call may go again.

    `retry_after_s` is the pause in seconds that the other side asked for, if any; `status` that of
    an answer that is proven and no 200.
    """

    def __init__(
        self, detail: str, *, retry_after_s: float | None = None, status: int | None = None
    ) -> None:
        super().__init__(detail)
        self.retry_after_s, self.status = retry_after_s, status


@dataclass(frozen=True, slots=True)
class SignedClient:
    """One connection to a gateway at `base` (scheme, host and port)."""

    session: aiohttp.ClientSession
    base: str
    link: Link
    now: Now
    tls: TlsInUse | None = None

    async def get(self, path: str, *, deadline_s: float) -> bytes:
        """Return the body of a proven answer 200.

        Raises:
            Unanswered: There is none within `deadline_s` seconds.
        """
        return await self._call("GET", path, None, deadline_s, None)

    async def post(
        self, path: str, body: bytes, *, deadline_s: float, trace_id: str | None = None
    ) -> bytes:
        """Send a body and return that of a proven answer 200.

        Raises:
            Unanswered: There is none within `deadline_s` seconds.
        """
        return await self._call("POST", path, body, deadline_s, trace_id)

    async def _call(
        self, method: str, path: str, body: bytes | None, deadline_s: float, trace_id: str | None
    ) -> bytes:
        url = f"{self.base}{path}"
        signed = sign_request(
            self.link.ours,
            Target.from_url(method, url),
            body=body,
            content_type=_JSON if body else None,
            now=self.now(),
            tag=self.link.tags.sends,
        )
        headers = dict(signed.headers)
        if body:
            headers["Content-Type"] = _JSON
        if trace_id is not None:
            headers["traceparent"] = f"00-{trace_id}-{secrets.token_hex(8)}-01"
        try:
            async with (
                asyncio.timeout(deadline_s),
                self.session.request(
                    method,
                    URL(url, encoded=True),
                    data=None if body is None else io.BytesIO(body),  # others get their turn
                    headers=headers,
                    allow_redirects=False,
                    ssl=True if self.tls is None else self.tls.context,
                ) as answer,
            ):
                content = await _read(answer)
                return self._proven(answer, content, signed.signature)
        except (aiohttp.ClientError, TimeoutError, OSError) as exc:
            raise Unanswered(f"{type(exc).__name__}") from exc

    def _proven(self, answer: aiohttp.ClientResponse, content: bytes, signature: str) -> bytes:
        wait = _retry_after(answer.headers.get("Retry-After"))
        try:
            verify_answer(
                self.link.theirs,
                status=answer.status,
                headers=answer.headers,
                body=content,
                request_signature=signature,
                now=self.now(),
                tags=self.link.tags,
            )
        except SignatureRejected as refused:
            raise Unanswered(
                f"status {answer.status}, {refused.code}", retry_after_s=wait
            ) from refused
        if answer.status != 200:
            text = f"status {answer.status}"
            raise Unanswered(text, retry_after_s=wait, status=answer.status)
        return content


async def _read(answer: aiohttp.ClientResponse) -> bytes:
    content = await answer.content.read(LONGEST_BODY_BYTES + 1)
    parts = [content]
    size = len(content)
    while not answer.content.at_eof() and size <= LONGEST_BODY_BYTES:
        parts.append(await answer.content.readany())
        size += len(parts[-1])
    if size > LONGEST_BODY_BYTES:
        raise Unanswered("the answer is longer than any lawful one")
    return b"".join(parts)


def _retry_after(value: str | None) -> float | None:
    if value is None or not (value.isascii() and value.isdigit() and len(value) <= 5):
        return None
    return float(value)
