"""Errors of the simulator; the words for each code stand in the contract's catalogue."""

from schemas.calls.refusals import CallRefused
from schemas.reasons.reason import ReasonedError
from schemas.records.field_errors import field_error
from schemas.records.json_pointer import json_pointer
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


def unfit_member(*place: str, text: str) -> RequestRefused:
    """Return why a request is not acceptable: `place` is the way to its member, `text` Chinese."""
    error = field_error(json_pointer(place), "value_error", text)
    return RequestRefused("message.invalid", text, errors=(error,))


class ConnectionCut(Exception):
    """A fault cuts the connection here, without an answer."""


class InvalidAnswer(Exception):
    """The simulator was about to send what the published schema does not allow; it was not sent.

    `record` names the schema, `rule` is the JSON Pointer into it of what is broken: no value.
    """

    def __init__(self, record: str, rule: str) -> None:
        super().__init__(f"{record} against {rule or 'JSON'}")
        self.record, self.rule = record, rule


class SettingsRefused(ReasonedError):
    """The simulator cannot start as it is configured: which settings, and the cures."""
