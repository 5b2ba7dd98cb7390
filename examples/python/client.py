"""对接示例：申报、拉取、确认、审核、报送，核验每个响应的签名和回执；仅用 httpx 与 cryptography.

    python client.py http://127.0.0.1:8080/agency/v1/dispatches     我方私钥.json 对方公钥.json
    python client.py http://127.0.0.1:8600/national/v1/applications 我方私钥.json 对方公钥.json

前者是经办机构对网关，后者是省对部端：流程相同，仅地址不同。密钥套件是 ed25519。
后面再写模拟器的控制接口和区划代码（http://127.0.0.1:8601 419001），就先申报一件。

A docking client: file, fetch, acknowledge, decide or give back; answers and receipts are checked.
"""

import os
import secrets
import sys
from datetime import datetime

import httpx
from receipts import checked
from signed import BEIJING, FEED, call

RETURN_REASON = os.environ.get("RETURN_REASON")  # 设为退回原因代码的，拉取到的全部退回


def settle(case: dict, kind: str, key: str, record: dict, member: str) -> None:
    """报送一条，核对并显示回执；不接受的，写明原因后停止."""
    path = FEED.path.rpartition("/")[0] if kind == "outcome" else FEED.path
    (result,) = call(f"{path}/{member}", **{member: [record]})["results"]
    receipt = checked(result, kind, key, {"return": "dispatch-return"}.get(kind, kind), record)
    print(case["application_no"], result["status"], receipt["receipt_no"])  # noqa: T201 - for people


for control in sys.argv[4:5]:  # 只在模拟环境：先申报一件
    wanted = {"count": 1, "places": sys.argv[5:]}
    httpx.post(f"{control}/control/v1/applications", json=wanted).raise_for_status()
page = call(FEED.path, "limit=100&wait=20")  # 没有新件时对方最多等 20 秒；真实系统在此循环
for item in page.get("dispatches", page.get("items", [])):
    now = datetime.now(BEIJING).isoformat(timespec="seconds")
    keys = {name: item[name] for name in ("dispatch_no", "application_no", "kind") if name in item}
    # 实际系统须先将 item 入库再确认：确认之后对方不再下发
    said = call(f"{FEED.path}/acknowledgements", acknowledgements=[keys | {"stored_at": now}])
    # 回执说明对方认为自己下发的是什么：类别、键、版次、摘要均须与所入库的相符（receipts.py）
    kind = "dispatch" if "dispatch_no" in keys else keys["kind"]
    checked(said["results"][0], kind, next(iter(keys.values())), kind, item)
    if item.get("kind") == "withdrawal":  # 本人撤回的不必办
        continue
    case = item.get("application", {}) | item
    if RETURN_REASON:  # 不属本机构办理的，退回分派岗；原因见代码表 return-reason
        given = {name: case[name] for name in ("application_no", "dispatch_no")}
        given |= {"reason": RETURN_REASON, "note": "示例退回", "returned_at": now}
        settle(case, "return", case["dispatch_no"], given, "returns")
        continue
    # 办理：真实系统由经办人员审核，示例一律通过（aae016）；各数据项见 contracts/v1/fields.csv
    county, serial = case["place_division"][:6], f"{secrets.randbelow(10**6):06d}"
    outcome = {name: case[name] for name in ("application_no", "dispatch_no") if name in case}
    outcome |= {"revision": 1, "review_state": "2", "aae016": "1", "aae036": now}
    outcome |= {"aae017": case.get("agency_code", "DEMO-01"), "aae020": "示例公共就业服务中心"}
    outcome |= {"aae022": county, "aae019": "示例经办人", "aae043": now[:10]}
    outcome |= {"acc020": f"{county}{now[:4]}{serial}", "acc0m1": f"{county}50{now[2:4]}{serial}"}
    settle(case, "outcome", case["application_no"], outcome, "outcomes")
