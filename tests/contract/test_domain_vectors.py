"""The published answers on numbers, due dates and routing are those this code comes to."""

import csv
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path

import pytest

from contracts.publish.export import PUBLISHED
from gateway.domain.deadline import due
from gateway.domain.delivery import Delivery
from gateway.domain.directory import Agency, AgencyDirectory
from gateway.domain.province import Allowance
from gateway.domain.routing import Route, route
from schemas.reference.calendar import WorkingCalendar
from schemas.reference.divisions import DivisionTree
from schemas.reference.identity import birth_date, check_certificate, sex_digit
from tests.builders.records import a_province

VECTORS: Path = PUBLISHED / "vectors"
Row = dict[str, str]


def rows(name: str) -> pytest.MarkDecorator:
    with (VECTORS / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        listed = list(csv.DictReader(file))
    return pytest.mark.parametrize("row", listed, ids=[row["why_zh"] for row in listed])


@rows("due-dates")
def test_a_due_date_is_the_published_one(row: Row) -> None:
    allowance = Allowance("p", int(row["working_days"]), "vector")
    province = replace(a_province(), allowances={"p": allowance}, default_policy="p")
    received = datetime.fromisoformat(row["received_at"])
    found = due(received, "p", province=province, calendar=WorkingCalendar.load()).on
    assert found == (date.fromisoformat(row["due_on"]) if row["due_on"] else None)


@rows("routing")
def test_a_place_leads_to_the_published_agency(row: Row) -> None:
    agencies = (Agency(code, code, code, Delivery.FETCH) for code in row["agencies"].split())
    found = route(
        row["place"],
        on=date.fromisoformat(row["on"]),
        province=row["province"],
        tree=DivisionTree.load(),
        directory=AgencyDirectory(agencies),
    )
    assert (found.agency.code if isinstance(found, Route) else str(found)) == row["agency"]


@rows("identity")
def test_a_certificate_number_gets_the_published_remarks(row: Row) -> None:
    found = check_certificate(row["type"], row["number"], today=date.fromisoformat(row["today"]))
    assert " ".join(found) == row["remarks"]
    born = birth_date(row["number"])
    assert (born.isoformat() if born else "") == row["born_on"]
    assert (sex_digit(row["number"]) or "") == row["sex"]
