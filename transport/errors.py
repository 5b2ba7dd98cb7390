"""The error of listening and connecting that whoever reads settings is told."""

from schemas.reasons.reason import ReasonedError


class TransportMisconfigured(ReasonedError):
    """An address or a file of TLS is unfit: which setting, what is wrong with it, and the cure."""
