"""对接示例：申报、领取、确认、办理、报送，核验每个应答的签名；只用 httpx 与 cryptography.

    python client.py http://127.0.0.1:8080/agency/v1/dispatches     我方私钥.json 对方公钥.json
    python client.py http://127.0.0.1:8600/national/v1/applications 我方私钥.json 对方公钥.json

前者是机构对网关，后者是省对国家端：同一套做法，只有地址不同。密钥套件是 ed25519。
后面再写模拟器的控制接口和区划代码（http://127.0.0.1:8601 419001），就先申报一件。

A docking client: file, fetch, acknowledge, decide, return; every answer is verified.
"""

import secrets
import sys
from datetime import datetime

import httpx
from signed import BEIJING, FEED, call

for control in sys.argv[4:5]:  # 只在模拟环境：先申报一件
    wanted = {"count": 1, "places": sys.argv[5:]}
    httpx.post(f"{control}/control/v1/applications", json=wanted).raise_for_status()
page = call(FEED.path, "limit=100&wait=20")  # 没有新件时对方最多等 20 秒；真实系统在此循环
for item in page.get("dispatches", page.get("items", [])):
    now = datetime.now(BEIJING).isoformat(timespec="seconds")
    keys = {name: item[name] for name in ("dispatch_no", "application_no", "kind") if name in item}
    # 真实系统先把 item 存进自己的库再确认：确认之后对方不再送来
    call(f"{FEED.path}/acknowledgements", acknowledgements=[keys | {"stored_at": now}])
    if item.get("kind") == "withdrawal":  # 本人撤回的不必办
        continue
    # 办理：真实系统由经办人员审核，示例一律通过（aae016）；各数据项见 contracts/v1/fields.csv
    case = item.get("application", {}) | item
    county, serial = case["place_division"][:6], f"{secrets.randbelow(10**6):06d}"
    outcome = {name: case[name] for name in ("application_no", "dispatch_no") if name in case}
    outcome |= {"revision": 1, "review_state": "2", "aae016": "1", "aae036": now}
    outcome |= {"aae017": case.get("agency_code", "DEMO-01"), "aae020": "示例公共就业服务中心"}
    outcome |= {"aae022": county, "aae019": "示例经办人", "aae043": now[:10]}
    outcome |= {"acc020": f"{county}{now[:4]}{serial}", "acc0m1": f"{county}50{now[2:4]}{serial}"}
    (result,) = call(f"{FEED.path.rpartition('/')[0]}/outcomes", outcomes=[outcome])["results"]
    said = result.get("receipt") or result["problem"]  # 回执，或者不接受的原因
    words = case["application_no"], result["status"], said.get("receipt_no") or said["title"]
    print(*words)  # noqa: T201 - a program for people
