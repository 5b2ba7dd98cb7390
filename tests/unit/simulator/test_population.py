"""The invented people: repeatable, fit for the contract, plausible, and evidently not real."""

import re
from collections import Counter
from dataclasses import asdict
from datetime import date
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.records.applications import PersonForm
from schemas.reference.codes import CodeTables
from schemas.reference.divisions import DivisionTree, UnknownDivision
from schemas.reference.identity import (
    age_on,
    birth_date,
    check_certificate,
    sex_digit,
)
from simulator.people.birth_slots import Partition
from simulator.people.certificates import Certificates
from simulator.people.chance import seeded_random
from simulator.people.names import MIDDLE_DOT
from simulator.people.person import Person
from simulator.people.population import Population

TODAY = date(2026, 11, 20)
TREE = DivisionTree.load()
TABLES = CodeTables.load()
PLACES = ("410100", "419001", "410105001002", "430121")
HOMES_ABROAD: Final = {"810000", "820000", "710000"}


def a_population(seed: int = 7, places: tuple[str, ...] = PLACES) -> Population:
    return Population(seed, places, today=TODAY, tree=TREE)


def people(population: Population, count: int) -> tuple[Person, ...]:
    return tuple(population.person(number) for number in range(count))


@pytest.fixture(scope="module")
def everyone() -> tuple[Person, ...]:
    """Four thousand people of one population."""
    return people(a_population(), 4000)


def as_form(person: Person) -> PersonForm:
    fields = asdict(person)
    for other in ("place_basis", "place_division", "channel", "policy"):
        del fields[other]
    fields["qualifications"] = tuple(
        {"name": skill.name, "vocational_level": skill.vocational_level}
        for skill in person.qualifications
    )
    return PersonForm.model_validate(fields | {"code_set": "2016"})


def a_share(condition: list[bool]) -> float:
    return sum(condition) / len(condition)


def test_the_same_seed_gives_the_same_people(everyone: tuple[Person, ...]) -> None:
    assert people(a_population(), 300) == everyone[:300]
    assert people(a_population(seed=8), 300) != everyone[:300]


def test_a_person_is_the_same_whether_those_before_were_made_or_not(
    everyone: tuple[Person, ...],
) -> None:
    assert a_population().person(3999) == everyone[3999]


def test_every_person_can_be_read_as_the_national_form(everyone: tuple[Person, ...]) -> None:
    assert [as_form(person).name for person in everyone] == [person.name for person in everyone]


@pytest.mark.parametrize(
    ("field", "table"),
    [
        *(("sex", "aac004"), ("ethnic_group", "aac005"), ("political_status", "aac024")),
        *(("education", "aac011"), ("health", "aac033"), ("certificate_type", "aac058")),
        *(("disability_grade", "disability-grade"), ("place_basis", "acc412")),
        *(("reason", "ajc093"), ("claims_insurance", "yes-no"), ("channel", "channel")),
        ("policy", "policy"),
    ],
)
def test_every_code_is_in_its_table(field: str, table: str, everyone: tuple[Person, ...]) -> None:
    values = {getattr(person, field) for person in everyone} - {None}
    assert len(values) > 1
    assert all(TABLES.known(table, value) for value in values)


def test_vocational_levels_are_in_their_table(everyone: tuple[Person, ...]) -> None:
    levels = {skill.vocational_level for person in everyone for skill in person.qualifications}
    assert None in levels
    assert all(TABLES.known("aac015", level) for level in levels if level)


def test_no_certificate_is_given_twice(everyone: tuple[Person, ...]) -> None:
    assert len({person.certificate_no for person in everyone}) == len(everyone)


def test_a_small_place_never_runs_into_a_second_certificate() -> None:
    crowd = people(a_population(places=("410105001002", "410105", "410105001002")), 30_000)
    counted = Counter(person.certificate_no for person in crowd)
    assert counted.most_common(1)[0][1] == 1


def test_areas_elsewhere_serve_when_those_at_home_are_used_up() -> None:
    few = Certificates(
        ("410105",),
        elsewhere=["430121"],
        rng=seeded_random(1),
        today=TODAY,
        partition=Partition(0, 1),
    )
    numbers = [few.draw(number, seeded_random(number)) for number in range(20_000)]
    citizens = [each for each in numbers if each.home == "410105"]
    assert len({each.number for each in citizens}) == len(citizens)
    assert {each.number[:6] for each in citizens} == {"410105", "430121"}
    with pytest.raises(IndexError):
        few.draw(100_000, seeded_random(1))


def test_every_citizen_number_bears_the_reserved_sequence(everyone: tuple[Person, ...]) -> None:
    numbers = [each.certificate_no for each in everyone if len(each.certificate_no) == 18]
    assert len(numbers) > 3800
    assert {number[14:17] for number in numbers} == {"000"}


def test_certificates_are_sound_and_of_their_type(everyone: tuple[Person, ...]) -> None:
    remarks = {
        (person.certificate_type, remark)
        for person in everyone
        for remark in check_certificate(person.certificate_type, person.certificate_no, today=TODAY)
    }
    assert remarks == set()


def test_the_area_prefix_is_the_county_of_the_household(everyone: tuple[Person, ...]) -> None:
    for person in everyone:
        if person.certificate_type in ("01", "90"):
            assert person.certificate_no[:6] in TREE.ancestors(person.household_division)


def test_the_sex_contradicts_the_number_seldom_but_does(everyone: tuple[Person, ...]) -> None:
    known = [each for each in everyone if sex_digit(each.certificate_no) is not None]
    share = a_share([each.sex != sex_digit(each.certificate_no) for each in known])
    assert 0.005 < share < 0.05


