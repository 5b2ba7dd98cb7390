"""连通: a signed ping, which proves reach, both keys and the clocks; and why it failed."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from duijie.checks.links import SKEW_S
from duijie.checks.result import CheckResult
from gateway.adapters.signed_client import SignedClient
from gateway.errors import PeerRefused, PeerUnavailable
from gateway.failure_words import explain_failure, explain_refusal
from schemas.signing import Explanation


@dataclass(frozen=True, slots=True)
class PingResult:
    """What a ping came to.

    `reached` says that something came back, `believed` that the peer signed it for this ping.
    `status` is that of the answer, 0 where none came; `reason` and `problem` are codes of ours,
    empty where there is nothing to say; `skew_s` is how far the peer's clock is ahead of ours.
    """

    check: CheckResult
    reached: bool
    believed: bool
    status: int
    reason: str = ""
    problem: str = ""
    skew_s: float | None = None


async def ping_peer(
    subject: str, client: SignedClient, ping: Callable[[], Awaitable[None]]
) -> PingResult:
    """Return what `ping`, a call through `client`, came to."""
    try:
        await ping()
    except PeerUnavailable as exc:
        words = explain_failure(exc.failure, exc.status, exc.problem)
        return PingResult(
            _failed(subject, words, client.skew_s),
            exc.answered,
            exc.answered and client.believed,
            client.status,
            exc.failure.value,
            exc.problem,
            client.skew_s,
        )
    except PeerRefused as exc:
        words = explain_refusal(exc.status, exc.problem)
        check, skew_s = _failed(subject, words, client.skew_s), client.skew_s
        return PingResult(check, True, True, exc.status, exc.code, exc.problem, skew_s)
    check = _good(subject, client.status, client.skew_s)
    return PingResult(check, True, True, client.status, skew_s=client.skew_s)


def _failed(subject: str, words: Explanation, skew_s: float | None) -> CheckResult:
    cause = words.cause.rstrip("。")
    differ = "" if skew_s is None or abs(skew_s) <= SKEW_S else f"；{_clocks(skew_s)}"
    return CheckResult(subject, words.title, f"{cause}{differ}", words.cure.rstrip("。"))


def _good(subject: str, status: int, skew_s: float | None) -> CheckResult:
    """Report a good answer; clocks that drift apart are named before they refuse each other."""
    seen = f"连通，双向签名有效（HTTP {status}）"
    if skew_s is None:
        return CheckResult(subject, seen)
    if abs(skew_s) <= SKEW_S:
        return CheckResult(subject, f"{seen}，{_clocks(skew_s)}")
    return CheckResult(subject, seen, _clocks(skew_s), "请校准本机时钟（时间同步），或请对端校准")


def _clocks(skew_s: float) -> str:
    return f"对端时钟比本机{'快' if skew_s > 0 else '慢'} {abs(skew_s):.0f} 秒"
