"""What the documents say is so: links, commands, names, figures and lists are those of the code."""

import ast
import builtins
import csv
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import click
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from duijie.cli import root
from duijie.demo.agencies import stand_ins
from gateway.metrics import Metrics
from gateway.settings_file import load_settings
from schemas.records.problem_texts import PROBLEM_TEXTS
from schemas.signing import EXPLANATIONS, Suite
from simulator.config import SimulatorSettings
from tests.support.tree import PACKAGES, ROOT, kept_files, modules, named

PAGES: Final = tuple(sorted(path for path in kept_files() if path.suffix == ".md"))
RECORDS: Final = tuple(sorted((ROOT / "docs" / "adr").glob("*.md")))
TWINS: Final = tuple(
    (path.with_suffix("").with_suffix(".md"), path) for path in PAGES if path.match("*.en.md")
)
CODE: Final = tuple(sorted(modules(*PACKAGES)))
TESTS: Final = tuple(sorted(modules("tests")))
SHARED_NAMES: Final = {
    "Addresses": "where the servers of a running program listen",
    "Agency": "公共就业服务机构: as a record tells of it, and as the gateway knows it",
    "AgencyApi": "the handlers for agencies: at the gateway, and at an agency for pushes",
    "AgencyDirectory": "机构清单: as it is published, and as it is looked up",
    "AgencySettings": "how an agency is connected, set on either side",
    "Answer": "what a handler gives back to a call",
    "Call": "an authenticated request to a handler",
    "Delivery": "送达方式, set on both sides; neither side imports the other",
    "Facts": "what a log line may say",
    "ItemAnswer": "the answer to one item of a batch",
    "JsonLines": "logs of one JSON object a line",
    "Nonces": "the nonces seen: as a port of the ledger, and in memory",
    "Notifier": "wakes requests that are held open",
    "Parts": "a program put together from its settings",
    "RequestRefused": "a request or an item that is not acceptable",
    "SignedClient": "sends signed requests and believes signed answers only",
    "Store": "commits units of work: any schema's, and the ledger's as flows need it",
}
"""Classes defined in two packages because they are the same thing on both sides."""
LINK: Final = re.compile(r"\[[^\]\[]*\]\(([^)\s]+)\)")
FENCE: Final = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
DUIJIE: Final = re.compile(r"(?:^|`|\bexec )duijie ([a-z][^`\n#]*)", re.MULTILINE)
MAKE: Final = re.compile(r"(?:^|`)make ([a-z-]+(?: [a-z-]+)*)", re.MULTILINE)
ASSUMED: Final = re.compile(
    r'Assumed:\s+(.+?)(?=\.(?:\s|"|$)|"""|\n\s*\n|\n[^#]*$)', re.DOTALL | re.MULTILINE
)


def text_of(name: str) -> str:
    return (ROOT / name).read_text("utf-8")


def rows(page: str) -> list[tuple[str, ...]]:
    """Return the rows of every table in `page`, cell by cell, without heads and rules."""
    found: list[tuple[str, ...]] = []
    lines = text_of(page).splitlines()
    for number, line in enumerate(lines):
        beside_a_rule = any(
            re.fullmatch(r"\|(?:\s*:?-+:?\s*\|)+", near) for near in lines[number : number + 2]
        )
        if line.startswith("|") and not beside_a_rule:
            found.append(tuple(cell.strip() for cell in line.strip("|").split("|")))
    return found


def quoted(cell: str) -> str:
    """Return what a cell quotes: `word` → word."""
    return cell.strip("`")


def each(pages: tuple[Path, ...]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("page", pages, ids=named)


def slug(heading: str) -> str:
    """Return the anchor that a heading gets."""
    kept = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return kept.replace(" ", "-")


def headings(page: Path) -> list[tuple[int, str]]:
    prose = FENCE.sub("", page.read_text("utf-8"))
    found = re.findall(r"^(#+) (.+)$", prose, re.MULTILINE)
    return [(len(marks), title) for marks, title in found]


@each(PAGES)
def test_every_link_leads_somewhere(page: Path) -> None:
    lost = []
    for target in LINK.findall(FENCE.sub("", page.read_text("utf-8"))):
        if target.startswith(("https://", "http://")):
            continue
        path, _, anchor = target.partition("#")
        goal = (page.parent / path).resolve() if path else page
        if not goal.exists() or (anchor and anchor not in {slug(t) for _, t in headings(goal)}):
            lost.append(target)
    assert lost == []


def command_of(words: list[str]) -> tuple[click.Command, list[str]]:
    """Follow `words` down the tree of commands; return where they lead, and what is left."""
    command: click.Command = root
    context = click.Context(root)
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        inner = command.get_command(context, words[0])
        assert inner is not None, f"no command {words[0]}"
        command, words = inner, words[1:]
    return command, words


@each(PAGES)
def test_every_command_shown_exists_with_its_options(page: Path) -> None:
    for shown in DUIJIE.findall(page.read_text("utf-8")):
        command, rest = command_of(shown.split())
        both = [(*parameter.opts, *parameter.secondary_opts) for parameter in command.params]
        known = {name for names in both for name in names} | {"--help"}
        options = {word.partition("=")[0] for word in rest if word.startswith("--")}
        assert options <= known, f"duijie {shown}"


@each(PAGES)
def test_every_make_target_shown_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):.*## ", text_of("Makefile"), re.MULTILINE))
    shown = {name for names in MAKE.findall(page.read_text("utf-8")) for name in names.split()}
    assert shown <= targets


