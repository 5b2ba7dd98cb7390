"""进度行: told on a terminal page by page, and never into a pipe."""

import io
import sys

import pytest

from duijie.progress_line import ProgressLine


class TerminalStream(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """Return that it is one."""
        return True


def test_a_terminal_is_told_of_every_page_and_of_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", terminal := TerminalStream())
    progress = ProgressLine("导出", 1200)
    for count in (500, 499, 1, 200):
        progress.add(count)
    progress.end()

    shown = ["已导出 500/1200 件", "已导出 1000/1200 件", "已导出 1200/1200 件\n"]
    assert terminal.getvalue() == "".join(f"\r{one}" for one in shown)


def test_what_is_short_tells_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", terminal := TerminalStream())
    progress = ProgressLine("计入")
    progress.add()
    progress.end()
    assert terminal.getvalue() == ""


def test_a_pipe_is_told_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", pipe := io.StringIO())
    progress = ProgressLine("导出")
    progress.add(900)
    progress.end()
    assert pipe.getvalue() == ""
