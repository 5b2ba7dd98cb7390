"""错误说明: errors of gateway, simulator and keys, in the words of the command line."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from types import MappingProxyType
from typing import Final

from duijie.errors import FAILED, UNREACHABLE, USAGE, CliError
from duijie.system_causes import system_cause
from gateway.errors import GatewayError, Misconfigured, PeerRefused, PeerUnavailable
from schemas.reference.clock import BEIJING
from schemas.reference.csv_table import TableUnreadable
from schemas.signing import KeyRejected
from simulator.errors import SettingsRefused
from storage.errors import (
    HeadFault,
    StorageError,
    StoreMisconfigured,
    StoreOwned,
    StoreReplaced,
    StoreUnavailable,
)

_REPLACED: Final[Mapping[HeadFault, str]] = MappingProxyType(
    {
        HeadFault.BEHIND: (
            "台账文件早于最后写入的版本：被换成较早的副本（恢复备份、复制旧文件），或文件已不存在"
        ),
        HeadFault.ANOTHER: "台账文件不是最后写入的那一份：曾在别处写入，或属于另一个台账",
        HeadFault.HEAD_MISSING: "进度文件不存在，无法判断台账文件是否为最后写入的那一份",
        HeadFault.HEAD_ALTERED: "进度文件被改动、损坏，或并非以这一份台账密钥写入",
    }
)


def replaced_ledger(exc: StoreReplaced) -> CliError:
    """Say which file is not the one written to last, from when both are, and what to do."""
    symptom = (
        f"台账 {exc.path} 与进度文件 {exc.path}.head 不符（{exc.fault}）\n"
        f"进度文件写到：{_beijing(exc.head_at)}；台账文件写到：{_beijing(exc.file_at)}"
    )
    cure = (
        "放错文件的，请停止操作，换回最后使用的台账文件；有意恢复备份的，请先阅读 "
        "docs/howto/restore-a-backup.md，再执行 "
        "duijie gateway ledger accept-restored --operator 姓名"
    )
    return CliError(symptom, _REPLACED[exc.fault], cure, USAGE)


def _beijing(at: datetime | None) -> str:
    return "不明" if at is None else at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M:%S（北京）")


@contextmanager
def cli_errors() -> Iterator[None]:
    """Turn every expected error into `CliError`; any other is a defect and goes on."""
    try:
        yield
    except StoreOwned as exc:
        cure = "请先停止正在运行的网关；需要多个进程时，请改用 PostgreSQL"
        cause = "另一个网关进程正独占此 SQLite 台账"
        raise CliError(str(exc), cause, cure, USAGE) from exc
    except StoreReplaced as exc:
        raise replaced_ledger(exc) from exc
    except (Misconfigured, StoreMisconfigured, SettingsRefused) as exc:
        cure = "请按提示改正设置后重新运行；duijie up 可生成一份可用的设置"
        raise CliError(str(exc), "设置不完整或不正确", cure, USAGE) from exc
    except KeyRejected as exc:
        cure = "请换用正确的密钥文件，权限设为 600（chmod 600 文件）"
        raise CliError(str(exc), "密钥文件不可用", cure, USAGE) from exc
    except (PeerUnavailable, PeerRefused) as exc:
        cure = "请核对对端已启动、地址与密钥和对端登记一致，然后重试；未作下载确认的申请不会丢失"
        raise CliError(str(exc), "部端没有返回可用的响应", cure, UNREACHABLE) from exc
    except StoreUnavailable as exc:
        raise CliError(
            str(exc), "台账数据库暂时不可用", "请检查磁盘、数据库与版本后重试", FAILED
        ) from exc
    except (GatewayError, StorageError, TableUnreadable) as exc:
        cause = "程序自带的数据或状态不符"
        raise CliError(str(exc), cause, "请附上此信息报告问题", FAILED) from exc
    except OSError as exc:
        named = f"{exc.filename}：" if exc.filename else ""
        raise CliError(
            f"{named}{system_cause(exc)}", "文件或端口不可用", "请检查路径与权限", FAILED
        ) from exc


@contextmanager
def ledger_errors(console: str) -> Iterator[None]:
    """Explain why the ledger cannot be opened while the gateway with this console runs on it."""
    try:
        yield
    except StoreReplaced:
        raise  # told as what it is
    except (Misconfigured, StoreMisconfigured) as exc:
        cure = (
            f"网关正在运行时，请在其工作台查看 {console}，或先停止网关；"
            '需要多个进程同时使用台账时，请改用 PostgreSQL（store = "postgresql://…"）'
        )
        cause = "台账无法打开；SQLite 台账由运行中的网关独占"
        raise CliError(str(exc), cause, cure, USAGE) from exc
