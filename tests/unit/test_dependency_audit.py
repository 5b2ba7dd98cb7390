"""The audit of dependencies: an advisory fails it, an index out of reach is said and no failure."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.support.dependency_audit import LOCKS, SKIPPED, audit, judge, main
from tests.support.tree import ROOT

CLEAN: Mapping[str, object] = {"name": "orjson", "version": "3.11.0", "vulns": []}
VULNERABLE: Mapping[str, object] = {
    "name": "aiohttp",
    "version": "3.0.0",
    "vulns": [{"id": "PYSEC-2099-1", "fix_versions": ["3.9.9"], "aliases": [], "description": ""}],
}
UNKNOWN: Mapping[str, object] = {"name": "click", "skip_reason": "Dependency not found on PyPI"}


def report(*packages: Mapping[str, object]) -> str:
    return json.dumps({"dependencies": [dict(one) for one in packages], "fixes": []})


def test_a_known_advisory_fails_and_names_the_cure() -> None:
    verdict = judge("a.lock", report(CLEAN, VULNERABLE, UNKNOWN))

    assert verdict.is_failure
    assert verdict.lines == ("a.lock: aiohttp 3.0.0: PYSEC-2099-1; mended in 3.9.9",)


def test_nothing_known_against_all_packages_passes() -> None:
    verdict = judge("a.lock", report(CLEAN))

    assert not verdict.is_failure
    assert verdict.lines == ("a.lock: 1 packages, no known advisory",)


@pytest.mark.parametrize(
    "text", ["", "ERROR: connection refused", "[]", report(), report(CLEAN, UNKNOWN)]
)
def test_what_could_not_be_looked_up_is_said_loudly_and_does_not_fail(text: str) -> None:
    verdict = judge("a.lock", text)

    assert not verdict.is_failure
    assert verdict.lines[0].startswith(SKIPPED)


def test_a_tool_that_is_not_there_is_a_skip(tmp_path: Path) -> None:
    verdict = audit(tmp_path / "absent", LOCKS[0])

    assert not verdict.is_failure
    assert verdict.lines[0].startswith(SKIPPED)


def test_both_locks_are_audited(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tool = tmp_path / "pip-audit"
    tool.write_text(f"#!/bin/sh\necho '{report(VULNERABLE)}'\nexit 1\n", "utf-8")
    tool.chmod(0o755)

    assert main(str(tool)) == 1
    output = capsys.readouterr().out
    assert [line.split(":")[0] for line in output.splitlines()] == list(LOCKS)


def test_the_pipeline_audits_the_dependencies() -> None:
    assert "make audit" in (ROOT / ".ci" / "run").read_text("utf-8")
    assert "tests.support.dependency_audit" in (ROOT / "Makefile").read_text("utf-8")
