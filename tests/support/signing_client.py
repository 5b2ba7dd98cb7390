"""A client (签名客户端) that signs as one party; a test may spoil what it signed, then send it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from io import BytesIO
from typing import Final, Self

import aiohttp
import orjson
from multidict import CIMultiDict
from yarl import URL

from schemas.reference.clock import utc_now
from schemas.signing import Key, Link, SignedRequest, Target, new_key, sign_request, verify_answer

JSON: Final = "application/json"


@dataclass(frozen=True)
class Answered:
    """What came back."""

    status: int
    body: bytes
    headers: Mapping[str, str]

    @property
    def code(self) -> str:
        """The stable code of a problem body: the whole message was refused."""
        return str(orjson.loads(self.body)["code"])

    @property
    def results(self) -> list[str]:
        """For each item of a batch: accepted, duplicate, or the problem code."""
        results = orjson.loads(self.body)["results"]
        return [one["problem"]["code"] if "problem" in one else one["status"] for one in results]

    @property
    def receipts(self) -> list[object]:
        """For each item of a batch its receipt, unparsed."""
        return [one.get("receipt") for one in orjson.loads(self.body)["results"]]


@dataclass(frozen=True)
class SigningClient:
    """What one party sends to the server at `base`; `send` sends any bytes with any headers."""

    base: str
    link: Link
    session: aiohttp.ClientSession

    def sign(
        self, method: str, path: str, body: bytes | None = None, *, at: datetime | None = None
    ) -> SignedRequest:
        """Return the headers that make a request this party's."""
        return sign_request(
            self.link.ours,
            Target.from_url(method, f"{self.base}{path}"),
            body=body,
            content_type=JSON if body else None,
            now=at or utc_now(),
            tag=self.link.tags.sends,
        )

    async def send(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
    ) -> Answered:
        """Send exactly this."""
        typed = {"Content-Type": JSON, **headers} if body else headers
        url = URL(f"{self.base}{path}", encoded=True)
        async with self.session.request(
            method, url, data=BytesIO(body) if body else None, headers=typed
        ) as answer:
            return Answered(answer.status, await answer.read(), answer.headers)

    async def call(self, method: str, path: str, body: bytes | None = None) -> Answered:
        """Send a signed request; make sure the answer is signed for it."""
        signed = self.sign(method, path, body)
        answered = await self.send(method, path, body, signed.headers)
        self.verify(answered, signed.signature)
        return answered

    def verify(self, answered: Answered, request_signature: str) -> None:
        """Make sure that the other side signed this answer to that request."""
        verify_answer(
            self.link.theirs,
            status=answered.status,
            headers=CIMultiDict(answered.headers),
            body=answered.body,
            request_signature=request_signature,
            now=utc_now(),
            tags=self.link.tags,
        )

    def with_forged_key(self) -> Self:
        """Return a client that uses this party's key id with another key."""
        ours = self.link.ours.signing(utc_now())
        return self._with(new_key(ours.key_id, ours.suite))

    def with_unknown_key(self) -> Self:
        """Return a client whose key the other side does not know."""
        return self._with(new_key("key-of-nobody", self.link.ours.signing(utc_now()).suite))

    def _with(self, key: Key) -> Self:
        return replace(self, link=replace(self.link, ours=key))
