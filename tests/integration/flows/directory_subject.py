"""A process that makes a version of the directory, or publishes it, and kills itself on the way.

What it publishes it appends to a file, as the national side keeps it.
"""

import asyncio
import os
import signal
import sys
from pathlib import Path

from gateway.adapters.ledger.store import open_ledger
from gateway.flows.directory import DirectoryRequest, make_directory_version
from gateway.flows.directory_publication import PublicationTurn, Published, publish_next_part
from gateway.flows.failpoints import Failpoint
from gateway.flows.maintenance import lead
from schemas.records.agencies import AgencyDirectory, DirectoryAnswer
from tests.builders.directory import PROVINCE, TREE, a_content, many_agencies
from tests.builders.ledger import a_sealer
from tests.support.clock import SettableClock
from tests.support.directory_receiver import ScriptedReceiver

AGENCIES = 450
"""Three parts."""


class KeptInFile(ScriptedReceiver):
    """Writes down what is kept, so that it outlives the process."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self._path = path
        lines = path.read_bytes().splitlines() if path.exists() else []
        for part in map(AgencyDirectory.read, lines):
            self.kept.setdefault(part.version, {})[part.part] = part

    async def publish(self, part: AgencyDirectory) -> DirectoryAnswer:
        """Keep a part in the file too."""
        answer = await super().publish(part)
        with self._path.open("ab") as file:
            file.write(part.wire() + b"\n")
        return answer


async def main(url: str, at: str, kept: str) -> None:
    """Make a version of three parts in the ledger at `url`, publish it, die at failpoint `at`."""

    def die(passed: Failpoint) -> None:
        if passed.value == at:
            os.kill(os.getpid(), signal.SIGKILL)

    clock = SettableClock()
    store = open_ledger(url, sealer=a_sealer(), now=clock)
    request = DirectoryRequest(a_content(*many_agencies(AGENCIES)), "operator:李敏", "更新")
    await make_directory_version(
        request, tree=TREE, province=PROVINCE, store=store, now=clock, hook=die
    )
    receiver, turn = KeptInFile(Path(kept)), PublicationTurn(Published.NOTHING)
    while True:
        lease = await lead(holder="subject", store=store, now=clock, name="directory-publication")
        assert lease is not None
        turn = await publish_next_part(
            lease, receiver, division=PROVINCE, before=turn, store=store, now=clock, hook=die
        )
        if turn.result is not Published.PART:
            break
    await store.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
