"""The rules of the house that no linter knows; CONTRIBUTING.md says why they are kept."""

import ast
import io
import re
import tokenize
import tomllib
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

import pytest

from tests.support.tree import PACKAGES, ROOT, kept_files, modules, named

CODE: Final = tuple(sorted(modules(*PACKAGES)))
TESTS: Final = tuple(sorted(modules("tests")))
MODULE_LINES, TEST_LINES, FUNCTION_LINES, NESTING = 300, 400, 40, 3
VAGUE: Final = frozenset({"common", "util", "utils", "helper", "helpers", "misc"})
TEXT_LIMIT_BYTES: Final = 2_000_000  # larger files are data tables with a recorded source

_RETIRED: Final = """
Doorkeeper Door Doorbell Bell Alarm Picture Raced UnknownYet Unforeseen Milestone Milestones
Reached Owed Remembered InboxKey Taken Taking Spread Armoury Witness Trouble GatewayOutside
Travel Trip Wish Wishes Wanted Nursery Doom Served
lanes lane works quickly carefully pass_by set_aside kept_aside aside owed owe take_over
took_over taken_over handing closed_until spend beat look receiving judging receipting
rules_broken farewell nursery bear doom victim stranger told worded spoken usual least most
"""
RETIRED: Final = frozenset(_RETIRED.split())
"""Names given up for the field's words; the glossary says which."""
_RETIRED_PARTS: Final = """
armoury aside doom doorbell doorkeeper in_peace nursery owe owed pass_by remembered spend spent
stranger strangers take_over taken_over took_over unforeseen victim witness
"""
RETIRED_PARTS: Final = frozenset(_RETIRED_PARTS.split())
"""Those that mean one thing wherever they stand: they are retired as parts of longer names too."""
RETIRED_EXCEPTIONS: Final = {
    ("simulator/web/control/responses.py", "owed"): "a published figure of the control interface",
    ("simulator/web/control/views.py", "owed"): "fills that figure",
    ("tests/system/test_bad_input.py", "owed"): "reads that figure",
    ("tests/system/test_replicas.py", "owed"): "reads that figure",
}

SLEEPS: Final = {
    "tests/support/until.py": "the one way to wait",
    "tests/system/kills/failovers.py": "how long a gateway works, and people pause, is drawn",
}
"""Modules of tests that sleep, and why."""
SERVING: Final = "tests/support/serving.py"
SERVERS: Final = frozenset({"AppRunner", "TCPSite", "SockSite", "start_server", "TestServer"})
"""What starts a server, and does not stop it rightly by itself."""

# The classes in brackets keep these patterns from finding themselves.
PLACES: Final = re.compile(r"(?<![\w.:/-])/(?:wor[k]|tm[p]|roo[t])/|\.\./share[d]\b")
REGISTRIES: Final = re.compile(
    r"pypi\.or[g]|pythonhoste[d]\.|npmjs\.[co]|npmmirro[r]|deb\.debia[n]|docker\.i[o]/|mirrors?\.\w+\.ed[u]"
)
SILENCED: Final = re.compile(r"#\s*(?:noqa(?::\s*[A-Z]+\d+(?:,\s*[A-Z]+\d+)*)?|type:\s*ignore\S*)")
UNFINISHED: Final = re.compile(r"\b(?:TOD[O]|FIXM[E]|XX[X])\b(?!\(#\d+\))")
SECRETS: Final = frozenset({".db", ".sqlite", ".sqlite3", ".pem", ".key", ".p12", ".env"})


def each(paths: tuple[Path, ...]) -> Callable[[Callable[[Path], None]], Callable[[], None]]:
    """Return a decorator that makes one test of a rule: it names every file that breaks it."""

    def decorated(rule: Callable[[Path], None]) -> Callable[[], None]:
        def test() -> None:
            broken = {}
            for path in paths:
                try:
                    rule(path)
                except AssertionError as exc:
                    broken[named(path)] = str(exc)
            assert not broken

        test.__name__ = rule.__name__
        return test

    return decorated


@cache
def comments(path: Path) -> tuple[tuple[int, str], ...]:
    source = io.StringIO(path.read_text("utf-8"))
    tokens = tokenize.generate_tokens(source.readline)
    return tuple((one.start[0], one.string) for one in tokens if one.type == tokenize.COMMENT)


class Written(NamedTuple):
    """What several rules look at in a module, without underscores around the names."""

    names: frozenset[str]  # every name that it coins or speaks
    functions: tuple[tuple[str, int, int], ...]  # name, lines of the body, blocks in one another
    imported: frozenset[str]  # the modules that it takes something from


@cache
def written(path: Path) -> Written:
    """Return the facts of a module, which is parsed once for all rules."""
    names = set(path.relative_to(ROOT).with_suffix("").parts)
    functions = []
    imported = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) | ast.arg(arg=name):
                names.add(name)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                names.add(node.name)
                functions.append((node.name, body_lines(node), depth(node)))
            case ast.ClassDef():
                names.add(node.name)
            case ast.keyword(arg=str(name)):
                names.add(name)
            case ast.alias(name=module, asname=name):
                names.update(name.split() if name else module.split("."))
            case ast.ImportFrom(module=str(module)):
                imported.add(module)
    return Written(
        frozenset(name.strip("_") for name in names), tuple(functions), frozenset(imported)
    )


