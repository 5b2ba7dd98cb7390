"""Reads examples with generated Python and writes them again; started in the tools' environment.

`read_examples.py MODULE`; a line of standard input is a file, a tab and the name of its class; a
line of output is the file, a tab, and the record as written, or `!` and why it was refused.
"""

import importlib
import json
import sys
from pathlib import Path
from typing import Any


def again(kind: Any, text: str) -> str:
    """Return a record as the generated class `kind` writes what it read."""
    if hasattr(kind, "model_validate_json"):
        return str(kind.model_validate_json(text).model_dump_json(by_alias=True))
    return json.dumps(kind.from_dict(json.loads(text)).to_dict(), ensure_ascii=False)


def main() -> None:
    """Read every file named on standard input."""
    sys.path.insert(0, ".")
    module = importlib.import_module(sys.argv[1])
    for line in sys.stdin:
        file, _, name = line.rstrip("\n").partition("\t")
        try:
            said = again(getattr(module, name), Path(file).read_text("utf-8"))
        except (ValueError, KeyError, TypeError, AttributeError) as exc:
            said = f"!{type(exc).__name__}"
        print(f"{file}\t{said}")


if __name__ == "__main__":
    main()
