"""数据项的名称: what a member of an application is called, for people."""

from typing import Final

from contracts.catalogue.fields import words

_MODELS: Final = {"qualifications": "Qualification", "commitment": "Commitment"}
_FORM: Final = "ForwardedApplication"


def member_name(member: str) -> str:
    """Return the Chinese name of a member given as in `FORM_MEMBERS`: `qualifications/0/name`."""
    first, *rest = member.split("/")
    named = words(_FORM, first).name_zh
    row = "".join(f"第{int(part) + 1}行" for part in rest if part.isdigit())
    inner = [words(_MODELS[first], part).name_zh for part in rest if not part.isdigit()]
    return f"{named}{row}" + "".join(f"：{one}" for one in inner)