def body_lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines from the first statement after the docstring to the last."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def depth(node: ast.AST, *, inside: int = 0) -> int:
    """Return how deep blocks stand in one another below `node`; inner functions start afresh."""
    deepest = inside
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        deeper = isinstance(
            child, ast.If | ast.For | ast.AsyncFor | ast.While | ast.Try | ast.Match
        )
        chained = isinstance(node, ast.If) and child in node.orelse and len(node.orelse) == 1
        deepest = max(deepest, depth(child, inside=inside + (deeper and not chained)))
    return deepest


@each(CODE)
def test_a_module_fits_in_the_head(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= MODULE_LINES


@each(TESTS)
def test_a_test_module_is_not_too_long(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= TEST_LINES


@each(CODE)
def test_a_function_is_short_and_flat(path: Path) -> None:
    found = written(path).functions
    long = {name: lines for name, lines, _ in found if lines > FUNCTION_LINES}
    deep = {name: blocks for name, _, blocks in found if blocks > NESTING}
    assert not long, "lines of the body"
    assert not deep, "blocks in one another"


@each(CODE + TESTS)
def test_a_name_says_what_is_inside(path: Path) -> None:
    assert not VAGUE & {*path.relative_to(ROOT).with_suffix("").parts}


@each(CODE)
def test_a_package_says_what_it_is_for(path: Path) -> None:
    opening = path.with_name("__init__.py")
    assert opening.is_file(), "a folder with code is a package"
    assert ast.get_docstring(ast.parse(opening.read_text("utf-8")))


@each(CODE + TESTS)
def test_a_silenced_rule_has_its_reason_beside_it(path: Path) -> None:
    bare = [
        f"{named(path)}:{line}"
        for line, text in (comments(path) if SILENCED.search(path.read_text("utf-8")) else ())
        if SILENCED.search(text) and len(SILENCED.sub("", text).strip(" -–—:#").split()) < 2
    ]
    assert not bare


@each(CODE + TESTS)
def test_nothing_is_left_for_later(path: Path) -> None:
    noted = comments(path) if UNFINISHED.search(path.read_text("utf-8")) else ()
    assert not [f"{named(path)}:{line}" for line, text in noted if UNFINISHED.search(text)]


@each(TESTS)
def test_a_test_replaces_nothing_of_ours(path: Path) -> None:
    imported = re.findall(r"^\s*(?:from|import) ([\w.]+)", path.read_text("utf-8"), re.MULTILINE)
    assert not {"unittest", "unittest.mock", "mock"} & set(imported)


def sleeps(source: str) -> list[int]:
    """Return the lines that sleep; to sleep for 0 outside of a loop only gives way."""
    if "sleep" not in source:
        return []
    nodes = list(ast.walk(ast.parse(source)))
    loops = [one for one in nodes if isinstance(one, ast.For | ast.AsyncFor | ast.While)]
    looped = {inner for loop in loops for inner in ast.walk(loop)}
    return [
        call.lineno
        for call in nodes
        if isinstance(call, ast.Call)
        and ast.unparse(call.func).rpartition(".")[2] == "sleep"
        and (call in looped or [ast.unparse(argument) for argument in call.args] != ["0"])
    ]


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("await asyncio.sleep(0)", []),
        ("time.sleep(0.1)", [1]),
        ("while not held():\n    await asyncio.sleep(0)", [2]),
        ("for _ in range(5):\n    if held():\n        sleep(1)", [3]),
    ],
)
def test_a_sleep_is_found_in_a_loop_and_outside(source: str, lines: list[int]) -> None:
    assert sleeps(source) == lines


def test_a_test_does_not_sleep_and_waits_by_until() -> None:
    slept = {named(path): lines for path in TESTS if (lines := sleeps(path.read_text("utf-8")))}
    assert {path: slept[path] for path in slept.keys() - SLEEPS.keys()} == {}
    assert sorted(SLEEPS.keys() - slept.keys()) == [], "exceptions that nothing needs"


@each(tuple(path for path in TESTS if named(path) != SERVING))
def test_a_test_starts_no_server_of_its_own(path: Path) -> None:
    text = path.read_text("utf-8")
    if any(name in text for name in SERVERS):
        assert not SERVERS & written(path).names, f"{SERVING} also stops it as the gateway's are"


def test_no_file_names_a_place_on_some_machine_or_a_package_registry() -> None:
    found = []
    for path in kept_files():
        if path.stat().st_size > TEXT_LIMIT_BYTES or path.suffix in {".png", ".gz"}:
            continue
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if hit := PLACES.search(line) or REGISTRIES.search(line):
                found.append(f"{named(path)}:{number}: {hit.group()}")
    assert not found


