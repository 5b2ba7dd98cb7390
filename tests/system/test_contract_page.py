"""接口约定页: both sides show the contract that they keep, and every answer names its version."""

from pathlib import Path

from contracts.docs.page import page
from schemas.records.version import CONTRACT_VERSION
from tests.system.running_set import a_running_set


async def test_both_sides_show_the_same_contract_and_name_it_in_their_answers(
    tmp_path: Path,
) -> None:
    async with a_running_set(tmp_path) as running:
        for side in (running.interfaces, running.national):
            shown = await running.http.get(f"{side}/docs")
            assert shown.status_code == 200
            assert shown.content == page()
            assert "default-src 'none'" in shown.headers["content-security-policy"]
        refused = await running.http.get(f"{running.interfaces}/agency/v1/dispatches")
        assert refused.status_code == 401
        assert refused.headers["duijie-contract"] == CONTRACT_VERSION
