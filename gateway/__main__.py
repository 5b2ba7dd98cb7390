"""`python -m gateway --config gateway.toml`: one gateway until SIGTERM or Ctrl-C."""

import argparse
import sys
from pathlib import Path
from typing import Final

from gateway.errors import GatewayError, Misconfigured
from gateway.process import serve
from gateway.reason_words import describe_reasoned
from portable.consoles import print_in_utf8
from schemas.reasons.reason import ReasonedError
from storage.errors import StorageError, StoreMisconfigured

FAILED: Final = 1
MISCONFIGURED: Final = 2


def main() -> int:
    """Run the gateway; 2 when its settings are wrong, 1 when it could not start or go on."""
    print_in_utf8()
    parser = argparse.ArgumentParser(prog="python -m gateway", description=__doc__)
    parser.add_argument("--config", type=Path, required=True, help="the TOML file of settings")
    try:
        return serve(parser.parse_args().config)
    except (Misconfigured, StoreMisconfigured) as exc:
        return _print_error(exc, MISCONFIGURED)
    except (GatewayError, StorageError, OSError) as exc:
        return _print_error(exc, FAILED)


def _print_error(exc: Exception, exit_code: int) -> int:
    """Print the line for the log and, for who reads it, the cause and the cure in Chinese."""
    lines = [str(exc)]
    if isinstance(exc, ReasonedError):
        described = describe_reasoned(exc)
        lines += [f"原因：{described.full_cause}", f"处理办法：{described.cure}"]
    sys.stderr.write("\n".join((*lines, "")))
    return exit_code


if __name__ == "__main__":
    sys.exit(main())
