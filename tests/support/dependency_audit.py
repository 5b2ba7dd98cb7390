"""依赖审计: the locked packages against the published advisories, by pip-audit.

Run by `.ci/run` and `make audit`. A known advisory fails it. Where the index of advisories cannot
be reached, or does not know the packages, it says so loudly and lets the pipeline go on: a network
that is down says nothing about the code.
"""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pydantic import BaseModel, ConfigDict, ValidationError

from tests.support.tree import ROOT

LOCKS: Final = ("requirements.lock", "requirements-test.lock")
AUDIT_S: Final = 120.0
SKIPPED: Final = "!!! 依赖审计未进行 / DEPENDENCY AUDIT SKIPPED"


class _Read(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


class Advisory(_Read):
    """One advisory against a package; `fix_versions` are those in which it is mended."""

    id: str
    fix_versions: tuple[str, ...] = ()


class Package(_Read):
    """What pip-audit says of one package; `skip_reason` where it could not be looked up."""

    name: str
    version: str = ""
    vulns: tuple[Advisory, ...] = ()
    skip_reason: str = ""


class AdvisoryReport(_Read):
    """The JSON report of pip-audit."""

    dependencies: tuple[Package, ...]


@dataclass(frozen=True, slots=True)
class AuditResult:
    """What came of an audit: the lines to print, and whether the pipeline fails."""

    lines: tuple[str, ...]
    is_failure: bool = False


def judge(lock: str, report: str) -> AuditResult:
    """Return what pip-audit's JSON `report` on a lock means; text that is no report is a skip."""
    try:
        packages = AdvisoryReport.model_validate_json(report).dependencies
    except ValidationError:
        return skipped(lock, "the index of advisories gave no report")
    if found := tuple(_advisories(lock, packages)):
        return AuditResult(found, is_failure=True)
    unknown = [package.name for package in packages if package.skip_reason]
    if unknown or not packages:
        return skipped(lock, f"{len(unknown)} of {len(packages)} packages could not be looked up")
    return AuditResult((f"{lock}: {len(packages)} packages, no known advisory",))


def skipped(lock: str, reason: str) -> AuditResult:
    """Return that nothing is known about a lock."""
    return AuditResult((f"{SKIPPED}: {lock}: {reason}",))


def _advisories(lock: str, packages: Sequence[Package]) -> Iterator[str]:
    for package in packages:
        for advisory in package.vulns:
            cure = ", ".join(advisory.fix_versions) or "no version yet"
            yield f"{lock}: {package.name} {package.version}: {advisory.id}; mended in {cure}"


def audit(program: Path, lock: str) -> AuditResult:
    """Return what pip-audit says of a lock, within two minutes."""
    options = ("--disable-pip", "--require-hashes", "--progress-spinner", "off", "--format", "json")
    command = (program, "-r", ROOT / lock, *options)
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=AUDIT_S, check=False)
    except (OSError, subprocess.TimeoutExpired) as exc:
        return skipped(lock, type(exc).__name__)
    return judge(lock, done.stdout)


def main(program: str) -> int:
    """Audit both locks with the pip-audit at `program`; 1 where an advisory is known."""
    verdicts = [audit(Path(program), lock) for lock in LOCKS]
    for line in (line for verdict in verdicts for line in verdict.lines):
        print(line, flush=True)
    return int(any(verdict.is_failure for verdict in verdicts))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
