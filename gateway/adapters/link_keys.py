"""Key files of connections, read into links; under national cryptography (国密) only fit suites."""

from collections.abc import Callable
from pathlib import Path

from gateway.errors import Misconfigured
from schemas.signing import NATIONAL, Key, KeyRejected, Link, Sm2, read_key_file, select_sm2
from storage.sealing import CryptoProfile


def read_link(
    ours: Path,
    theirs: Path,
    profile: CryptoProfile = CryptoProfile.INTERNATIONAL,
    select: Callable[[], Sm2] = select_sm2,
) -> Link:
    """Return the two keys of a connection; with a shared secret both files may be one.

    Args:
        ours: The file of the key that signs what we send.
        theirs: The file of the key that the other party signs with.
        profile: The national one takes suites of `NATIONAL` only, the other one takes them all.
        select: Returns what computes SM2; asked for keys of that suite only.

    Raises:
        Misconfigured: A key file is missing, damaged or open to others, ours cannot sign, nothing
            on this machine can sign with SM2, or the suite is not in the profile.
    """
    link = Link(*(_read_key(path, profile, select) for path in (ours, theirs)))
    if not link.ours.can_sign:
        raise Misconfigured(f"{ours}: holds a public key only; name the file of our private key")
    return link


def _read_key(path: Path, profile: CryptoProfile, select: Callable[[], Sm2]) -> Key:
    try:
        key = read_key_file(path, select)
    except KeyRejected as exc:
        raise Misconfigured(str(exc)) from exc
    except OSError as exc:
        raise Misconfigured(f"{path}: key file cannot be read: {exc.strerror}") from exc
    if profile is CryptoProfile.NATIONAL and key.suite not in NATIONAL:
        raise Misconfigured(
            f'{path}: suite {key.suite}, and crypto_profile = "national" takes '
            f"{' or '.join(sorted(NATIONAL))} only; agree on a key of such a suite with the other "
            'party, or set crypto_profile = "international"'
        )
    return key
