"""报文签名：发出签名的请求，核验每个应答的签名；只用 httpx 与 cryptography，可直接抄走.

Message signatures (RFC 9421) of the docking contract: what `client.py` stands on.
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
