"""核对: finds in a run's transcript what was lost, doubled or altered; knows no gateway.

    python -m tests.system.kills.checker TRANSCRIPT.json

It stands on the standard library alone, so that no mistake of the project can blind it. What it
reads (`tests.system.kills.transcript`) the national side and the agencies wrote down themselves.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from tests.system.kills.checker_rules import RULES, Deviation, DeviationKind
from tests.system.kills.transcript_shape import (
    ApplicationEntry,
    EffectEntry,
    HandedInEntry,
    ResultEntry,
    Transcript,
    read_transcript,
)

_LOST: Final = frozenset({DeviationKind.LOST, DeviationKind.NOT_ACKNOWLEDGED})
_MOVED: Final = frozenset({"done", "already"})


@dataclass(frozen=True, slots=True)
class Report:
    """What a transcript says; counts are applications unless said otherwise.

    `registered` and `deregistered` are local registrations in effect, and what ended some of them;
    `reassigned` are cases that the operators' system gave to another agency, or to a further one;
    `superseded` are results of agencies that had a case no more, which were refused.
    `redelivered`, `redispatched`, `resubmitted` and `rereported` count what came again and changed
    nothing: items of the feed, dispatches at an agency, results of an agency, results at the
    national side. `worst_there_and_back_s` is by the clock of the run, which may be set forward.
    """

    filed: int
    acknowledged: int
    back: int
    withdrawn: int
    corrected: int
    registered: int
    deregistered: int
    reassigned: int
    superseded: int
    lost: int
    doubled: int
    redelivered: int
    redispatched: int
    resubmitted: int
    rereported: int
    worst_there_and_back_s: float
    findings: tuple[Deviation, ...]


def check(transcript: Transcript) -> Report:
    """Return the counts, and everything that is wrong."""
    findings = tuple(finding for rule in RULES for finding in rule(transcript))
    lost = {one.application_no for one in findings if one.violation in _LOST}
    doubled = {one.application_no for one in findings if one.violation is DeviationKind.DOUBLED}
    applications = transcript["applications"]
    dispatches = [one for agency in transcript["agencies"] for one in agency["dispatches"]]
    return Report(
        filed=len(transcript["filed"]),
        acknowledged=sum(one["acknowledged_at"] is not None for one in applications),
        back=sum(bool(one["effects"]) for one in applications),
        withdrawn=sum(one["withdrawn_at"] is not None for one in applications),
        corrected=sum(len(one["effects"]) > 1 for one in applications),
        registered=sum(bool(one["effects"]) for one in transcript["locals"]),
        deregistered=sum(bool(one["endings"]) for one in transcript["locals"]),
        reassigned=sum(one["result"] in _MOVED for one in transcript["assignments"]),
        superseded=_superseded(transcript),
        lost=len(lost),
        doubled=len(doubled),
        redelivered=sum(max(one["deliveries"] - 1, 0) for one in applications),
        redispatched=sum(one["count"] - 1 for one in dispatches),
        resubmitted=sum(max(one["sent"] - 1, 0) for one in _handed_in(transcript)),
        rereported=sum(effect["repeats"] for effect in _effects(transcript)),
        worst_there_and_back_s=max(map(_lateness_s, applications), default=0.0),
        findings=findings,
    )


def _effects(transcript: Transcript) -> Iterator[EffectEntry]:
    for application in transcript["applications"]:
        yield from application["effects"]
    for one in transcript["locals"]:
        yield from (*one["effects"], *one["endings"])


def _handed_in(transcript: Transcript) -> Sequence[ResultEntry | HandedInEntry]:
    return (
        *transcript["results"],
        *transcript["registrations"],
        *transcript["deregistrations"],
    )


def _superseded(transcript: Transcript) -> int:
    current = {one["application_no"]: one["dispatch_no"] for one in transcript["assignments"]}
    return sum(
        one["answer"] == "refused"
        and one["dispatch_no"] != current.get(one["application_no"], one["dispatch_no"])
        for one in transcript["results"]
    )


def _lateness_s(one: ApplicationEntry) -> float:
    if one["decided_at"] is None:
        return 0.0
    took = datetime.fromisoformat(one["decided_at"]) - datetime.fromisoformat(one["filed_at"])
    return round(took.total_seconds(), 3)


def main(words: Sequence[str]) -> int:
    """Print the report on a transcript in a file; 1 if anything is wrong."""
    (path,) = words
    report = check(read_transcript(Path(path).read_text("utf-8")))
    print(json.dumps(asdict(report), ensure_ascii=False, indent=1))
    return 1 if report.findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
