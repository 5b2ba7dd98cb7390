"""备库: whether a failover of the database server may lose what was acknowledged."""

from collections.abc import Mapping
from typing import Final

from duijie.checks.result import CheckResult, refused, warning
from gateway.config import Settings
from storage.errors import StoreMisconfigured, StoreUnavailable
from storage.replication import Replication
from storage.store import replication_at

_SUBJECT: Final = "数据库备库"
_SEEN: Final[Mapping[Replication, str]] = {
    Replication.NONE: "没有备库",
    Replication.ASYNCHRONOUS: "异步备库",
    Replication.SYNCHRONOUS: "同步备库，提交须待备库收到后完成",
}
_CURE: Final = "请在数据库服务器上设置 synchronous_standby_names 和 synchronous_commit = on"


def check_standby(settings: Settings) -> CheckResult:
    """Ask the database server of the ledger; waits for it, so not in an event loop."""
    try:
        found = replication_at(settings.store)
    except (StoreMisconfigured, StoreUnavailable) as exc:
        return refused(_SUBJECT, "无法查询", exc)
    if settings.synchronous_standby and found is not Replication.SYNCHRONOUS:
        return CheckResult(
            _SUBJECT, _SEEN[found], "synchronous_standby 要求同步备库，网关不启动", _CURE
        )
    if found is Replication.ASYNCHRONOUS:
        cause = "主备切换时，最近返回回执的几件可能不在备库上"
        return warning(_SUBJECT, _SEEN[found], cause, f"{_CURE}，再设置 synchronous_standby = true")
    return CheckResult(_SUBJECT, _SEEN[found])
