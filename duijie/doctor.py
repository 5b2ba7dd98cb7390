"""体检: checks all that the gateway needs; what is wrong comes with its cause and its cure."""

import asyncio
import platform
import shutil
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Final

from duijie.checks.files import check_files
from duijie.checks.links import check_clock, check_links
from duijie.checks.result import CheckResult
from duijie.checks.standby import check_standby
from duijie.ports import is_taken, owner_of
from gateway.adapters.portal import HttpPortal
from gateway.adapters.signed_client import SignedClient
from gateway.app.key_files import read_keys
from gateway.config import Settings
from gateway.errors import Misconfigured, PeerRefused, PeerUnavailable
from gateway.ports import PORTAL
from gateway.setting_types import outgoing_context
from gateway.web.listen_address import (
    ListenAddress,
    TcpAddress,
    UnixAddress,
    read_listen_address,
)
from schemas.reference.clock import Now, utc_now
from schemas.signing import (
    EXPLANATIONS,
    NATIONAL,
    KeyRejected,
    Link,
    SignatureErrorCode,
    Sm2,
    read_key_file,
    select_sm2,
)
from schemas.signing.header_profiles import PROFILES
from schemas.signing.header_signatures import HeaderProfile
from schemas.signing.sm2.self_test import SelfTestFailed
from storage import sealing_keys
from storage.errors import StoreMisconfigured
from storage.sealing import CIPHER_OF, CryptoProfile
from storage.urls import sqlite_path

_MIN_PYTHON: Final = (3, 11)
_MIN_FREE_BYTES: Final = 1 << 30
_MAX_SKEW_S: Final = 30.0
_REACH_CURE: Final = "核对 portal.url、网络、双方登记的密钥，以及本机时钟（时间同步）"
_PROFILES: Final = {
    CryptoProfile.INTERNATIONAL: "各连接可用任一套件，台账 AES-256-GCM",
    CryptoProfile.NATIONAL: "国密：各连接只用 SM2、SM3，台账 SM4-GCM",
}


async def run_checks(
    settings: Settings, select: Callable[[], Sm2] = select_sm2, now: Now = utc_now
) -> AsyncIterator[CheckResult]:
    """Check everything, the cheap things first; nothing is changed.

    `select` returns what computes SM2; it is asked in the national profile only.
    """
    profile = settings.crypto_profile
    yield _python()
    yield CheckResult("密码体系 crypto_profile", f"{profile}（{_PROFILES[profile]}）")
    if profile is CryptoProfile.NATIONAL:
        yield _sm2(select)
    yield _ledger_keys(settings.ledger_keys, profile)
    each_key = [_key_file(path, profile) for path in _key_files(settings)]
    for result in each_key:
        yield result
    if all(result.is_ok for result in each_key):
        yield _separate_keys(settings)
    for result in check_files(settings, now()):
        yield result
    yield _weak_conventions()
    written = {"listen": settings.listen, "health": settings.health, "console": settings.console}
    for name, address in written.items():
        yield _address(name, read_listen_address(address))
    if (database := sqlite_path(settings.store)) is not None:
        yield _disk(database.parent)
    else:
        yield await asyncio.to_thread(check_standby, settings)
    async for result in check_links(settings, now()):
        yield result
    yield await check_clock(settings.portal, now)
    yield await _national_side(settings)


def _python() -> CheckResult:
    if sys.version_info >= _MIN_PYTHON:
        return CheckResult("Python", platform.python_version())
    needed = ".".join(map(str, _MIN_PYTHON))
    return CheckResult(
        "Python", platform.python_version(), f"低于 {needed}", f"安装 Python {needed}"
    )


def _sm2(select: Callable[[], Sm2]) -> CheckResult:
    try:
        sm2 = select()
    except SelfTestFailed as exc:
        return CheckResult("SM2", "不可用", str(exc), "换用能算出标准示例的 libcrypto 后重启")
    if sm2.can_sign:
        return CheckResult("SM2", f"{sm2.name}，可签名、可验签，自检通过")
    explanation = EXPLANATIONS[SignatureErrorCode.KEY_SIGNER_UNAVAILABLE]
    return CheckResult("SM2", f"{sm2.name}，只能验签", explanation.cause, explanation.cure)


def _ledger_keys(path: Path, profile: CryptoProfile) -> CheckResult:
    subject = f"台账密钥 {path.name}"
    try:
        loaded = sealing_keys.load(path)
    except StoreMisconfigured as exc:
        return CheckResult(subject, "不可用", str(exc), "恢复备份，或按原因中的办法处理")
    seen, required = f"第 {loaded.epoch} 代，{loaded.cipher}", CIPHER_OF[profile]
    if loaded.cipher == required:
        return CheckResult(subject, seen)
    return CheckResult(
        subject,
        seen,
        f"crypto_profile 为 {profile}，要求 {required}；台账的加密算法在建立时确定",
        "改回 crypto_profile，或在空文件夹里新建台账和密钥",
    )


