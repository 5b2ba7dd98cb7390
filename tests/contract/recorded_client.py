"""Runs a client as it is, and writes down every request that it sent and its answer.

python recorded_client.py TRANSCRIPT CLIENT ADDRESS KEY KEY …
"""

import json
import runpy
import sys
from pathlib import Path
from typing import Any

import httpx


def main(transcript: Path, client: Path) -> None:
    """Run `client` with the rest of the arguments; a line of `transcript` is one exchange."""
    send = httpx.request

    def record(method: str, url: httpx.URL, **given: Any) -> httpx.Response:  # as httpx has them
        answer = send(method, url, **given)
        line = {
            "method": method,
            "path": httpx.URL(url).path,
            "sent": (given.get("content") or b"").decode(),
            "status": answer.status_code,
            "got": answer.text,
        }
        with transcript.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
        return answer

    setattr(httpx, "request", record)  # noqa: B010 - the client finds it by this name
    sys.path.insert(0, str(client.parent))
    runpy.run_path(str(client), run_name="__main__")


if __name__ == "__main__":
    main(Path(sys.argv.pop(1)), Path(sys.argv.pop(1)))
