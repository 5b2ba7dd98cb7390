"""The drawing of a case's life (生命周期图), as SVG made from the published table."""

from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from types import MappingProxyType
from typing import Final

from contracts.catalogue.lifecycle import Lifecycle, lifecycle

_WIDTH, _HEIGHT = 150, 54
_PLACES: Final[Mapping[str, tuple[int, int]]] = MappingProxyType(
    {
        "ACCEPTED": (20, 60),
        "DISPATCHED": (280, 60),
        "DECIDED": (540, 60),
        "REPORTED": (800, 60),
        "HELD": (280, 240),
        "RETURNED": (20, 240),
        "WITHDRAWN": (540, 240),
    }
)


@dataclass(frozen=True, slots=True)
class _Edge:
    origin: str
    to: str
    steps: str


def life_drawing() -> str:
    """Return the SVG: a box a state, an arrow for each pair of states that a step joins."""
    life = lifecycle()
    edges = "".join(_arrow(edge) for edge in _edges(life))
    boxes = "".join(
        _box(one.state, one.name_zh, ends=one.state in life.ends) for one in life.states
    )
    return (
        '<svg viewBox="0 0 970 320" role="img" aria-label="办件生命周期">'
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" '
        'markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8z"/></marker></defs>'
        f"{edges}{boxes}</svg>"
    )


def _edges(life: Lifecycle) -> tuple[_Edge, ...]:
    """Join the steps that lead from one state to the same other; staying is not drawn."""
    names = {one.step: one.name_zh for one in life.steps}
    found: dict[tuple[str, str], list[str]] = {}
    for move in life.moves:
        if move.origin != move.to:
            found.setdefault((move.origin, move.to), []).append(names[move.step])
    return tuple(_Edge(*pair, "、".join(steps)) for pair, steps in found.items())


def _box(state: str, name: str, *, ends: bool) -> str:
    x, y = _PLACES[state]
    kind = "end" if ends else "state"
    middle = x + _WIDTH // 2
    return (
        f'<g class="{kind}"><rect x="{x}" y="{y}" width="{_WIDTH}" height="{_HEIGHT}" rx="8"/>'
        f'<text x="{middle}" y="{y + 24}">{escape(name)}</text>'
        f'<text class="code" x="{middle}" y="{y + 43}">{escape(state)}</text></g>'
    )


def _arrow(edge: _Edge) -> str:
    """Return an arrow from edge to edge of the boxes; there and back are set apart."""
    (x1, y1), (x2, y2) = _PLACES[edge.origin], _PLACES[edge.to]
    apart = 10 if (x1, y1) < (x2, y2) else -10
    if y1 == y2 and abs(x1 - x2) > _WIDTH * 2 + 60:
        return _arch(edge, x1, x2, y1)
    if y1 == y2:
        start = (x1 + (_WIDTH if x2 > x1 else 0), y1 + _HEIGHT // 2 + apart)
        stop = (x2 + (0 if x2 > x1 else _WIDTH), start[1])
    else:
        start = (x1 + _WIDTH // 2 + apart, y1 + (_HEIGHT if y2 > y1 else 0))
        stop = (x2 + _WIDTH // 2 + apart, y2 + (0 if y2 > y1 else _HEIGHT))
    if y1 == y2:
        where = (start[0] + stop[0]) // 2, start[1] + (-6 if apart < 0 else 16)
    else:
        where = (start[0] * 2 + stop[0]) // 3, (start[1] * 2 + stop[1]) // 3 - 5
    line = f"M{start[0]} {start[1]} L{stop[0]} {stop[1]}"
    return _line(line, where, edge.steps)


def _arch(edge: _Edge, x1: int, x2: int, y: int) -> str:
    start, stop = x1 + _WIDTH // 2, x2 + _WIDTH // 2
    line = f"M{start} {y} C{start} {y - 40} {stop} {y - 40} {stop} {y}"
    return _line(line, ((start + stop) // 2, y - 33), edge.steps)


def _line(line: str, where: tuple[int, int], steps: str) -> str:
    return (
        f'<path class="move" d="{line}" marker-end="url(#tip)"/>'
        f'<text class="step" x="{where[0]}" y="{where[1]}">{escape(steps)}</text>'
    )
