"""Exporting the contract (发布): every generated file, and the lock over all normative ones.

Hand-kept and normative: `lifecycle.json`, `vectors/`, the annexes. About this project and not about
the wire: `requirements.csv`, `README.md`, `CHANGELOG.md`, `retries.md`, kept by hand, and
`error_proofs.csv`. Everything not kept by hand is written here, the same bytes each time;
`python -m contracts.publish.export` does, too. `generators/` tells tools English names and is no
part of the wire either.
"""

import hashlib
import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final

from contracts.catalogue.error_proofs import error_proofs_csv
from contracts.catalogue.errors_csv import errors_csv
from contracts.catalogue.fields import aliases_csv, fields_csv
from contracts.catalogue.operation_types import Side
from contracts.catalogue.records import RECORDS
from contracts.catalogue.table_words import code_tables_csv
from contracts.publish.examples import example_files
from contracts.publish.generator_settings import GENERATORS, generator_settings
from contracts.publish.limits import limits_csv
from contracts.publish.openapi import openapi
from contracts.publish.record_schemas import document, written
from contracts.publish.table_definitions import table_definitions
from schemas.records.version import CONTRACT_VERSION
from schemas.reference.calendar import SHIPPED as CALENDAR
from schemas.reference.codes import SHIPPED as CODES
from schemas.reference.divisions import SHIPPED as DIVISIONS

PUBLISHED: Final = Path(__file__).parent.parent / "v1"
LOCK: Final = "contract.lock.json"
_TABLES: Final = MappingProxyType({"calendar": CALENDAR, "codes": CODES, "divisions": DIVISIONS})
_NOT_NORMATIVE: Final = frozenset(
    {LOCK, "requirements.csv", "error_proofs.csv", "CHANGELOG.md", "README.md"}
    | {"retries.md", "retries.en.md"}  # how this gateway goes about it, not the wire
)


@cache
def generated() -> Mapping[str, bytes]:
    """Return every generated file but the lock, by its path below `v1`; written once a process."""
    return MappingProxyType(dict(_generated()))


def lock_of(files: Mapping[str, bytes]) -> bytes:
    """Return the lock over `files`: version, SHA-256 of each normative one, and of them all.

    The hash of the contract is over the lines `path`, a space, the file's hash, a line feed.
    """
    hashes = {
        path: hashlib.sha256(content).hexdigest()
        for path, content in sorted(files.items())
        if path not in _NOT_NORMATIVE and not path.startswith(f"{GENERATORS}/")
    }
    lines = "".join(f"{path} {digest}\n" for path, digest in hashes.items())
    whole = hashlib.sha256(lines.encode()).hexdigest()
    return written({"version": CONTRACT_VERSION, "contract": whole, "files": hashes})


def files_in(folder: Path) -> Mapping[str, bytes]:
    """Return every file below `folder` by its path there."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def changes(folder: Path = PUBLISHED) -> Mapping[str, bytes | None]:
    """Return what exporting would write, by path; None for a file that is generated no more."""
    before, wanted = files_in(folder), generated()
    tops = {path.partition("/")[0] for path in wanted if "/" in path}
    obsolete = {path for path in before if path.partition("/")[0] in tops} - set(wanted)
    kept = {path: content for path, content in before.items() if path not in obsolete}
    whole = {**wanted, LOCK: lock_of({**kept, **wanted})}
    changed = {path: content for path, content in whole.items() if before.get(path) != content}
    return {**changed, **dict.fromkeys(obsolete)}


def export(folder: Path = PUBLISHED) -> tuple[str, ...]:
    """Write the generated files and the lock; return the paths that changed."""
    planned = changes(folder)
    for name, content in planned.items():
        path = folder / name
        if content is None:
            path.unlink()
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    return tuple(sorted(planned))


def _generated() -> Iterator[tuple[str, bytes]]:
    yield "fields.csv", fields_csv()
    yield "aliases.csv", aliases_csv()
    yield "errors.csv", errors_csv()
    yield "limits.csv", limits_csv()
    yield "code_tables.csv", code_tables_csv()
    yield "error_proofs.csv", error_proofs_csv()
    for record in RECORDS:
        yield f"jsonschema/{record}.json", document(record)
    for side in Side:
        yield f"openapi/{side}.json", written(openapi(side))
    yield from example_files()
    yield from table_definitions()
    for tool, settings in generator_settings().items():
        yield f"{GENERATORS}/{tool}.json", written(settings)
    for top, folder in _TABLES.items():
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                yield f"{top}/{path.relative_to(folder).as_posix()}", path.read_bytes()


def main() -> None:
    """Write the files and say what changed."""
    changed = export()
    sys.stdout.writelines(f"changed {path}\n" for path in changed)
    sys.stdout.write(f"{len(generated())} files, {len(changed)} changed\n")


if __name__ == "__main__":
    main()
