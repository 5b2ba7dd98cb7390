"""进度文件: whether the file of the ledger is the one that was written to last."""

from pathlib import Path
from typing import Final

from duijie.checks.result import CheckResult, refused
from duijie.cli_errors import replaced_ledger
from duijie.ledger_reader import find_replaced_ledger
from gateway.config import Settings
from storage.errors import StoreMisconfigured, StoreUnavailable
from storage.sealing_keys import load_sealer

_SUBJECT: Final = "台账进度文件"


def check_head(settings: Settings, path: Path) -> CheckResult:
    """Compare the file of the ledger with its head, beside the running gateway or without it."""
    try:
        found = find_replaced_ledger(path, load_sealer(settings.ledger_keys))
    except (StoreMisconfigured, StoreUnavailable) as exc:
        return refused(_SUBJECT, "未核对", exc)
    if found is None:
        return CheckResult(_SUBJECT, "与台账相符" if path.exists() else "尚无台账")
    error = replaced_ledger(found)
    return CheckResult(_SUBJECT, error.symptom, error.cause, error.cure)
