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
from tests.system.kills.checker import Books, Finding, Wrong, check

AT: Final = ("2026-11-22T01:00:00Z", "2026-11-22T01:00:02.500Z")
A, B, C = "A-1", "A-2", "A-3"


def honest() -> Books:
    """Return the books of three people: one answered, one corrected, one who withdrew."""
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


def forgets_to_acknowledge(books: Books) -> None:
    books["applications"][0]["acknowledged_at"] = None


def loses_an_application(books: Books) -> None:
    del books["applications"][0]


def loses_a_result_before_it_took_effect(books: Books) -> None:
    books["applications"][0]["effects"].clear()
    del books["events"][0]


def loses_a_case_before_any_agency_saw_it(books: Books) -> None:
    loses_a_result_before_it_took_effect(books)
    del books["agencies"][0]["dispatches"][0], books["results"][0], books["arrived"][0]


def loses_a_correction(books: Books) -> None:
    del books["applications"][1]["effects"][1], books["events"][2]


def lets_a_result_take_effect_twice(books: Books) -> None:
    books["events"].append(copy.deepcopy(books["events"][0]))


def dispatches_under_a_second_number(books: Books) -> None:
    again = copy.deepcopy(books["agencies"][0]["dispatches"][0])
    again["dispatch_no"] = "D-other"
    books["agencies"][0]["dispatches"].append(again)


def dispatches_to_a_second_agency(books: Books) -> None:
    books["agencies"][1]["dispatches"] += books["agencies"][0]["dispatches"][:1]


def alters_a_result(books: Books) -> None:
    books["applications"][0]["effects"][0]["digest"] = "other"
    books["events"][0]["facts"]["digest"] = "other"


def shows_another_result_than_took_effect(books: Books) -> None:
    books["applications"][0]["effects"][0]["digest"] = "other"


def alters_an_application(books: Books) -> None:
    books["arrived"][0]["digest"] = "other"


def invents_an_application(books: Books) -> None:
    del books["filed"][A]


def invents_a_result(books: Books) -> None:
    del books["results"][0]


def lets_a_correction_go_first(books: Books) -> None:
    books["events"][1], books["events"][2] = books["events"][2], books["events"][1]


def leaves_a_result_unanswered(books: Books) -> None:
    books["agencies"][0]["dispatches"][0]["answer"] = None


def leaves_a_dispatch_undecided(books: Books) -> None:
    books["agencies"][0]["dispatches"][0]["decided_at"] = None


def leaves_a_correction_unanswered(books: Books) -> None:
    books["results"][2]["answer"] = None


def refuses_an_honest_result(books: Books) -> None:
    books["agencies"][0]["dispatches"][0]["answer"] = "refused"


@pytest.mark.parametrize(
    ("plant", "wrong", "number"),
    [
        (forgets_to_acknowledge, Wrong.NOT_ACKNOWLEDGED, A),
        (loses_an_application, Wrong.LOST, A),
        (loses_a_result_before_it_took_effect, Wrong.LOST, A),
        (loses_a_case_before_any_agency_saw_it, Wrong.LOST, A),
        (loses_a_correction, Wrong.LOST, B),
        (lets_a_result_take_effect_twice, Wrong.DOUBLED, A),
        (dispatches_under_a_second_number, Wrong.DOUBLED, A),
        (dispatches_to_a_second_agency, Wrong.DOUBLED, A),
        (alters_a_result, Wrong.ALTERED, A),
        (shows_another_result_than_took_effect, Wrong.ALTERED, A),
        (alters_an_application, Wrong.ALTERED, A),
        (invents_an_application, Wrong.UNEXPECTED, A),
        (invents_a_result, Wrong.UNEXPECTED, A),
        (lets_a_correction_go_first, Wrong.BACKWARDS, B),
        (leaves_a_result_unanswered, Wrong.UNANSWERED, A),
        (leaves_a_dispatch_undecided, Wrong.UNANSWERED, A),
        (leaves_a_correction_unanswered, Wrong.UNANSWERED, B),
        (refuses_an_honest_result, Wrong.LOST, A),
    ],
)
def test_a_planted_fault_is_found_and_named(
    plant: Callable[[Books], None], wrong: Wrong, number: str
) -> None:
    books = honest()
    plant(books)
    assert wrong in {one.wrong for one in check(books).findings}
    assert {one.application_no for one in check(books).findings} == {number}


def test_every_kind_of_wrong_counts_what_it_says() -> None:
    lost, doubled = honest(), honest()
    loses_a_correction(lost)
    lets_a_result_take_effect_twice(doubled)
    assert (check(lost).lost, check(lost).doubled) == (1, 0)
    assert (check(doubled).lost, check(doubled).doubled) == (0, 1)


def test_honest_books_are_clean_and_counted() -> None:
    report = check(honest())
    assert report.findings == ()
    assert (report.filed, report.acknowledged, report.back) == (3, 3, 2)
    assert (report.withdrawn, report.corrected, report.lost, report.doubled) == (1, 1, 0, 0)
    assert report.worst_there_and_back_s == 2.5


def test_what_came_again_and_changed_nothing_is_counted_and_no_fault() -> None:
    books = honest()
    books["applications"][0]["deliveries"] = 3
    books["applications"][0]["effects"][0]["repeats"] = 4
    books["agencies"][0]["dispatches"][0]["count"] = 2
    books["results"][0]["sent"] = 6
    report = check(books)
    assert report.findings == ()
    assert (report.redelivered, report.redispatched) == (2, 1)
    assert (report.resubmitted, report.rereported) == (5, 4)


def test_a_late_answer_for_a_withdrawn_application_is_no_loss() -> None:
    books = honest()
    late = copy.deepcopy(books["agencies"][0]["dispatches"][0])
    late["dispatch_no"], late["application_no"], late["answer"] = "D-late", C, "refused"
    books["agencies"][0]["dispatches"].append(late)
    assert check(books).findings == ()


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
    books = honest()
    loses_a_correction(books)
    path = tmp_path / "books.json"
    path.write_text(json.dumps(books), "utf-8")
    assert checker.main([str(path)]) == 1
    report = json.loads(capsys.readouterr().out)
    assert [Finding(**one).wrong for one in report["findings"]] == [Wrong.LOST]
