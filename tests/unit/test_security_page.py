"""The page on security names settings that exist, and all that protect a connection."""

import re
from collections.abc import Mapping

import pytest
from pydantic import BaseModel

from gateway.config import AgencySettings, PortalSettings, Settings
from gateway.table_settings import TableSettings
from tests.support.tree import ROOT
from transport.tls_settings import LinkTls, ListenTls

TABLES: Mapping[str, type[BaseModel]] = {
    "": Settings,
    "portal": PortalSettings,
    "portal.tls": LinkTls,
    "agency": AgencySettings,
    "agency.tls": LinkTls,
    "agency.tables": TableSettings,
    "listen_tls": ListenTls,
}
ROW = re.compile(r"^\| (`[a-z_.]+`(?:[、, ]+`[a-z_.]+`)*) \|", re.MULTILINE)
PAGES = ("security.md", "security.en.md")
SECTION = re.compile(r"^## (?:五、|5\. )(.+?)^## ", re.MULTILINE | re.DOTALL)
"""What each setting does; the section before it lists events."""


def settings_named(page: str) -> set[str]:
    (section,) = SECTION.findall((ROOT / "docs" / page).read_text("utf-8"))
    cells = ROW.findall(section)
    return {name for cell in cells for name in re.findall(r"`([a-z_.]+)`", cell)}


@pytest.mark.parametrize("page", PAGES)
def test_every_setting_of_the_page_exists(page: str) -> None:
    named = settings_named(page)

    assert named
    for name in named:
        table, _, member = name.rpartition(".")
        assert member in TABLES[table].model_fields, name


@pytest.mark.parametrize("page", PAGES)
def test_every_setting_that_protects_a_connection_is_on_the_page(page: str) -> None:
    protecting = {f"listen_tls.{name}" for name in ListenTls.model_fields}
    protecting |= {f"portal.tls.{name}" for name in LinkTls.model_fields}
    protecting |= {"agency.tables.ca_file", "agency.tables.allow_plain"}
    protecting |= {"portal.allow_plain_http", "agency.allow_plain_http", "agency.client_pins"}

    assert protecting <= settings_named(page)


@pytest.mark.parametrize("page", PAGES)
def test_the_page_names_no_mailbox(page: str) -> None:
    assert "@" not in (ROOT / "docs" / page).read_text("utf-8")
