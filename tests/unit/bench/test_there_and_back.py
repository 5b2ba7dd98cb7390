"""B3 has a target beside its peer only, and says so where the peer is not installed."""

from pathlib import Path

from bench.peer.sandbox import peer_python
from bench.there_and_back import FEW, MANY, Measured, figures


def measured(**changes: object) -> Measured:
    values: dict[str, object] = {
        "ours": {FEW: [180.0, 90.0], MANY: [900.0, 450.0]},
        "p50s_ms": [20.0, 30.0],
        "p99s_ms": [50.0, 70.0],
        "cpu_ms": [1.0, 1.2],
    }
    return Measured(**(values | changes))  # type: ignore[arg-type] # a builder of the test


def test_without_the_peer_the_rates_have_no_target_and_the_others_keep_theirs() -> None:
    few, many, *others = figures(measured())

    assert [(one.ratio, one.reached) for one in (few, many)] == [(None, None)] * 2
    assert [one.reached for one in others] == [True, True, True]


def test_beside_the_peer_the_rates_are_judged_round_by_round() -> None:
    peer = {1: [50.0, 25.0], FEW: [60.0, 45.0], MANY: [100.0, 45.0]}
    few, many, *_, alone = figures(measured(peer=peer))

    assert (few.ratio, few.reached) == (2.5, False)
    assert (many.ratio, many.reached) == (9.5, True)
    assert (alone.runs, alone.reached) == ((50.0, 25.0), None)


def test_where_the_system_tells_no_processor_time_there_is_no_such_figure() -> None:
    assert len(figures(measured(cpu_ms=[]))) == len(figures(measured())) - 1


def test_the_peer_is_there_once_its_installation_was_completed(tmp_path: Path) -> None:
    assert peer_python(tmp_path) is None
    python = tmp_path / "python" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.touch()
    assert peer_python(tmp_path) is None  # installing was cut off before the end
    (tmp_path / "requirements.lock").touch()
    assert peer_python(tmp_path) == python
