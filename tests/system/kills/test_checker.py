"""The checker finds every fault that is planted, and stands on nothing of ours."""

import ast
import copy
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from tests.system.kills import checker, checker_rules, transcript_shape
from tests.system.kills.checker import check
from tests.system.kills.checker_rules import Deviation, DeviationKind
from tests.system.kills.transcript_shape import EffectEntry, EventEntry, HandedInEntry, Transcript

AT: Final = ("2026-11-22T01:00:00Z", "2026-11-22T01:00:02.500Z")
A, B, C = "A-1", "A-2", "A-3"
L: Final = "419001/L-1"
"""The key of a local registration, which ended."""
DECIDED: Final = ((A, 1), (B, 1), (B, 2), (L, 1))


def honest() -> Transcript:
    """Return the transcript of three people: one answered, one corrected, one who withdrew."""
    return {
        "applications": [
            {
                "application_no": number,
                "deliveries": 1,
                "filed_at": AT[0],
                "decided_at": AT[1] if revisions else None,
                "acknowledged_at": AT[0],
                "withdrawn_at": None if revisions else AT[0],
                "effects": [
                    {
                        "revision": revision,
                        "digest": f"{number}:{revision}",
                        "repeats": 0,
                    }
                    for revision in revisions
                ],
            }
            for number, revisions in ((A, (1,)), (B, (1, 2)), (C, ()))
        ],
        "events": [
            *(decided(number, revision) for number, revision in DECIDED),
            *(deregistered(L, revision) for revision in (1, 2)),
        ],
        "agencies": [
            {
                "code": "4101000001",
                "dispatches": [
                    {
                        "dispatch_no": f"D-{number}",
                        "application_no": number,
                        "count": 1,
                        "decided_at": AT[1],
                        "returned": False,
                        "answer": "accepted",
                    }
                    for number in (A, B)
                ],
            },
            {"code": "4190010001", "dispatches": []},
        ],
        "filed": {number: f"filed {number}" for number in (A, B, C)},
        "arrived": [{"application_no": number, "digest": f"filed {number}"} for number in (A, B)],
        "results": [
            {
                "application_no": number,
                "dispatch_no": f"D-{number}",
                "revision": revision,
                "digest": f"{number}:{revision}",
                "sent": 1,
                "answer": "accepted",
            }
            for number, revision in ((A, 1), (B, 1), (B, 2))
        ],
        "registrations": [handed_in(L, 1)],
        "deregistrations": [handed_in(L, 1), handed_in(L, 2)],
        "locals": [{"key": L, "effects": [effect(1)], "endings": [effect(1), effect(2)]}],
        "assignments": [],
    }


def decided(number: str, revision: int) -> EventEntry:
    facts: dict[str, str | int | bool] = {"revision": revision, "digest": f"{number}:{revision}"}
    return {"kind": "decided", "application_no": number, "facts": facts}


def deregistered(key: str, revision: int) -> EventEntry:
    return {"kind": "deregistered", "application_no": key, "facts": {"revision": revision}}


def handed_in(key: str, revision: int) -> HandedInEntry:
    digest = f"{key}:{revision}"
    return {"key": key, "revision": revision, "digest": digest, "sent": 1, "answer": "accepted"}


def effect(revision: int) -> EffectEntry:
    return {"revision": revision, "digest": f"{L}:{revision}", "repeats": 0}


def reassigned() -> Transcript:
    """Return an honest transcript in which a case was given to another agency, which decided."""
    transcript = honest()
    first = transcript["agencies"][0]["dispatches"][0]
    second = copy.deepcopy(first)
    second["dispatch_no"] = "D-second"
    first["answer"] = "refused"
    transcript["agencies"][1]["dispatches"].append(second)
    result = copy.deepcopy(transcript["results"][0])
    result["answer"], result["digest"] = "refused", "of the former agency"
    transcript["results"].append(result)
    transcript["results"][0]["dispatch_no"] = "D-second"
    transcript["arrived"].append(copy.deepcopy(transcript["arrived"][0]))
    transcript["assignments"] = [{"application_no": A, "result": "done", "dispatch_no": "D-second"}]
    return transcript


def forgets_to_acknowledge(transcript: Transcript) -> None:
    transcript["applications"][0]["acknowledged_at"] = None


def loses_an_application(transcript: Transcript) -> None:
    del transcript["applications"][0]


def loses_a_result_before_it_took_effect(transcript: Transcript) -> None:
    transcript["applications"][0]["effects"].clear()
    del transcript["events"][0]


def loses_a_case_before_any_agency_saw_it(transcript: Transcript) -> None:
    loses_a_result_before_it_took_effect(transcript)
    del (
        transcript["agencies"][0]["dispatches"][0],
        transcript["results"][0],
        transcript["arrived"][0],
    )


def loses_a_correction(transcript: Transcript) -> None:
    del transcript["applications"][1]["effects"][1], transcript["events"][2]


