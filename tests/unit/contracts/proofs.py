"""What a test speaks of: its own text and that of the names in its module which it uses."""

import ast
from functools import cache
from pathlib import Path

from tests.support.tree import ROOT

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@cache
def _parts(path: Path) -> dict[str, ast.stmt]:
    """Return what a module defines at its top, by name."""
    found: dict[str, ast.stmt] = {}
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
            found[node.name] = node
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            named = (name for target in targets for name in ast.walk(target))
            found |= {name.id: node for name in named if isinstance(name, ast.Name)}
    return found


def is_test(proof: str) -> bool:
    """Tell whether `path::function` names a test that exists."""
    path, _, function = proof.partition("::")
    there = function.startswith("test_") and (ROOT / path).is_file()
    return there and isinstance(_parts(ROOT / path).get(function), _FUNCTIONS)


def spoken_of(proof: str) -> str:
    """Return the source of a test, with that of every name of its module it rests on."""
    path, _, function = proof.partition("::")
    parts, wanted, met = _parts(ROOT / path), [function], set[str]()
    while wanted:
        name = wanted.pop()
        if name in parts and name not in met:
            met.add(name)
            inside = ast.walk(parts[name])
            wanted += [node.id for node in inside if isinstance(node, ast.Name)]
    return "\n".join(ast.unparse(parts[name]) for name in sorted(met))
