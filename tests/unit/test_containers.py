"""The containers mirror the plain commands, on loopback only, healthy or not, without secrets."""

import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import pytest
from pydantic import BaseModel, ConfigDict
from ruamel.yaml import YAML

from tests.support.tree import ROOT

PROGRAMS: Final = ("gateway", "simulator")


class Build(BaseModel):
    """How an image is made."""

    model_config = ConfigDict(extra="forbid")

    context: str
    dockerfile: str


class Health(BaseModel):
    """How a service shows that it is well."""

    test: Sequence[str]
    interval: str
    timeout: str
    retries: int


class Service(BaseModel):
    """One service, as far as the rules below look at it."""

    build: Build | None = None
    image: str = ""
    command: Sequence[str] = ()
    healthcheck: Health | None = None
    ports: Sequence[str] = ()
    volumes: Sequence[str] = ()
    environment: Mapping[str, str] = {}
    depends_on: Mapping[str, Mapping[str, str]] = {}
    read_only: bool = False
    cap_drop: Sequence[str] = ()
    cap_add: Sequence[str] = ()
    security_opt: Sequence[str] = ()
    privileged: bool = False
    user: str = ""
    profiles: Sequence[str] = ()
    entrypoint: Sequence[str] = ()


class Compose(BaseModel):
    """The whole file; a member compose does not know is refused by compose itself."""

    services: Mapping[str, Service]
    volumes: Mapping[str, None]


@pytest.fixture(scope="module")
def compose() -> Compose:
    text = (ROOT / "docker-compose.yml").read_text("utf-8")
    return Compose.model_validate(YAML(typ="safe", pure=True).load(text))


def test_the_services_are_gateway_simulator_and_postgresql(compose: Compose) -> None:
    started = {name for name, service in compose.services.items() if not service.profiles}
    assert started == {"prepare", "postgres", "simulator", "gateway"}
    assert compose.services["postgres"].image.startswith("postgres:16")


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_service_runs_the_plain_command(compose: Compose, program: str) -> None:
    plain = ["duijie", program, "serve", "--config", f"/etc/duijie/{program}.toml"]
    assert compose.services[program].command == plain
    image = (ROOT / "docker" / f"{program}.Dockerfile").read_text("utf-8")
    assert f"CMD {plain}".replace("'", '"') in image.splitlines()


def test_the_keys_of_the_ledger_are_exchanged_by_the_plain_command(compose: Compose) -> None:
    keys = compose.services["keys"]
    assert keys.profiles == ["keys"]  # it runs only when somebody asks
    assert keys.entrypoint == ["duijie", "gateway", "keys"]
    assert keys.command == ["status", "--config", "/etc/duijie/gateway.toml"]
    assert "gateway-secrets:/run/duijie" in keys.volumes


@pytest.mark.parametrize(
    ("service", "sign"),
    [
        ("postgres", "pg_isready"),
        ("simulator", "http://127.0.0.1:8600/livez"),
        ("gateway", "http://127.0.0.1:8081/readyz"),
    ],
)
def test_a_service_shows_its_health(compose: Compose, service: str, sign: str) -> None:
    health = compose.services[service].healthcheck
    assert health is not None
    assert health.test[0] == "CMD"
    assert sign in " ".join(health.test)


def test_a_health_check_in_python_compiles(compose: Compose) -> None:
    for program in PROGRAMS:
        health = compose.services[program].healthcheck
        assert health is not None
        assert health.test[1:3] == ["python", "-c"]
        compile(health.test[3], program, "exec")


def test_the_gateway_waits_for_a_database_that_answers(compose: Compose) -> None:
    assert compose.services["gateway"].depends_on["postgres"]["condition"] == "service_healthy"
    for service in ("postgres", "simulator"):
        waits = compose.services[service].depends_on["prepare"]["condition"]
        assert waits == "service_completed_successfully"


def test_every_port_is_published_on_loopback_only(compose: Compose) -> None:
    ports = [port for service in compose.services.values() for port in service.ports]
    assert sorted(ports) == [f"127.0.0.1:{n}:{n}" for n in (8080, 8081, 8600, 8601)]


def test_no_secret_stands_in_the_file(compose: Compose) -> None:
    for service in compose.services.values():
        secret = {name for name in service.environment if re.search(r"PASSWORD|SECRET|KEY", name)}
        assert all(name.endswith("_FILE") for name in secret)
        assert not any(
            re.search(r"://[^/]*:[^/]*@", value) for value in service.environment.values()
        )