def lets_a_result_take_effect_twice(transcript: Transcript) -> None:
    transcript["events"].append(copy.deepcopy(transcript["events"][0]))


def dispatches_under_a_second_number(transcript: Transcript) -> None:
    again = copy.deepcopy(transcript["agencies"][0]["dispatches"][0])
    again["dispatch_no"] = "D-other"
    transcript["agencies"][0]["dispatches"].append(again)


def dispatches_to_a_second_agency(transcript: Transcript) -> None:
    transcript["agencies"][1]["dispatches"] += transcript["agencies"][0]["dispatches"][:1]


def alters_a_result(transcript: Transcript) -> None:
    transcript["applications"][0]["effects"][0]["digest"] = "other"
    transcript["events"][0]["facts"]["digest"] = "other"


def shows_another_result_than_took_effect(transcript: Transcript) -> None:
    transcript["applications"][0]["effects"][0]["digest"] = "other"


def alters_an_application(transcript: Transcript) -> None:
    transcript["arrived"][0]["digest"] = "other"


def invents_an_application(transcript: Transcript) -> None:
    del transcript["filed"][A]


def invents_a_result(transcript: Transcript) -> None:
    del transcript["results"][0]


def lets_a_correction_go_first(transcript: Transcript) -> None:
    transcript["events"][1], transcript["events"][2] = (
        transcript["events"][2],
        transcript["events"][1],
    )


def leaves_a_result_unanswered(transcript: Transcript) -> None:
    transcript["agencies"][0]["dispatches"][0]["answer"] = None


def leaves_a_dispatch_undecided(transcript: Transcript) -> None:
    transcript["agencies"][0]["dispatches"][0]["decided_at"] = None


def leaves_a_correction_unanswered(transcript: Transcript) -> None:
    transcript["results"][2]["answer"] = None


def refuses_an_honest_result(transcript: Transcript) -> None:
    transcript["agencies"][0]["dispatches"][0]["answer"] = "refused"


def loses_a_registration(transcript: Transcript) -> None:
    transcript["locals"][0]["effects"].clear()
    del transcript["events"][3]


def loses_the_notice_of_an_ending(transcript: Transcript) -> None:
    del transcript["locals"][0]["endings"][1], transcript["events"][5]


def alters_a_registration(transcript: Transcript) -> None:
    transcript["locals"][0]["effects"][0]["digest"] = "other"


def ends_a_registration_twice(transcript: Transcript) -> None:
    transcript["events"].append(copy.deepcopy(transcript["events"][4]))


def registers_somebody_twice(transcript: Transcript) -> None:
    transcript["events"].append(copy.deepcopy(transcript["events"][3]))


def invents_an_ending(transcript: Transcript) -> None:
    del transcript["deregistrations"][1]


def leaves_a_registration_unanswered(transcript: Transcript) -> None:
    transcript["registrations"][0]["answer"] = None


def refuses_an_honest_ending(transcript: Transcript) -> None:
    transcript["deregistrations"][1]["answer"] = "refused"
    loses_the_notice_of_an_ending(transcript)


@pytest.mark.parametrize(
    ("plant", "violation", "number"),
    [
        (loses_a_registration, DeviationKind.LOST, L),
        (loses_the_notice_of_an_ending, DeviationKind.LOST, L),
        (alters_a_registration, DeviationKind.ALTERED, L),
        (ends_a_registration_twice, DeviationKind.DOUBLED, L),
        (registers_somebody_twice, DeviationKind.DOUBLED, L),
        (invents_an_ending, DeviationKind.UNEXPECTED, L),
        (leaves_a_registration_unanswered, DeviationKind.UNANSWERED, L),
        (refuses_an_honest_ending, DeviationKind.LOST, L),
        (forgets_to_acknowledge, DeviationKind.NOT_ACKNOWLEDGED, A),
        (loses_an_application, DeviationKind.LOST, A),
        (loses_a_result_before_it_took_effect, DeviationKind.LOST, A),
        (loses_a_case_before_any_agency_saw_it, DeviationKind.LOST, A),
        (loses_a_correction, DeviationKind.LOST, B),
        (lets_a_result_take_effect_twice, DeviationKind.DOUBLED, A),
        (dispatches_under_a_second_number, DeviationKind.DOUBLED, A),
        (dispatches_to_a_second_agency, DeviationKind.DOUBLED, A),
        (alters_a_result, DeviationKind.ALTERED, A),
        (shows_another_result_than_took_effect, DeviationKind.ALTERED, A),
        (alters_an_application, DeviationKind.ALTERED, A),
        (invents_an_application, DeviationKind.UNEXPECTED, A),
        (invents_a_result, DeviationKind.UNEXPECTED, A),
        (lets_a_correction_go_first, DeviationKind.BACKWARDS, B),
        (leaves_a_result_unanswered, DeviationKind.UNANSWERED, A),
        (leaves_a_dispatch_undecided, DeviationKind.UNANSWERED, A),
        (leaves_a_correction_unanswered, DeviationKind.UNANSWERED, B),
        (refuses_an_honest_result, DeviationKind.LOST, A),
    ],
)
def test_a_planted_fault_is_found_and_named(
    plant: Callable[[Transcript], None], violation: DeviationKind, number: str
) -> None:
    transcript = honest()
    plant(transcript)
    assert violation in {one.violation for one in check(transcript).findings}
    assert {one.application_no for one in check(transcript).findings} == {number}


