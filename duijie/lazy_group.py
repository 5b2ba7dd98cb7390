"""命令组: commands that are imported when they are called, so that `--help` answers at once."""

import gc
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType
from typing import Final

import click

from duijie.help_text import ChineseContext, in_chinese

WIDTH: Final = 100


@dataclass(frozen=True, slots=True)
class CommandRef:
    """Where the code of a command is, and its line in the list of commands."""

    module: str
    name: str
    line: str


class LazyGroup(click.Group):
    """A group that knows names and lines of its commands, and imports the one that is called."""

    context_class = ChineseContext

    def __init__(self, name: str, commands: Mapping[str, CommandRef], *, text: str) -> None:
        settings = {"max_content_width": WIDTH, "help_option_names": ["-h", "--help"]}
        super().__init__(name, help=text, no_args_is_help=True, context_settings=settings)
        self._commands = commands

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order of the table, in which a newcomer needs them."""
        return list(self._commands)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command; None when there is none of that name."""
        ref = self._commands.get(cmd_name)
        if ref is None:
            return None
        command: object = getattr(_import(ref.module), ref.name)
        if not isinstance(command, click.Command):
            raise TypeError(f"{ref.module}.{ref.name} is no command")
        return in_chinese(command)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command of `args`; an unknown name is answered with the nearest one."""
        if args[0] not in self._commands and not args[0].startswith("-"):
            raise click.NoSuchCommand(args[0], possibilities=self._commands, ctx=ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing any."""
        with formatter.section("命令"):
            formatter.write_dl([(name, ref.line) for name, ref in self._commands.items()])


def _import(name: str) -> ModuleType:
    """Return a module; one that is not there yet is imported without a look for garbage.

    Nearly all that a command imports stays: the collector would pass over it two hundred times in a
    start, and once more at the end, a quarter of the processor time of a short command.
    """
    if name in sys.modules:
        return sys.modules[name]
    collects = gc.isenabled()
    gc.disable()
    try:
        return import_module(name)
    finally:
        gc.freeze()
        if collects:
            gc.enable()
