"""A Chinese page and its English twin say the same: sections, tables, lists, code, names."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from tests.support.tree import ROOT

TWINS: Final = (ROOT / "README.en.md", *sorted((ROOT / "docs").rglob("*.en.md")))
_BLOCK: Final = re.compile(r"^ *```.*?^ *```", re.DOTALL | re.MULTILINE)
_HEADING: Final = re.compile(r"^#+ ", re.MULTILINE)
_ITEM: Final = re.compile(r"^\s*(?:[-*]|\d+\.) ", re.MULTILINE)
_ROW: Final = re.compile(r"^\|", re.MULTILINE)
_NAME: Final = re.compile(r"`([^`\n]+)`")
_CHINESE: Final = re.compile("[\u4e00-\u9fff]")
_IN_WORDS: Final = re.compile(r"[\u2500-\u27ff]|<[^>]*>|#.*")
"""Drawings, what a reader fills in, and comments are in the language of the page."""


@dataclass(frozen=True, slots=True)
class Section:
    """What of a section is the same in every language: how much there is, names, commands."""

    items: int
    rows: int
    names: frozenset[str]
    commands: tuple[str, ...]


def sections(path: Path) -> Iterator[Section]:
    """Yield the sections of a page, the part before its first heading left out."""
    blocks: list[str] = []

    def set_apart(found: re.Match[str]) -> str:
        blocks.append(found[0])
        return f"\u0000{len(blocks) - 1}\u0000"

    text = _BLOCK.sub(set_apart, path.read_text(encoding="utf-8"))
    for written in _HEADING.split(text)[1:]:
        part = written.partition("\n")[2]
        shown = "\n".join(blocks[int(number)] for number in re.findall("\u0000(\\d+)\u0000", part))
        yield Section(
            len(_ITEM.findall(part)),
            len(_ROW.findall(part)),
            frozenset(_named(_NAME.findall(part))),
            tuple(_commands(shown)),
        )


def _named(names: list[str]) -> Iterator[str]:
    for name in names:
        if not _CHINESE.search(name) and not re.search(r"<\w+>", name):
            yield name.replace(".en.md", ".md")


def _commands(shown: str) -> Iterator[str]:
    """Yield the lines that a program reads, without comments and what a reader fills in."""
    for line in shown.splitlines():
        written = re.sub(r"#.*", "", line).strip()
        if written and not _CHINESE.search(line) and not _IN_WORDS.search(written):
            yield written


@pytest.mark.parametrize("english", TWINS, ids=lambda path: path.name)
def test_a_page_and_its_english_twin_have_the_same_sections(english: Path) -> None:
    chinese = english.with_name(english.name.replace(".en.md", ".md"))
    mine, theirs = tuple(sections(chinese)), tuple(sections(english))
    assert len(mine) == len(theirs)
    for number, (one, other) in enumerate(zip(mine, theirs, strict=True)):
        assert (one.items, one.rows) == (other.items, other.rows), f"section {number}"
        assert sorted(one.names ^ other.names) == [], f"section {number}"


@pytest.mark.parametrize("english", TWINS, ids=lambda path: path.name)
def test_a_command_of_the_english_page_is_in_the_chinese_one(english: Path) -> None:
    chinese = english.with_name(english.name.replace(".en.md", ".md"))
    said = re.sub(r"\s*#.*", "", chinese.read_text(encoding="utf-8"))
    lines = {line.strip() for line in said.splitlines()}
    commands = [line for part in sections(english) for line in part.commands]
    read = ("duijie ", "make ", "pip ", "python")
    unknown = [line for line in commands if line.startswith(read) and line not in lines]
    assert unknown == []


def test_every_page_for_people_has_its_twin() -> None:
    pages = [ROOT / "README.md", ROOT / "docs" / "security.md", *(ROOT / "docs/howto").glob("*.md")]
    chinese = [page for page in pages if not page.name.endswith(".en.md")]
    assert [page.name for page in chinese if not page.with_suffix(".en.md").exists()] == []
