"""The errors of the gateway that its parts tell each other, under one base.

    GatewayError
    ├── RequestRefused        a request, or one item of it, is not acceptable; nothing was stored
    │   └── MessageReplayed   its nonce was seen before
    ├── IllegalStep           a case was asked for a step its state does not allow
    ├── StaleCase             somebody changed the case since it was read
    ├── LeaseLost             another process became the leader
    ├── PeerUnavailable       no usable answer from a peer; the same call may be repeated
    │   └── PageUnreadable    a page came that cannot be taken apart; a smaller one may be
    ├── PeerRefused           a peer said no; repeating will not help
    └── Misconfigured         the gateway cannot start as it is configured

The store, its keys and its seals raise `storage.errors`.

An error that never leaves the part that raises it stands beside its cause. `code` is stable and
public; titles, causes and cures stand in `schemas.records.error_texts`.
"""


class GatewayError(Exception):
    """Anything the gateway raises on purpose."""

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


class PeerUnavailable(GatewayError):
    """No usable answer from a peer: what happened there is unknown, the same call may be repeated.

    `retry_after_s` is the wait that the peer asked for, in seconds, when it stated one.
    """

    code = "peer.unavailable"

    def __init__(self, detail: str, *, retry_after_s: float | None = None) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s


class PageUnreadable(PeerUnavailable):
    """A page of the feed cannot be read, and no item of it is to blame, or it is not known which.

    One with fewer items may be readable; a page of one that is not has the connection's fault.
    """

    code = "peer.page-unreadable"


class PeerRefused(GatewayError):
    """A peer said no to the whole call; repeating it unchanged will not help."""

    code = "peer.refused"


class Misconfigured(GatewayError):
    """The gateway cannot start: which setting, what is wrong with it, and the cure."""

    code = "config.invalid"
