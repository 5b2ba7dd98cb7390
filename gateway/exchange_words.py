"""前置库用词: what is wrong with a row of an agency's results beside its payload, in Chinese."""

from collections.abc import Iterable

from gateway.domain.exchange_rows import DIFFERS, INVALID, UNKNOWN_KIND, RowRefusal
from schemas.records.exchange_tables import ResultKind
from schemas.records.problems import FieldError


def columns_differ(names: Iterable[str]) -> RowRefusal:
    """Return why a row is not taken whose key columns say something else than its payload."""
    errors = (
        FieldError(
            pointer=f"/{name}",
            code=DIFFERS,
            message=f"列 {name} 与 payload 中的值不同：请改正其中一处，再将 status 改为 READY",
        )
        for name in names
    )
    return RowRefusal(INVALID, tuple(errors))


def kind_unknown() -> RowRefusal:
    """Return why a row is not taken that does not say what it holds."""
    known = "、".join(ResultKind)
    message = f"列 kind 须为 {known} 之一：请改正后将 status 改为 READY"
    return RowRefusal(INVALID, (FieldError(pointer="", code=UNKNOWN_KIND, message=message),))
