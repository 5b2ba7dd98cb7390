"""规范形式、摘要与回执的核对：按 contracts/v1/canonical-form.md，可直接取用；仅用标准库.

    python receipts.py contracts/v1/vectors/content.json

用已知答案核对，全部相符时不输出，有一条不符即停止。
Canonical form, digest and the check of receipts: what `client.py` believes a receipt by.
"""

import json
import sys
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

SCHEMAS = Path(__file__).parents[2] / "contracts" / "v1" / "jsonschema"


def digest(record: str, value: dict) -> str:
    """一条记录的摘要；哪些成员是时间、缺省值是什么，由其 JSON Schema 写明."""
    schema = json.loads((SCHEMAS / f"{record}.json").read_bytes())
    plain = canonical(value, schema, schema.get("$defs", {}))
    # RFC 8785：成员名都是 ASCII，文字中仅转义引号、反斜杠和控制字符，与 json 模块相同
    written = json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(written.encode()).hexdigest()


def canonical(value: object, shape: dict, parts: dict) -> object:
    """略去 null 和缺省值，时间写作 UTC，整数不带小数点；其余不作改动."""
    if "$ref" in shape:
        return canonical(value, parts[shape["$ref"].rpartition("/")[2]], parts)
    if "anyOf" in shape:  # 可选的对象：null 之外只有一种
        (shape,) = (one for one in shape["anyOf"] if one.get("type") != "null")
        return canonical(value, shape, parts)
    if isinstance(value, dict):
        members = {name: (one, shape["properties"][name]) for name, one in value.items()}
        return {
            name: canonical(one, part, parts)
            for name, (one, part) in members.items()
            if one is not None and one != part.get("default")
        }
    if isinstance(value, list):
        return [canonical(one, shape["items"], parts) for one in value]
    if shape.get("format") == "date-time":
        instant = datetime.fromisoformat(value).astimezone(UTC).isoformat()
        whole, _, fraction = instant.partition(".")
        fraction = fraction.partition("+")[0].rstrip("0")
        return whole.removesuffix("+00:00") + (f".{fraction}" if fraction else "") + "Z"
    return int(value) if isinstance(value, float) else value


def checked(result: dict, kind: str, key: str, record: str, value: dict) -> dict:
    """逐条响应中的回执，四项须全部相符；不符的视为未收到，未被接受的写明原因."""
    if result["status"] == "refused":
        raise SystemExit(f"{key} refused {result['problem']['title']}")
    expected = {"kind": kind, "key": key, "revision": value.get("revision", 1)}
    expected["digest"] = digest(record, value)
    for name, wanted in expected.items():
        if result["receipt"][name] != wanted:
            raise SystemExit(f"{key} 的回执不可采信：{name} 不符，应以相同内容再报")
    return result["receipt"]


if __name__ == "__main__":
    for vector in json.loads(Path(sys.argv[1]).read_bytes())["vectors"]:
        if digest(vector["record"], json.loads(vector["received"])) != vector["digest"]:
            raise SystemExit(f"{vector['name']}：摘要不符")
