"""A listener that serves TLS itself, and binds each agency's key to its client certificate."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from shutil import copyfile
from urllib.parse import urlsplit

import aiohttp
import pytest
from cryptography import x509

from gateway.app.lifecycle import Gateway
from gateway.config import Settings
from gateway.errors import Misconfigured
from tests.builders.records import JINSHUI, JIYUAN
from tests.integration.gateway.harness import stack_of_two
from tests.support.certificates import Authority, Credential
from tests.support.signing_client import Answered, SigningClient
from tests.support.stack import Stack, a_gateway
from transport.tls import OutgoingTls, client_context
from transport.tls_settings import ListenTls

HERE = "127.0.0.1"
PING = b'{"echo":"hello"}'


@dataclass(frozen=True)
class TlsDocked:
    """A gateway's stack with its authorities, and a certificate for each agency."""

    stack: Stack
    servers: Authority
    clients: Authority
    certificates: dict[str, Credential]

    def settings(self, *, asks: bool = True, shown: Credential | None = None) -> Settings:
        """Return the settings of a gateway that serves TLS and, if it `asks`, mutual TLS."""
        shown = shown or self.servers.issue(HERE)
        client_ca = self.clients.file if asks else None
        settings = self.stack.gateway_settings()
        agencies = tuple(
            one.model_copy(update={"client_pins": (self.certificates[one.code].pin,)})
            for one in settings.agency
        )
        tls = ListenTls(
            certificate_file=shown.certificate_file,
            key_file=shown.key_file,
            client_ca_file=client_ca,
        )
        return settings.model_copy(update={"listen_tls": tls, "agency": agencies})

    @asynccontextmanager
    async def client(
        self, code: str, base: str, shows: Credential | None
    ) -> AsyncIterator[SigningClient]:
        """Give an agency's signing client over connections that show this certificate."""
        tls = OutgoingTls(
            ca_file=self.servers.file,
            certificate_file=None if shows is None else shows.certificate_file,
            key_file=None if shows is None else shows.key_file,
        )
        connector = aiohttp.TCPConnector(ssl=client_context(tls, "test"))
        async with aiohttp.ClientSession(connector=connector) as session:
            yield SigningClient(base, self.stack.agency(code).of_caller(), session)

    async def ping(self, code: str, base: str, shows: Credential | None) -> Answered:
        """Return the answer to one signed ping of an agency."""
        async with self.client(code, base, shows) as client:
            return await client.call("POST", "/agency/v1/ping", PING)


@pytest.fixture
def docked(tmp_path: Path) -> TlsDocked:
    clients = Authority.make(tmp_path)
    certificates = {code: clients.issue(code) for code in (JINSHUI, JIYUAN)}
    return TlsDocked(stack_of_two(tmp_path), Authority.make(tmp_path), clients, certificates)


async def test_an_agency_is_let_in_over_its_own_certificate(docked: TlsDocked) -> None:
    async with a_gateway(docked.settings()) as gateway:
        base = gateway.addresses.listen
        answered = await docked.ping(JINSHUI, base, docked.certificates[JINSHUI])

    assert base.startswith("https://")
    assert answered.status == 200


async def test_a_message_signed_by_one_agency_is_refused_over_the_certificate_of_another(
    docked: TlsDocked,
) -> None:
    async with a_gateway(docked.settings()) as gateway:
        answered = await docked.ping(JINSHUI, gateway.addresses.listen, docked.certificates[JIYUAN])

    assert (answered.status, answered.code) == (403, "auth.certificate-mismatch")


async def test_a_certificate_is_exchanged_by_registering_both_keys(docked: TlsDocked) -> None:
    fresh = docked.clients.issue(JINSHUI)
    settings = docked.settings()
    first, *others = settings.agency
    assert first.code == JINSHUI
    both = first.model_copy(update={"client_pins": (*first.client_pins, fresh.pin)})
    settings = settings.model_copy(update={"agency": (both, *others)})
    async with a_gateway(settings) as gateway:
        for shows in (docked.certificates[JINSHUI], fresh):
            answered = await docked.ping(JINSHUI, gateway.addresses.listen, shows)
            assert answered.status == 200


async def test_a_renewed_certificate_over_the_same_key_needs_no_new_setting(
    docked: TlsDocked,
) -> None:
    renewed = docked.clients.issue(JINSHUI, key=docked.certificates[JINSHUI].key)
    async with a_gateway(docked.settings()) as gateway:
        assert (await docked.ping(JINSHUI, gateway.addresses.listen, renewed)).status == 200


@pytest.mark.parametrize("kind", ["none", "of-another-authority", "expired"])
async def test_without_a_certificate_of_the_clients_authority_no_message_is_read(
    docked: TlsDocked, tmp_path: Path, kind: str
) -> None:
    ended = docked.clients.issue(
        JINSHUI, valid_for=-timedelta(minutes=1), key=docked.certificates[JINSHUI].key
    )
    foreign = Authority.make(tmp_path).issue(JINSHUI)
    shown = {"none": None, "of-another-authority": foreign, "expired": ended}[kind]
    async with a_gateway(docked.settings()) as gateway:
        with pytest.raises((aiohttp.ClientError, OSError)):
            await docked.ping(JINSHUI, gateway.addresses.listen, shown)

        assert (
            await docked.ping(JINSHUI, gateway.addresses.listen, docked.certificates[JINSHUI])
        ).status == 200


