"""Files are their owner's alone where modes say so, and one process has a locked one."""

import os
import stat
from pathlib import Path

import pytest

from portable.file_lock import FileLocked, lock_file
from portable.files import append, create, overwrite, permissions, publish


def test_a_mode_says_nothing_about_others_where_an_access_list_does() -> None:
    assert permissions(stat.S_IFREG | 0o666, has_modes=False) == 0o600
    assert permissions(stat.S_IFREG | 0o666, has_modes=True) == 0o666


def test_a_file_is_created_once_emptied_or_appended_to(tmp_path: Path) -> None:
    path = tmp_path / "文件"
    for opened, line in ((create, b"1\n"), (append, b"2\n"), (overwrite, b"3\n"), (append, b"4\n")):
        handle = opened(path)
        os.write(handle, line)
        os.close(handle)
    assert path.read_bytes() == b"3\n4\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with pytest.raises(FileExistsError):
        create(path)


@pytest.fixture(params=[True, False], ids=["links", "no-links"])
def part(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a file that is whole, on a file system with links, and on a share without."""

    def refuse(_target: Path, _part: Path) -> None:
        raise PermissionError("no links here")

    if not request.param:
        monkeypatch.setattr(Path, "hardlink_to", refuse)
    path = tmp_path / "part"
    path.write_text("今日", "utf-8")
    return path


def test_a_file_gets_a_name_that_is_free(part: Path) -> None:
    target = part.with_name("待办")
    publish(part, target, replaces=False)
    assert target.read_text("utf-8") == "今日"
    assert list(part.parent.iterdir()) == [target]


def test_one_that_has_the_name_stays_unless_it_is_replaced(part: Path) -> None:
    target = part.with_name("待办")
    target.write_text("昨日", "utf-8")
    with pytest.raises(FileExistsError):
        publish(part, target, replaces=False)
    assert (target.read_text("utf-8"), part.exists()) == ("昨日", True)
    publish(part, target, replaces=True)
    assert (target.read_text("utf-8"), part.exists()) == ("今日", False)


def test_a_locked_file_is_free_again_once_its_descriptor_is_closed(tmp_path: Path) -> None:
    held = lock_file(tmp_path / "lock")
    with pytest.raises(FileLocked):
        lock_file(tmp_path / "lock")
    os.close(held)
    os.close(lock_file(tmp_path / "lock"))
