"""帮助: the frame of `--help` in Chinese: headings, usage line and notes around our own texts."""

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

import click

_HEADINGS: Final[Mapping[str, str]] = MappingProxyType(
    {"Options": "选项", "Commands": "命令", "Positional arguments": "参数"}
)
_USAGE: Final = (("[OPTIONS]", "[选项]"), ("COMMAND [ARGS]...", "命令 [参数]..."))
_HELP_OPTION: Final = "Show this message and exit."
_NOTE: Final = re.compile(r"\[(default: |required)?([^\[\]]*)\]$")
_METAVARS: Final = (
    *((" INTEGER RANGE", " 整数"), (" FLOAT RANGE", " 数值"), (" DIRECTORY", " 文件夹")),
    *((" INTEGER", " 整数"), (" FILE", " 文件"), (" TEXT", " 文本")),
)
_NOTES: Final[Mapping[str | None, str]] = MappingProxyType(
    {"default: ": "默认 ", "required": "必填", None: ""}
)


class ChineseFormatter(click.HelpFormatter):
    """Writes the library's own words in Chinese; ours come as they are."""

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write the usage line."""
        for english, chinese in _USAGE:
            args = args.replace(english, chinese)
        super().write_usage(prog, args, prefix or "用法：")

    def write_heading(self, heading: str) -> None:
        """Write the heading of a section."""
        self.write(f"{'':>{self.current_indent}}{_HEADINGS.get(heading, heading)}：\n")

    def write_dl(
        self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2
    ) -> None:
        """Write names with their texts."""
        said = [(_named(name), _said(text)) for name, text in rows]
        super().write_dl(said, col_max, col_spacing)


class ChineseContext(click.Context):
    """The context of every command: its help is framed in Chinese."""

    formatter_class = ChineseFormatter


def in_chinese(command: click.Command) -> click.Command:
    """Return the command, and those below it, with their help framed in Chinese."""
    command.context_class = ChineseContext
    if isinstance(command, click.Group):
        for one in command.commands.values():
            in_chinese(one)
    return command


def _named(name: str) -> str:
    for english, chinese in _METAVARS:
        name = name.replace(english, chinese)
    return name


def _said(text: str) -> str:
    if text == _HELP_OPTION:
        return "显示本说明后退出"
    return _NOTE.sub(lambda found: f"[{_NOTES[found[1]]}{_range(found[2])}]", text)


def _range(written: str) -> str:
    """Return the rest of a note: further parts are the range of a number and what is required."""
    return written.replace("; required", "；必填").replace("; ", "；")
