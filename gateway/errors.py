"""The errors of the gateway that its parts tell each other, under one base.

    GatewayError
    ├── RequestRefused        a request, or one item of it, is not acceptable; nothing was stored
    │   └── MessageReplayed   its nonce was seen before
    ├── IllegalStep           a case was asked for a step its state does not allow
    ├── StaleCase             somebody changed the case since it was read
    ├── LeaseLost             another process became the leader
    ├── DirectoryUnreadable   a version of it in the ledger is not as it was written
    ├── PeerUnavailable       no usable answer from a peer; the same call may be repeated
    │   └── PageUnreadable    a page came that cannot be taken apart; a smaller one may be
    ├── TablesUnfit           code tables or divisions that were fetched break a rule
    ├── EditionUnreadable     an edition of the tables that was put in force cannot be used
    ├── PeerRefused           a peer said no; repeating will not help
    └── Misconfigured         the gateway cannot start as it is configured

The store, its keys and its seals raise `storage.errors`.

An error that never leaves the part that raises it stands beside its cause. `code` is stable and
public; titles, causes and cures stand in `schemas.records.problem_texts`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum

from schemas.reasons.reason import ReasonedError
from transport.errors import TransportMisconfigured


class GatewayError(Exception):
    """What a part of the gateway tells another on purpose."""

    code = "gateway.fault"


class RequestRefused(GatewayError):
    """A request, or one item of it, is not acceptable; nothing of it was stored."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(f"{code}: {detail}")
        self.code, self.detail = code, detail


class MessageReplayed(RequestRefused):
    """A nonce came twice under one key."""

    def __init__(self, key_id: str) -> None:
        super().__init__("signature.replayed", f"key {key_id}: nonce seen before")


class IllegalStep(GatewayError):
    """A case was asked to take a step that its state does not allow."""

    code = "case.illegal-step"

    def __init__(self, key: str, state: str, step: str) -> None:
        super().__init__(f"{key}: cannot {step} while {state}")
        self.key, self.state, self.step = key, state, step


class StaleCase(GatewayError):
    """The case was changed by somebody else since it was read."""

    code = "case.stale"

    def __init__(self, key: str, version: int) -> None:
        super().__init__(f"{key}: no longer at version {version}")
        self.key, self.version = key, version


class LeaseLost(GatewayError):
    """Another process became the leader since this one did."""

    code = "lease.lost"

    def __init__(self, name: str) -> None:
        super().__init__(f"{name}: another process leads now")
        self.name = name


class DirectoryUnreadable(GatewayError):
    """A version of the agency directory (机构清单) in the ledger is damaged, or was altered."""

    code = "directory.unreadable"

    def __init__(self, version: int) -> None:
        super().__init__(f"agency directory, version {version}: not as it was written")
        self.version = version


class TablesUnfit(GatewayError):
    """Code tables or divisions break a rule, and are not used; what is in force stays so.

    `fault` is a code of `gateway.domain.fetched_tables`; `subject` the table or division, or ``.
    """

    code = "tables.unfit"

    def __init__(self, fault: str, subject: str = "") -> None:
        super().__init__(f"{fault} {subject}".rstrip())
        self.fault, self.subject = fault, subject


class EditionUnreadable(GatewayError):
    """An edition of the tables that an operator put in force cannot be read, or not be used."""

    code = "tables.edition-unreadable"

    def __init__(self, edition: str) -> None:
        super().__init__(edition)
        self.edition = edition


