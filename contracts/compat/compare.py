"""Comparing two versions of the contract, file by file."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from contracts.compat.changes import ChangeRule, ContractChange, Impact
from contracts.compat.content_rules import compare_contents
from contracts.compat.counterexamples import Json, Versions, proven
from contracts.compat.document_rules import compare_documents, compare_errors, compare_tables
from contracts.compat.growth_rules import Contracts, allowed
from contracts.compat.pairings import broken_by
from contracts.compat.schema_rules import compare_schemas
from contracts.publish.json_walk import JsonObject, is_object

Files = Mapping[str, bytes]
"""The files of one version, by their path below `v1`."""


def compare(old: Files, new: Files) -> tuple[ContractChange, ...]:
    """Return every change that can be seen on the wire, with a counterexample where one is found.

    Each says whom it breaks, or by which rule nobody.

    Raises:
        ValueError: A file is not JSON, or not an object.
    """
    contracts = Contracts.of(old, new)
    found = (change for file in sorted({*old} | {*new}) for change in _of_file(file, old, new))
    judged = (allowed(change, contracts) for change in found)
    return tuple(replace(one, breaks=broken_by(one, contracts)) for one in judged)


def _of_file(file: str, old: Files, new: Files) -> Iterator[ContractChange]:
    was, now = old.get(file), new.get(file)
    if was == now:
        return
    if file.startswith("jsonschema/"):
        yield from _of_record(file, old, new)
    elif was is None or now is None:
        yield from _of_presence(file, gone=now is None)
    elif file.startswith("openapi/"):
        yield from compare_documents(file, _object(was), _object(now))
    elif file == "errors.csv":
        yield from compare_errors(file, was, now)
    elif file == "vectors/content.json":
        yield from compare_contents(file, was, now)
    elif file.startswith("codes/") and file.count("/") == 1 and file.endswith(".csv"):
        yield from compare_tables(file, was, now)


def _of_record(file: str, old: Files, new: Files) -> Iterator[ContractChange]:
    if file not in old or file not in new:
        yield from _of_presence(file, gone=file not in new)
        return
    was, now = _object(old[file]), _object(new[file])
    versions = Versions.of(was, now, [*_documents(file, old), *_documents(file, new)])
    yield from (proven(change, versions) for change in compare_schemas(file, was, now))


def _of_presence(file: str, *, gone: bool) -> Iterator[ContractChange]:
    if not file.startswith(("jsonschema/", "openapi/", "codes/")):
        return
    if gone:
        yield ContractChange(ChangeRule.FILE_REMOVED, file, "", Impact.NARROWS)
    else:
        yield ContractChange(ChangeRule.FILE_ADDED, file, "", Impact.NONE)


def _documents(file: str, files: Files) -> Sequence[Json]:
    """Return the valid examples of a record, to begin a search from."""
    record = file.removeprefix("jsonschema/").removesuffix(".json")
    prefix = f"examples/{record}/valid-"
    return [json.loads(content) for path, content in files.items() if path.startswith(prefix)]


def _object(content: bytes) -> JsonObject:
    value: object = json.loads(content)
    if not is_object(value):
        raise ValueError("not a JSON object")
    return value
