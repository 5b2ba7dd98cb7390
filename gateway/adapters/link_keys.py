"""Key files of connections, read into links; under national cryptography (国密) only fit suites."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from gateway.errors import Misconfigured
from schemas.signing import (
    EXPLANATIONS,
    NATIONAL,
    Key,
    KeyRejected,
    Link,
    SignatureErrorCode,
    Sm2,
    fingerprint,
    read_key_file,
    select_sm2,
)
from schemas.signing.suites import KeyKind
from storage.sealing import CryptoProfile


@dataclass(frozen=True, slots=True)
class LinkFiles:
    """The key files of one connection, each with the name of its setting."""

    ours: Path
    theirs: Path
    our_setting: str
    their_setting: str


def read_link(
    files: LinkFiles,
    profile: CryptoProfile = CryptoProfile.INTERNATIONAL,
    select: Callable[[], Sm2] = select_sm2,
) -> Link:
    """Return the two keys of a connection; with a shared secret both files may be one.

    Args:
        files: The file of the key that signs what we send, and of the one that the other party
            signs with.
        profile: The national one takes suites of `NATIONAL` only, the other one takes them all.
        select: Returns what computes SM2; asked for keys of that suite only.

    Raises:
        Misconfigured: A key file is missing, damaged, weak or open to others, ours cannot sign,
            both parties have the same pair, nothing on this machine can sign with SM2, or the
            suite is not in the profile; by setting, rule and cure.
    """
    ours = _read_key(files.our_setting, files.ours, profile, select)
    theirs = _read_key(files.their_setting, files.theirs, profile, select)
    if not ours.can_sign:
        raise Misconfigured(
            f"{files.our_setting}: {files.ours}: holds a public key only; name the file of our "
            "private key"
        )
    if ours.kind is not KeyKind.SECRET and fingerprint(ours) == fingerprint(theirs):
        raise Misconfigured(
            f"{files.their_setting}: {files.theirs}: {SignatureErrorCode.KEY_SHARED}: is our own "
            f"key ({files.our_setting}); each party makes a pair of its own"
        )
    return Link(ours, theirs)


def require_separate_keys(links: Iterable[tuple[LinkFiles, Link]]) -> None:
    """Make sure that no key serves two connections: whoever holds one could speak for the other.

    Raises:
        Misconfigured: Which two settings name the same key or key id, and the cure.
    """
    seen: dict[str, str] = {}
    for files, link in links:
        named = {files.our_setting: link.ours, files.their_setting: link.theirs}
        mine: dict[str, str] = {}
        for setting, key in named.items():
            if (other := seen.get(fingerprint(key))) is not None:
                raise Misconfigured(
                    f"{setting}: {SignatureErrorCode.KEY_SHARED}: the same key as {other}; "
                    f"{EXPLANATIONS[SignatureErrorCode.KEY_SHARED].cure}"
                )
            mine[fingerprint(key)] = setting
        seen |= mine


def _read_key(setting: str, path: Path, profile: CryptoProfile, select: Callable[[], Sm2]) -> Key:
    try:
        key = read_key_file(path, select)
    except KeyRejected as exc:
        raise Misconfigured(f"{setting}: {exc.code}: {exc}") from exc
    except OSError as exc:
        raise Misconfigured(f"{setting}: {path}: key file cannot be read: {exc.strerror}") from exc
    if profile is CryptoProfile.NATIONAL and key.suite not in NATIONAL:
        raise Misconfigured(
            f'{setting}: {path}: suite {key.suite}, and crypto_profile = "national" takes '
            f"{' or '.join(sorted(NATIONAL))} only; agree on a key of such a suite with the other "
            'party, or set crypto_profile = "international"'
        )
    return key
