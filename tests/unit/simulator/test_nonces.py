"""Nonces of the simulator: good once per key until they expire, also after a restart."""

import stat
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.signing import SignatureRejected, VerifiedRequest
from simulator.exchanges.nonces import Nonces
from tests.unit.simulator.national_side import START

LIFE = timedelta(minutes=5)
FILE = "nonces.txt"


def a_request(nonce: str = "n" * 22, key: str = "a", created: datetime = START) -> VerifiedRequest:
    return VerifiedRequest(key, nonce, created, created + LIFE, "s")


def is_new(nonces: Nonces, request: VerifiedRequest, now: datetime = START) -> bool:
    try:
        nonces.consume(request, now)
    except SignatureRejected as refused:
        return refused.code != "signature.replayed"
    return True


def test_a_nonce_is_good_once_per_key_and_forgotten_after_its_time() -> None:
    nonces = Nonces()
    assert is_new(nonces, a_request(key="a"))
    assert is_new(nonces, a_request(key="b"))
    assert not is_new(nonces, a_request(key="a"), START + LIFE)
    later = START + timedelta(minutes=6)
    assert is_new(nonces, a_request(key="a", created=later), later)


Uses = st.lists(
    st.one_of(
        st.tuples(st.sampled_from("abc"), st.sampled_from(["n1", "n2"]), st.integers(0, 200)),
        st.just("restart"),
    ),
    max_size=40,
)


@given(Uses)
def test_a_restart_changes_nothing_whatever_came_before(
    uses: list[tuple[str, str, int] | str],
) -> None:
    with TemporaryDirectory() as name:
        file, now = Path(name, FILE), START
        kept, in_memory = Nonces.kept_in(file, now), Nonces()
        for use in uses:
            if isinstance(use, str):
                kept.close()
                kept = Nonces.kept_in(file, now)
                continue
            key, nonce, passed_s = use
            now += timedelta(seconds=passed_s)
            request = a_request(nonce, key, now)
            assert is_new(kept, request, now) is is_new(in_memory, request, now)
        kept.close()


@pytest.mark.parametrize("torn", [b"2026-11-23T01:05:00+00:00 a", b"\x00\xff", b"x y z", b"\n\n"])
def test_a_line_cut_off_by_a_death_hides_no_other(tmp_path: Path, torn: bytes) -> None:
    file = tmp_path / FILE
    nonces = Nonces.kept_in(file, START)
    assert is_new(nonces, a_request())
    nonces.close()
    file.write_bytes(file.read_bytes() + torn)

    again = Nonces.kept_in(file, START)
    assert not is_new(again, a_request())
    assert is_new(again, a_request("m" * 22))
    again.close()
    assert not is_new(Nonces.kept_in(file, START), a_request("m" * 22))


def test_the_file_does_not_grow_with_what_has_expired(tmp_path: Path) -> None:
    file, now = tmp_path / FILE, START
    nonces = Nonces.kept_in(file, now)
    for number in range(5_000):
        now += timedelta(seconds=1)
        nonces.consume(a_request(f"{number:022}", created=now), now)
    nonces.close()

    assert len(file.read_bytes().splitlines()) <= 1_002
    assert not is_new(Nonces.kept_in(file, now), a_request(f"{4_999:022}", created=now), now)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_a_nonce_that_cannot_be_written_is_not_consumed(tmp_path: Path) -> None:
    nonces = Nonces.kept_in(tmp_path / FILE, START)
    nonces.close()
    for _ in range(2):  # neither time is it a replay
        with pytest.raises(OSError, match="Bad file descriptor"):
            nonces.consume(a_request(), START)
