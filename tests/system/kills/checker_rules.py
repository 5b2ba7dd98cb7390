"""核对规则: what must hold in a transcript, rule by rule; stands on the standard library alone."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from tests.system.kills.transcript_shape import HandedInEntry, Transcript

_TAKEN: Final = frozenset({"accepted", "duplicate"})
_Key = tuple[str, int]


class DeviationKind(StrEnum):
    """What can be wrong with one application, or one local registration."""

    NOT_ACKNOWLEDGED = "not-acknowledged"  # filed, never acknowledged
    LOST = "lost"  # acknowledged or decided, and no result in effect
    DOUBLED = "doubled"  # a result in effect more than once, or two live dispatch numbers
    ALTERED = "altered"  # what arrived is not what was sent
    UNEXPECTED = "unexpected"  # nobody filed it, or nobody decided it
    UNANSWERED = "unanswered"  # an agency's result without the gateway's last word
    BACKWARDS = "backwards"  # a lower revision took effect after a higher one
    FORMER_AGENCY = "former-agency"  # a result of an agency took effect that has the case no more


@dataclass(frozen=True, slots=True)
class Deviation:
    """One thing wrong with one application."""

    violation: DeviationKind
    application_no: str
    detail: str


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
    local = {one["key"] for one in transcript["locals"]}
    took_effect = [
        (event["application_no"] or "", event["facts"]["revision"], event["facts"]["digest"])
        for event in transcript["events"]
        if event["kind"] == "decided" and event["application_no"] not in local
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
        if one["answer"] in _TAKEN
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
    """An application reaches one agency under one number, is decided once and answered.

    One that the operators gave to another agency has reached several; the last one decides.
    """
    current = _current(transcript)
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
            elif (
                one["answer"] == "refused"
                and number not in withdrawn
                and current.get(number, one["dispatch_no"]) == one["dispatch_no"]
            ):
                yield Deviation(
                    DeviationKind.LOST, number, f"the result of {one['dispatch_no']} was refused"
                )
    for number, found in places.items():
        if len(found) > 1 and number not in current:
            yield Deviation(
                DeviationKind.DOUBLED, number, f"dispatched as {', '.join(sorted(found))}"
            )
        if number not in transcript["filed"]:
            yield Deviation(DeviationKind.UNEXPECTED, number, "dispatched, filed by nobody")
    for result in transcript["results"]:
        if result["revision"] > 1 and result["answer"] not in _TAKEN:
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


def _current(transcript: Transcript) -> Mapping[str, str | None]:
    """Return the current dispatch of each case that the operators' system acted on."""
    return {one["application_no"]: one["dispatch_no"] for one in transcript["assignments"]}


def _former(transcript: Transcript) -> Iterator[Deviation]:
    """Of several agencies that had a case the last one alone decides."""
    decided: dict[str, set[str]] = {}
    for one in transcript["results"]:
        if one["answer"] in _TAKEN:
            decided.setdefault(one["application_no"], set()).add(one["dispatch_no"])
    current = _current(transcript)
    for number, under in decided.items():
        if len(under) > 1:
            numbers = ", ".join(sorted(under))
            yield Deviation(DeviationKind.DOUBLED, number, f"decided under {numbers}")
        elif number in current and under != {current[number]}:
            yield Deviation(
                DeviationKind.FORMER_AGENCY,
                number,
                f"decided under {next(iter(under))}, while {current[number]} is current",
            )


def _handed_in(transcript: Transcript) -> Iterator[Deviation]:
    """What an agency accepted and ended itself is in effect as it was handed in, once."""
    registered: dict[_Key, str] = {}
    ended: dict[_Key, str] = {}
    for one in transcript["locals"]:
        registered |= {(one["key"], two["revision"]): two["digest"] for two in one["effects"]}
        ended |= {(one["key"], two["revision"]): two["digest"] for two in one["endings"]}
    yield from _compared("registration", transcript["registrations"], registered)
    yield from _compared("deregistration", transcript["deregistrations"], ended)
    local = {one["key"] for one in transcript["locals"]}
    times = Counter(
        (event["application_no"] or "", event["kind"], event["facts"]["revision"])
        for event in transcript["events"]
        if event["kind"] in {"decided", "deregistered"} and event["application_no"] in local
    )
    for (key, kind, revision), count in times.items():
        if count > 1:
            yield Deviation(DeviationKind.DOUBLED, key, f"{kind} {revision}: {count} times")


def _compared(
    kind: str, handed_in: Sequence[HandedInEntry], effects: Mapping[_Key, str]
) -> Iterator[Deviation]:
    for one in handed_in:
        key, what = one["key"], f"{kind} {one['revision']}"
        if one["answer"] is None:
            yield Deviation(DeviationKind.UNANSWERED, key, what)
        elif one["answer"] not in _TAKEN:
            yield Deviation(DeviationKind.LOST, key, f"{what} was refused")
        elif (key, one["revision"]) not in effects:
            yield Deviation(DeviationKind.LOST, key, f"{what} was taken, never took effect")
        elif effects[key, one["revision"]] != one["digest"]:
            yield Deviation(DeviationKind.ALTERED, key, f"{what} is not what was handed in")
    given = {(one["key"], one["revision"]) for one in handed_in if one["answer"] in _TAKEN}
    for key, revision in effects.keys() - given:
        yield Deviation(DeviationKind.UNEXPECTED, key, f"{kind} {revision}: taken from nobody")


Rule = Callable[[Transcript], Iterator[Deviation]]
RULES: Final[tuple[Rule, ...]] = (
    *(_feed, _effects, _revisions, _dispatches, _former),
    *(_contents, _handed_in),
)
