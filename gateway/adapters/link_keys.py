"""Key files of connections, read into links; under national cryptography (国密) only fit suites."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from gateway.errors import Misconfigured
from gateway.setting_reasons import SettingReason
from schemas.reasons.quotations import quote_system
from schemas.signing import (
    NATIONAL,
    Key,
    KeyRejected,
    KeySet,
    Link,
    SignatureErrorCode,
    Sm2,
    Tags,
    fingerprint,
    read_key_set,
    select_sm2,
)
from schemas.signing.key_reasons import KeyReason
from schemas.signing.suites import KeyKind
from schemas.signing.tags import PLAIN_TAGS
from storage.sealing import CryptoProfile


@dataclass(frozen=True, slots=True)
class LinkSettings:
    """The key files of one connection, each with the name of its setting, and its tags."""

    ours: Path
    theirs: Path
    our_setting: str
    their_setting: str
    tags: Tags = PLAIN_TAGS


def read_link(
    settings: LinkSettings,
    profile: CryptoProfile = CryptoProfile.INTERNATIONAL,
    select: Callable[[], Sm2] = select_sm2,
) -> Link:
    """Return the keys of a connection; with a shared secret both files may be one.

    Args:
        settings: The file of the keys that sign what we send, and of those that the other party
            signs with.
        profile: The national one takes suites of `NATIONAL` only, the other one takes them all.
        select: Returns what computes SM2; asked for keys of that suite only.

    Raises:
        Misconfigured: A key file is missing, damaged, weak or open to others, ours cannot sign,
            both parties have the same pair, nothing on this machine can sign with SM2, or the
            suite is not in the profile; by setting, rule and cure.
    """
    ours = _read_keys(settings.our_setting, settings.ours, profile, select)
    theirs = _read_keys(settings.their_setting, settings.theirs, profile, select)
    if not all(key.can_sign for key in ours):
        raise Misconfigured(SettingReason.PUBLIC_KEY_ONLY.at(settings.our_setting, settings.ours))
    pairs = {fingerprint(key) for key in ours if key.kind is not KeyKind.SECRET}
    if pairs & {fingerprint(key) for key in theirs}:
        where = (settings.their_setting, settings.theirs, SignatureErrorCode.KEY_SHARED)
        raise Misconfigured(SettingReason.KEY_OF_OURS.at(*where, other=settings.our_setting))
    return Link(ours, theirs, settings.tags).reloadable()


def require_separate_keys(uses: Iterable[Iterable[tuple[str, Key]]]) -> None:
    """Make sure that no key serves two of `uses`: whoever holds one could speak for the other.

    Args:
        uses: The keys of each use, with the settings that name them: those of a connection, or of
            one of several things that a peer signs.

    Raises:
        Misconfigured: Which two settings name the same key, and the cure.
    """
    seen: dict[str, str] = {}
    for named in uses:
        mine: dict[str, str] = {}
        for setting, key in named:
            if (other := seen.get(fingerprint(key))) is not None:
                where = (setting, SignatureErrorCode.KEY_SHARED)
                raise Misconfigured(SettingReason.SAME_KEY.at(*where, other=other))
            mine[fingerprint(key)] = setting
        seen |= mine


def named_keys(settings: LinkSettings, link: Link) -> Iterator[tuple[str, Key]]:
    """Yield every key of a connection with the setting that names it."""
    for setting, keys in ((settings.our_setting, link.ours), (settings.their_setting, link.theirs)):
        yield from ((setting, key) for key in keys)


def _read_keys(
    setting: str, path: Path, profile: CryptoProfile, select: Callable[[], Sm2]
) -> KeySet:
    try:
        keys = read_key_set(path, select)
    except KeyRejected as exc:
        raise Misconfigured(*exc.reasons_within(setting, exc.code)) from exc
    except OSError as exc:
        reason = KeyReason.UNREADABLE.at(setting, path, said=quote_system(exc))
        raise Misconfigured(reason) from exc
    other = next((key.suite for key in keys if key.suite not in NATIONAL), None)
    if profile is CryptoProfile.NATIONAL and other is not None:
        fit = tuple(sorted(NATIONAL))
        raise Misconfigured(SettingReason.OTHER_SUITE.at(setting, path, suite=other, fit=fit))
    return keys
