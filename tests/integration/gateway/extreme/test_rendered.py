"""What holds pages against their templates finds every value that is more than text."""

import pytest

from tests.integration.gateway.extreme.rendered import escapes, rendered

NUMBER = "SY<b>\"'&amp;"
SOUND = (
    '<main id="main"><h1>SY&lt;b&gt;&#34;&#39;&amp;amp; <span class="state">x</span></h1></main>'
)


def test_a_page_of_its_templates_is_found_sound() -> None:
    assert escapes(rendered(SOUND), shows=[NUMBER]) == []


@pytest.mark.parametrize(
    "injected",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        '<a href="/" onclick="x">x</a>',
        '<a href="javascript:alert(1)">x</a>',
        '<a href="//example.test/cases/1">x</a>',
        '<a href="/cases/../quarantine">x</a>',
        '<a href="/cases/%2e%2E">x</a>',
        '<a href="/cases/a/b">x</a>',
        '<a href="/cases/a#b">x</a>',
        '<a href="/" class="x" class="y">x</a>',
        "<b>",
        "</h1>",
        "<!-- x -->",
        "<![CDATA[x]]>",
        "<?x?>",
    ],
)
def test_whatever_is_more_than_text_is_found(injected: str) -> None:
    assert escapes(rendered(SOUND.replace("SY", f"SY{injected}")))


@pytest.mark.parametrize("shown", ["SY&lt;b&gt;&#34;", "SY<b>\"'&amp;", "", "x"])
def test_a_text_that_is_not_shown_whole_is_found(shown: str) -> None:
    assert escapes(rendered(f'<main id="main"><h1>{shown}</h1></main>'), shows=[NUMBER])
