"""What `duijie doctor` says of keys: each fault with the file or the setting, and the cure."""

import json
import shutil
from pathlib import Path

import pytest

from duijie.checks.result import CheckResult
from duijie.doctor import run_checks
from schemas.signing import Key, Suite, write_key_file
from tests.support.stack import Stack, make_stack


@pytest.fixture
def stack(tmp_path: Path) -> Stack:
    return make_stack(tmp_path)


async def faults(stack: Stack) -> dict[str, CheckResult]:
    """Return what is wrong, by subject, leaving out the national side, which nobody runs."""
    results = [result async for result in run_checks(stack.gateway_settings())]
    return {one.subject: one for one in results if not one.is_ok and "部端" not in one.subject}


async def test_nothing_is_said_against_keys_as_they_are_made(stack: Stack) -> None:
    assert await faults(stack) == {}


async def test_a_folder_that_others_can_write_is_said_of_every_key_in_it(stack: Stack) -> None:
    stack.keys.chmod(0o777)

    found = await faults(stack)

    assert {"台账密钥 ledger.json", "密钥 national.public.json"} <= set(found)
    assert f"chmod go-w {stack.keys}" in found["密钥 national.public.json"].cure


async def test_a_weak_secret_is_named(stack: Stack) -> None:
    secret = next(one for one in stack.agencies if one.suite is Suite.HMAC_SHA256)
    path = stack.keys / f"agency-{secret.code}.json"
    path.unlink()
    write_key_file(path, Key.secret("weak", Suite.HMAC_SHA256, b"changeit" * 4))

    found = await faults(stack)

    assert list(found) == [f"密钥 {path.name}"]
    assert "同一段内容重复" in found[f"密钥 {path.name}"].cause


async def test_a_weak_key_of_the_ledger_is_named(stack: Stack) -> None:
    path = stack.keys / "ledger.json"
    record = json.loads(path.read_text("ascii"))
    path.write_text(json.dumps(record | {"index_keys": record["data_keys"]}), "ascii")

    found = await faults(stack)

    assert "同一密钥以两个名称出现" in found["台账密钥 ledger.json"].cause


async def test_a_key_that_serves_two_connections_is_told_by_both_settings(stack: Stack) -> None:
    first, second = (one.code for one in stack.agencies[:2])
    files = {one.code: one.key_files[0] for one in stack.gateway_settings().agency}
    shutil.copy(files[first], files[second])

    found = await faults(stack)

    assert list(found) == ["密钥用途"]
    assert f"agency {second} key_file：key.shared" in found["密钥用途"].cause
    assert f"agency {first}" in found["密钥用途"].cause