async def test_where_no_certificate_is_asked_for_the_key_alone_decides(docked: TlsDocked) -> None:
    async with a_gateway(docked.settings(asks=False)) as gateway:
        answered = await docked.ping(JINSHUI, gateway.addresses.listen, None)

    assert answered.status == 200


async def test_the_default_port_of_https_in_a_host_header_is_not_part_of_what_is_signed(
    docked: TlsDocked,
) -> None:
    settings = docked.settings(asks=False).model_copy(update={"public_authorities": (HERE,)})
    async with a_gateway(settings) as gateway:
        base = gateway.addresses.listen
        async with docked.client(JINSHUI, base, None) as client:
            published = replace(client, base=f"https://{HERE}:443")
            signed = published.sign("POST", "/agency/v1/ping", PING)
            headers = {**signed.headers, "Host": f"{HERE}:443"}
            answered = await client.send("POST", "/agency/v1/ping", PING, headers)

    assert answered.status == 200


async def test_plain_http_is_not_answered_where_tls_is_served(docked: TlsDocked) -> None:
    async with a_gateway(docked.settings()) as gateway:
        plain = gateway.addresses.listen.replace("https://", "http://")
        with pytest.raises(aiohttp.ClientError):
            await docked.ping(JINSHUI, plain, None)


async def test_tls_1_1_is_not_spoken(docked: TlsDocked) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(docked.servers.file)
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        context.minimum_version = ssl.TLSVersion.TLSv1
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    async with (
        a_gateway(docked.settings(asks=False)) as gateway,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as session,
    ):
        with pytest.raises(aiohttp.ClientConnectorError):
            await session.get(gateway.addresses.listen)


async def test_a_certificate_without_its_key_ends_the_start_with_the_name_of_the_setting(
    docked: TlsDocked,
) -> None:
    one, other = docked.servers.issue(HERE), docked.servers.issue(HERE)
    mixed = replace(one, key_file=other.key_file)
    with pytest.raises(Misconfigured, match=r"listen_tls: .*with its own key"):
        async with a_gateway(docked.settings(shown=mixed)):
            pass


async def test_a_renewed_certificate_is_shown_to_new_connections_and_the_old_ones_go_on(
    docked: TlsDocked, tmp_path: Path
) -> None:
    # Given a connection of an agency, opened before the certificates are renewed
    shown, clients = docked.servers.issue(HERE), Authority.make(tmp_path)
    settings, before = docked.settings(shown=shown), docked.certificates[JINSHUI]
    renewed, after = docked.servers.issue(HERE), clients.issue(JINSHUI, key=before.key)
    async with a_gateway(settings) as gateway:
        base = gateway.addresses.listen
        async with docked.client(JINSHUI, base, before) as old:
            assert (await old.call("POST", "/agency/v1/ping", PING)).status == 200

            # When the listener's own certificate and the clients' authority are exchanged
            copyfile(renewed.certificate_file, shown.certificate_file)
            copyfile(renewed.key_file, shown.key_file)
            copyfile(clients.file, docked.clients.file)
            gateway.reload_files()

            # Then it goes on, and a new one is by the new certificates
            assert (await old.call("POST", "/agency/v1/ping", PING)).status == 200
        assert (await docked.ping(JINSHUI, base, after)).status == 200
        with pytest.raises((aiohttp.ClientError, OSError)):
            await docked.ping(JINSHUI, base, before)
        assert await certificate_at(base, docked.servers, after) == renewed.certificate
    assert tls_reloads(gateway, "done") == 1


async def test_a_damaged_renewal_keeps_the_certificates_in_force(
    docked: TlsDocked, caplog: pytest.LogCaptureFixture
) -> None:
    shown, certificate = docked.servers.issue(HERE), docked.certificates[JINSHUI]
    async with a_gateway(docked.settings(shown=shown)) as gateway:
        base = gateway.addresses.listen
        shown.key_file.write_bytes(b"-----BEGIN PRIVATE KEY-----\n")
        gateway.reload_files()

        assert (await docked.ping(JINSHUI, base, certificate)).status == 200
        assert await certificate_at(base, docked.servers, certificate) == shown.certificate
    assert tls_reloads(gateway, "refused") == 1
    assert "tls.kept" in caplog.messages


async def certificate_at(base: str, servers: Authority, shows: Credential) -> x509.Certificate:
    """Return the certificate that a new connection is shown."""
    tls = OutgoingTls(servers.file, frozenset(), shows.certificate_file, shows.key_file)
    parts = urlsplit(base)
    _, writer = await asyncio.open_connection(
        parts.hostname, parts.port, ssl=client_context(tls, "test")
    )
    connection: ssl.SSLObject = writer.get_extra_info("ssl_object")
    der = connection.getpeercert(binary_form=True)
    writer.close()
    await writer.wait_closed()
    return x509.load_der_x509_certificate(der or b"")


def tls_reloads(gateway: Gateway, result: str) -> float:
    registry = gateway.metrics.registry
    return registry.get_sample_value("duijie_tls_reloads_total", {"result": result}) or 0.0
