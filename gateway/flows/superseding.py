"""失效分派单: the dispatch that a case leaves behind when it moves on."""

from collections.abc import Iterator
from datetime import datetime

from gateway.domain.case import Case
from gateway.ports.superseded import Superseded


def superseded_dispatch(before: Case, at: datetime) -> Iterator[Superseded]:
    """Yield the current dispatch of a case that is about to have another one, or none."""
    if before.agency is not None and before.dispatch_no is not None:
        yield Superseded(before.agency, before.dispatch_no, before.key, at)
