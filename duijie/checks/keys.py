"""密钥: what can be wrong with the ledger's keys, each key file of a connection, and their uses."""

from collections.abc import Iterator
from pathlib import Path

from duijie.checks.result import CheckResult, refused
from duijie.system_causes import system_cause
from gateway.app.key_files import read_keys
from gateway.config import Settings
from gateway.errors import Misconfigured
from schemas.signing import (
    NATIONAL,
    KeyRejected,
    read_key_file,
)
from storage import sealing_keys
from storage.errors import StoreMisconfigured
from storage.sealing import CIPHER_OF, CryptoProfile


def check_keys(settings: Settings) -> Iterator[CheckResult]:
    """Check the ledger's keys and each key file; what they share, once each is right by itself."""
    profile = settings.crypto_profile
    yield _ledger_keys(settings.ledger_keys, profile)
    each_key = [_key_file(path, profile) for path in _key_files(settings)]
    yield from each_key
    if all(result.is_ok for result in each_key):
        yield _separate_keys(settings)


def _ledger_keys(path: Path, profile: CryptoProfile) -> CheckResult:
    subject = f"台账密钥 {path.name}"
    try:
        loaded = sealing_keys.load(path)
    except StoreMisconfigured as exc:
        return refused(subject, "不可用", exc)
    seen, required = f"第 {loaded.epoch} 代，{loaded.cipher}", CIPHER_OF[profile]
    if loaded.cipher == required:
        return CheckResult(subject, seen)
    return CheckResult(
        subject,
        seen,
        f"crypto_profile 为 {profile}，要求 {required}；台账的加密算法在建立时确定",
        "请改回 crypto_profile，或在空文件夹中新建台账和密钥",
    )


def _key_files(settings: Settings) -> Iterator[Path]:
    portal = settings.portal
    files = [portal.key_file, portal.answer_key_file]
    files += [] if portal.push_key_file is None else [portal.push_key_file]
    for one in settings.callers():
        files += one.key_files
    yield from dict.fromkeys(files)


def _key_file(path: Path, profile: CryptoProfile) -> CheckResult:
    subject = f"密钥 {path.name}"
    try:
        key = read_key_file(path)
    except KeyRejected as exc:
        return refused(subject, "不可用", exc)
    except OSError as exc:
        return CheckResult(subject, "无法读取", system_cause(exc), f"请将密钥放到 {path}")
    seen = f"{key.suite} {key.kind}"
    if profile is CryptoProfile.NATIONAL and key.suite not in NATIONAL:
        fit = "、".join(sorted(NATIONAL))
        return CheckResult(
            subject,
            seen,
            f"crypto_profile 为 {profile}，只能使用 {fit}",
            "请与对端商定并更换为国密套件的密钥，或改回 crypto_profile",
        )
    return CheckResult(subject, seen)


def _separate_keys(settings: Settings) -> CheckResult:
    """Report what only shows between the keys: one that serves two connections or two parties."""
    subject = "密钥用途"
    try:
        read_keys(settings)
    except Misconfigured as exc:
        return refused(subject, "不可用", exc)
    except StoreMisconfigured:
        return CheckResult(subject, "未检查", "台账密钥不可用", "请先处理台账密钥")
    return CheckResult(subject, "每个密钥仅用于一个连接的一方")
