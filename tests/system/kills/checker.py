"""核对: finds in a run's transcript what was lost, doubled or altered; knows no gateway.

    python -m tests.system.kills.checker TRANSCRIPT.json

It stands on the standard library alone, so that no mistake of the project can blind it. What it
reads (`tests.system.kills.transcript`) the national side and the agencies wrote down themselves.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Final, TypedDict, cast


class DeviationKind(StrEnum):
    """What can be wrong with one application."""

    NOT_ACKNOWLEDGED = "not-acknowledged"  # filed, never acknowledged
    LOST = "lost"  # acknowledged or decided, and no result in effect
    DOUBLED = "doubled"  # a result in effect more than once, or two live dispatch numbers
    ALTERED = "altered"  # what arrived is not what was sent
    UNEXPECTED = "unexpected"  # nobody filed it, or nobody decided it
    UNANSWERED = "unanswered"  # an agency's result without the gateway's last word
    BACKWARDS = "backwards"  # a lower revision took effect after a higher one


_LOST: Final = frozenset({DeviationKind.LOST, DeviationKind.NOT_ACKNOWLEDGED})


class _Effect(TypedDict):
    revision: int
    digest: str
    repeats: int
    refusal_reason: str | None


class _Application(TypedDict):
    application_no: str
    deliveries: int
    filed_at: str
    decided_at: str | None
    acknowledged_at: str | None
    withdrawn_at: str | None
    effects: list[_Effect]


class _Event(TypedDict):
    kind: str
    application_no: str | None
    facts: dict[str, str | int | bool]


class _Dispatch(TypedDict):
    dispatch_no: str
    application_no: str
    count: int
    decided_at: str | None
    answer: str | None


class _Agency(TypedDict):
    code: str
    dispatches: list[_Dispatch]


class _Arrived(TypedDict):
    application_no: str
    digest: str


class _Result(TypedDict):
    application_no: str
    revision: int
    digest: str
    sent: int
    answer: str | None


class Transcript(TypedDict):
    """All books of a run; `filed` holds the digest of each application as it was filed."""

    applications: list[_Application]
    events: list[_Event]
    agencies: list[_Agency]
    filed: dict[str, str]
    arrived: list[_Arrived]
    results: list[_Result]


@dataclass(frozen=True, slots=True)
class Deviation:
    """One thing wrong with one application."""

    violation: DeviationKind
    application_no: str
    detail: str


@dataclass(frozen=True, slots=True)
class Report:
    """What a transcript says; counts are applications unless said otherwise.

    `redelivered`, `redispatched`, `resubmitted` and `rereported` count what came again and changed
    nothing: items of the feed, dispatches at an agency, results of an agency, results at the
    national side. `worst_there_and_back_s` is by the clock of the run, which may be set forward.
    """

    filed: int
    acknowledged: int
    back: int
    withdrawn: int
    corrected: int
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
    findings = tuple(
        finding
        for rule in (_feed, _effects, _revisions, _dispatches, _contents)
        for finding in rule(transcript)
    )
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
        lost=len(lost),
        doubled=len(doubled),
        redelivered=sum(max(one["deliveries"] - 1, 0) for one in applications),
        redispatched=sum(one["count"] - 1 for one in dispatches),
        resubmitted=sum(max(one["sent"] - 1, 0) for one in transcript["results"]),
        rereported=sum(effect["repeats"] for one in applications for effect in one["effects"]),
        worst_there_and_back_s=max(map(_lateness_s, applications), default=0.0),
        findings=findings,
    )


def _feed(transcript: Transcript) -> Iterator[Deviation]:
    """What people filed is what the national side holds, and all of it was acknowledged."""
    held = {one["application_no"]: one for one in transcript["applications"]}
    for number in transcript["filed"].keys() - held.keys():
        yield Deviation(DeviationKind.LOST, number, "filed, not in the national book")
    for number in held.keys() - transcript["filed"].keys():
        yield Deviation(DeviationKind.UNEXPECTED, number, "in the national book, filed by nobody")
    for number, one in held.items():
        if one["acknowledged_at"] is None:
            yield Deviation(DeviationKind.NOT_ACKNOWLEDGED, number, "filed, never acknowledged")
        elif not one["effects"] and one["withdrawn_at"] is None:
            yield Deviation(DeviationKind.LOST, number, "acknowledged, no result in effect")


def _effects(transcript: Transcript) -> Iterator[Deviation]:
    """Each result that the gateway took is in effect, once; nothing else is."""
    took_effect = [
        (event["application_no"] or "", event["facts"]["revision"], event["facts"]["digest"])
        for event in transcript["events"]
        if event["kind"] == "decided"
    ]
    times = Counter((number, revision) for number, revision, _ in took_effect)
    shown = {
        (one["application_no"], effect["revision"], effect["digest"])
        for one in transcript["applications"]
        for effect in one["effects"]
    }
    taken = {
        (one["application_no"], one["revision"]): one["digest"]
        for one in transcript["results"]
        if one["answer"] in {"accepted", "duplicate"}
    }
    for (number, revision), count in times.items():
        if count > 1:
            yield Deviation(
                DeviationKind.DOUBLED, number, f"revision {revision} took effect {count} times"
            )
        if (number, revision) not in taken:
            yield Deviation(
                DeviationKind.UNEXPECTED, number, f"revision {revision} was taken from nobody"
            )
    for number, revision, digest in {*took_effect} ^ shown:
        yield Deviation(
            DeviationKind.ALTERED, number, f"revision {revision}: event and book differ: {digest}"
        )
    for (number, revision), digest in taken.items():
        if (number, revision) not in times:
            yield Deviation(
                DeviationKind.LOST, number, f"revision {revision} was taken, never took effect"
            )
        elif (number, revision, digest) not in shown:
            yield Deviation(
                DeviationKind.ALTERED, number, f"revision {revision} is not what was decided"
            )


def _revisions(transcript: Transcript) -> Iterator[Deviation]:
    """No lower revision takes effect after a higher one."""
    highest: dict[str, int] = {}
    for event in transcript["events"]:
        if event["kind"] != "decided":
            continue
        number, revision = event["application_no"] or "", int(event["facts"]["revision"])
        if revision < highest.get(number, 0):
            yield Deviation(
                DeviationKind.BACKWARDS, number, f"revision {revision} after {highest[number]}"
            )
        highest[number] = max(revision, highest.get(number, 0))


def _dispatches(transcript: Transcript) -> Iterator[Deviation]:
    """An application reaches one agency under one number, is decided once and answered."""
    places: dict[str, list[str]] = {}
    withdrawn = {
        one["application_no"]
        for one in transcript["applications"]
        if one["withdrawn_at"] is not None
    }
    for agency in transcript["agencies"]:
        for one in agency["dispatches"]:
            number = one["application_no"]
            places.setdefault(number, []).append(f"{agency['code']}/{one['dispatch_no']}")
            if one["decided_at"] is None or one["answer"] is None:
                yield Deviation(
                    DeviationKind.UNANSWERED, number, f"{one['dispatch_no']} at {agency['code']}"
                )
            elif one["answer"] == "refused" and number not in withdrawn:
                yield Deviation(
                    DeviationKind.LOST, number, f"the result of {one['dispatch_no']} was refused"
                )
    for number, found in places.items():
        if len(found) > 1:
            yield Deviation(
                DeviationKind.DOUBLED, number, f"dispatched as {', '.join(sorted(found))}"
            )
        if number not in transcript["filed"]:
            yield Deviation(DeviationKind.UNEXPECTED, number, "dispatched, filed by nobody")
    for result in transcript["results"]:
        if result["revision"] > 1 and result["answer"] not in {"accepted", "duplicate"}:
            number = result["application_no"]
            yield Deviation(DeviationKind.UNANSWERED, number, f"correction {result['revision']}")


def _contents(transcript: Transcript) -> Iterator[Deviation]:
    """An application reaches its agency as it was filed."""
    for one in transcript["arrived"]:
        filed = transcript["filed"].get(one["application_no"])
        if filed is not None and filed != one["digest"]:
            yield Deviation(
                DeviationKind.ALTERED, one["application_no"], "the agency got another content"
            )


def _lateness_s(one: _Application) -> float:
    if one["decided_at"] is None:
        return 0.0
    took = datetime.fromisoformat(one["decided_at"]) - datetime.fromisoformat(one["filed_at"])
    return round(took.total_seconds(), 3)


def read_transcript(text: str) -> Transcript:
    """Return a transcript from its JSON; a missing member shows when it is looked at."""
    return cast(Transcript, json.loads(text))


def main(words: Sequence[str]) -> int:
    """Print the report on a transcript in a file; 1 if anything is wrong."""
    (path,) = words
    report = check(read_transcript(Path(path).read_text("utf-8")))
    print(json.dumps(asdict(report), ensure_ascii=False, indent=1))
    return 1 if report.findings else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
