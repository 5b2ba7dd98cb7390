"""准备密钥: makes what is missing at the first start, and gives each container its own alone.

Run by the service «prepare» of docker-compose.yml: `prepare.py STATE SECRETS SETTINGS`. All keys
stay in STATE, which no other service mounts; SECRETS/gateway and SECRETS/simulator receive the
files that their settings name, SECRETS/database the password. Nothing that is there is replaced.
"""

import os
import secrets
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path


def main(state: Path, given: Path, settings: Path) -> None:
    """Make all keys in `state`, and hand each program what its settings name."""
    make = [sys.executable, "-m", "duijie", "up", "--only-keys", "--folder", str(state)]
    subprocess.run(make, check=True)  # noqa: S603 - our own command line
    for program in ("gateway", "simulator"):
        folder = given / program / "keys"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder.parent.chmod(0o700)
        for name in sorted(key_names(settings / f"{program}.toml")):
            write(folder / name, (state / "keys" / name).read_bytes(), 0o600)
    give_password(given)


def key_names(settings: Path) -> set[str]:
    """Return the names of the key files in a settings file."""
    return {Path(path).name for path in key_paths(tomllib.loads(settings.read_text("utf-8")))}


def key_paths(table: dict[str, object]) -> Iterator[str]:
    """Yield what a table and those below it name as a key file."""
    for name, value in table.items():
        if isinstance(value, str) and (name.endswith("key_file") or name == "ledger_keys"):
            yield value
        for below in value if isinstance(value, list) else [value]:
            if isinstance(below, dict):
                yield from key_paths(below)


def give_password(given: Path) -> None:
    """Give the database its password, and the gateway the same as a pgpass line."""
    database = given / "database"
    database.mkdir(exist_ok=True)
    database.chmod(0o755)  # the database runs as another user, and is alone with it
    write(database / "password", secrets.token_urlsafe(32).encode(), 0o444)
    password = (database / "password").read_text("ascii")
    line = f"postgres:5432:duijie:duijie:{password}\n"
    write(given / "gateway" / "pgpass", line.encode(), 0o600)


def write(path: Path, content: bytes, mode: int) -> None:
    """Write a file with these modes, whole; one that is there stays as it is."""
    if path.exists():
        return
    draft = path.with_name(f".{path.name}.draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
    draft.chmod(mode)
    draft.replace(path)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
