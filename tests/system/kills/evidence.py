"""证据: what a campaign saw, added up over its rounds and written as one line of JSON."""

import gc
import json
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from tests.system.kills.checker import Report

ROUND: Final = 50
"""Deaths of one round: some thousand applications."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What one campaign saw; `last_steps` counts the deaths by the last failpoint passed."""

    seed: int
    kills: int
    last_steps: dict[str, int]
    report: Report

    def __add__(self, other: "Evidence") -> "Evidence":
        """Return both together, under the first seed."""
        steps = Counter(self.last_steps) + Counter(other.last_steps)
        together = dict(steps.most_common())
        kills = self.kills + other.kills
        return Evidence(self.seed, kills, together, _added(self.report, other.report))


def _added(one: Report, other: Report) -> Report:
    """Return the sum of all counts, the worst time, and all findings."""
    total = {
        field.name: getattr(one, field.name) + getattr(other, field.name)
        for field in fields(Report)
        if field.name != "worst_there_and_back_s"
    }
    worst_s = max(one.worst_there_and_back_s, other.worst_there_and_back_s)
    return Report(worst_there_and_back_s=worst_s, **total)


def in_rounds(deaths: int, largest: int = ROUND) -> Iterator[tuple[int, int]]:
    """Yield the number of each round, from 0, and how many deaths it has."""
    for number, start in enumerate(range(0, deaths, largest)):
        yield number, min(largest, deaths - start)


class Recorder:
    """Adds evidence up; writes it to a file after every round, and prints it in the end."""

    def __init__(self, facts: Mapping[str, object], file: Path | None) -> None:
        self._facts, self._file = dict(facts), file
        self._began_s = time.monotonic()
        self._whole: Evidence | None = None

    def __enter__(self) -> Self:
        """Begin."""
        return self

    def add(self, evidence: Evidence, **facts: int) -> None:
        """Add what one round saw; facts that are counts are added up as well."""
        gc.collect()  # what a round leaves are rings, and large
        self._whole = evidence if self._whole is None else self._whole + evidence
        for name, count in facts.items():
            before = self._facts.get(name, 0)
            self._facts[name] = count + (before if isinstance(before, int) else 0)
        if self._file is not None:
            self._file.write_text(self.line() + "\n", "utf-8")

    def line(self) -> str:
        """Return the evidence so far, with the memory at its highest (MB)."""
        peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        measured = {"seconds": round(time.monotonic() - self._began_s, 1), "peak_mb": peak_mb}
        seen = {} if self._whole is None else asdict(self._whole)
        return json.dumps(self._facts | measured | seen)

    def __exit__(
        self, kind: type[BaseException] | None, exc: BaseException | None, at: TracebackType | None
    ) -> None:
        """Print what was seen, also when the campaign was interrupted."""
        sys.stdout.write(self.line() + "\n")

    @property
    def exit_code(self) -> int:
        """1 if anything was found, else 0."""
        return 1 if self._whole is None or self._whole.report.findings else 0
