"""The header conventions met in practice (兼容方案), by name; weak, see `header_signatures`.

Source: 全国一体化政务数据共享数据直达接口规范 0.55 and older clients of it; clients of provincial
PaaS gateways, of the Henan sharing gateway; the Shandong open-data page.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from schemas.signing.header_signatures import HeaderProfile, Part, Proof

# Names with an underscore are dropped by some proxies unless told otherwise.
_NATIONAL: Final = MappingProxyType(
    {
        Part.CALLER: "gjzwfwpt_rid",
        Part.SERVICE: "gjzwfwpt_sid",
        Part.TIME: "gjzwfwpt_rtime",
    }
)
_MS: Final = 1000

PROFILES: Final[Mapping[str, HeaderProfile]] = MappingProxyType(
    {
        profile.name: profile
        for profile in (
            HeaderProfile(
                "national-sharing",
                "国家数据共享平台（sid+rid+rtime）",
                _NATIONAL,
                "gjzwfwpt_sign",
                (Part.SERVICE, Part.CALLER, Part.TIME),
                Proof.HMAC_SHA256_BASE64,
                _MS,
            ),
            HeaderProfile(
                "national-sharing-rid-first",
                "国家数据共享平台，旧版顺序（rid+sid+rtime）",
                _NATIONAL,
                "gjzwfwpt_sign",
                (Part.CALLER, Part.SERVICE, Part.TIME),
                Proof.HMAC_SHA256_BASE64,
                _MS,
            ),
            HeaderProfile(
                "tif-paas",
                "省级 PaaS 网关（x-tif）",
                MappingProxyType(
                    {
                        Part.CALLER: "x-tif-paasid",
                        Part.TIME: "x-tif-timestamp",
                        Part.NONCE: "x-tif-nonce",
                    }
                ),
                "x-tif-signature",
                (Part.TIME, Part.SECRET, Part.NONCE, Part.TIME),
                Proof.SHA256_HEX,
                1,
                "x-tif-serviceId",
            ),
            HeaderProfile(
                # The first call fetches an access token; its decoded secret is the secret here.
                "henan-sharing",
                "河南数据共享网关（gateway_sig）",
                MappingProxyType({Part.CALLER: "gateway_appid", Part.TIME: "gateway_rtime"}),
                "gateway_sig",
                (Part.CALLER, Part.TIME),
                Proof.HMAC_SHA256_BASE64,
                _MS,
            ),
            HeaderProfile(
                "shandong-open-data",
                "山东公共数据开放（X-Client-Id）",
                MappingProxyType(
                    {
                        Part.CALLER: "X-Client-Id",
                        Part.TIME: "X-Timestamp",
                        Part.NONCE: "X-Nonce",
                    }
                ),
                "X-Signature",
                (Part.CALLER, Part.TIME, Part.NONCE),
                Proof.HMAC_SHA256_BASE64,
                _MS,
            ),
        )
    }
)
