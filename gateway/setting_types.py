"""What settings are made of (设置的类型): each refuses the impossible by rule and cure.

No message repeats a value: it may be a secret in the wrong place.
"""

from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, model_validator

from schemas.signing.peer_urls import check_listen_address, check_peer_url, check_plain_http
from storage.urls import check_store_url, has_control_character

LONGEST_PATH: Final = 4_000


def _check_file_path(path: Path) -> Path:
    text = str(path)
    if text in {"", "."} or has_control_character(text) or len(text) > LONGEST_PATH:
        raise ValueError("no path: empty, too long or with a control character; name a file")
    return path


def _refuse_truth_values(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("true and false are no numbers; write a number")  # noqa: TRY004 - pydantic reports a ValueError as the setting's fault
    return value


ListenAddress = Annotated[str, AfterValidator(check_listen_address)]
"""`host:port`; port 0 takes a free one."""
PeerUrl = Annotated[str, AfterValidator(check_peer_url)]
"""The base of signed calls, without a slash at its end."""
StoreUrl = Annotated[str, AfterValidator(check_store_url)]
"""`sqlite:///path` or `postgresql://…`."""
FilePath = Annotated[Path, AfterValidator(_check_file_path)]
"""A file or folder; whether it is there is seen when it is opened."""
Number = Annotated[int, BeforeValidator(_refuse_truth_values)]
"""A whole number, which `true` is not."""


class Table(BaseModel):
    """A table of settings: unknown names are refused, values never shown."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class OutgoingLink(Table):
    """How a peer is called: where, and whether others on the network may read along.

    `allow_plain_http` is for networks that are encrypted themselves.
    """

    url: PeerUrl | None = None
    allow_plain_http: bool = False

    @model_validator(mode="after")
    def _plain_http_is_meant(self) -> Self:
        if self.url is not None:
            try:
                check_plain_http(self.url, allowed=self.allow_plain_http)
            except ValueError as exc:
                raise ValueError(f"url: {exc}") from exc
        return self
