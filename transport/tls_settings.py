"""What settings of TLS are made of; gateway and simulator write them alike.

No message repeats a value: it may be a secret in the wrong place.
"""

import re
import ssl
from pathlib import Path
from typing import Annotated, Final, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from schemas.reasons.reason import Unfit
from schemas.signing.certificates import check_pin
from transport.reasons import TransportReason
from transport.tls import OutgoingTls, ServingTls, client_context, server_context

LONGEST_PATH: Final = 4_000
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")


def _check_file_path(path: Path) -> Path:
    text = str(path)
    if text in {"", "."} or _CONTROL.search(text) or len(text) > LONGEST_PATH:
        raise Unfit(TransportReason.NO_PATH.at())
    return path


FilePath = Annotated[Path, AfterValidator(_check_file_path)]
"""A file or folder; whether it is there is seen when it is opened."""
Pins = Annotated[tuple[Annotated[str, AfterValidator(check_pin)], ...], Field(max_length=2)]
"""Public keys by their SHA-256: one, or two while one is exchanged for the other."""


class Table(BaseModel):
    """A table of settings: unknown names are refused, values never shown."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    def below(self, folder: Path) -> Self:
        """Return the table with every relative path in it taken from `folder`."""
        named = {name: getattr(self, name) for name in type(self).model_fields}
        paths = {name: folder / path for name, path in named.items() if isinstance(path, Path)}
        return self.model_copy(update=paths)


class LinkTls(Table):
    """TLS of one outgoing link: without `ca_file` the system's authorities are trusted.

    `pins` are public keys of the peer, two while one is exchanged for the other; the client
    certificate is ours, for peers that ask for one (双向 TLS).
    """

    ca_file: FilePath | None = None
    pins: Pins = ()
    client_certificate_file: FilePath | None = None
    client_key_file: FilePath | None = None

    @model_validator(mode="after")
    def _certificate_has_its_key(self) -> Self:
        if (self.client_certificate_file is None) != (self.client_key_file is None):
            raise Unfit(TransportReason.HALF_A_PAIR.at())
        return self

    def context(self, setting: str) -> ssl.SSLContext:
        """Return the TLS context of the link, whose table of settings is `setting`.

        Raises:
            TransportMisconfigured: A file is missing, is not what it should be, or is open to
                others.
        """
        tls = OutgoingTls(
            self.ca_file,
            frozenset(self.pins),
            self.client_certificate_file,
            self.client_key_file,
        )
        return client_context(tls, setting)


class ListenTls(Table):
    """TLS that a listener serves itself, where no proxy ends it.

    With `client_ca_file`, a client must show a certificate of that authority (双向 TLS).
    """

    certificate_file: FilePath
    key_file: FilePath
    client_ca_file: FilePath | None = None

    def context(self, setting: str) -> ssl.SSLContext:
        """Return the TLS context of the listener; raises as `LinkTls.context`."""
        serving = ServingTls(self.certificate_file, self.key_file, self.client_ca_file)
        return server_context(serving, setting)