def _key_files(settings: Settings) -> Iterator[Path]:
    files = [settings.portal.key_file, settings.portal.answer_key_file]
    for agency in settings.agency:
        files += [agency.key_file, agency.our_key_file]
    yield from dict.fromkeys(files)


def _key_file(path: Path, profile: CryptoProfile) -> CheckResult:
    subject = f"密钥 {path.name}"
    try:
        key = read_key_file(path)
    except KeyRejected as exc:
        return CheckResult(subject, "不可用", str(exc), EXPLANATIONS[exc.code].cure)
    except OSError as exc:
        return CheckResult(subject, "读不到", exc.strerror or str(exc), f"把密钥放到 {path}")
    seen = f"{key.suite} {key.kind}"
    if profile is CryptoProfile.NATIONAL and key.suite not in NATIONAL:
        fit = "、".join(sorted(NATIONAL))
        return CheckResult(
            subject,
            seen,
            f"crypto_profile 为 {profile}，只能用 {fit}",
            "与对端商定并更换为国密套件的密钥，或改回 crypto_profile",
        )
    return CheckResult(subject, seen)


def _separate_keys(settings: Settings) -> CheckResult:
    """Report what only shows between the keys: one that serves two connections or two parties."""
    subject = "密钥用途"
    try:
        read_keys(settings)
    except Misconfigured as exc:
        return CheckResult(
            subject, "不可用", str(exc), EXPLANATIONS[SignatureErrorCode.KEY_SHARED].cure
        )
    except StoreMisconfigured:
        return CheckResult(subject, "未试", "台账密钥不可用", "先解决台账密钥")
    return CheckResult(subject, "每个密钥只用于一个连接的一方")


def _weak_conventions() -> CheckResult:
    """Report the weak profiles by name, although no setting gives a connection one of them."""
    names = "、".join(PROFILES)
    return CheckResult(
        "兼容签名头", f"未用于任何连接；{names} 都是弱方案：{HeaderProfile.weakness}"
    )


def _address(name: str, address: ListenAddress) -> CheckResult:
    """Report whether an address is in use, which is no fault: the gateway may be running."""
    match address:
        case TcpAddress(host, port):
            taken = port != 0 and is_taken(host, port)
            owner = (owner_of(port) or "看不到是哪个程序") if taken else ""
            return CheckResult(f"端口 {name} {address}", f"使用中：{owner}" if taken else "空闲")
        case UnixAddress(path):
            return CheckResult(f"套接字 {name} {address}", "已存在" if path.exists() else "空闲")


def _disk(folder: Path) -> CheckResult:
    subject = f"台账磁盘 {folder}"
    try:
        free = shutil.disk_usage(folder).free
    except OSError as exc:
        return CheckResult(
            subject, "没有这个文件夹", exc.strerror or str(exc), f"mkdir -p {folder}"
        )
    seen = f"剩余 {free / (1 << 30):.1f} GiB"
    if free < _MIN_FREE_BYTES:
        return CheckResult(
            subject, seen, "不足 1 GiB，写满后不再接收", "清理，或把 store 移到更大的磁盘"
        )
    return CheckResult(subject, seen)


async def _national_side(settings: Settings) -> CheckResult:
    """Send a signed ping, which proves reach, both keys and the clocks."""
    subject = f"国家端 {settings.portal.url}"
    try:
        ours = read_key_file(settings.portal.key_file)
        theirs = read_key_file(settings.portal.answer_key_file)
    except (KeyRejected, OSError):
        return CheckResult(subject, "未试", "密钥不可用", "先解决密钥")
    link = Link(ours=ours, theirs=theirs)
    try:
        tls = outgoing_context(settings.portal, PORTAL)
    except Misconfigured as exc:
        return CheckResult(subject, "未试", str(exc), "先解决 portal.tls 的文件")
    client = SignedClient(settings.portal.url, link, peer=PORTAL, now=utc_now, tls=tls)
    async with client:
        try:
            await HttpPortal(client).ping()
        except (PeerUnavailable, PeerRefused) as exc:
            return CheckResult(subject, "不通", _why(exc, client.skew_s), _REACH_CURE)
    return _reached(subject, client.skew_s)


def _why(exc: PeerUnavailable | PeerRefused, skew_s: float | None) -> str:
    differ = "" if skew_s is None or abs(skew_s) <= _MAX_SKEW_S else f"；{_clocks(skew_s)}"
    return f"{exc}{differ}"


def _reached(subject: str, skew_s: float | None) -> CheckResult:
    """Report a good answer; clocks that drift apart are named before they refuse each other."""
    seen = "连通，双向签名有效"
    if skew_s is None or abs(skew_s) <= _MAX_SKEW_S:
        return CheckResult(subject, seen)
    return CheckResult(subject, seen, _clocks(skew_s), "校准本机时钟（时间同步），或请对端校准")


def _clocks(skew_s: float) -> str:
    return f"对端时钟比本机{'快' if skew_s > 0 else '慢'} {abs(skew_s):.0f} 秒"
