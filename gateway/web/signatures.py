"""Signatures of requests and answers: who is calling, and that the answer is ours."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from aiohttp import web

from gateway.ports.nonces import Nonce
from gateway.web.authorities import Authorities
from gateway.web.calls import Answer
from gateway.web.client_certificates import ANY_CERTIFICATE, ClientCertificates
from gateway.web.keyring import Caller, Keyring
from schemas.signing import (
    VerifiedHeaders,
    VerifiedRequest,
    Window,
    sign_answer,
    verify_headers,
)

NONCE_MARGIN: Final = timedelta(seconds=60)
"""How much longer than its signature a nonce is remembered: our clock may step back."""


@dataclass(frozen=True, slots=True)
class Authenticated:
    """A request whose signature holds, and the caller whose key made it."""

    caller: Caller
    request: VerifiedRequest

    def nonce(self) -> Nonce:
        """Return the nonce that the request may use once."""
        expires = self.request.expires + NONCE_MARGIN
        return Nonce(self.request.key_id, self.request.nonce, expires)


@dataclass(frozen=True, slots=True)
class Signatures:
    """Verifies what callers signed and signs what they are answered; one keyring for both."""

    keyring: Keyring
    window: Window
    authorities: Authorities
    certificates: ClientCertificates = ANY_CERTIFICATE

    def verify_headers(self, request: web.Request) -> VerifiedHeaders:
        """Return what the headers of `request` prove; its body is not read for it.

        Raises:
            SignatureRejected: They are not signed, or the signature does not hold; by which rule.
        """
        target = self.authorities.target(request)
        verified = verify_headers(
            self.keyring.links,
            target,
            request.headers,
            has_body=request.body_exists,
            now=self.keyring.now(),
            window=self.window,
        )
        self.authorities.check(target, request)
        return verified

    def authenticate(self, headers: VerifiedHeaders, body: bytes) -> Authenticated:
        """Return who signed the request with these headers and this body.

        Raises:
            SignatureRejected: The body is not the one that was signed.
        """
        verified = headers.with_body(body)
        return Authenticated(self.keyring.callers[verified.key_id], verified)

    def check_certificate(self, caller: Caller, request: web.Request) -> None:
        """Let a caller in whose request came over a connection of its own.

        Raises:
            RequestRefused: See `ClientCertificates.check`.
        """
        self.certificates.check(caller, request)

    def sign(self, answer: Answer, authenticated: Authenticated) -> Answer:
        """Return `answer` signed for the request that it answers."""
        link = authenticated.caller.link
        headers = sign_answer(
            link.ours,
            status=answer.status,
            body=answer.body,
            request_signature=authenticated.request.signature,
            now=self.keyring.now(),
            retry_after=answer.headers.get("Retry-After"),
            tag=link.tags.answering(authenticated.request.tag),
        )
        return Answer(answer.body, answer.status, answer.media_type, {**answer.headers, **headers})
