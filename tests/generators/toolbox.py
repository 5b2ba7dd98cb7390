"""The tools of `make generators`: their commands as the page prints them, and examples to read."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import orjson

from contracts.catalogue.records import RECORDS
from contracts.publish.export import PUBLISHED
from schemas.records.canonical_form import canonical_form
from tests.support.needs import absent
from tests.support.tree import ROOT

PAGE: Final = ROOT / "docs" / "howto" / "generate-a-client.md"
PROGRAMS: Final = Path(__file__).parent / "programs"
TOOLS: Final = ROOT / "var" / "generators"
EXAMPLES: Final = PUBLISHED / "examples"
WITHIN_S: Final = 300
_ROW: Final = re.compile(
    r"^\| ([^|]+) \| ([0-9.]+) \| `([^`]+)` \| [^|]+ \| ([^|]+) \|", re.MULTILINE
)
_PROGRAM: Final = re.compile(r"^```js\n(.*?)^```$", re.MULTILINE | re.DOTALL)

Read = Mapping[str, str]
"""What became of each example, by its path below `examples/`: as written, or `!` and why not."""


@dataclass(frozen=True, slots=True)
class Tool:
    """A row of the table: what is run, and the error codes of invalid examples that it takes."""

    version: str
    command: str
    takes: frozenset[str]


def tools(page: Path = PAGE) -> Mapping[str, Tool]:
    """Return the rows of the table by the name of the tool."""
    found = _ROW.findall(page.read_text("utf-8"))
    return {
        name: Tool(version, command, frozenset(re.findall(r"`([^`]+)`", takes)))
        for name, version, command, takes in found
    }


def program(page: Path = PAGE) -> str:
    """Return the program of the page."""
    (found,) = _PROGRAM.findall(page.read_text("utf-8"))
    return str(found)


def need(command: str, cure: str = "make generators") -> None:
    """End the test where neither the tools nor the machine have `command`."""
    if shutil.which(command, path=_path()) is None:
        absent(command, cure)


def a_folder_to_generate_in(folder: Path) -> Path:
    """Return `folder` as the page has it: the contract below it, and no other file of ours."""
    (folder / "contracts").mkdir()
    (folder / "contracts" / "v1").symlink_to(PUBLISHED)
    (folder / "generated").mkdir()
    node_modules = TOOLS / "node" / "node_modules"
    if node_modules.exists():
        (folder / "node_modules").symlink_to(node_modules)
    return folder


def run(command: Iterable[str], cwd: Path, said: str = "", *, must: bool = True) -> str:
    """Run a command with the tools on the path; return what it printed."""
    ours = ("PYTHON", "VIRTUAL_ENV", "DUIJIE_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    done = subprocess.run(
        ["env", *command],
        cwd=cwd,
        env={**kept, "PATH": _path(), "PYTHONUTF8": "1"},
        input=said,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT if must else subprocess.DEVNULL,
        encoding="utf-8",
        timeout=WITHIN_S,
        check=False,
    )
    assert done.returncode == 0 or not must, done.stdout
    return done.stdout


def run_as_printed(tool: str, cwd: Path, side: str = "national") -> None:
    """Run the command of the table, for one side."""
    command = tools()[tool].command.replace("national", side).split()
    need(command[0])
    run(command, cwd)


def schemas_of(side: str) -> frozenset[str]:
    """Return the names of the schemas in a side's document."""
    document = orjson.loads((PUBLISHED / "openapi" / f"{side}.json").read_bytes())
    return frozenset(document["components"]["schemas"])


def classes_in(side: str) -> Mapping[str, str]:
    """Return the examples that a side's document knows, each with the name of its record."""
    known = schemas_of(side)
    paths = sorted(one.relative_to(EXAMPLES).as_posix() for one in EXAMPLES.glob("*/*"))
    named = {path: RECORDS[path.partition("/")[0]].__name__ for path in paths}
    return {path: name for path, name in named.items() if name in known}


def request(examples: Mapping[str, str]) -> str:
    """Return what a reading program is told: a file, a tab, the name of its class."""
    return "".join(f"{EXAMPLES / path}\t{name}\n" for path, name in examples.items())


def answer(said: str) -> Read:
    """Return what a reading program answered."""
    lines = (line.partition("\t") for line in said.splitlines() if "\t" in line)
    return {Path(file).relative_to(EXAMPLES).as_posix(): text for file, _, text in lines}


def changed_by_reading(read: Read) -> list[str]:
    """Return the valid examples that were refused, or say another thing when written again."""
    return [path for path, text in read.items() if "/valid-" in path and not _same(path, text)]


def codes_of(taken: Iterable[str]) -> set[str]:
    """Return the error codes of the invalid ones among the examples that a tool took."""
    expected = orjson.loads((EXAMPLES / "expected.json").read_bytes())
    return {expected[path]["code"] for path in taken if "/invalid-" in path}


def _path() -> str:
    folders = (TOOLS / "python" / "bin", TOOLS / "node" / "node_modules" / ".bin")
    return os.pathsep.join((*map(str, folders), os.environ["PATH"]))


def _same(path: str, text: str) -> bool:
    model = RECORDS[path.partition("/")[0]]
    if text.startswith("!"):
        return False
    before, after = (model.read(one) for one in ((EXAMPLES / path).read_bytes(), text))
    return canonical_form(before) == canonical_form(after)
