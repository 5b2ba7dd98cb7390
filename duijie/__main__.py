"""`duijie` and `python -m duijie`."""

import sys

from duijie.cli import run
from portable.consoles import print_in_utf8


def main() -> None:
    """Run the command line and leave with its exit code."""
    print_in_utf8()
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