def test_the_readme_shows_every_command() -> None:
    shown = text_of("README.md")
    for path in _commands(root, "duijie"):
        assert f"`{path}" in shown, path


def _commands(group: click.Group, name: str) -> Iterator[str]:
    context = click.Context(group)
    for word in group.list_commands(context):
        command = group.get_command(context, word)
        assert command is not None
        if isinstance(command, click.Group) and not command.params:
            yield from _commands(command, f"{name} {word}")
        else:
            yield f"{name} {word}"


@pytest.mark.parametrize("page", ["README.md", "README.en.md"])
def test_the_readme_names_every_signature_suite(page: str) -> None:
    assert {suite for suite in Suite if f"`{suite}`" not in text_of(page)} == set()


def test_there_are_twins() -> None:
    assert named(TWINS[0][0]) == "README.md"
    folders = {ROOT / "docs" / "howto", ROOT / "examples"}
    expected = {path for path in PAGES if path.parent in folders or path.match("docs/security.*")}
    annexes = ("canonical-form", "exchange-tables", "retries", "signing", "versions")
    expected |= {path for path in PAGES for one in annexes if path.match(f"contracts/v1/{one}.*")}
    assert {path for pair in TWINS for path in pair} == {*expected, *TWINS[0]}


@pytest.mark.parametrize("pair", TWINS, ids=lambda pair: named(pair[0]))
def test_twins_have_the_same_parts_and_commands(pair: tuple[Path, Path]) -> None:
    chinese, english = pair
    assert [level for level, _ in headings(chinese)] == [level for level, _ in headings(english)]
    first, second = (path.read_text("utf-8") for path in pair)
    assert "twin" in second.splitlines()[0]
    assert f"({chinese.name})" in second.splitlines()[0]
    assert f"({english.name})" in first
    for pattern in (DUIJIE, MAKE):
        assert [w.split() for w in pattern.findall(first)] == [
            w.split() for w in pattern.findall(second)
        ]
    assert len(FENCE.findall(first)) == len(FENCE.findall(second))


def test_the_records_of_decisions_are_numbered_without_a_gap() -> None:
    assert [path.name[:5] for path in RECORDS] == [f"{n:04}-" for n in range(1, len(RECORDS) + 1)]


@each(RECORDS)
def test_a_record_says_why_what_and_what_follows(page: Path) -> None:
    text = page.read_text("utf-8")
    assert text.startswith(f"# {page.name[:4]}. ")
    assert re.search(r"^(?:Accepted|Superseded) \d{4}-\d{2}-\d{2}", text, re.MULTILINE)
    parts = [title for level, title in headings(page) if level == 2]
    assert parts == ["Context", "Decision", "Consequences"]


def test_the_architecture_page_names_every_decision() -> None:
    linked = set(LINK.findall(text_of("ARCHITECTURE.md")))
    assert {f"docs/adr/{path.name}" for path in RECORDS} <= linked


def test_every_dependency_has_its_line() -> None:
    project = tomllib.loads(text_of("pyproject.toml"))["project"]
    extras = project["optional-dependencies"].values()
    texts = [*project["dependencies"], *(text for extra in extras for text in extra)]
    wanted = {canonicalize_name(Requirement(text).name) for text in texts} - {"duijie"}
    page = f"docs/adr/{RECORDS[12].name}"
    listed = Counter(canonicalize_name(row[0].split(" (")[0]) for row in rows(page))
    assert listed == Counter(wanted)


def defined(path: Path) -> set[str]:
    """Return the functions and classes of a module, members as `Class.member`."""
    names: set[str] = set()
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            names.add(node.name)
        if isinstance(node, ast.ClassDef):
            inner = (n for n in node.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef))
            names.update(f"{node.name}.{member.name}" for member in inner)
    return names


@each(tuple(page for page in PAGES if page.name != "CHANGELOG.md"))
def test_every_function_and_file_named_exists(page: Path) -> None:
    text = page.read_text("utf-8")
    missing = [
        f"{file}:{name}"
        for file, name in re.findall(r"`([\w/]+\.py):([\w.]+)`", text)
        if not (ROOT / file).is_file() or name not in defined(ROOT / file)
    ]
    tops = "|".join((*PACKAGES, "tests", "docs", "docker"))
    paths = re.findall(rf"`((?:{tops})/[\w./-]*)`", text)
    assert missing == []
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_the_architecture_page_is_one_page() -> None:
    assert len(text_of("ARCHITECTURE.md").splitlines()) <= 200


def words_of_the_code() -> set[str]:
    words: set[str] = set()
    for path in CODE:
        words.update(re.findall(r"[A-Za-z_][A-Za-z_0-9]*", path.read_text("utf-8")))
    return words