def test_every_mounted_volume_and_file_exists(compose: Compose) -> None:
    mounted = {mount.split(":")[0] for s in compose.services.values() for mount in s.volumes}
    assert {name for name in mounted if not name.startswith("./")} == set(compose.volumes)
    assert [name for name in mounted if name.startswith("./") and not (ROOT / name).is_file()] == []


@pytest.mark.parametrize("program", PROGRAMS)
def test_an_image_is_built_from_the_lock_and_runs_without_rights(
    compose: Compose, program: str
) -> None:
    service = compose.services[program]
    assert service.read_only
    assert service.build is not None
    image = (ROOT / service.build.dockerfile).read_text("utf-8")
    assert "--require-hashes -r requirements.lock" in image
    assert image.index("\nUSER duijie\n") < image.index("\nCMD ")


def test_every_image_of_others_is_named_by_version_and_digest(compose: Compose) -> None:
    dockerfiles = (ROOT / "docker").glob("*.Dockerfile")
    lines = [line for path in dockerfiles for line in path.read_text("utf-8").splitlines()]
    images = [line.split()[1] for line in lines if line.startswith("FROM ")]
    images += [service.image for service in compose.services.values() if service.image]

    assert len(images) == 5
    for image in images:
        assert re.fullmatch(r"[a-z]+:[0-9][a-z0-9.-]*@sha256:[0-9a-f]{64}", image), image
    assert len({image for image in images if image.startswith("python:")}) == 1


def test_no_container_has_rights_beyond_an_ordinary_user_s(compose: Compose) -> None:
    for name, service in compose.services.items():
        assert service.read_only, name
        assert service.cap_drop == ["ALL"], name
        assert not service.cap_add, name
        assert service.security_opt == ["no-new-privileges:true"], name
        assert not service.privileged, name
        assert service.user or service.build, f"{name}: which user does it run as?"
        assert service.user not in {"root", "0"}, name


def test_a_container_mounts_its_own_secrets_alone_and_cannot_change_them(compose: Compose) -> None:
    owners = {
        "state": {"prepare"},
        "gateway-secrets": {"prepare", "gateway", "keys"},
        "simulator-secrets": {"prepare", "simulator"},
        "database-secret": {"prepare", "postgres"},
        "database": {"postgres"},
    }
    mounted: dict[str, set[str]] = {volume: set() for volume in compose.volumes}
    for name, service in compose.services.items():
        for mount in service.volumes:
            source, _, way = mount.partition(":")
            if not source.startswith("./"):
                mounted[source].add(name)
            if source.endswith(("-secrets", "-secret")) and name not in {"prepare", "keys"}:
                assert way.endswith(":ro"), mount
    assert mounted == owners


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give what the service «prepare» makes, run twice."""
    folder = tmp_path_factory.mktemp("prepared")
    words = (folder / "state", folder / "secrets", ROOT / "docker")
    first: dict[Path, bytes] = {}
    for _ in range(2):
        command: list[str | Path] = [sys.executable, ROOT / "docker" / "prepare.py", *words]
        subprocess.run(command, check=True, capture_output=True, cwd=ROOT)
        files = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
        assert not first or files == first  # nothing that is there is replaced
        first = files
    return folder / "secrets"


def test_each_program_is_given_the_keys_of_its_settings_and_no_other(prepared: Path) -> None:
    both = {}
    for program in PROGRAMS:
        settings = (ROOT / "docker" / f"{program}.toml").read_text("utf-8")
        named = set(re.findall(r"/run/duijie/keys/([\w.-]+)", settings))
        given = {path.name for path in (prepared / program / "keys").iterdir()}
        assert given == named
        both[program] = given
    assert "ledger.json" not in both["simulator"]
    assert "portal-410000.json" not in both["simulator"]
    assert "national.json" not in both["gateway"]


def test_secrets_are_their_owner_s_alone(prepared: Path) -> None:
    for program in PROGRAMS:
        folder = prepared / program
        for path in (folder, *folder.rglob("*")):
            assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path


def test_gateway_and_database_have_the_same_password(prepared: Path) -> None:
    password = (prepared / "database" / "password").read_text("ascii")
    line = (prepared / "gateway" / "pgpass").read_text("ascii")

    assert line == f"postgres:5432:duijie:duijie:{password}\n"
    assert len(password) >= 32
    assert not (prepared / "simulator" / "pgpass").exists()


def test_what_an_image_copies_is_in_its_context() -> None:
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert lines[0] == "*"
    assert [line for line in lines if line.startswith("!") and not (ROOT / line[1:]).exists()] == []
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    packages = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert {f"!{package}" for package in packages} <= set(lines)
