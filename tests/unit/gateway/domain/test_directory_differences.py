"""机构清单差异: what is added, removed and changed is found, member by member."""

from datetime import date

from gateway.domain.directory_differences import compare_directories
from tests.builders.directory import a_content, an_agency, at_jiyuan, responsible_for
from tests.builders.records import JINSHUI, JIYUAN


def test_the_same_content_has_no_differences() -> None:
    assert not compare_directories(a_content(), a_content())


def test_what_is_added_and_removed_is_found() -> None:
    found = compare_directories(a_content(an_agency()), a_content(at_jiyuan()))
    assert [one.code for one in found.added] == [JIYUAN]
    assert [one.code for one in found.removed] == [JINSHUI]
    assert found.changed == ()
    assert found


def test_a_change_names_its_members() -> None:
    before, after = an_agency(), an_agency(telephone="0371-00000009", accounts=None)
    (changed,) = compare_directories(a_content(before), a_content(after)).changed
    assert changed.members == ("telephone", "accounts")
    assert (changed.before, changed.after) == (before, after)


def test_a_first_day_that_moves_is_a_change_of_that_row() -> None:
    found = compare_directories(
        a_content(an_agency()), a_content(an_agency(valid_from=date(2026, 2, 1)))
    )
    assert [one.members for one in found.changed] == [("valid_from",)]
    assert (found.added, found.removed) == ((), ())


def test_a_row_that_follows_another_of_its_code_is_added() -> None:
    ends = an_agency(valid_to=date(2026, 6, 30))
    follows = an_agency(valid_from=date(2026, 7, 1), name="新名称")
    found = compare_directories(a_content(an_agency()), a_content(ends, follows))
    assert [one.name for one in found.added] == ["新名称"]
    assert [one.members for one in found.changed] == [("valid_to",)]


def test_another_person_responsible_is_a_change_of_its_division() -> None:
    before = a_content(an_agency(), responsible=(responsible_for(),))
    after = a_content(an_agency(), responsible=(responsible_for(person="司马模拟"),))
    (changed,) = compare_directories(before, after).responsible
    assert changed.division == "410105"
    (gone,) = compare_directories(before, a_content(an_agency())).responsible
    assert gone.after is None
    assert "模拟" not in repr(changed)
