"""The wheel is a product: built, installed by the lock and run as the README says, elsewhere.

Run by `make wheel`: it makes an environment of its own, from the package index of the machine.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import pytest

from tests.support.tree import ROOT, kept_files

pytestmark = pytest.mark.wheel
WITHIN_S: Final = 600
ENVIRONMENT: Final = "duijie-env"
_BLOCK: Final = re.compile(
    rf"^```\n(python3 -m venv {ENVIRONMENT}\n.*?)^```$", re.DOTALL | re.MULTILINE
)


def commands(page: str) -> list[str]:
    """Return the commands of a README that make the environment and start from the wheel."""
    found = _BLOCK.findall((ROOT / page).read_text("utf-8"))
    assert len(found) == 1
    return [line.partition("  #")[0].rstrip() for line in found[0].splitlines()]


def a_clean_environment() -> Mapping[str, str]:
    """Return the environment variables of somebody who has no checkout and no `.venv`."""
    ours = ("PYTHON", "VIRTUAL_ENV", "DUIJIE_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return kept | {"PIP_NO_COMPILE": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}


def run(command: str, cwd: Path) -> str:
    """Run a shell's commands to the end; return what they printed."""
    done = subprocess.run(
        ["sh", "-e", "-c", command],
        cwd=cwd,
        env=a_clean_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        timeout=WITHIN_S,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def a_copy_of_the_sources(folder: Path) -> Path:
    """Copy what is handed on, and nothing that was built."""
    for path in kept_files():
        copied = folder / path.relative_to(ROOT)
        copied.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, copied)
    return folder


def test_both_readmes_start_from_the_wheel_alike() -> None:
    assert commands("README.md") == commands("README.en.md")


def test_the_wheel_installed_by_the_lock_goes_there_and_back_and_checks_its_contract(
    tmp_path: Path,
) -> None:
    # Given the commands of the README, in sources of which only the environment stays
    sources, elsewhere = a_copy_of_the_sources(tmp_path / "sources"), tmp_path / "别处"
    elsewhere.mkdir()
    *prepare, start = commands("README.md")
    run("\n".join(prepare), sources)
    for path in sources.iterdir():
        if path.name != ENVIRONMENT:
            shutil.rmtree(path) if path.is_dir() else path.unlink()

    # When the program runs in another folder
    back = run(f"../sources/{start}", elsewhere)
    checked = run(f"../sources/{ENVIRONMENT}/bin/duijie contract lint", elsewhere)

    # Then all came back, and the contract that the wheel carries is whole
    assert start == f"{ENVIRONMENT}/bin/duijie up --count 3 --exit-when-done"
    assert "已回到部端 3 件，挂起 0 件，丢失 0 件，重复 0 件" in back
    assert "接口约定检查通过" in checked
    assert list(elsewhere.iterdir()) == []