def test_no_database_and_no_key_is_handed_on() -> None:
    kept = {named(path) for path in kept_files() if SECRETS & {path.suffix, path.name}}
    assert not {name for name in kept if not name.startswith(("tests/vectors/", "contracts/v1/"))}


def words_of(name: str) -> str:
    """Return the words of `name` in small letters, with an underscore before, between and after."""
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+", name)
    return f"_{'_'.join(words).lower()}_"


def retired(name: str) -> bool:
    """Whether `name` was given up, or a part of it."""
    words = words_of(name)
    return name in RETIRED or any(f"_{part}_" in words for part in RETIRED_PARTS)


@pytest.mark.parametrize(
    "name", ["owed", "victim_of", "TheWitness", "LAST_STRANGER", "is_taken_over"]
)
def test_a_retired_word_is_found_in_every_spelling(name: str) -> None:
    assert retired(name)


@pytest.mark.parametrize("name", ["allowed", "besides", "take_overview", "Powered", "looks"])
def test_a_word_that_only_holds_a_retired_one_is_none(name: str) -> None:
    assert not retired(name)


def test_no_group_that_may_fail_half_way_is_repeated_possessively() -> None:
    possessive = re.compile(
        r"[^(]\)[*+?]\+"
    )  # before Python 3.11.5 such a pattern matches too much
    lines = [(named(path), line) for path in CODE for line in path.read_text("utf-8").split("\n")]
    found = {(name, line.partition(":")[0]) for name, line in lines if possessive.search(line)}
    assert found == {
        ("schemas/records/json_scan.py", "_TEXT"),  # every part of it is taken or not
        ("schemas/records/strict_json.py", "_TEXT"),
    }


def test_a_retired_name_does_not_come_back() -> None:
    found: set[tuple[str, str]] = set()
    known: dict[str, bool] = {}  # most names stand in many files
    for path in CODE + TESTS:
        for name in written(path).names:
            if name not in known:
                known[name] = retired(name)
            if known[name]:
                found.add((named(path), name))
    assert sorted(found - RETIRED_EXCEPTIONS.keys()) == [], "the glossary has the word in use"
    assert sorted(RETIRED_EXCEPTIONS.keys() - found) == [], "exceptions that nothing needs"


def contracts_of_imports() -> list[dict[str, object]]:
    """Return the import contracts of the project, as import-linter reads them."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    contracts: list[dict[str, object]] = project["tool"]["importlinter"]["contracts"]
    return contracts


def test_every_folder_of_code_has_its_layers() -> None:
    ruled: set[str] = set()
    for contract in contracts_of_imports():
        if contract["type"] == "layers" and contract.get("exhaustive"):
            ruled.update(list_of(contract.get("containers")))
        if contract["type"] == "independence":
            ruled.update(name.removesuffix(".*") for name in list_of(contract["modules"]))
    folders = {named(path.parent).replace("/", ".") for path in CODE}
    with_modules = {
        folder
        for folder in folders
        if len([path for path in CODE if named(path.parent).replace("/", ".") == folder]) > 1
    }
    assert sorted(with_modules - ruled) == []


def list_of(names: object) -> list[str]:
    assert names is None or isinstance(names, list)
    return [str(name) for name in names or ()]


def test_no_layer_names_what_is_gone() -> None:
    gone = []
    for contract in contracts_of_imports():
        for container in list_of(contract.get("containers")):
            folder = ROOT / container.replace(".", "/")
            written = " ".join(list_of(contract.get("layers")))
            gone += [
                f"{container}: {name}"
                for name in re.findall(r"[a-z_0-9]+", written)
                if not ((folder / name).is_dir() or (folder / f"{name}.py").is_file())
            ]
    assert gone == []


def imported_folders() -> dict[str, set[str]]:
    """Return which folders each folder of the packages imports from, itself left out."""
    found: dict[str, set[str]] = {}
    for path in CODE:
        here = found.setdefault(named(path.parent), set())
        for module in written(path).imported:
            goal = ROOT / module.replace(".", "/")
            if goal.parts[len(ROOT.parts)] in PACKAGES:
                here.add(named(goal if goal.is_dir() else goal.parent))
    return found


def test_no_folder_imports_another_both_ways() -> None:
    imports = imported_folders()
    assert len(imports) > 20
    both = {
        (one, other)
        for one, others in imports.items()
        for other in others
        if one in imports.get(other, ())
        # What stands directly in a package may be its floor and its roof: the layers say which.
        and not f"{one}/".startswith(f"{other}/")
        and not f"{other}/".startswith(f"{one}/")
    }
    assert both == set()


def test_ci_runs_the_documented_commands() -> None:
    commands = (ROOT / ".ci" / "run").read_text("utf-8").splitlines()
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    assert "make test" in commands
    assert "make lint types imports" in commands
    assert "make wheel" in commands
    assert "make generators" in commands
    readme = (ROOT / "README.md").read_text("utf-8")
    assert set(re.findall(r"^make ([a-z-]+)", readme, re.MULTILINE)) <= targets
