"""What the command line prints is UTF-8 on a system whose code page is another."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize(
    ("word", "said"), [("--help", "省级失业登记对接网关"), ("nosuch", "命令、选项或取值有误")]
)
def test_what_is_printed_is_utf8_whatever_the_code_page(word: str, said: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "duijie", word],
        cwd=ROOT,
        env=os.environ | {"PYTHONIOENCODING": "gbk"},
        capture_output=True,
        check=False,
    )

    assert said in (done.stdout + done.stderr).decode("utf-8")
