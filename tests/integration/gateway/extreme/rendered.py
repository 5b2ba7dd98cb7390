"""A page of the console as a browser reads it, held against the templates it was made of.

Whatever a record says is text on a page: a page has no element, no attribute and no comment that
its templates do not have, and every element is closed as the templates close it.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from html.parser import HTMLParser
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from gateway.web.console.pages import FOLDER

_VOID: Final = frozenset({"meta", "link", "input", "br"})
_STATEMENT: Final = re.compile(r"\{%.*?%\}", re.DOTALL)
_VALUE: Final = re.compile(r"\{\{.*?\}\}", re.DOTALL)
_ADDRESSES: Final = ("/", "/cases/", "/quarantine", "/console.css", "")
_CASE: Final = "/cases/"

Shape = tuple[str, str]
"""An element's name and the name of one of its attributes; the latter empty for the element."""


@dataclass
class Rendered(HTMLParser):
    """What stands on a page: its elements with their attributes, its texts, its links."""

    shapes: set[Shape] = field(default_factory=set)
    texts: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    @property
    def cases(self) -> set[str]:
        """The numbers of the cases that the page leads to, as a browser follows its links."""
        ways = (urlsplit(link) for link in self.links if link.startswith(_CASE))
        return {
            parse_qs(way.query)["key"][0] if way.query else unquote(way.path.removeprefix(_CASE))
            for way in ways
        }

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note an element and its attributes."""
        names = [name for name, _ in attrs]
        self.shapes |= {(tag, ""), *((tag, name) for name in names)}
        if len({*names}) < len(names):
            self.wrong.append(f"{tag}: an attribute stands twice")
        self.links += [value or "" for name, value in attrs if (tag, name) == ("a", "href")]
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Note that an element ends: it has to be the one begun last."""
        if not self.open or self.open.pop() != tag:
            self.wrong.append(f"{tag}: ends where it was not begun")

    def handle_data(self, data: str) -> None:
        """Note a text."""
        self.texts.append(data.strip())

    def handle_comment(self, data: str) -> None:
        """Refuse: no template has a comment."""
        self.wrong.append("a comment")

    def unknown_decl(self, data: str) -> None:
        """Refuse: no template has a section."""
        self.wrong.append("a section")

    def handle_pi(self, data: str) -> None:
        """Refuse: no template has an instruction."""
        self.wrong.append("an instruction")


def rendered(page: str) -> Rendered:
    """Read a page."""
    read = Rendered()
    read.feed(page)
    read.close()
    return read


def escapes(read: Rendered, *, shows: Iterable[str] = ()) -> list[str]:
    """Return what shows that a value is more than text on a page, or is not the text it has to be.

    Args:
        read: What the console answered.
        shows: Texts that have to stand on it, each whole and in a place of its own.
    """
    unknown = read.shapes - _shapes_of_templates()
    astray = [link for link in read.links if not _is_ours(link)]
    missing = [text for text in shows if text not in read.texts]
    return [
        *read.wrong,
        *(f"{tag} {name}: not of a template" for tag, name in sorted(unknown)),
        *(f"{tag}: not closed" for tag in read.open),
        *(f"{link}: leads nowhere of ours" for link in astray),
        *(f"{text!r}: not shown" for text in missing),
    ]


def _is_ours(link: str) -> bool:
    """Say whether a browser that follows a link asks for a page, and for the one that is meant."""
    way = urlsplit(link)
    steps = [unquote(step) for step in way.path.split("/")]
    found = way.path in _ADDRESSES or (way.path.startswith(_CASE) and len(steps) == 3)
    elsewhere = way.scheme or way.netloc or (way.fragment and link != "#main")
    return found and not elsewhere and not {".", ".."} & {*steps}


@lru_cache(maxsize=1)
def _shapes_of_templates() -> frozenset[Shape]:
    """Return every element with every attribute that any template may give it."""
    shapes: set[Shape] = set()
    for template in FOLDER.glob("*.html"):
        text = _VALUE.sub("x", _STATEMENT.sub("", template.read_text(encoding="utf-8")))
        shapes |= rendered(text).shapes
    return frozenset(shapes)
