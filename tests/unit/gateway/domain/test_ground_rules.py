"""注销规定: every cell of every shipped set, written out here a second time from the notices."""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from gateway.adapters.rule_sets import SHIPPED, GroundRulesRecord, load_ground_rules
from gateway.domain.ground_rules import Ground, GroundRules, GroundTrigger, NoticeDuty
from schemas.records.deregistrations import DEREGISTRATION_GROUND, Deregistration
from schemas.reference.codes import CodeTables
from tests.builders.extended import deregistration_json

SETS: Final = ("2020-3", "hunan-2020-23", "hunan-grassroots")
TABLE: Final = Path(__file__).with_name("grounds.csv")
NOTICES: Final[dict[NoticeDuty, dict[str, object]]] = {
    NoticeDuty.FIRST: {},
    NoticeDuty.DUE: {"notice": None, "notice_due": "1"},
    NoticeDuty.EXEMPT: {"notice": None, "notice_exempt": "1"},
}
SILENT: Final = "open"


def rows() -> list[dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def rules_of(name: str) -> GroundRules:
    return load_ground_rules(GroundRulesRecord(set=name))


def cells(ground: Ground) -> Iterator[str]:
    """Return the ways of a ground as the table writes them."""
    for way in ground.ways:
        modes, verified = "".join(sorted(way.modes)), "+".join(sorted(way.verified_by)) or "any"
        yield f"{way.trigger} {modes} {verified} {way.notice}"


@pytest.mark.parametrize("name", SETS)
@pytest.mark.parametrize("row", rows(), ids=lambda row: str(row["acc025"]))
def test_every_cell_is_what_the_notice_says(row: dict[str, str], name: str) -> None:
    ground = rules_of(name).grounds.get(row["acc025"])
    assert "; ".join(cells(ground) if ground else ["off"]) == row[name]


def test_the_table_has_every_ground_there_is() -> None:
    assert [row["acc025"] for row in rows()] == list(DEREGISTRATION_GROUND.codes())
    assert {path.stem for path in SHIPPED.glob("*.yaml")} == set(SETS)


@pytest.mark.parametrize(("name", "count"), [("hunan-2020-23", 11), ("hunan-grassroots", 10)])
def test_the_notice_lists_eleven_grounds_and_the_grassroots_rules_ten(
    name: str, count: int
) -> None:
    articles = {ground.source.partition("、")[0] for ground in rules_of(name).grounds.values()}
    assert len(articles) == count
    assert {article.rpartition("第")[2] for article in articles} == {
        f"{item}项" for item in range(1, count + 1)
    }


@pytest.mark.parametrize("name", SETS)
def test_what_a_set_allows_is_taken_and_what_it_does_not_is_refused(name: str) -> None:
    rules, tables = rules_of(name), CodeTables.load()
    for code in DEREGISTRATION_GROUND.codes():
        ground = rules.grounds.get(code)
        for mode in tables.codes("deregistration-mode"):
            for verified_by in tables.codes("verification-mode"):
                duties = duties_of(ground, mode, verified_by)
                for given, members in NOTICES.items():
                    if (tables.notice_required(code) is False) != (given is NoticeDuty.EXEMPT):
                        continue
                    sent = {"acc025": code, "mode": mode, "verified_by": verified_by, **members}
                    note = {"ground_note": "地方规定"} if code == "90" else {}
                    breach = rules.breach(Deregistration.read(deregistration_json(**sent, **note)))
                    # notice given before is good enough where it would have done afterwards
                    fits = given in duties or (given is NoticeDuty.FIRST and bool(duties))
                    assert (breach is None) == fits, (code, mode, verified_by, given)


def duties_of(ground: Ground | None, mode: str, verified_by: str) -> set[NoticeDuty]:
    """Return the duties under which a ground may be used so; none where it may not."""
    ways = () if ground is None else ground.ways
    return {
        way.notice
        for way in ways
        if mode in way.modes and (not way.verified_by or verified_by in way.verified_by)
    }


def test_a_pensioner_is_told_first_by_an_officer_and_afterwards_when_insurance_ended_it() -> None:
    first, second = rules_of("hunan-2020-23").grounds["21"].ways
    assert (first.trigger, first.notice) == (GroundTrigger.INSURANCE, NoticeDuty.DUE)
    assert (second.trigger, second.notice) == (GroundTrigger.HANDLER, NoticeDuty.FIRST)


def test_the_national_notice_leaves_open_how_it_is_verified() -> None:
    ways = [way for ground in rules_of("2020-3").grounds.values() for way in ground.ways]
    assert {way.trigger for way in ways} == {SILENT}
    assert not any(way.verified_by for way in ways)
