"""Errors of the simulator; the words for each code stand in the contract's catalogue."""

from schemas.calls.refusals import CallRefused
from schemas.records.problems import FieldError


class RequestRefused(CallRefused):
    """A call, an item or a form is not acceptable; it changed nothing.

    `retry_after_s` goes out as Retry-After.
    """

    def __init__(
        self,
        code: str,
        detail: str | None = None,
        *,
        errors: tuple[FieldError, ...] = (),
        retry_after_s: int | None = None,
    ) -> None:
        super().__init__(code, detail, errors=errors)
        self.retry_after_s = retry_after_s


class ConnectionCut(Exception):
    """A fault cuts the connection here, without an answer."""


class InvalidAnswer(Exception):
    """The simulator was about to send what the published schema does not allow; it was not sent.

    `record` names the schema, `rule` is the JSON Pointer into it of what is broken: no value.
    """

    def __init__(self, record: str, rule: str) -> None:
        super().__init__(f"{record} against {rule or 'JSON'}")
        self.record, self.rule = record, rule


class SettingsRefused(Exception):
    """The simulator cannot start as it is configured; the message names settings and cures."""
