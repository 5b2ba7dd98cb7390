"""逐条响应: reading what a peer answered to a batch; the same for the portal and for agencies."""

from gateway.adapters.signed_client import read_in_thread, reading
from gateway.errors import PeerFailure, PeerUnavailable
from schemas.records.receipts import BatchAnswer, ItemResult


async def read_results(answer: bytes, *, expected: int, peer: str) -> tuple[ItemResult, ...]:
    """Return the entries of a batch answer, one per item sent.

    Raises:
        PeerUnavailable: It cannot be read or does not fit: what became of the items is unknown.
    """
    with reading(peer):
        results = (await read_in_thread(BatchAnswer.read, answer)).results
    if len(results) != expected:
        raise PeerUnavailable(peer, PeerFailure.UNFIT)
    return results
