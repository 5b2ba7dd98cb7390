"""The rules of the intake: of the settings' own province, agencies and calendar."""

from datetime import date
from pathlib import Path

import pytest

from gateway.app.rules import check_divisions, load_rules
from gateway.errors import Misconfigured
from gateway.settings_file import load_settings
from tests.unit.gateway.settings_files import WHOLE, written


def test_an_agency_outside_the_province_is_refused(tmp_path: Path) -> None:
    settings = load_settings(written(tmp_path, WHOLE.replace("410100", "430100")))

    with pytest.raises(Misconfigured, match="division 430100 is not within 410000"):
        check_divisions(settings, [load_rules(settings)])


def test_an_agency_of_an_abolished_division_is_refused_and_the_successor_named(
    tmp_path: Path,
) -> None:
    settings = load_settings(written(tmp_path, WHOLE.replace("410100", "410224")))

    with pytest.raises(Misconfigured, match=r"division 410224 is abolished; .* 410212 now"):
        check_divisions(settings, [load_rules(settings)])


def test_the_rules_are_those_of_the_settings(tmp_path: Path) -> None:
    rules = load_rules(load_settings(written(tmp_path)))

    assert rules.province.division == "410000"
    assert [agency.code for agency in rules.directory.on(date(2026, 3, 2))] == ["4101000001"]
