"""Code generated from the contract as the page says compiles, has English names, reads ours.

Run by `make generators`, which installs the tools in `var/generators`.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from contracts.catalogue.operation_types import Side
from tests.generators.toolbox import (
    EXAMPLES,
    PAGE,
    PROGRAMS,
    TOOLS,
    Read,
    a_folder_to_generate_in,
    answer,
    changed_by_reading,
    classes_in,
    codes_of,
    need,
    program,
    request,
    run,
    run_as_printed,
    schemas_of,
    tools,
)

pytestmark = pytest.mark.generators
NODE: Final = "安装 Node 20 与 npm / install Node 20 and npm"
JDK: Final = "安装 JDK 17 / install a JDK 17"
LOCKS: Final = ("requirements.lock", "package.json")
PIN: Final = re.compile(r'^ *"?([a-z-]+)"?(?:==|: ")([0-9.]+)', re.MULTILINE)
PYTHON: Final = str(TOOLS / "python" / "bin" / "python")
TSC: Final = ("tsc", "--noEmit", "--strict", "--module", "nodenext", "--pretty", "false")
JAVAC: Final = ("javac", "-encoding", "UTF-8", "-nowarn", "-proc:none", "-d", "out", "-cp")
PARTS: Final = (
    *("Kind", "Rule", "Service", "Intention", "Finding", "Items", "ReceivedItem"),
    *("Key", "Position", "Acknowledgements"),
)
"""What a generator makes a class of beside the schemas: lists of values, items of lists."""
CHOICES: Final = ("FeedItem", "AcknowledgedItem", "AbstractOpenApiSchema")
NULLABLE_CONSTANT: Final = re.compile("(DeregistrationNotice(Due|Exempt)){1,2}(Enum)?")
EVERY_EXAMPLE: Final = {one.relative_to(EXAMPLES).as_posix() for one in EXAMPLES.glob("*/*")}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return a_folder_to_generate_in(tmp_path)


def test_both_pages_print_the_locked_versions_and_the_same_commands() -> None:
    locks = [(PROGRAMS.parent / name).read_text("utf-8") for name in LOCKS]
    locked = {name: version for lock in locks for name, version in PIN.findall(lock)}
    printed = {tool.replace(" (Java)", "-cli"): row.version for tool, row in tools().items()}
    twin = PAGE.with_suffix(".en.md")

    assert len(printed) == 5
    assert {tool: locked.get(tool) for tool in printed} == printed
    assert tools(twin) == tools()
    assert program(twin) == program()


def test_ajv_in_strict_mode_takes_the_valid_and_refuses_the_invalid_examples(folder: Path) -> None:
    need("node", NODE)
    need("openapi-typescript")
    (folder / "check.mjs").write_text(program(), "utf-8")

    said = run(tools()["ajv"].command.split(), folder)

    verdicts = dict(line.split("\t") for line in said.splitlines())
    assert set(verdicts) == EVERY_EXAMPLE
    wanted = {path: "taken" if "/valid-" in path else "refused" for path in verdicts}
    assert verdicts == wanted


def test_types_of_openapi_typescript_take_our_examples(folder: Path) -> None:
    # Given types for every side, and every example as a value of its type
    need("node", NODE)
    for side in Side:
        run_as_printed("openapi-typescript", folder, side)
    types = 'import type {{ components as {0} }} from "./generated/{0}.js";'
    imports = [types.format(side) for side in Side]
    values = dict(typed_examples())
    (folder / "examples.ts").write_text("\n".join([*imports, *values.values()]), "utf-8")

    # When they are compiled
    said = run([*TSC, "examples.ts"], folder, must=False)

    # Then the compiler minds invalid examples only, and no type of ours
    minded = re.findall(r"^(\S+)\((\d+),\d+\): error", said, re.MULTILINE)
    assert {file for file, _ in minded} == {"examples.ts"}
    lines = {int(line) for _, line in minded}
    taken = {path for at, path in enumerate(values, len(imports) + 1) if at not in lines}
    assert set(values) == EVERY_EXAMPLE
    assert {path for path in values if "/valid-" in path} <= taken
    assert codes_of(taken) == tools()["openapi-typescript"].takes


def typed_examples() -> Iterator[tuple[str, str]]:
    """Yield each example with a line of TypeScript, by the last side that knows its record."""
    known = {path: (side, name) for side in Side for path, name in classes_in(side).items()}
    for number, (path, (side, name)) in enumerate(known.items()):
        value = " ".join((EXAMPLES / path).read_text("utf-8").split("\n"))
        yield path, f'export const e{number}: {side}["schemas"]["{name}"] = {value};'


@pytest.mark.parametrize(
    ("tool", "module", "files"),
    [
        ("datamodel-code-generator", "{}", "*.py"),
        ("openapi-python-client", "{}_client.models", "models/*.py"),
    ],
)
def test_generated_python_reads_our_examples_and_writes_the_same(
    folder: Path, tool: str, module: str, files: str
) -> None:
    read: dict[str, str] = {}
    for side in Side:
        run_as_printed(tool, folder, side)
        run([PYTHON, "-m", "compileall", "-q", "generated"], folder)
        started = [PYTHON, str(PROGRAMS / "read_examples.py"), f"generated.{module.format(side)}"]
        read |= answer(run(started, folder, request(classes_in(side))))

    assert set(read) == EVERY_EXAMPLE
    assert changed_by_reading(read) == []
    assert codes_of(taken_of(read)) == tools()[tool].takes
    schemas = {name for side in Side for name in schemas_of(side)}
    parts = {name + part for name in schemas for part in PARTS}
    classes = names_in(folder, files, r"^class (\w+)")
    assert schemas <= classes
    others = classes - schemas - parts
    assert [name for name in others if not NULLABLE_CONSTANT.fullmatch(name)] == []


def test_generated_java_reads_our_examples_and_writes_the_same(folder: Path) -> None:
    # Given the client of the national side, compiled by what the generator's own jar holds
    need("javac", JDK)
    tool = "openapi-generator (Java)"
    run_as_printed(tool, folder)
    jar = str(next(TOOLS.glob("python/lib/*/site-packages/openapi_generator_cli/*.jar")))
    sources = (*folder.glob("generated/java/src/main/**/*.java"), *PROGRAMS.rglob("*.java"))
    run([*JAVAC, jar, *map(str, sources)], folder)

    # When it reads and writes the examples
    examples = classes_in(Side.NATIONAL)
    read = answer(run(["java", "-cp", f"out:{jar}", "ReadExamples"], folder, request(examples)))

    # Then they say the same
    assert set(read) == set(examples)
    assert changed_by_reading(read) == []
    assert codes_of(taken_of(read)) == tools()[tool].takes
    classes = names_in(folder, "model/*.java", r"^public (?:abstract class|class|enum) (\w+)")
    assert classes == {*schemas_of(Side.NATIONAL), *CHOICES}


def taken_of(read: Read) -> set[str]:
    """Return the examples that were not refused."""
    return {path for path, text in read.items() if not text.startswith("!")}


def names_in(folder: Path, files: str, pattern: str) -> set[str]:
    """Return the names of the generated classes."""
    texts = [path.read_text("utf-8") for path in (folder / "generated").rglob(files)]
    return {name for text in texts for name in re.findall(pattern, text, re.MULTILINE)}
