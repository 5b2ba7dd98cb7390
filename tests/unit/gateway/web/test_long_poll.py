"""The doorbell: who waits for a peer is woken, and nobody else."""

from gateway.web.support import Doorbell


def test_a_ring_wakes_only_who_waits_for_that_peer() -> None:
    bell = Doorbell()
    with bell.listen("410105-01") as ours, bell.listen("419001-01") as others:
        bell.ring({"410105-01"})

        assert ours.is_set()
        assert not others.is_set()


def test_two_who_wait_for_one_peer_are_both_woken() -> None:
    bell = Doorbell()
    with bell.listen("410105-01") as one, bell.listen("410105-01") as two:
        bell.ring({"410105-01"})

        assert one.is_set()
        assert two.is_set()


def test_a_ring_while_nobody_listens_is_forgotten() -> None:
    bell = Doorbell()
    with bell.listen("410105-01"):
        pass
    bell.ring({"410105-01", "unknown"})
    with bell.listen("410105-01") as later:
        assert not later.is_set()


def test_silence_wakes_everybody_for_good() -> None:
    bell = Doorbell()
    with bell.listen("410105-01") as one, bell.listen("419001-01") as two:
        bell.silence()

        assert one.is_set()
        assert two.is_set()
        assert bell.silenced
