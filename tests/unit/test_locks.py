"""The locks: what they pin, with hashes and no address, agrees with the project (ADR 0019)."""

import re
import tomllib
from itertools import pairwise
from typing import Final

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.support.tree import ROOT

LOCKS: Final = ("requirements.lock", "requirements-test.lock")


def locked(lock: str) -> dict[str, str]:
    """Return what `lock` pins: canonical name → version."""
    lines = (ROOT / lock).read_text("ascii").splitlines()
    pins = (Requirement(line.rstrip(" \\")) for line in lines if line[:1].isalnum())
    return {canonicalize_name(pin.name): str(pin.specifier).removeprefix("==") for pin in pins}


@pytest.mark.parametrize("lock", [*LOCKS, "bench/peer/requirements.lock"])
def test_every_pin_has_hashes_and_no_address(lock: str) -> None:
    lines = (ROOT / lock).read_text("ascii").splitlines()
    pin = re.compile(r"[a-z0-9-]+(?:\[[a-z,]+\])?==[\w.+]+(?: ; [^\\]+)? \\")
    digest = re.compile(r"    --hash=sha256:[0-9a-f]{64}(?: \\)?")
    assert lines
    assert [line for line in lines if not pin.fullmatch(line) and not digest.fullmatch(line)] == []
    assert all(digest.fullmatch(after) for line, after in pairwise(lines) if pin.fullmatch(line))


def test_the_locks_agree_with_each_other_and_with_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    runtime, testing = (locked(lock) for lock in LOCKS)
    assert runtime.items() <= testing.items()
    extras = project["project"]["optional-dependencies"]
    wanted = [*project["build-system"]["requires"], *project["project"]["dependencies"]]
    for lock, texts in (
        (runtime, [*wanted, *extras["pg"], *extras["fast"]]),
        (testing, [text for extra in extras.values() for text in extra]),
    ):
        requirements = [Requirement(text) for text in texts if not text.startswith("duijie[")]
        wrong = [
            str(r)
            for r in requirements
            if lock.get(canonicalize_name(r.name), "0") not in r.specifier
        ]
        assert wrong == [], "run «make lock»"
