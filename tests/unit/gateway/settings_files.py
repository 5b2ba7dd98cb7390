"""Settings files of a gateway with one agency that takes pushes."""

from pathlib import Path

WHOLE = """
province = "410000"
store = "sqlite:///gateway.db"
ledger_keys = "keys/ledger.json"
[portal]
url = "http://127.0.0.1:8600"
key_file = "keys/portal.json"
answer_key_file = "/etc/duijie/portal.json"
[[agency]]
code = "4101000001"
name = "郑州市公共就业服务中心"
division = "410100"
delivery = "push"
url = "http://127.0.0.1:8701"
key_file = "keys/agency.json"
our_key_file = "keys/gateway.json"
"""
WITH_OPERATOR = f"""{WHOLE}
[[operator]]
code = "desk"
name = "分派岗"
key_file = "keys/desk.json"
our_key_file = "keys/gateway-desk.json"
"""
OWN_FOLDER = WHOLE.replace("/etc/duijie/portal.json", "keys/national.json")
NATIONAL = OWN_FOLDER.replace("[portal]", 'crypto_profile = "national"\n[portal]')


def written(folder: Path, text: str = WHOLE) -> Path:
    path = folder / "gateway.toml"
    path.write_text(text, encoding="utf-8")
    return path
