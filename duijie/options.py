"""选项: options that several commands share."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

import click

from schemas.records.base import FREE_TEXT_PATTERN

C = TypeVar("C", bound=Callable[..., object])
_LONGEST_NAME: Final = 40
_LONGEST_TEXT: Final = 500
_FREE_TEXT: Final = re.compile(FREE_TEXT_PATTERN)
CONTROL_URL: Final = "http://127.0.0.1:8601"


def config_option(default: str) -> Callable[[C], C]:
    """Return `--config FILE`; the default is where `duijie up` writes that file."""
    return click.option(
        "--config",
        type=click.Path(path_type=Path, dir_okay=False),
        default=Path(default),
        show_default=True,
        help="设置文件（TOML）",
    )


def json_option(text: str) -> Callable[[C], C]:
    """Return `--json`."""
    return click.option("--json", "as_json", is_flag=True, help=f"{text}")


control_option: Final = click.option(
    "--control",
    default=CONTROL_URL,
    show_default=True,
    metavar="URL",
    help="模拟器控制接口",
)
with_parent_option: Final = click.option(
    "--with-parent",
    is_flag=True,
    hidden=True,
    help="标准输入关闭时停止",
)


def operator_name(operator: str | None) -> str:
    """Return who acts; a name is one line of text that people can read."""
    name = (operator or "").strip()
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        raise click.UsageError(f"请用 --operator 写明经手人：1 至 {_LONGEST_NAME} 个可见字符")
    return name


def written_text(option: str, text: str | None) -> str:
    """Return what an operator wrote; it may have lines, but no character that shows nothing."""
    said = (text or "").strip()
    if not said or len(said) > _LONGEST_TEXT or _FREE_TEXT.fullmatch(said) is None:
        raise click.UsageError(f"请用 {option} 写明：1 至 {_LONGEST_TEXT} 个可见字符")
    return said
