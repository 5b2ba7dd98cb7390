"""核对: reading the ledger through to find what was altered, page by page."""

from dataclasses import dataclass

from gateway.domain.audit import AuditFinding


@dataclass(frozen=True, slots=True)
class AuditPage:
    """What was found in a page of cases; `last` is the key to go on after, None at the end."""

    cases: int
    entries: int
    findings: tuple[AuditFinding, ...]
    last: str | None
