"""Key files of connections, read into links."""

from pathlib import Path

from gateway.errors import Misconfigured
from schemas.signing import Key, KeyRefused, Link, read_key_file


def read_link(ours: Path, theirs: Path) -> Link:
    """Return the two keys of a connection; with a shared secret both files may be one.

    Raises:
        Misconfigured: A key file is missing, damaged, open to others, or ours cannot sign.
    """
    link = Link(_read_key(ours), _read_key(theirs))
    if not link.ours.can_sign:
        raise Misconfigured(f"{ours}: holds a public key only; name the file of our private key")
    return link


def _read_key(path: Path) -> Key:
    try:
        return read_key_file(path)
    except KeyRefused as exc:
        raise Misconfigured(str(exc)) from exc
    except OSError as exc:
        raise Misconfigured(f"{path}: key file cannot be read: {exc.strerror}") from exc
