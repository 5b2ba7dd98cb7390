"""Gateway and simulator over mutual TLS on every link, with real certificates (双向 TLS)."""

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfile

import aiohttp
import pytest

from contracts.docs.page import page
from duijie.clients.control_client import ControlClient
from gateway.config import Settings
from simulator.config import SimulatorSettings
from tests.builders.records import JINSHUI, JIYUAN
from tests.integration.gateway.harness import stack_of_two
from tests.support.certificates import Authority, Credential
from tests.support.signing_client import Answered, SigningClient
from tests.support.stack import Stack, a_gateway, a_simulator
from tests.support.until import until
from transport.tls import OutgoingTls, client_context
from transport.tls_settings import LinkTls, ListenTls

HERE = "127.0.0.1"
NATIONAL, GATEWAY = "national", "gateway"


@dataclass(frozen=True, slots=True)
class MutualTls:
    """One authority, and a certificate for each party, which it shows as server and client."""

    stack: Stack
    authority: Authority
    certificates: Mapping[str, Credential]

    def link(self, ours: str, theirs: str) -> LinkTls:
        """Return how one party calls another."""
        shown = self.certificates[ours]
        return LinkTls(
            ca_file=self.authority.file,
            pins=(self.certificates[theirs].pin,),
            client_certificate_file=shown.certificate_file,
            client_key_file=shown.key_file,
        )

    def listen(self, ours: str) -> ListenTls:
        """Return how one party listens."""
        shown = self.certificates[ours]
        return ListenTls(
            certificate_file=shown.certificate_file,
            key_file=shown.key_file,
            client_ca_file=self.authority.file,
        )

    def pins(self, party: str) -> tuple[str, ...]:
        """Return the pins of a party."""
        return (self.certificates[party].pin,)

    def gateway_settings(self) -> Settings:
        """Return the gateway's settings with TLS on every link."""
        plain = self.stack.gateway_settings()
        members = plain.model_dump()
        members["listen_tls"] = self.listen(GATEWAY)
        members["portal"] |= {"url": https(plain.portal.url), "tls": self.link(GATEWAY, NATIONAL)}
        members["operator"] = ()
        members["portal"]["client_pins"] = self.pins(NATIONAL)
        for one in members["agency"]:
            one["client_pins"] = self.pins(one["code"])
            if one["url"] is not None:
                one |= {"url": https(one["url"]), "tls": self.link(GATEWAY, one["code"])}
        return Settings(**members)

    def simulator_settings(self) -> SimulatorSettings:
        """Return the simulator's settings with TLS on every link."""
        members = self.stack.simulator_settings().model_dump()
        members["national"]["listen_tls"] = self.listen(NATIONAL)
        for one in members["province"]:
            one["client_pins"] = self.pins(GATEWAY)
            gateway = https(one["push"]["gateway"])
            one["push"] |= {"gateway": gateway, "tls": self.link(NATIONAL, GATEWAY)}
        for one in members["agency"]:
            one |= {"gateway": https(one["gateway"]), "tls": self.link(one["code"], GATEWAY)}
            if one["listen"] is not None:
                one |= {"listen_tls": self.listen(one["code"]), "client_pins": self.pins(GATEWAY)}
        return SimulatorSettings.model_validate(members)

    @asynccontextmanager
    async def portal(self, shows: Credential | None) -> AsyncIterator[SigningClient]:
        """Give what signs as the gateway and connects to the national side with a certificate."""
        tls = OutgoingTls(
            self.authority.file,
            certificate_file=None if shows is None else shows.certificate_file,
            key_file=None if shows is None else shows.key_file,
        )
        connection = self.stack.portal()
        connector = aiohttp.TCPConnector(ssl=client_context(tls, "test"))
        async with aiohttp.ClientSession(connector=connector) as session:
            yield SigningClient(https(connection.base), connection.of_caller(), session)

    async def ping(self, shows: Credential | None) -> Answered:
        """Return the national side's answer to a ping that the gateway's key signed."""
        async with self.portal(shows) as client:
            return await client.call("POST", "/national/v1/ping", b'{"echo":"x"}')


def https(url: str) -> str:
    return url.replace("http://", "https://")


@pytest.fixture
def parties(tmp_path: Path) -> MutualTls:
    authority = Authority.make(tmp_path)
    names = (NATIONAL, GATEWAY, JINSHUI, JIYUAN)
    return MutualTls(
        stack_of_two(tmp_path), authority, {name: authority.issue(HERE) for name in names}
    )


