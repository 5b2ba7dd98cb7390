"""自检: checks all that the gateway needs; what is wrong comes with its cause and its cure."""

import asyncio
import platform
import shutil
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Final

from duijie.checks.files import check_files
from duijie.checks.head import check_head
from duijie.checks.keys import check_keys
from duijie.checks.links import check_clock, check_links
from duijie.checks.pings import ping_peer
from duijie.checks.result import CheckResult, refused
from duijie.checks.standby import check_standby
from duijie.ports import is_taken, owner_of
from duijie.system_causes import system_cause
from gateway.adapters.portal import HttpPortal
from gateway.adapters.signed_client import SignedClient
from gateway.config import Settings
from gateway.errors import Misconfigured
from gateway.ports import PORTAL
from gateway.setting_types import outgoing_tls
from schemas.reference.clock import Now, utc_now
from schemas.signing import (
    EXPLANATIONS,
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
from storage.sealing import CryptoProfile
from storage.urls import sqlite_path
from transport.listen_address import (
    ListenAddress,
    TcpAddress,
    UnixAddress,
    read_listen_address,
)

_MIN_PYTHON: Final = (3, 11)
_MIN_FREE_BYTES: Final = 1 << 30
_PROFILES: Final = {
    CryptoProfile.INTERNATIONAL: "各连接可用任一套件，台账 AES-256-GCM",
    CryptoProfile.NATIONAL: "国密：各连接只使用 SM2、SM3，台账 SM4-GCM",
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
    for result in check_keys(settings):
        yield result
    for result in check_files(settings, now()):
        yield result
    yield _weak_conventions()
    written = {"listen": settings.listen, "health": settings.health, "console": settings.console}
    for name, address in written.items():
        yield _address(name, read_listen_address(address))
    if (database := sqlite_path(settings.store)) is not None:
        yield _disk(database.parent)
        yield check_head(settings, database)
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
        "Python", platform.python_version(), f"低于 {needed}", f"请安装 Python {needed}"
    )


def _sm2(select: Callable[[], Sm2]) -> CheckResult:
    try:
        sm2 = select()
    except SelfTestFailed as exc:
        cause = f"自检未通过，计算结果与标准示例不符\n原文：{exc}"
        return CheckResult("SM2", "不可用", cause, "请换用能正确计算标准示例的 libcrypto 后重启")
    if sm2.can_sign:
        return CheckResult("SM2", f"{sm2.name}，可签名、可验签，自检通过")
    explanation = EXPLANATIONS[SignatureErrorCode.KEY_SIGNER_UNAVAILABLE]
    return CheckResult("SM2", f"{sm2.name}，仅能验签", explanation.cause, explanation.cure)


def _weak_conventions() -> CheckResult:
    """Report the weak profiles by name, although no setting gives a connection one of them."""
    names = "、".join(PROFILES)
    return CheckResult(
        "兼容签名头", f"未用于任何连接；{names} 均为弱方案：{HeaderProfile.weakness}"
    )


def _address(name: str, address: ListenAddress) -> CheckResult:
    """Report whether an address is in use, which is no fault: the gateway may be running."""
    match address:
        case TcpAddress(host, port):
            taken = port != 0 and is_taken(host, port)
            owner = (owner_of(port) or "无法识别占用的程序") if taken else ""
            return CheckResult(f"端口 {name} {address}", f"使用中：{owner}" if taken else "空闲")
        case UnixAddress(path):
            return CheckResult(f"套接字 {name} {address}", "已存在" if path.exists() else "空闲")


def _disk(folder: Path) -> CheckResult:
    subject = f"台账磁盘 {folder}"
    try:
        free = shutil.disk_usage(folder).free
    except OSError as exc:
        return CheckResult(subject, "没有此文件夹", system_cause(exc), f"请执行 mkdir -p {folder}")
    seen = f"剩余 {free / (1 << 30):.1f} GiB"
    if free < _MIN_FREE_BYTES:
        return CheckResult(
            subject, seen, "不足 1 GiB，写满后不再接收", "请清理磁盘，或将 store 移至更大的磁盘"
        )
    return CheckResult(subject, seen)


async def _national_side(settings: Settings) -> CheckResult:
    """Send a signed ping, which proves reach, both keys and the clocks."""
    subject = f"部端 {settings.portal.url}"
    try:
        ours = read_key_file(settings.portal.key_file)
        theirs = read_key_file(settings.portal.answer_key_file)
    except (KeyRejected, OSError):
        return CheckResult(subject, "未检查", "密钥不可用", "请先处理密钥")
    link = Link(ours=ours, theirs=theirs)
    try:
        tls = outgoing_tls(settings.portal, PORTAL)
    except Misconfigured as exc:
        return refused(subject, "未检查", exc)
    client = SignedClient(settings.portal.url, link, peer=PORTAL, now=utc_now, tls=tls)
    async with client:
        return (await ping_peer(subject, client, HttpPortal(client).ping)).check
