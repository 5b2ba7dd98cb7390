"""表格: plain lists of records, fitted to the terminal."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table


def print_table(headings: Sequence[str], rows: Iterable[Sequence[str | None]]) -> None:
    """Print rows below headings; a missing value is «–»; in a pipe no line is broken."""
    console = Console()
    if not console.is_terminal:
        console = Console(width=1000)
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="bold", pad_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(cell if cell is not None else "–" for cell in row))
    console.print(table, markup=False)
