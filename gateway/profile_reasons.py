"""Why a province's profile, its rules of grounds or its form are refused, as values."""

from schemas.reasons.reason import ReasonCode


class ProfileReason(ReasonCode):
    """The closed list: what is wrong in such a file; the place is the path of keys within it."""

    MISSING = (
        "profile.missing",
        "no such province profile; shipped are {shipped}: write one like them and name it under "
        "profile",
    )
    NOT_YAML = "profile.not-yaml", "cannot be read as YAML: {said}"
    DIVISION = "profile.division", "division is {found}, settings say {wanted}"
    POLICY = "profile.policy", "default_policy {policy} has no entry under allowances"
    POLICY_UNRULED = (
        "profile.policy-unruled",
        "policy {policy} of division_allowances has no entry under allowances",
    )
    NO_SUCH_FILE = (
        "profile.no-such-file",
        "there is no {name}; shipped are {shipped}, or give the path of a .yaml file",
    )
    UNKNOWN_TABLE = "profile.unknown-table", "there is no code table {table}"
    UNKNOWN_CODE = "profile.unknown-code", "the code table {table} has no code {code} for this"
    NOTICE_DIFFERS = (
        "profile.notice-differs",
        "notice on ground {ground} is {found}, by 人社厅发〔2020〕3号 part 5 it is {wanted}",
    )
    NO_SUCH_GROUND = "profile.no-such-ground", "ground {ground} is not in the set"
    UNKNOWN_MEMBER = (
        "profile.unknown-member",
        "an application has no member {member}; the nearest is {near}",
    )
    MEMBER_TWICE = "profile.member-twice", "member {member} stands in two places of the form"
    OPTION_TWICE = "profile.option-twice", "{option} stands twice among the options"
    ONE_KIND = "profile.one-kind", "a part has a table, a division or options, one of them at most"
    EDITION = (
        "profile.edition",
        "the code table {table} has several editions: name one under generation, of {known}",
    )
    EMPTY_BOX = "profile.empty-box", "a box has either parts, or not_carried"
