"""No text of any record holds NUL, a control character, or half of a pair: found by walking.

The texts are looked for in the models themselves, so that a member that is new is tested too.
"""

import json
import pkgutil
from collections.abc import Iterator
from importlib import import_module
from types import UnionType
from typing import Annotated, Any, Final, Union, get_args, get_origin

from pydantic import Field, TypeAdapter, ValidationError

from schemas import records
from schemas.records.base import FREE_TEXT_PATTERN, ShortText, WireModel, line

CONTROLS: Final = "".join(map(chr, (*range(0x20), *range(0x7F, 0xA0))))
KEPT: Final = "\t\n\r"
"""Of the controls, what a text of several lines keeps."""
HALVES: Final = ("\ud800", "\udbff", "\udc00", "\udfff", "\udc00\ud800")
SAMPLES: Final = (
    *("a", "1", "0", "00", "2016", "410105", "13800000000", "a@a", "000", "0" * 24, "0" * 32),
    *("0" * 64, "urn:duijie:problem:a", "2026-03-02", "2026-03-02T09:00:00Z"),
)
"""One of them every text of a format takes; a new format wants one of its own."""


def leaves(kind: Any, metadata: tuple[object, ...] = ()) -> Iterator[Any]:
    """Yield the types within a type that are written as text in JSON, with what bounds them."""
    origin = get_origin(kind)
    if origin is Annotated:
        inner, *bounds = get_args(kind)
        yield from leaves(inner, (*metadata, *bounds))
    elif origin in {Union, UnionType, tuple}:
        for one in get_args(kind):
            yield from leaves(one)
    elif isinstance(kind, type) and issubclass(kind, WireModel | bool | int | type(None)):
        return
    elif kind is not Ellipsis:
        yield Annotated[kind, *metadata] if metadata else kind


def texts_of(model: type[WireModel]) -> Iterator[tuple[str, Any]]:
    """Yield the texts of a model, each with the name of its member."""
    for name, member in model.model_fields.items():
        for kind in leaves(member.annotation, tuple(member.metadata)):
            yield f"{model.__name__}.{name}", kind


def models() -> set[type[WireModel]]:
    """Return every model of the records."""
    for module in pkgutil.iter_modules(records.__path__, f"{records.__name__}."):
        import_module(module.name)
    found, new = set(), {WireModel}
    while new:
        found |= new
        new = {inner for one in new for inner in one.__subclasses__()} - found
    return {one for one in found if one.__module__.startswith(records.__name__)}


def every_text() -> list[tuple[str, Any]]:
    """Return the texts of all models, in the same order each time."""
    in_order = sorted(models(), key=lambda model: (model.__module__, model.__name__))
    return [text for model in in_order for text in texts_of(model)]


TEXTS: Final = every_text()


def takes(adapter: TypeAdapter[object], text: str) -> bool:
    """Say whether a text is taken as it stands in JSON."""
    try:
        adapter.validate_json(json.dumps(text))
    except ValidationError:
        return False
    return True


def taken_beside(kind: Any) -> set[str]:
    """Return which signs a type takes before, within or after a text that it takes.

    Of the controls only those that texts of several lines keep are allowed to such texts.
    """
    adapter: TypeAdapter[object] = TypeAdapter(kind)
    schema = adapter.json_schema()
    listed = schema.get("enum") or [schema.get("const", "")]
    sample = next(one for one in (*listed, *SAMPLES) if takes(adapter, one))
    half = len(sample) // 2
    signs = {*CONTROLS, *HALVES} - ({*KEPT} if schema.get("pattern") == FREE_TEXT_PATTERN else {""})
    return {
        sign
        for sign in signs
        for text in (sign + sample, sample[:half] + sign + sample[half:], sample + sign)
        if takes(adapter, text)
    }


def test_the_walk_finds_every_kind_of_text() -> None:
    names = {name for name, _ in TEXTS}
    assert {"ForwardedApplication.name", "PersonForm.intentions", "Problem.title"} <= names
    assert {"AgencyContact.address", "Outcome.verdict", "DispatchReturn.note"} <= names


def test_no_text_of_a_record_holds_a_control_character_or_half_a_pair() -> None:
    kinds = {repr(kind): (name, kind) for name, kind in TEXTS}
    assert {name: taken for name, kind in kinds.values() if (taken := taken_beside(kind))} == {}


class Careless(WireModel):
    """A record whose texts are bounded in length alone, or by a pattern that lets one through."""

    plain: Annotated[str, Field(max_length=50)]
    listed: tuple[ShortText | Annotated[str, Field(pattern="^[^\\x00]+$")], ...]
    sound: Annotated[str, line(50)]


def test_a_text_without_a_pattern_is_found() -> None:
    found = {(name, bool(taken_beside(kind))) for name, kind in texts_of(Careless)}
    assert found == {
        ("Careless.plain", True),
        ("Careless.listed", False),
        ("Careless.listed", True),
        ("Careless.sound", False),
    }
