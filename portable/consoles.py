"""终端编码: what is printed is in UTF-8, whatever the system's own code page."""

import io
import sys


def print_in_utf8() -> None:
    """Have standard output and error write UTF-8; a character they cannot write is escaped."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and not _is_utf8(stream):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def _is_utf8(stream: io.TextIOWrapper) -> bool:
    return stream.encoding.lower().replace("_", "-") == "utf-8"