def test_people_are_16_to_60_and_of_all_ages(everyone: tuple[Person, ...]) -> None:
    born = [birth_date(person.certificate_no) for person in everyone]
    ages = [age_on(day, TODAY) for day in born if day is not None]
    assert (min(ages), max(ages)) == (16, 60)
    young, old = a_share([age < 30 for age in ages]), a_share([age >= 50 for age in ages])
    assert 0.3 < young < 0.55
    assert 0.08 < old < 0.25


def test_everyone_was_of_age_when_they_lost_work_before_they_apply(
    everyone: tuple[Person, ...],
) -> None:
    for person in everyone:
        assert person.unemployed_since < TODAY
        born = birth_date(person.certificate_no)
        assert born is None or age_on(born, person.unemployed_since) >= 16


def test_a_few_percent_come_from_hong_kong_macao_and_taiwan(everyone: tuple[Person, ...]) -> None:
    abroad = [each for each in everyone if each.household_division in HOMES_ABROAD]
    assert 0.02 < len(abroad) / len(everyone) < 0.06
    assert {each.household_division for each in abroad} == HOMES_ABROAD
    assert {each.certificate_type for each in abroad} == {"17", "04", "05", "06"}
    assert {each.place_basis for each in abroad} == {"2"}


def test_the_place_follows_from_its_basis(everyone: tuple[Person, ...]) -> None:
    for person in everyone:
        if person.place_basis == "1":
            assert person.place_division == person.household_division
        if person.place_basis == "2":
            assert person.place_division == person.residence_division
    assert {person.place_basis for person in everyone} == {"1", "2", "3", "4"}


def test_either_notice_applies_to_some_and_the_older_one_to_its_own_places_only(
    everyone: tuple[Person, ...],
) -> None:
    older = [person for person in everyone if person.policy == "2020-3"]
    assert 0.1 < len(older) / len(everyone) < 0.4
    assert {person.place_basis for person in older} == {"1", "2"}


def test_every_registration_place_lies_within_the_places(everyone: tuple[Person, ...]) -> None:
    for person in everyone:
        assert any(TREE.is_within(person.place_division, place) for place in PLACES)
        assert any(TREE.is_within(person.residence_division, place) for place in PLACES)


@pytest.mark.parametrize("place", PLACES)
def test_each_place_gets_its_share(place: str, everyone: tuple[Person, ...]) -> None:
    share = a_share([TREE.is_within(person.place_division, place) for person in everyone])
    assert 0.15 < share < 0.6


def test_a_community_comes_out_exactly_as_given(everyone: tuple[Person, ...]) -> None:
    inside = {
        each.place_division for each in everyone if each.place_division.startswith("410105001")
    }
    assert "410105001002" in inside
    assert not {code for code in inside if len(code) == 12} - {"410105001002"}


def test_divisions_come_down_to_the_street_and_to_the_county(everyone: tuple[Person, ...]) -> None:
    assert {len(person.place_division) for person in everyone} == {6, 9, 12}


def test_names_hold_what_a_register_must_survive(everyone: tuple[Person, ...]) -> None:
    names = [person.name for person in everyone]
    assert any(ord(character) > 0xFFFF for name in names for character in name)
    assert any("䶮" in name for name in names)
    assert any("𠮷" in name for name in names)
    assert max(len(name) for name in names) == 50
    dotted = [name for name in names if MIDDLE_DOT in name]
    assert 0.005 < len(dotted) / len(names) < 0.06
    assert not [name for name in dotted if name.strip(MIDDLE_DOT) != name]
    assert len(set(names)) > 1500


def test_nothing_of_a_person_could_be_real(everyone: tuple[Person, ...]) -> None:
    for person in everyone:
        assert re.fullmatch(r"1900000[0-9]{4}", person.mobile)
        assert person.telephone is None or person.telephone.startswith("0000-0000")
        assert person.email is None or person.email.endswith("@example.com")
        assert "模拟路" in person.household_address
        assert "模拟路" in person.residence_address


def test_a_note_goes_with_the_reason_other_and_a_grade_with_disability(
    everyone: tuple[Person, ...],
) -> None:
    for person in everyone:
        assert (person.reason_note is not None) == (person.reason == "90")
        assert (person.disability_grade is not None) == (person.health == "5")


def test_lists_are_of_none_to_three_different_entries(everyone: tuple[Person, ...]) -> None:
    for person in everyone:
        for entries in (person.intentions, person.qualifications):
            assert len(set(entries)) == len(entries) <= 3
    assert {len(person.intentions) for person in everyone} == {0, 1, 2, 3}
    assert {len(person.qualifications) for person in everyone} == {0, 1, 2, 3}


@pytest.mark.parametrize("place", ["410000", "441900", "620201", "110100", "441900003", "410224"])
def test_any_known_place_has_people(place: str) -> None:
    crowd = people(a_population(places=(place,)), 50)
    assert all(TREE.is_within(person.place_division, place) for person in crowd)


def test_a_place_that_nobody_knows_is_an_error() -> None:
    with pytest.raises(UnknownDivision):
        a_population(places=("990000",))


def test_a_population_needs_places() -> None:
    with pytest.raises(ValueError, match="one place or more"):
        a_population(places=())


def test_more_partitions_than_birth_dates_are_refused() -> None:
    with pytest.raises(ValueError, match="at most"):
        Partition(0, 501)


@given(day=st.dates(date(2020, 1, 1), date(2030, 12, 31)), number=st.integers(0, 500))
def test_people_are_of_age_on_any_day(day: date, number: int) -> None:
    person = Population(1, PLACES, today=day, tree=TREE).person(number)
    born = birth_date(person.certificate_no)
    assert born is None or 16 <= age_on(born, day) <= 60
    assert check_certificate(person.certificate_type, person.certificate_no, today=day) == ()