async def test_an_application_goes_there_and_back_over_mutual_tls(parties: MutualTls) -> None:
    async with (
        asyncio.timeout(60),
        a_simulator(parties.simulator_settings()) as simulator,
        a_gateway(parties.gateway_settings(), page=page) as gateway,
        ControlClient(simulator.addresses.control) as control,
    ):
        pushed = simulator.addresses.agencies[JINSHUI]
        called = (simulator.addresses.national, pushed, gateway.addresses.listen)
        assert all(base.startswith("https://") for base in called)
        await control.file(2, seed=7, places=("410105",))  # its agency takes pushes
        await control.file(2, seed=7, places=("419001",))  # its agency fetches

        async def all_back() -> bool:
            return (await control.summary()).back == 4

        await until(all_back)


async def test_a_push_counts_over_the_certificate_of_the_national_side_only(
    parties: MutualTls,
) -> None:
    without_polls = parties.gateway_settings().model_copy(
        update={"long_poll_s": 0, "poll_every_s": 3600}
    )
    async with (
        asyncio.timeout(60),
        a_gateway(without_polls) as gateway,
        a_simulator(parties.simulator_settings()) as simulator,
        ControlClient(simulator.addresses.control) as control,
    ):
        # Given the key of pushes over the certificate of an agency
        shown = parties.certificates[JIYUAN]
        tls = OutgoingTls(
            parties.authority.file,
            certificate_file=shown.certificate_file,
            key_file=shown.key_file,
        )
        connector = aiohttp.TCPConnector(ssl=client_context(tls, "test"))
        async with aiohttp.ClientSession(connector=connector) as session:
            link = parties.stack.pushes().of_caller()
            client = SigningClient(gateway.addresses.listen, link, session)
            refused = await client.call("POST", "/province/v1/applications", b'{"items":[{}]}')
        assert (refused.status, refused.code) == (403, "auth.certificate-mismatch")

        # When the national side itself pushes
        await control.switch_push("410000", on=True)
        await control.file(2, seed=7, places=("410105",))

        async def all_back() -> bool:
            return (await control.summary()).back == 2

        await until(all_back)


async def test_the_simulator_reads_nothing_over_a_certificate_that_is_not_the_callers(
    parties: MutualTls, tmp_path: Path
) -> None:
    foreign = Authority.make(tmp_path).issue(HERE)
    async with asyncio.timeout(60), a_simulator(parties.simulator_settings()):
        for unfit in (None, foreign):
            with pytest.raises((aiohttp.ClientError, OSError)):
                await parties.ping(unfit)
        of_another = await parties.ping(parties.certificates[JIYUAN])
        assert (of_another.status, of_another.code) == (403, "auth.certificate-mismatch")
        assert (await parties.ping(parties.certificates[GATEWAY])).status == 200


async def test_a_gateway_with_an_unfit_certificate_receives_nothing_from_an_agency(
    parties: MutualTls, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "simulator")
    unfit = Authority.make(tmp_path).issue(HERE)
    shown = ListenTls(certificate_file=unfit.certificate_file, key_file=unfit.key_file)
    plain = parties.gateway_settings()  # it would take whoever connects
    anybody = tuple(one.model_copy(update={"client_pins": ()}) for one in plain.agency)
    portal = plain.portal.model_copy(update={"client_pins": ()})
    changes = {"listen_tls": shown, "agency": anybody, "portal": portal}
    settings = plain.model_copy(update=changes)
    async with (
        asyncio.timeout(60),
        a_gateway(settings) as gateway,
        a_simulator(parties.simulator_settings()),
    ):
        await until(lambda: "loop.paused" in caplog.messages)
        counted = gateway.metrics.registry.collect()
    (answers,) = (one for one in counted if one.name == "duijie_http_requests")
    assert answers.samples == []


async def test_the_simulator_shows_a_renewed_certificate_and_keeps_it_over_a_damaged_one(
    parties: MutualTls,
) -> None:
    shown, ours = parties.certificates[NATIONAL], parties.certificates[GATEWAY]
    async with asyncio.timeout(60), a_simulator(parties.simulator_settings()) as simulator:
        later = Authority.make(parties.authority.folder)
        renewed = later.issue(HERE)
        copyfile(renewed.certificate_file, shown.certificate_file)
        simulator.reload_files()  # the key is not there yet
        assert (await parties.ping(ours)).status == 200

        copyfile(renewed.key_file, shown.key_file)
        simulator.reload_files()
        with pytest.raises((aiohttp.ClientError, OSError)):
            await parties.ping(ours)
