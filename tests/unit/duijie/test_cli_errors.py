"""What a person reads when something expected goes wrong."""

import pytest

from duijie.cli_errors import cli_errors
from duijie.errors import USAGE, CliError
from gateway.errors import Misconfigured
from storage.errors import StoreOwned


def test_a_ledger_that_another_process_owns_is_not_called_a_wrong_setting() -> None:
    with pytest.raises(CliError) as caught, cli_errors():
        raise StoreOwned("database gateway.db: another gateway process owns it")
    block = caught.value.block()
    assert "独占" in block
    assert "设置不完整" not in block
    assert caught.value.exit_code == USAGE


def test_a_wrong_setting_is_called_one() -> None:
    with pytest.raises(CliError) as caught, cli_errors():
        raise Misconfigured("portal.url: missing")
    assert "设置不完整或不正确" in caught.value.block()