class PeerFailure(StrEnum):
    """Why a call brought no usable answer: a closed list, so that no log quotes what a peer sent.

    What begins with `answer.` came back from the peer, or from something on the way to it.
    """

    NO_ANSWER = "connection.failed"  # refused, name not found, cut before a whole answer
    TLS = "connection.tls-failed"
    CONNECT_TIMED_OUT = "connection.timed-out"
    TIMED_OUT = "connection.no-answer-in-time"
    DRAINING = "connection.draining"  # we are about to end
    STATUS = "answer.status"
    UNSIGNED = "answer.unsigned"
    WRONG_KEY = "answer.wrong-key"
    NOT_BOUND = "answer.not-bound"  # signed by the peer, but not for this request
    MISMATCH = "answer.signature-mismatch"
    NOT_BELIEVED = "answer.not-believed"  # signed, and broken by another rule of signatures
    NOT_HTTP = "answer.not-http"
    ENCODED = "answer.encoded"
    TOO_LARGE = "answer.too-large"
    HEADER_REPEATED = "answer.header-repeated"
    NOT_JSON = "answer.not-json"
    UNREADABLE = "answer.unreadable"
    NOT_UTF8 = "answer.not-utf-8"
    UNFIT = "answer.unfit"  # well-formed, but not an answer to what was asked
    TABLES_LOGIN = "tables.login-refused"  # of an exchange database (前置库), as the others below
    TABLES_MISSING = "tables.missing"
    TABLES_DENIED = "tables.not-allowed"
    TABLES_LOCKED = "tables.locked"
    TABLES_CHARACTER_SET = "tables.character-set"
    TABLES_FAULT = "tables.fault"


class PeerUnavailable(GatewayError):
    """No usable answer from a peer: what happened there is unknown, the same call may be repeated.

    `peer` is its name among ours. `status` is that of the answer, 0 where none came; `problem` a
    code of our own catalogues, else ``; `retry_after_s` the wait in seconds that the peer asked for
    in an answer that is believed; `skew_s` how far the clock of an answer is ahead of ours where it
    is about time, in seconds, unproven. `operation` is the call, named by whoever watches calls.
    """

    code = "peer.unavailable"

    def __init__(
        self,
        peer: str,
        failure: PeerFailure = PeerFailure.NO_ANSWER,
        *,
        status: int = 0,
        problem: str = "",
        retry_after_s: float | None = None,
        skew_s: float | None = None,
    ) -> None:
        super().__init__(_sentence(peer, failure, status, problem))
        self.peer, self.failure, self.status, self.problem = peer, failure, status, problem
        self.retry_after_s, self.skew_s = retry_after_s, skew_s
        self.operation = ""

    @property
    def answered(self) -> bool:
        """Say whether something came back, so that the way to the peer is open."""
        return self.failure.startswith("answer.")


class PageUnreadable(PeerUnavailable):
    """A page of the feed cannot be read, and no item of it is to blame, or it is not known which.

    One with fewer items may be readable; a page of one that is not has the connection's fault.
    """

    code = "peer.page-unreadable"

    def __init__(self, peer: str, failure: PeerFailure = PeerFailure.UNREADABLE) -> None:
        super().__init__(peer, failure)


class PeerRefused(GatewayError):
    """A peer said no to the whole call; repeating it unchanged will not help.

    `problem` is a code of our own catalogues, else ``; `operation` is that of `PeerUnavailable`.
    """

    code = "peer.refused"

    def __init__(self, peer: str, *, status: int = 0, problem: str = "") -> None:
        super().__init__(_sentence(peer, PeerFailure.STATUS, status, problem))
        self.peer, self.status, self.problem, self.operation = peer, status, problem, ""


def _sentence(peer: str, failure: PeerFailure, status: int, problem: str) -> str:
    said = f"answered {status}" if failure is PeerFailure.STATUS else str(failure)
    of = f" ({status})" if status and failure is not PeerFailure.STATUS else ""
    return f"{peer}: {said}{of} {problem}".rstrip()


class Misconfigured(GatewayError, ReasonedError):
    """The gateway cannot start: which setting, what is wrong with it, and the cure."""

    code = "config.invalid"


@contextmanager
def misconfigured() -> Iterator[None]:
    """Tell what is wrong with an address or a file of TLS as the gateway tells it of any setting.

    Raises:
        Misconfigured: The same, by the name of the setting, with the cure.
    """
    try:
        yield
    except TransportMisconfigured as exc:
        raise Misconfigured(*exc.reasons) from exc
