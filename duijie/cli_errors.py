"""错误说明: errors of gateway, simulator and keys, in the words of the command line."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from types import MappingProxyType
from typing import Final

from duijie.errors import FAILED, UNREACHABLE, USAGE, CliError
from duijie.reason_words import describe_reasoned
from duijie.system_causes import system_cause
from gateway.errors import (
    DirectoryUnreadable,
    GatewayError,
    Misconfigured,
    PeerRefused,
    PeerUnavailable,
)
from gateway.failure_words import explain_failure, explain_refusal
from gateway.setting_reasons import SettingReason
from schemas.reasons.reason import ReasonedError
from schemas.reference.clock import BEIJING
from schemas.reference.csv_table import TableUnreadable
from schemas.signing import Explanation, KeyRejected
from storage.errors import (
    HeadFault,
    StorageError,
    StoreMisconfigured,
    StoreOwned,
    StoreReplaced,
    StoreUnavailable,
)

_TITLES: Final[Mapping[type[ReasonedError], tuple[str, int]]] = MappingProxyType(
    {
        StoreOwned: ("台账已被占用", USAGE),
        StoreMisconfigured: ("台账或台账密钥不可用", USAGE),
        StoreUnavailable: ("台账数据库暂时不可用", FAILED),
        KeyRejected: ("密钥文件不可用", USAGE),
        TableUnreadable: ("数据表不可用", FAILED),
        ReasonedError: ("设置不完整或不正确", USAGE),
    }
)
"""What is refused, and the exit code; the first that fits."""
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
    except StoreReplaced as exc:
        raise replaced_ledger(exc) from exc
    except ReasonedError as exc:
        raise _reasoned(exc) from exc
    except DirectoryUnreadable as exc:
        altered = SettingReason.DIRECTORY_UNREADABLE.at("store", version=exc.version)
        raise _reasoned(Misconfigured(altered)) from exc
    except PeerUnavailable as exc:
        raise _peer_error(explain_failure(exc.failure, exc.status, exc.problem)) from exc
    except PeerRefused as exc:
        raise _peer_error(explain_refusal(exc.status, exc.problem)) from exc
    except (GatewayError, StorageError) as exc:
        cause = f"程序自带的数据或状态不符（{exc.code}）\n原文：{exc}"
        raise CliError("程序内部错误", cause, "请附上此信息报告问题", FAILED) from exc
    except OSError as exc:
        named = f"{exc.filename}：" if exc.filename else ""
        raise CliError(
            f"{named}{system_cause(exc)}", "文件或端口不可用", "请检查路径与权限", FAILED
        ) from exc


def _reasoned(exc: ReasonedError) -> CliError:
    """Say what is refused, where, by which rule, and what to do."""
    title, exit_code = next(named for kind, named in _TITLES.items() if isinstance(exc, kind))
    described = describe_reasoned(exc)
    symptom = f"{title}：{described.place}" if described.place else title
    return CliError(symptom, described.cause, described.cure, exit_code)


def _peer_error(words: Explanation) -> CliError:
    cause, cure = words.cause.rstrip("。"), words.cure.rstrip("。")
    cure = f"{cure}；未作下载确认的申请不会丢失"
    return CliError(f"部端没有返回可用的响应：{words.title}", cause, cure, UNREACHABLE)


@contextmanager
def ledger_errors(console: str) -> Iterator[None]:
    """Explain why the ledger cannot be opened while the gateway with this console runs on it."""
    try:
        yield
    except StoreReplaced:
        raise  # told as what it is
    except StoreOwned as exc:
        described = describe_reasoned(exc)
        cure = (
            f"网关正在运行时，请在其工作台查看 {console}，或先停止网关；"
            '需要多个进程同时使用台账时，请改用 PostgreSQL（store = "postgresql://…"）'
        )
        symptom = f"台账已被占用：{described.place}"
        raise CliError(symptom, described.cause, cure, USAGE) from exc
