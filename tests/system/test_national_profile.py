"""国密: one option, and every message and every stored person is under SM2, SM3 and SM4."""

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from duijie.doctor import run_checks
from gateway.config import Settings
from gateway.settings_file import load_settings
from schemas.signing import NATIONAL, Sm2, Suite, new_key, read_key_file, write_key_file
from schemas.signing.sm2.libcrypto import open_libcrypto
from schemas.signing.sm2.selection import choose_sm2
from schemas.signing.sm2.self_test import SelfTestFailed
from storage import sealing_keys
from storage.sealing import CryptoProfile
from tests.support.needs import absent
from tests.support.stack import make_stack, own_ports
from tests.support.until import until
from tests.system.command_line import duijie, port_options, run_here
from tests.system.running_set import a_running_set

HERE = "here"
CONFIG = ("--config", f"{HERE}/gateway.toml")
Run = Callable[..., tuple[int, str, str]]
CITY = "agency-4101000001.json"


@pytest.fixture(autouse=True)
def signing_sm2() -> None:
    """Make sure that something on this machine signs with SM2."""
    if open_libcrypto() is None:
        absent("libcrypto", "install OpenSSL 3.0 or newer, built with SM2")


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Return what runs a command in the folder of the test: exit code, output, errors."""
    monkeypatch.chdir(tmp_path)
    return partial(run_here, capfd)


def national_up(folder: Path, *words: str) -> dict[str, float]:
    """Send applications there and back under national cryptography; return the totals."""
    fixed = ("--crypto", "national", "--folder", HERE, "--exit-when-done", "--json")
    done = duijie("up", *words, *fixed, *port_options(own_ports()), cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    totals: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return totals


def only_keys(folder: Path, profile: str) -> Path:
    """Write keys and settings; return the settings file of the gateway."""
    return make_stack(folder / HERE, crypto=CryptoProfile(profile)).gateway_file


def key_files(settings: Settings) -> list[Path]:
    pairs = [one.key_files for one in settings.agency]
    pairs.append((settings.portal.key_file, settings.portal.answer_key_file))
    return [path for pair in pairs for path in pair]


def doctor(run: Run) -> dict[str, dict[str, str]]:
    """Return what the doctor finds, by subject."""
    _, found, _ = run("doctor", "--json", *CONFIG)
    return {one["subject"]: one for one in json.loads(found)}


def test_applications_go_there_and_back_under_national_cryptography_and_so_after_a_restart(
    tmp_path: Path, run: Run
) -> None:
    totals = national_up(tmp_path, "--count", "20", "--seed", "7")
    again = national_up(tmp_path, "--count", "3", "--seed", "8")

    assert totals["count"] == totals["back"] == 20
    assert totals["held"] == totals["lost"] == totals["doubled"] == 0
    assert again["back"] == again["count"] == 3
    settings = load_settings(tmp_path / HERE / "gateway.toml")
    assert {read_key_file(path).suite for path in key_files(settings)} == NATIONAL
    assert sealing_keys.load(settings.ledger_keys).cipher == "sm4-gcm"
    code, listed, errors = run("gateway", "cases", "--json", *CONFIG)
    assert code == 0, errors
    assert listed.count("SYDJ") >= 23


async def test_the_national_ledger_may_be_in_postgresql(
    tmp_path: Path, make_database: Callable[[], str]
) -> None:
    async with a_running_set(
        tmp_path, store=make_database(), crypto=CryptoProfile.NATIONAL
    ) as running:
        await running.file(6)
        await until(lambda: running.all_back(6), "all are back")


def test_one_key_of_another_suite_keeps_the_gateway_from_starting(tmp_path: Path, run: Run) -> None:
    path = only_keys(tmp_path, "national").parent / "keys" / CITY
    path.unlink()
    write_key_file(path, new_key("agency-4101000001", Suite.HMAC_SHA256))

    code, _, errors = run("gateway", "serve", *CONFIG)

    assert code == 2
    assert f"{path}\n原因：密钥的套件为 hmac-sha256" in errors
    assert "hmac-sm3、sm2-sm3" in errors
    assert "Traceback" not in errors
    assert not (tmp_path / HERE / "gateway.db").exists()
    assert doctor(run)[f"密钥 {CITY}"]["cure"]


@pytest.mark.parametrize(
    ("made_for", "set_to"), [("international", "national"), ("national", "international")]
)
def test_a_ledger_of_the_other_profile_keeps_the_gateway_from_starting(
    tmp_path: Path, run: Run, made_for: str, set_to: str
) -> None:
    path = only_keys(tmp_path, made_for)
    path.write_text(path.read_text("utf-8").replace(f'"{made_for}"', f'"{set_to}"'), "utf-8")

    code, _, errors = run("gateway", "serve", *CONFIG)

    assert code == 2
    assert "ledger.json\n原因：台账密钥用于" in errors
    assert f'crypto_profile = "{made_for}"' in errors
    assert doctor(run)["台账密钥 ledger.json"]["cure"]


def test_the_doctor_shows_the_profile_who_signs_sm2_and_what_is_weak(
    tmp_path: Path, run: Run
) -> None:
    only_keys(tmp_path, "national")

    found = doctor(run)

    assert found["密码体系 crypto_profile"]["seen"].startswith("national")
    assert "可签名" in found["SM2"]["seen"]
    assert found["台账密钥 ledger.json"]["seen"] == "第 1 代，sm4-gcm"
    assert "弱" in found["兼容签名头"]["seen"]
    assert [
        subject for subject, one in found.items() if one["cure"] and "部端" not in subject
    ] == []


def refuted() -> Sm2:
    raise SelfTestFailed("SM2 by some library: self-test failed at: verify")


@pytest.mark.parametrize(
    ("select", "cure"),
    [(lambda: choose_sm2(None), "libssl3"), (refuted, "libcrypto")],
    ids=["nothing can sign", "what was found computes wrongly"],
)
async def test_the_doctor_says_what_sm2_lacks(
    tmp_path: Path, select: Callable[[], Sm2], cure: str
) -> None:
    settings = load_settings(only_keys(tmp_path, "national"))

    found = [one async for one in run_checks(settings, select) if one.subject == "SM2"]

    assert [one.is_ok for one in found] == [False]
    assert cure in found[0].cure


def test_an_international_folder_is_not_turned_into_a_national_one(
    tmp_path: Path, run: Run
) -> None:
    only_keys(tmp_path, "international")

    code, _, errors = run("up", "--only-keys", "--crypto", "national", "--folder", HERE)

    assert code == 2
    assert "--crypto national" in errors
    assert "--folder var/national" in errors
