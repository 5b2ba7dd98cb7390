"""体检: is everything there that the gateway needs? Each finding with its cause and its cure."""

import platform
import shutil
import sys
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from duijie.stand.ports import is_taken, owner_of
from gateway.adapters import keys
from gateway.adapters.http import SignedClient
from gateway.adapters.portal import HttpPortal
from gateway.config import Settings, split_address
from gateway.errors import Misconfigured, PeerRefused, PeerUnavailable
from schemas.signing import KeyRefused, Link, read_key_file
from simulator.clock import real_time

_LEAST_PYTHON: Final = (3, 11)
_LEAST_FREE_BYTES: Final = 1 << 30
_SQLITE: Final = "sqlite:///"


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


async def examine(settings: Settings) -> AsyncIterator[Finding]:
    """Look at everything, the cheap things first; nothing is changed."""
    yield _python()
    yield _ledger_keys(settings.ledger_keys)
    for path in _key_files(settings):
        yield _key_file(path)
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


def _ledger_keys(path: Path) -> Finding:
    subject = f"台账密钥 {path.name}"
    try:
        epoch = keys.load(path).epoch
    except Misconfigured as exc:
        return Finding(subject, "不可用", str(exc), f"恢复备份，或 chmod 600 {path}")
    return Finding(subject, f"第 {epoch} 代")


def _key_files(settings: Settings) -> Iterator[Path]:
    files = [settings.portal.key_file, settings.portal.answer_key_file]
    for agency in settings.agency:
        files += [agency.key_file, agency.our_key_file]
    yield from dict.fromkeys(files)


def _key_file(path: Path) -> Finding:
    subject = f"密钥 {path.name}"
    try:
        key = read_key_file(path)
    except KeyRefused as exc:
        return Finding(subject, "不可用", str(exc), f"换用正确的密钥文件，chmod 600 {path}")
    except OSError as exc:
        return Finding(subject, "读不到", exc.strerror or str(exc), f"把密钥放到 {path}")
    return Finding(subject, f"{key.suite} {key.role}")


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
