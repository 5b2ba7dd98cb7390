"""对接示例：申报、领取、确认、办理、报送，核验每个应答的签名；只用 httpx 与 cryptography.

    python client.py http://127.0.0.1:8080/agency/v1/dispatches     我方私钥.json 对方公钥.json
    python client.py http://127.0.0.1:8600/national/v1/applications 我方私钥.json 对方公钥.json

前者是机构对网关，后者是省对国家端：同一套做法，只有地址不同。密钥套件是 ed25519。
后面再写模拟器的控制接口和区划代码（http://127.0.0.1:8601 419001），就先申报一件。

A docking client: file, fetch, acknowledge, decide, return; every answer is verified.
"""

import json
import secrets
import sys
from base64 import b64decode, b64encode
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from pathlib import Path

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

FEED = httpx.URL(sys.argv[1])
OURS, THEIRS = (json.loads(Path(file).read_bytes()) for file in sys.argv[2:4])
BEIJING = timezone(timedelta(hours=8))


def digest(body: bytes) -> str:
    """正文摘要（RFC 9530）."""
    return f"sha-256=:{b64encode(sha256(body).digest()).decode()}:"


def call(path: str, query: str = "", **content: list[dict]) -> dict:
    """发出签名的请求（RFC 9421），返回核验过的应答；有正文是 POST，没有是 GET."""
    body = json.dumps(content).encode() if content else b""
    headers = {"content-type": "application/json", "content-digest": digest(body)} if body else {}
    # 签名覆盖的内容，次序固定；nonce 每次都是新的，重发也要重新签名
    covered = {"@method": "POST" if body else "GET", "@authority": FEED.netloc.decode()}
    covered |= {"@path": path, "@query": f"?{query}", **headers}
    names = " ".join(f'"{name}"' for name in covered)
    created, nonce = int(datetime.now(BEIJING).timestamp()), secrets.token_urlsafe(16)
    params = f'({names});created={created};expires={created + 300};nonce="{nonce}"'
    params += f';keyid="{OURS["key_id"]}";alg="ed25519";tag="duijie-v1"'
    lines = [f'"{name}": {value}' for name, value in covered.items()]
    base = "\n".join([*lines, f'"@signature-params": {params}'])
    key = Ed25519PrivateKey.from_private_bytes(b64decode(OURS["private"]))
    sent = f"duijie=:{b64encode(key.sign(base.encode())).decode()}:"
    headers |= {"signature-input": f"duijie={params}", "signature": sent}
    url = FEED.copy_with(path=path, query=query.encode() or None)
    answer = httpx.request(covered["@method"], url, content=body, headers=headers, timeout=60)
    if "signature" not in answer.headers:  # 我方签名没有通过核验：正文说明原因，但无从证明
        sys.exit(f"{answer.status_code} {answer.text}")
    # 应答的签名覆盖状态、收到的正文、我方请求的签名：改过的、旧的、别人的应答都通不过
    params = answer.headers["signature-input"].removeprefix("duijie=")
    base = f'"@status": {answer.status_code}\n"content-digest": {digest(answer.content)}\n'
    base += f'"signature";req: {sent}\n"@signature-params": {params}'
    peer = Ed25519PublicKey.from_public_bytes(b64decode(THEIRS["public"]))
    proof = b64decode(answer.headers["signature"].removeprefix("duijie=:").removesuffix(":"))
    peer.verify(proof, base.encode())  # 不符时抛出 InvalidSignature：应答不可采信
    return answer.raise_for_status().json()


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
