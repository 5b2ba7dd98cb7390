"""What only some systems offer is called in `portable` alone.

`make types` checks the product packages for Linux, macOS and Windows; here is what types hide.
"""

import ast
import re
from collections.abc import Iterator
from typing import Final

import pytest

from tests.support.tree import PACKAGES, ROOT, modules, named

NAMES: Final = frozenset(
    {
        *("add_signal_handler", "remove_signal_handler", "set_wakeup_fd"),
        *("add_reader", "remove_reader", "add_writer", "remove_writer"),
        *("create_unix_server", "create_unix_connection"),
        *("open_unix_connection", "start_unix_server"),
        *("SO_REUSEADDR", "SO_REUSEPORT", "st_mode", "umask", "symlink_to"),
    }
)
"""Attributes that every system has, and that fail or do something else on some."""
KEYWORDS: Final = frozenset({"start_new_session", "process_group", "preexec_fn", "pass_fds"})
BRANCHES: Final = frozenset({("sys", "platform"), ("os", "name"), ("platform", "system")})
MODES_READ_BY: Final = frozenset({"permissions", "S_ISREG"})
"""What takes `st_mode` and knows on which system it says something."""
FOLDERS: Final = ("/proc", "/dev/", "/etc/", "/usr/", "/var/")
TEXT_FILES: Final = frozenset({"fdopen", "TextIOWrapper", "NamedTemporaryFile", "TemporaryFile"})
"""What opens text, and is not looked at by the linter's rule on encodings."""

EXCEPTIONS: Final = {
    ("duijie/ports.py", "/proc"): "looks who listens; where it is not there nobody is named",
    ("duijie/ports.py", "SO_REUSEADDR"): "set where it does what the servers do",
    ("transport/listening_socket.py", "create_unix_server"): "given a socket that portable bound",
    ("transport/listening_socket.py", "remove_reader"): "a loop without readers says so",
}


WORTH_A_LOOK: Final = re.compile(
    "|".join(
        (*NAMES, *KEYWORDS, *TEXT_FILES, *map(r"\b{0[0]}\.{0[1]}\b".format, BRANCHES), *FOLDERS)
    )
    + r"|\btext=|\buniversal_newlines="
)
"""Most modules have none of it and need not be parsed."""


def not_everywhere(source: str) -> set[str]:
    """Return what a module says that not every system understands alike."""
    found: set[str] = set()
    if not WORTH_A_LOOK.search(source):
        return found
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Attribute(value=ast.Name(id=whose), attr=attr) if (whose, attr) in BRANCHES:
                found.add(f"{whose}.{attr}")
            case ast.Attribute(attr=attr) if attr in NAMES:
                found.add(attr)
            case ast.Constant(value=str(text)) if text.startswith(FOLDERS):
                found.add(text)
            case ast.Call():
                found.update(of_call(node))
    return found


def of_call(call: ast.Call) -> Iterator[str]:
    """Yield the keywords that not every system knows, and text that is read as it happens."""
    given = {keyword.arg for keyword in call.keywords if keyword.arg}
    yield from given & KEYWORDS
    if "encoding" in given:
        return
    switched_on = {one.arg for one in call.keywords if getattr(one.value, "value", None) is True}
    if switched_on & {"text", "universal_newlines"}:
        yield "text without encoding"
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    words = [*call.args[1:2], *(one.value for one in call.keywords if one.arg == "mode")]
    modes = [str(word.value) for word in words if isinstance(word, ast.Constant)]
    if name in TEXT_FILES and not any("b" in mode for mode in modes):
        yield f"{name} without encoding"


class _ModesReadRightly(ast.NodeTransformer):
    """Takes out the modes that are handed to what knows them."""

    def visit_Call(self, node: ast.Call) -> ast.AST:
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        name = node.func.id if isinstance(node.func, ast.Name) else name
        if name in MODES_READ_BY:
            return ast.Constant(None)
        self.generic_visit(node)
        return node


def without_modes_read_rightly(source: str) -> str:
    """Return the source with those calls taken out; unchanged where there are none."""
    if "st_mode" not in source:
        return source
    return ast.unparse(_ModesReadRightly().visit(ast.parse(source)))


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("loop.add_signal_handler(2, stop)", {"add_signal_handler"}),
        ("Popen(words, start_new_session=True)", {"start_new_session"}),
        ("if sys.platform == 'win32': pass", {"sys.platform"}),
        ("run(words, text=True)", {"text without encoding"}),
        ("run(words, text=True, encoding='utf-8')", set()),
        ("os.fdopen(3, 'w')", {"fdopen without encoding"}),
        ("os.fdopen(3, 'wb')", set()),
        ("path.stat().st_mode & 0o77", {"st_mode"}),
        ("permissions(path.stat().st_mode) & 0o77", set()),
        ("open('/proc/self/status')", {"/proc/self/status"}),
    ],
)
def test_what_not_every_system_has_is_found(source: str, found: set[str]) -> None:
    assert not_everywhere(without_modes_read_rightly(source)) == found


def test_the_lock_asks_windows_for_nothing_that_is_not_there() -> None:
    pins = (ROOT / "requirements.lock").read_text("ascii").splitlines()
    (uvloop,) = (pin for pin in pins if pin.startswith("uvloop=="))
    assert uvloop.endswith(" ; sys_platform != 'win32' \\")


def test_what_not_every_system_has_is_called_in_portable_alone() -> None:
    found = {
        (named(path), name)
        for path in modules(*PACKAGES)
        if not named(path).startswith("portable/")
        for name in not_everywhere(without_modes_read_rightly(path.read_text("utf-8")))
    }
    assert sorted(found - EXCEPTIONS.keys()) == [], "ask `portable` for it"
    assert sorted(EXCEPTIONS.keys() - found) == [], "exceptions that nothing needs"
