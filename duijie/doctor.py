"""体检: is everything there that the gateway needs? Each finding with its cause and its cure."""

import platform
import shutil
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from duijie.ports import is_taken, owner_of
from gateway.adapters import keys
from gateway.adapters.keys import CIPHER_OF, CryptoProfile
from gateway.adapters.portal import HttpPortal
from gateway.adapters.signed_client import SignedClient
from gateway.config import Settings, split_address
from gateway.errors import Misconfigured, PeerRefused, PeerUnavailable
from schemas.signing import (
    EXPLANATIONS,
    NATIONAL,
    KeyRefused,
    Link,
    Refusal,
    Sm2,
    read_key_file,
    select_sm2,
)
from schemas.signing.header_profiles import PROFILES
from schemas.signing.header_signatures import HeaderProfile
from schemas.signing.sm2.engine import SelfTestFailed
from simulator.clock import real_time

_LEAST_PYTHON: Final = (3, 11)
_LEAST_FREE_BYTES: Final = 1 << 30
_SQLITE: Final = "sqlite:///"
_PROFILES: Final = {
    CryptoProfile.INTERNATIONAL: "各连接可用任一套件，台账 AES-256-GCM",
    CryptoProfile.NATIONAL: "国密：各连接只用 SM2、SM3，台账 SM4-GCM",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at; `cause` and `cure` are empty when it is in order."""

    subject: str
    seen: str
    cause: str = ""
    cure: str = ""

    @property
    def is_well(self) -> bool:
        """Whether nothing has to be done."""
        return not self.cure


async def examine(
    settings: Settings, select: Callable[[], Sm2] = select_sm2
) -> AsyncIterator[Finding]:
    """Look at everything, the cheap things first; nothing is changed.

    `select` returns what computes SM2; it is asked in the national profile only.
    """
    profile = settings.crypto_profile
    yield _python()
    yield Finding("密码体系 crypto_profile", f"{profile}（{_PROFILES[profile]}）")
    if profile is CryptoProfile.NATIONAL:
        yield _sm2(select)
    yield _ledger_keys(settings.ledger_keys, profile)
    for path in _key_files(settings):
        yield _key_file(path, profile)
    yield _weak_conventions()
    for name, address in (("listen", settings.listen), ("health", settings.health)):
        yield _port(name, address)
    if settings.store.startswith(_SQLITE):
        yield _disk(Path(settings.store.removeprefix(_SQLITE)).parent)
    yield await _national_side(settings)


def _python() -> Finding:
    if sys.version_info >= _LEAST_PYTHON:
        return Finding("Python", platform.python_version())
    least = ".".join(map(str, _LEAST_PYTHON))
    return Finding("Python", platform.python_version(), f"低于 {least}", f"安装 Python {least}")


def _sm2(select: Callable[[], Sm2]) -> Finding:
    try:
        sm2 = select()
    except SelfTestFailed as exc:
        return Finding("SM2", "不可用", str(exc), "换用能算出标准示例的 libcrypto 后重启")
    if sm2.can_sign:
        return Finding("SM2", f"{sm2.name}，可签名、可验签，自检通过")
    told = EXPLANATIONS[Refusal.KEY_SIGNER_UNAVAILABLE]
    return Finding("SM2", f"{sm2.name}，只能验签", told.cause, told.cure)


def _ledger_keys(path: Path, profile: CryptoProfile) -> Finding:
    subject = f"台账密钥 {path.name}"
    try:
        found = keys.load(path)
    except Misconfigured as exc:
        return Finding(subject, "不可用", str(exc), f"恢复备份，或 chmod 600 {path}")
    seen, wanted = f"第 {found.epoch} 代，{found.cipher}", CIPHER_OF[profile]
    if found.cipher == wanted:
        return Finding(subject, seen)
    return Finding(
        subject,
        seen,
        f"crypto_profile 为 {profile}，要求 {wanted}；台账的加密算法在建立时确定",
        "改回 crypto_profile，或在空文件夹里新建台账和密钥",
    )


def _key_files(settings: Settings) -> Iterator[Path]:
    files = [settings.portal.key_file, settings.portal.answer_key_file]
    for agency in settings.agency:
        files += [agency.key_file, agency.our_key_file]
    yield from dict.fromkeys(files)


def _key_file(path: Path, profile: CryptoProfile) -> Finding:
    subject = f"密钥 {path.name}"
    try:
        key = read_key_file(path)
    except KeyRefused as exc:
        opened = exc.code is Refusal.KEY_FILE_OPEN_TO_OTHERS
        cure = f"chmod 600 {path}；若曾暴露，更换密钥" if opened else EXPLANATIONS[exc.code].cure
        return Finding(subject, "不可用", str(exc), cure)
    except OSError as exc:
        return Finding(subject, "读不到", exc.strerror or str(exc), f"把密钥放到 {path}")
    seen = f"{key.suite} {key.role}"
    if profile is CryptoProfile.NATIONAL and key.suite not in NATIONAL:
        fit = "、".join(sorted(NATIONAL))
        return Finding(
            subject,
            seen,
            f"crypto_profile 为 {profile}，只能用 {fit}",
            "与对端商定并更换为国密套件的密钥，或改回 crypto_profile",
        )
    return Finding(subject, seen)


def _weak_conventions() -> Finding:
    """No setting gives a connection one of them; whoever meets their names should know."""
    names = "、".join(PROFILES)
    return Finding("兼容签名头", f"未用于任何连接；{names} 都是弱方案：{HeaderProfile.weakness}")


def _port(name: str, address: str) -> Finding:
    """A port in use is no fault: the gateway itself may be running."""
    host, port = split_address(address)
    taken = port != 0 and is_taken(host, port)
    owner = (owner_of(port) or "看不到是哪个程序") if taken else ""
    return Finding(f"端口 {name} {address}", f"使用中：{owner}" if taken else "空闲")


def _disk(folder: Path) -> Finding:
    subject = f"台账磁盘 {folder}"
    try:
        free = shutil.disk_usage(folder).free
    except OSError as exc:
        return Finding(subject, "没有这个文件夹", exc.strerror or str(exc), f"mkdir -p {folder}")
    seen = f"剩余 {free / (1 << 30):.1f} GiB"
    if free < _LEAST_FREE_BYTES:
        return Finding(
            subject, seen, "不足 1 GiB，写满后不再接收", "清理，或把 store 移到更大的磁盘"
        )
    return Finding(subject, seen)


async def _national_side(settings: Settings) -> Finding:
    """Ping it, signed: proves reach, both keys and the clocks (window of the signatures)."""
    subject = f"国家端 {settings.portal.url}"
    try:
        ours = read_key_file(settings.portal.key_file)
        theirs = read_key_file(settings.portal.answer_key_file)
    except (KeyRefused, OSError):
        return Finding(subject, "未试", "密钥不可用", "先解决密钥")
    link = Link(ours=ours, theirs=theirs)
    try:
        async with SignedClient(settings.portal.url, link, peer="portal", now=real_time) as client:
            await HttpPortal(client).ping()
    except (PeerUnavailable, PeerRefused) as exc:
        cure = "核对 portal.url、网络、双方登记的密钥，以及本机时钟（时间同步）"
        return Finding(subject, "不通", str(exc), cure)
    return Finding(subject, "连通，双向签名有效")
