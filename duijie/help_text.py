"""帮助: the frame of `--help` in Chinese: headings, usage line and notes around our own texts."""

import re
import unicodedata
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
_BETWEEN: Final = re.compile(r"([0-9.]+)<=x<=([0-9.]+)")
_AT_LEAST: Final = re.compile(r"x>=([0-9.]+)")
_METAVARS: Final = (
    *((" INTEGER RANGE", " 整数"), (" FLOAT RANGE", " 数值"), (" DIRECTORY", " 文件夹")),
    *((" INTEGER", " 整数"), (" FILE", " 文件"), (" TEXT", " 文本")),
)
_NOTES: Final[Mapping[str | None, str]] = MappingProxyType(
    {"default: ": "默认 ", "required": "必填", None: ""}
)


_PARTS: Final = re.compile(r"（?[\u3000-\uffef]|（?[^\s\u3000-\uffef]+ ?|\s+")
"""What is not broken: a Chinese character, a word."""
_CLOSING: Final = frozenset("，。；：、）”")
_LEAST_ROOM: Final = 20


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
        """Write names with their texts in two columns; a Chinese character is two columns wide."""
        said = [(_named(name), _said(text)) for name, text in rows]
        widest = max((columns_of(name) for name, _ in said), default=0)
        column = min(widest, col_max) + col_spacing
        room = max(self.width - self.current_indent - column, _LEAST_ROOM)
        margin = " " * self.current_indent
        for name, text in said:
            fits = columns_of(name) + col_spacing <= column
            lead = f"{name}{' ' * (column - columns_of(name))}" if fits else f"{name}\n"
            below = f"{margin}{' ' * column}"
            lines = f"\n{below}".join(_folded(text, room))
            self.write(f"{margin}{lead}{'' if fits else below}{lines}\n")


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


def _folded(text: str, width: int) -> list[str]:
    """Return the text in lines of up to `width` columns; Chinese is broken anywhere."""
    lines = [""]
    for part in _PARTS.findall(text):
        if columns_of(lines[-1] + part.rstrip()) > width and part not in _CLOSING:
            lines.append(part.lstrip())
        else:
            lines[-1] += part
    return [line.rstrip() for line in lines]


def columns_of(text: str) -> int:
    """Return how many columns a text takes; the module that shows tables is too slow to load."""
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)


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
    written = written.replace("; required", "；必填").replace("; ", "；")
    written = _BETWEEN.sub(r"\1 至 \2", written)
    return _AT_LEAST.sub(r"不小于 \1", written)
