"""The checker finds every fault that is planted, and stands on nothing of ours."""

import ast
import copy
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from tests.system.kills import checker
from tests.system.kills.checker import Deviation, DeviationKind, Transcript, check

AT: Final = ("2026-11-22T01:00:00Z", "2026-11-22T01:00:02.500Z")
A, B, C = "A-1", "A-2", "A-3"


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
                        "refusal_reason": None,
                    }
                    for revision in revisions
                ],
            }
            for number, revisions in ((A, (1,)), (B, (1, 2)), (C, ()))
        ],
        "events": [
            {
                "kind": "decided",
                "application_no": number,
                "facts": {"revision": revision, "digest": f"{number}:{revision}"},
            }
            for number, revision in ((A, 1), (B, 1), (B, 2))
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
                "revision": revision,
                "digest": f"{number}:{revision}",
                "sent": 1,
                "answer": "accepted",
            }
            for number, revision in ((A, 1), (B, 1), (B, 2))
        ],
    }


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


@pytest.mark.parametrize(
    ("plant", "violation", "number"),
    [
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
    tree = ast.parse(Path(checker.__file__).read_text("utf-8"))
    imported: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported.update(alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            imported.add((node.module or "").partition(".")[0])
    assert imported
    assert imported <= sys.stdlib_module_names


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