def test_every_word_of_the_glossary_is_spoken_in_the_code() -> None:
    table = rows("docs/reference/glossary.md")
    terms = {term for row in table for term in re.findall(r"`(\w+)`", row[0])}
    assert len(table) > 30
    assert terms <= words_of_the_code() - set(dir(builtins))


def test_the_glossary_has_each_word_once() -> None:
    terms = Counter(
        term
        for row in rows("docs/reference/glossary.md")
        for term in re.findall(r"`(\w+)`", row[0])
    )
    assert [term for term, count in terms.items() if count > 1] == []


def public_classes() -> dict[str, set[str]]:
    """Return which packages, and which modules of tests, define each public class."""
    found: dict[str, set[str]] = {}
    for path in CODE + TESTS:
        where = named(path) if path in TESTS else path.relative_to(ROOT).parts[0]
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found.setdefault(node.name, set()).add(where)
    return found


def test_a_class_name_means_one_thing_in_all_packages_and_tests() -> None:
    twice = {name for name, places in public_classes().items() if len(places) > 1}
    assert sorted(twice - SHARED_NAMES.keys()) == [], "one name, two meanings"
    assert sorted(SHARED_NAMES.keys() - twice) == [], "reasons that nothing needs"


def test_the_metrics_page_lists_what_is_exported() -> None:
    families = Metrics(version="0", contract="0").registry.collect()
    exported = {
        f"{family.name}_total" if family.type == "counter" else family.name: family.type
        for family in families
    }
    table = rows("docs/reference/metrics.md")
    assert {quoted(row[0]): row[1] for row in table} == exported
    assert all(row[3] and row[4] for row in table)


def test_the_error_page_is_the_catalogue() -> None:
    catalogue = [
        (code, str(kind.status), kind.title, kind.cause, kind.cure)
        for code, kind in PROBLEM_TEXTS.items()
    ] + [
        (str(code), "401" if code.startswith("signature.") else "–", of.title, of.cause, of.cure)
        for code, of in EXPLANATIONS.items()
    ]
    lines = [f"| `{code}` | {' | '.join(cells)} |" for code, *cells in catalogue]
    page = text_of("docs/reference/errors.md").splitlines()
    assert [line for line in page if line.startswith("| `")] == lines


def test_every_promise_is_made_once_in_both_languages_and_names_tests_that_prove_it() -> None:
    promises = [row for row in rows("docs/reference/promises.md") if "tests/" in row[-1]]
    assert len(promises) >= 20
    assert [fault for fault, n in Counter(row[0] for row in promises).items() if n > 1] == []
    for fault, chinese, english, proof in promises:
        assert re.search(r"[\u4e00-\u9fff]", chinese), fault
        assert re.fullmatch(r"[ -~«»]+", english), fault
        named_tests = re.findall(r"`(tests/[\w/]+\.py):(test_\w+)`", proof)
        assert len(named_tests) == proof.count("`") / 2 > 0, fault
        lost = [one for file, one in named_tests if one not in defined(ROOT / file)]
        assert lost == [], fault


def assumptions() -> set[tuple[str, str]]:
    """Return every mark `Assumed:` in code and files of rules: where, and what is assumed."""
    marked = [*CODE, *(ROOT / "gateway").rglob("*.yaml")]
    return {
        (named(path), " ".join(re.sub(r"^\s*#", "", found, flags=re.MULTILINE).split()))
        for path in marked
        for found in ASSUMED.findall(path.read_text("utf-8"))
    }


def assumed_codes() -> dict[str, str]:
    """Return how many codes of each table are assumed."""
    counts: dict[str, str] = {}
    for path in sorted((ROOT / "schemas" / "data" / "codes").glob("*.csv")):
        with path.open(encoding="utf-8") as file:
            assumed = sum(row["certainty"] == "assumed" for row in csv.DictReader(file))
        if assumed:
            counts[path.stem] = str(assumed)
    return counts


def test_every_assumption_is_listed() -> None:
    table = rows("docs/assumptions.md")
    listed = {(quoted(row[0]), row[1]) for row in table if "/" in row[0]}
    assert sorted(assumptions() - listed) == [], "marks without a row"
    assert sorted(listed - assumptions()) == [], "rows without a mark"
    assert {quoted(row[0]): row[1] for row in table if "/" not in row[0]} == assumed_codes()


def test_the_containers_settings_are_read_and_name_the_stand_in_agencies() -> None:
    gateway = load_settings(ROOT / "docker" / "gateway.toml")
    simulator = SimulatorSettings.read(ROOT / "docker" / "simulator.toml")
    expected = [(a.code, a.name, a.division, a.delivery) for a in stand_ins(gateway.province)]
    for agencies in (gateway.agency, simulator.agency):
        assert [(a.code, a.name, a.division, a.delivery) for a in agencies] == expected
    assert gateway.store == "postgresql://duijie@postgres/duijie"
    assert [one.division for one in simulator.province] == [gateway.province]
