"""Planted absences: what a clause promises is taken out of a copy, and its proofs must turn red.

`python -m tests.support.planted_absences [ROW …]` runs the plants of the rows named, or all of
them, in a temporary copy of the tree; the checkout is never touched. The plants stand in the file
of the same name beside this one: the rows of the requirements table (需求表) they are for, what is
missing then, the exact text to replace, and the proofs that have to fail without it.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.support.tree import ROOT, kept_files, named

PLANTS: Final = Path(__file__).with_suffix(".toml")
_LIMIT_S: Final = 600.0
_REPORT: Final = "planted.xml"


@dataclass(frozen=True, slots=True)
class Edit:
    """One place: the text stands there exactly once, and is replaced."""

    file: str
    text: str
    replacement: str

    def occurrences(self, root: Path = ROOT) -> int:
        """Return how often the text stands in the file."""
        path = root / self.file
        return path.read_text("utf-8").count(self.text) if path.is_file() else 0


@dataclass(frozen=True, slots=True)
class Plant:
    """An absence: `says` is true of the tree once it is planted, and no proof may hold then."""

    says: str
    rows: tuple[str, ...]
    proof: tuple[str, ...]
    edits: tuple[Edit, ...]


def read_plants(path: Path = PLANTS) -> tuple[Plant, ...]:
    """Return the plants in the order of the file."""
    return tuple(
        Plant(
            says=one["says"],
            rows=tuple(one["rows"]),
            proof=tuple(one["proof"]),
            edits=tuple(Edit(**edit) for edit in one["edit"]),
        )
        for one in tomllib.loads(path.read_text("utf-8"))["plant"]
    )


def results_in(report: str) -> Mapping[str, str]:
    """Return what became of each test function of a JUnit report: red, green or broken.

    Red is a function of which at least one case failed; broken, that a case could not even begin
    (which proves nothing); a function is named as `path::function`.
    """
    found: dict[str, str] = {}
    for case in ET.fromstring(report).iter("testcase"):  # noqa: S314 - our own report
        function = case.get("name", "").partition("[")[0]
        proof = f"{case.get('classname', '').replace('.', '/')}.py::{function}"
        if case.find("error") is not None:
            found[proof] = "broken"
        elif case.find("failure") is not None and found.get(proof) != "broken":
            found[proof] = "red"
        else:
            found.setdefault(proof, "green")
    return found


def run_proofs(root: Path, proofs: Iterable[str], *, planted: bool) -> Mapping[str, str]:
    """Run proofs in the tree `root` and return what became of each; `broken` where one is absent.

    Bytecode is written for the tree as it is, never for a planted one.
    """
    wanted = sorted(set(proofs))
    report = root / _REPORT
    report.unlink(missing_ok=True)
    words = ("-q", "-n", "0", "-p", "no:cacheprovider", f"--junitxml={report}", *wanted)
    subprocess.run(
        [sys.executable, "-m", "pytest", *words],
        cwd=root,
        env={
            **os.environ,
            "PYTHONPATH": str(root),
            "PYTHONDONTWRITEBYTECODE": "1" if planted else "",
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=_LIMIT_S,
        check=False,
    )
    found = results_in(report.read_text("utf-8")) if report.is_file() else {}
    return {proof: found.get(proof, "broken") for proof in wanted}


@contextmanager
def a_copy() -> Iterator[Path]:
    """Give a copy of the tree, without what `.gitignore` leaves out."""
    with tempfile.TemporaryDirectory(prefix="planted-") as folder:
        root = Path(folder).resolve()
        for path in kept_files():
            copied = root / named(path)
            copied.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, copied)
        yield root


@contextmanager
def planted_in(root: Path, plant: Plant) -> Iterator[None]:
    """Make the edits of a plant in the copy `root`, and take them out again.

    Raises:
        ValueError: A text does not stand in its file exactly once.
    """
    paths = {root / edit.file for edit in plant.edits}
    before = {path: (path.read_bytes(), path.stat()) for path in paths}
    try:
        for edit in plant.edits:
            if edit.occurrences(root) != 1:
                raise ValueError(f"{edit.file}: the text does not stand there once: {edit.text!r}")
            path = root / edit.file
            path.write_text(path.read_text("utf-8").replace(edit.text, edit.replacement), "utf-8")
        yield
    finally:
        for path, (content, stat) in before.items():
            path.write_bytes(content)
            os.utime(path, ns=(stat.st_atime_ns, stat.st_mtime_ns))  # its bytecode counts again


def run(plants: Sequence[Plant]) -> bool:
    """Run the plants, print what became of each, and say whether every proof turned red."""
    with a_copy() as root:
        print(f"{len(plants)} plants; first their proofs on the tree as it is", flush=True)
        whole = run_proofs(root, [one for plant in plants for one in plant.proof], planted=False)
        faults = [f"{said} unplanted: {one}" for one, said in whole.items() if said != "green"]
        if faults:
            print(*faults, sep="\n")
            return False
        bitten: dict[str, bool] = {}
        for number, plant in enumerate(plants, 1):
            with planted_in(root, plant):
                found = run_proofs(root, plant.proof, planted=True)
            green = [f"  {said}: {one}" for one, said in found.items() if said != "red"]
            said = f"{'NOT RED' if green else 'red':7} {' '.join(plant.rows)}: {plant.says}"
            print(f"[{number}/{len(plants)}] {said}", *green, sep="\n", flush=True)
            bitten |= {row: bitten.get(row, True) and not green for row in plant.rows}
    held = sorted(row for row, red in bitten.items() if not red)
    print(f"{len(bitten)} rows, {len(bitten) - len(held)} of them red without what they promise")
    print(*(f"not red: {row}" for row in held), sep="\n", end="\n" if held else "")
    return not held


def main(rows: Sequence[str]) -> int:
    """Run the plants of the rows named, all of them without a name; 1 where a proof stays green."""
    plants = [one for one in read_plants() if not rows or set(rows) & set(one.rows)]
    if not plants:
        print(f"no plant for {' '.join(rows)}", file=sys.stderr)
        return 2
    return 0 if run(plants) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