def lets_the_former_agency_decide(transcript: Transcript) -> None:
    transcript["results"][0]["answer"], transcript["results"][-1]["answer"] = "refused", "accepted"
    transcript["applications"][0]["effects"][0]["digest"] = "of the former agency"
    transcript["events"][0]["facts"]["digest"] = "of the former agency"


def lets_both_agencies_decide(transcript: Transcript) -> None:
    transcript["results"][-1]["answer"] = "accepted"
    transcript["results"][-1]["digest"] = transcript["results"][0]["digest"]


def dispatches_again_without_being_asked(transcript: Transcript) -> None:
    transcript["assignments"].clear()


def refuses_the_agency_that_has_the_case(transcript: Transcript) -> None:
    transcript["agencies"][1]["dispatches"][0]["answer"] = "refused"


@pytest.mark.parametrize(
    ("plant", "violation"),
    [
        (lets_the_former_agency_decide, DeviationKind.FORMER_AGENCY),
        (lets_both_agencies_decide, DeviationKind.DOUBLED),
        (dispatches_again_without_being_asked, DeviationKind.DOUBLED),
        (refuses_the_agency_that_has_the_case, DeviationKind.LOST),
    ],
)
def test_a_fault_about_a_case_that_was_reassigned_is_found_and_named(
    plant: Callable[[Transcript], None], violation: DeviationKind
) -> None:
    transcript = reassigned()
    assert check(transcript).findings == ()
    assert (check(transcript).reassigned, check(transcript).superseded) == (1, 1)
    plant(transcript)
    assert violation in {one.violation for one in check(transcript).findings}
    assert {one.application_no for one in check(transcript).findings} == {A}


def test_every_kind_of_violation_counts_what_it_says() -> None:
    lost, doubled = honest(), honest()
    loses_a_correction(lost)
    lets_a_result_take_effect_twice(doubled)
    assert (check(lost).lost, check(lost).doubled) == (1, 0)
    assert (check(doubled).lost, check(doubled).doubled) == (0, 1)


def test_an_honest_transcript_is_clean_and_counted() -> None:
    report = check(honest())
    assert report.findings == ()
    assert (report.filed, report.acknowledged, report.back) == (3, 3, 2)
    assert (report.withdrawn, report.corrected, report.lost, report.doubled) == (1, 1, 0, 0)
    assert (report.registered, report.deregistered, report.reassigned) == (1, 1, 0)
    assert report.worst_there_and_back_s == 2.5


def test_what_came_again_and_changed_nothing_is_counted_and_no_fault() -> None:
    transcript = honest()
    transcript["applications"][0]["deliveries"] = 3
    transcript["applications"][0]["effects"][0]["repeats"] = 4
    transcript["agencies"][0]["dispatches"][0]["count"] = 2
    transcript["results"][0]["sent"] = 6
    report = check(transcript)
    assert report.findings == ()
    assert (report.redelivered, report.redispatched) == (2, 1)
    assert (report.resubmitted, report.rereported) == (5, 4)


def test_a_late_answer_for_a_withdrawn_application_is_no_loss() -> None:
    transcript = honest()
    late = copy.deepcopy(transcript["agencies"][0]["dispatches"][0])
    late["dispatch_no"], late["application_no"], late["answer"] = "D-late", C, "refused"
    transcript["agencies"][0]["dispatches"].append(late)
    assert check(transcript).findings == ()


def test_the_checker_imports_the_standard_library_only() -> None:
    imported: set[str] = set()
    for module in (checker, checker_rules, transcript_shape):
        for node in ast.walk(ast.parse(Path(module.__file__ or "").read_text("utf-8"))):
            if isinstance(node, ast.Import):
                imported.update(alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                imported.add(node.module or "")
    ours = {one.__name__ for one in (checker_rules, transcript_shape)}
    others = {name.partition(".")[0] for name in imported - ours}
    assert others
    assert others <= sys.stdlib_module_names


def test_the_command_prints_the_findings_and_ends_with_1(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    transcript = honest()
    loses_a_correction(transcript)
    path = tmp_path / "transcript.json"
    path.write_text(json.dumps(transcript), "utf-8")
    assert checker.main([str(path)]) == 1
    report = json.loads(capsys.readouterr().out)
    assert [Deviation(**one).violation for one in report["findings"]] == [DeviationKind.LOST]
