"""The project's own tree as the house rules see it: what is handed on, nothing that was built."""

import fnmatch
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
PACKAGES: Final = (
    "portable",
    "schemas",
    "storage",
    "transport",
    "contracts",
    "gateway",
    "simulator",
    "duijie",
    "bench",
)


def kept_files() -> Iterator[Path]:
    """Yield every file below the root that `.gitignore` does not leave out, without git."""
    ignored = _ignored()
    for folder, folders, names in os.walk(ROOT):
        folders[:] = sorted(name for name in folders if not _matches(f"{name}/", ignored))
        yield from (Path(folder, name) for name in sorted(names) if not _matches(name, ignored))


def modules(*tops: str) -> Iterator[Path]:
    """Yield the Python files below the folders `tops`."""
    for path in kept_files():
        if path.suffix == ".py" and path.relative_to(ROOT).parts[0] in tops:
            yield path


def named(path: Path) -> str:
    """Return `path` as a person would write it, from the root."""
    return path.relative_to(ROOT).as_posix()


def _ignored() -> tuple[str, ...]:
    """Return what is left out; `.git` is a file where the tree is one of several work trees."""
    lines = (ROOT / ".gitignore").read_text("utf-8").splitlines()
    patterns = (line.strip().lstrip("/") for line in lines)
    return (
        ".git/",
        ".git",
        *(line for line in patterns if line and not line.startswith(("#", "!"))),
    )


def _matches(name: str, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)
