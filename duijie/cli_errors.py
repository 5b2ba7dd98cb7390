"""错误说明: errors of gateway, simulator and keys, in the words of the command line."""

from collections.abc import Iterator
from contextlib import contextmanager

from duijie.errors import FAILED, UNREACHABLE, USAGE, CliError
from gateway.errors import GatewayError, Misconfigured, PeerRefused, PeerUnavailable
from schemas.reference.csv_table import TableUnreadable
from schemas.signing import KeyRejected
from simulator.errors import SettingsRefused
from storage.errors import StorageError, StoreMisconfigured, StoreOwned, StoreUnavailable


@contextmanager
def cli_errors() -> Iterator[None]:
    """Turn every expected error into `CliError`; any other is a defect and goes on."""
    try:
        yield
    except StoreOwned as exc:
        cure = "先停掉正在运行的网关；需要多个进程时改用 PostgreSQL"
        cause = "另一个网关进程正独占这个 SQLite 台账"
        raise CliError(str(exc), cause, cure, USAGE) from exc
    except (Misconfigured, StoreMisconfigured, SettingsRefused) as exc:
        cure = "按提示改正设置后重新运行；duijie up 会写出一份可用的设置"
        raise CliError(str(exc), "设置不完整或不正确", cure, USAGE) from exc
    except KeyRejected as exc:
        cure = "换用正确的密钥文件，权限设为 600（chmod 600 文件）"
        raise CliError(str(exc), "密钥文件不可用", cure, USAGE) from exc
    except (PeerUnavailable, PeerRefused) as exc:
        cure = "确认对端已启动、地址与密钥和对端登记一致，然后重试；未确认的申请不会丢失"
        raise CliError(str(exc), "国家端没有给出可用的应答", cure, UNREACHABLE) from exc
    except StoreUnavailable as exc:
        raise CliError(
            str(exc), "台账数据库暂时不可用", "检查磁盘、数据库与版本后重试", FAILED
        ) from exc
    except (GatewayError, StorageError, TableUnreadable) as exc:
        raise CliError(str(exc), "程序自带的数据或状态不符", "附上此信息报告问题", FAILED) from exc
    except OSError as exc:
        named = f"{exc.filename}：" if exc.filename else ""
        raise CliError(
            f"{named}{exc.strerror}", "文件或端口不可用", "检查路径与权限", FAILED
        ) from exc


@contextmanager
def ledger_errors(console: str) -> Iterator[None]:
    """Explain why the ledger cannot be opened while the gateway with this console runs on it."""
    try:
        yield
    except (Misconfigured, StoreMisconfigured) as exc:
        cure = (
            f"网关正在运行时：到它的工作台查看 {console}，或先停掉它；"
            '需要多个进程同时使用台账时改用 PostgreSQL（store = "postgresql://…"）'
        )
        cause = "台账打不开；SQLite 台账由运行中的网关独占"
        raise CliError(str(exc), cause, cure, USAGE) from exc
