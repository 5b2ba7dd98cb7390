"""The target of a request, as it stands on the wire."""

import pytest

from schemas.signing import Target


@pytest.mark.parametrize(
    ("url", "authority", "path", "query"),
    [
        ("https://Entry.Example.CN:443/a?b=%E4%BA%BA&c", "entry.example.cn", "/a", "b=%E4%BA%BA&c"),
        ("http://127.0.0.1:8600", "127.0.0.1:8600", "/", ""),
        ("http://h:80/?", "h", "/", ""),
        ("https://h:80/%2f//./x?y=1?z", "h:80", "/%2f//./x", "y=1?z"),
        ("http://[::1]:8080/a", "[::1]:8080", "/a", ""),
        ("http://[::1:80]/a#part", "[::1:80]", "/a", ""),
    ],
)
def test_a_target_is_the_url_as_it_goes_over_the_wire(
    url: str, authority: str, path: str, query: str
) -> None:
    assert Target.from_url("get", url) == Target("GET", authority, path, query)


@pytest.mark.parametrize(
    "url", ["/a", "ftp://h/a", "https://h/人", "https://h/a b", "https://h/\n", "https://u@h/", "https:///a"]
)  # fmt: skip
def test_what_is_not_an_absolute_url_has_no_target(url: str) -> None:
    with pytest.raises(ValueError, match="URL"):
        Target.from_url("GET", url)


def test_the_target_received_is_the_target_sent() -> None:
    sent = Target.from_url("GET", "https://entry.example.cn/a%2Fb?x=1&y=?")

    assert Target.received("GET", "Entry.example.cn:443", "/a%2Fb?x=1&y=?", scheme="https") == sent
    assert Target.received("GET", "entry.example.cn", "/a%2Fb?x=1&y=?") == sent
