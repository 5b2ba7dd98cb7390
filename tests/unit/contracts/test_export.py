"""Publishing: the same bytes each time, nothing obsolete left, a lock over what is normative."""

import hashlib
import json
import re
import shutil
from pathlib import Path

import pytest

from contracts.catalogue.records import RECORDS
from contracts.lint.linter import lint
from contracts.publish.export import LOCK, PUBLISHED, changes, export, files_in, generated, lock_of
from tests.support.tree import ROOT


def test_what_is_checked_in_is_what_is_exported() -> None:
    assert changes(PUBLISHED) == {}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a contract published afresh, with its hand-kept files."""
    for name in ("lifecycle.json", "requirements.csv"):
        shutil.copy(PUBLISHED / name, tmp_path / name)
    export(tmp_path)
    return tmp_path


def test_publishing_again_changes_no_byte(folder: Path) -> None:
    before = files_in(folder)
    assert changes(folder) == {}
    assert export(folder) == ()
    assert files_in(folder) == before


def test_every_record_side_and_catalogue_is_published() -> None:
    files = set(generated())
    assert {f"jsonschema/{record}.json" for record in RECORDS} <= files
    assert {
        f"openapi/{side}.json" for side in ("national", "province", "agency", "operator")
    } <= files
    assert {"fields.csv", "errors.csv", "aliases.csv", "codes/maps/acc025.csv"} <= files


def test_a_file_that_is_generated_no_more_is_removed(folder: Path) -> None:
    (folder / "jsonschema" / "forgotten.json").write_text("{}")
    assert changes(folder) == {"jsonschema/forgotten.json": None}
    assert export(folder) == ("jsonschema/forgotten.json",)
    assert not (folder / "jsonschema" / "forgotten.json").exists()


def test_the_lock_fits_every_normative_file(folder: Path) -> None:
    lock = json.loads((folder / LOCK).read_bytes())
    files = files_in(folder)
    settings = {path for path in files if path.startswith("generators/")}
    not_normative = {LOCK, "requirements.csv", "error_proofs.csv", *settings}
    assert set(files) - set(lock["files"]) == not_normative
    assert "lifecycle.json" in lock["files"]
    for path, digest in lock["files"].items():
        assert hashlib.sha256(files[path]).hexdigest() == digest


def test_one_changed_byte_changes_the_hash_of_the_contract() -> None:
    files = {"a.csv": b"1", "b.csv": b"2", "requirements.csv": b"3"}
    before = json.loads(lock_of(files))["contract"]
    assert json.loads(lock_of({**files, "b.csv": b"0"}))["contract"] != before
    assert json.loads(lock_of({**files, "requirements.csv": b"0"}))["contract"] == before


def test_a_fresh_contract_has_no_fault(folder: Path) -> None:
    assert lint(folder) == ()


@pytest.mark.parametrize(
    ("file", "old", "new", "rule"),
    [
        ("jsonschema/ping.json", b'"object"', b'"thing"', "schema"),
        ("jsonschema/ping.json", b"urn:duijie:v1:ping", b"urn:duijie:v1:pong", "schema"),
        ("jsonschema/ping.json", b'"echo": {', b'"no": {', "key"),
        ("jsonschema/ping.json", b'"additionalProperties": false', b'"minProperties": 1', "closed"),
        ("jsonschema/outcome.json", b"^[!-~]{1,40}$", b"^[!-~]{1,40}", "regex"),
        (
            "jsonschema/outcome.json",
            b'"code_table": "aae016"',
            b'"code_table": "zzz"',
            "code-table",
        ),
        ("openapi/agency.json", b'"operationId": "ping"', b'"operationId": ""', "published"),
        ("openapi/agency.json", b'"deliverDispatches"', b'"ping"', "openapi"),
        ("openapi/agency.json", b'"503": {', b'"599": {', "openapi"),
        ("openapi/agency.json", b'"BadRequest": {', b'"no": {', "key"),
        ("openapi/agency.json", b'"Ping": {', b'"1.0": {', "key"),
        ("examples/ping/valid-whole.json", b"{", b'{"x": 1,', "example"),
        ("examples/ping/invalid-surplus.json", b',\n  "unknown": "1"', b"", "example"),
        ("examples/expected.json", b"field.missing", b"field.absent", "example"),
        ("examples/expected.json", b"ping/invalid-lacking", b"ping/invalid-other", "example"),
        ("openapi/agency.json", b'"3.1.0"', b'"3.0.0"', "openapi"),
        ("openapi/agency.json", b"schemas/Pong", b"schemas/Gong", "openapi"),
        ("openapi/national.json", b"statements/{date}", b"statements/{day}", "openapi"),
        ("fields.csv", b"record,member", b"member,record", "published"),
        ("lifecycle.json", b"HELD", b"HALT", "lock"),
        ("jsonschema/pong.json", b"{", b"", "json"),
    ],
)
def test_a_fault_is_found_under_its_rule(
    folder: Path, file: str, old: bytes, new: bytes, rule: str
) -> None:
    path = folder / file
    assert old in path.read_bytes()
    path.write_bytes(path.read_bytes().replace(old, new))
    assert rule in {finding.rule for finding in lint(folder) if finding.file in {file, LOCK}}


def test_a_missing_file_is_found(folder: Path) -> None:
    (folder / "errors.csv").unlink()
    assert "errors.csv: published: missing; run duijie contract export" in map(str, lint(folder))


def test_the_readme_names_the_source_of_every_generated_file() -> None:
    _, _, section = (PUBLISHED / "README.md").read_text("utf-8").partition("Generated, and from")
    table = section.partition("\n## ")[0].splitlines()
    rows = [re.findall(r"`([^`]+)`", line) for line in table if line.startswith("| `")]
    sources = {written.rstrip("/"): found for written, *found in rows}

    assert set(sources) == {path.partition("/")[0] for path in generated()} | {LOCK}
    assert all(sources.values())
    assert [one for found in sources.values() for one in found if not (ROOT / one).exists()] == []
