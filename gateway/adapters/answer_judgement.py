"""Judging whether an answer is believed (响应采信), and if not, why.

An answer whose signature does not fit its request may fit another one of ours: something on the
way repeated it or exchanged it. That is told apart from a wrong key and from altered content.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from gateway.errors import PeerFailure
from schemas.reference.clock import Now
from schemas.signing import (
    Headers,
    Link,
    SignatureErrorCode,
    SignatureRejected,
    Window,
    verify_answer,
)

_FAILURES: Final[Mapping[SignatureErrorCode, PeerFailure]] = MappingProxyType(
    {
        SignatureErrorCode.MISSING: PeerFailure.UNSIGNED,
        SignatureErrorCode.UNKNOWN_KEY: PeerFailure.WRONG_KEY,
        SignatureErrorCode.ALGORITHM_MISMATCH: PeerFailure.WRONG_KEY,
        SignatureErrorCode.NOT_BOUND: PeerFailure.NOT_BOUND,
        SignatureErrorCode.MISMATCH: PeerFailure.MISMATCH,
    }
)
_UNANSWERED: Final = 8
_BELIEVED: Final = 256


def failure_of_signature(code: SignatureErrorCode) -> PeerFailure:
    """Return what it means for a call that its answer breaks this rule of signatures."""
    return _FAILURES.get(code, PeerFailure.NOT_BELIEVED)


class RecentExchanges:
    """The last requests of one connection without a believed answer, and the last such answers.

    Bounded: what fell out of it is told as a signature that does not match.
    """

    def __init__(self) -> None:
        self._unanswered: OrderedDict[str, None] = OrderedDict()
        self._believed: OrderedDict[int, None] = OrderedDict()

    def sent(self, request: str) -> None:
        """Remember a request by its signature."""
        self._unanswered[request] = None
        if len(self._unanswered) > _UNANSWERED:
            self._unanswered.popitem(last=False)

    def believed(self, request: str, answer: str) -> None:
        """Remember the signature of an answer that was believed for `request`."""
        self._unanswered.pop(request, None)
        self._believed[hash(answer)] = None
        if len(self._believed) > _BELIEVED:
            self._believed.popitem(last=False)

    def is_of_another(self, request: str, answer: str, fits: Callable[[str], bool]) -> bool:
        """Say whether the signature of an answer was made for another request than `request`.

        At most eight more verifications an answer, and an answer comes only to a call of ours,
        which after a failure is a second away at least: nobody makes us compute by this.
        """
        if hash(answer) in self._believed:
            return True
        return any(fits(other) for other in self._unanswered if other != request)


class AnswerJudge:
    """Judges the answers of one connection."""

    def __init__(self, link: Link, window: Window, now: Now) -> None:
        self._link, self._window, self._now = link, window, now
        self._recent = RecentExchanges()

    def expect(self, request_signature: str) -> None:
        """Take note of a request that is about to be sent."""
        self._recent.sent(request_signature)

    def believe(
        self, request_signature: str, *, status: int, headers: Headers, body: bytes
    ) -> tuple[str, ...]:
        """Return what the signature of an answer covers; see `verify_answer`.

        Raises:
            SignatureRejected: Why it is not believed: `not-bound` where it is that of another
                request.
        """

        def verify(signature: str) -> tuple[str, ...]:
            return verify_answer(
                self._link.theirs,
                status=status,
                headers=headers,
                body=body,
                request_signature=signature,
                now=self._now(),
                window=self._window,
                tags=self._link.tags,
            )

        answer = ", ".join(headers.getall("Signature", []))
        try:
            covered = verify(request_signature)
        except SignatureRejected as exc:
            if exc.code is SignatureErrorCode.MISMATCH and self._recent.is_of_another(
                request_signature, answer, lambda other: _holds(verify, other)
            ):
                raise SignatureRejected(
                    SignatureErrorCode.NOT_BOUND, "signed for another request"
                ) from exc
            raise
        self._recent.believed(request_signature, answer)
        return covered


def _holds(verify: Callable[[str], object], request_signature: str) -> bool:
    try:
        verify(request_signature)
    except SignatureRejected:
        return False
    return True
