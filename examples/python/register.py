"""对接示例：报送一件本地受理登记，核对回执，再报一次得到同一份回执；仅用 httpx 与 cryptography.

    python register.py 拉取地址 我方私钥.json 对方公钥.json 区划代码 机构代码

前三项与 client.py 作为经办机构时相同，后两项是本机构的行政区划代码和机构代码。登记的人是虚构的。
A local registration (本地受理登记): handed in, its receipt checked, handed in again.
"""

import secrets
import sys
from datetime import datetime

from receipts import checked
from signed import BEIJING, FEED, call

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def citizen_number(first_17: str) -> str:
    """公民身份号码的末位校验码（GB 11643）；顺序码 000 不会发给任何人."""
    total = sum(weight * int(digit) for weight, digit in zip(WEIGHTS, first_17, strict=True))
    return first_17 + "10X98765432"[total % 11]


division, agency = sys.argv[4:6]
now = datetime.now(BEIJING).isoformat(timespec="seconds")
serial = f"{secrets.randbelow(10**6):06d}"
# 本人填写的登记表；各数据项见 contracts/v1/fields.csv 中的 PersonForm
person = {"aac003": "张示例", "aac004": "2", "aac005": "01", "aac011": "21", "aac033": "1"}
person |= {"aac058": "01", "aac147": citizen_number("41900119900307000"), "aac067": "13800000000"}
person |= {"aab299": division, "aac010": "示例街道1号", "aab301": division, "aac026": "示例街道1号"}
person |= {"ajc090": now[:10], "ajc093": "21", "ajc174": "0", "code_set": "2016"}
# 审核结果：键是行政区划代码加本地系统流水号，没有申请编号和分派单号
outcome = {"division": division, "local_serial": f"DEMO-{secrets.token_hex(6)}", "revision": 1}
outcome |= {"review_state": "2", "aae016": "1", "aae036": now, "aae043": now[:10]}
outcome |= {"aae017": agency, "aae020": "示例公共就业服务中心", "aae022": division}
outcome |= {"aae019": "示例经办人", "acc020": f"{division}{now[:4]}{serial}"}
outcome |= {"acc0m1": f"{division}50{now[2:4]}{serial}"}
# 未经本人承诺（given 为 false）的，报为通过将被拒收
commitment = {"given": True, "date": now[:10], "text_version": "2020-1"}
record = {"person": person, "acc412": "2", "place_division": division, "commitment": commitment}
record |= {"submitted_at": now, "channel": "12", "policy": "2020-79", "outcome": outcome}

path, key = FEED.path.rpartition("/")[0], f"{division}/{outcome['local_serial']}"
receipts = []
for _ in range(2):  # 没有收到响应时即如此：以相同内容再报，不会重复登记
    (result,) = call(f"{path}/registrations", registrations=[record])["results"]
    receipts.append(checked(result, "registration", key, "local-registration", record))
    print(key, result["status"], receipts[-1]["receipt_no"])  # noqa: T201 - for people
if receipts[0] != receipts[1]:
    raise SystemExit(f"{key} 的两份回执不同")
