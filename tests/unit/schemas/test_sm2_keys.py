"""SM2, P-256 and Ed25519 keys as other programs hand them over: PEM, certificates, files."""

import json
from base64 import b64decode, b64encode
from pathlib import Path
from random import Random

import pytest

from schemas.signing import (
    NATIONAL,
    Key,
    KeyRejected,
    SignatureErrorCode,
    Sm2Use,
    Suite,
    new_key,
    read_key_file,
    read_pem_file,
    write_key_file,
)
from schemas.signing.pem import read_pem
from schemas.signing.sm2.plain import PlainSm2
from schemas.signing.sm2.selection import choose_sm2

VECTORS = Path(__file__).parents[2] / "vectors"
PEM = json.loads((VECTORS / "sm" / "pem.json").read_text())
READ = {each["name"]: each for each in PEM["read"]}
RFC_KEY = json.loads((VECTORS / "rfc9421" / "p256.json").read_text())["pem"]


def rejection_of(text: str) -> SignatureErrorCode:
    with pytest.raises(KeyRejected) as refused:
        Key.from_pem("agency-419001", text)
    return refused.value.code


def a_file(path: Path, text: str, mode: int = 0o600) -> Path:
    path.write_text(text, "utf-8")
    path.chmod(mode)
    return path


@pytest.mark.parametrize("name", READ)
def test_a_pem_of_the_openssl_command_is_read(name: str) -> None:
    expected = READ[name]

    key = Key.from_pem("agency-419001", expected["pem"])

    assert key.suite == expected["suite"]
    assert key.engine.public_bytes().hex() == expected["public"]
    assert key.can_sign is (expected["private"] is not None)
    assert key.material.hex() == (expected["private"] or expected["public"])
    if key.can_sign:
        assert key.public_half().engine.verify(b"base", key.engine.sign(b"base"))


@pytest.mark.parametrize("name", PEM["refused"])
def test_a_pem_of_another_kind_is_refused(name: str) -> None:
    assert rejection_of(PEM["refused"][name]) is SignatureErrorCode.KEY_MALFORMED


def test_a_pem_with_line_ends_of_windows_and_text_around_it_is_read() -> None:
    text = READ["sm2 certificate"]["pem"]

    around = f"Subject: CN = agency-419001\r\n{text}\r\n".replace("\n", "\r\n")
    assert Key.from_pem("a", around).material == Key.from_pem("a", text).material


def accepted(text: str) -> bool:
    try:
        Key.from_pem("agency-419001", text)
    except KeyRejected as refused:
        if refused.code is SignatureErrorCode.KEY_MALFORMED:
            return False
        raise
    return True


def test_a_damaged_pem_never_ends_in_another_error() -> None:
    draw = Random(5480)  # noqa: S311 - repeatable, not secret
    verdicts = set()
    for expected in READ.values():
        head, _, last = expected["pem"].rpartition("-----BEGIN")
        label, body, end = last.split("-----", 2)
        text = "".join(body.split())
        for _ in range(60):
            at = draw.randrange(len(text))
            changed = text[:at] + draw.choice("ABCQgw+/09") + text[at + draw.randrange(3) :]
            verdicts.add(accepted(f"{head}-----BEGIN{label}-----\n{changed}\n-----{end}"))
    assert verdicts == {True, False}  # a bit of a certificate's name may change unnoticed


@pytest.mark.parametrize("name", ["sm2 sec1", "p256 pkcs8"])
def test_halves_that_do_not_belong_together_are_refused(name: str) -> None:
    _, begin, body, *_ = READ[name]["pem"].split("-----")
    der = bytearray(b64decode("".join(body.split())))
    public = bytes.fromhex(READ[name]["public"])
    assert bytes(der).endswith(public)
    other = new_key("b", Suite(READ[name]["suite"])).engine.public_bytes()
    der[-len(public) :] = other

    end = begin.replace("BEGIN", "END")
    text = f"-----{begin}-----\n{b64encode(der).decode()}\n-----{end}-----\n"
    with pytest.raises(KeyRejected, match="do not match"):
        Key.from_pem("a", text)


def test_a_refused_pem_is_not_quoted() -> None:
    text = READ["sm2 sec1"]["pem"].replace("SM2 PRIVATE KEY", "PUBLIC KEY")
    with pytest.raises(KeyRejected) as refused:
        Key.from_pem("a", text)
    assert text.splitlines()[1][:8] not in str(refused.value)
    assert READ["sm2 sec1"]["private"][:8] not in repr(read_pem(READ["sm2 sec1"]["pem"]))


def test_a_private_pem_file_is_for_its_owner_only(tmp_path: Path) -> None:
    text = READ["p256 pkcs8"]["pem"]

    with pytest.raises(KeyRejected) as refused:
        read_pem_file("a", a_file(tmp_path / "open.pem", text, 0o640))
    assert refused.value.code is SignatureErrorCode.KEY_FILE_OPEN_TO_OTHERS
    assert read_pem_file("a", a_file(tmp_path / "own.pem", text)).can_sign
    public = a_file(tmp_path / "public.pem", READ["ed25519 public"]["pem"], 0o644)
    assert not read_pem_file("a", public).can_sign


@pytest.mark.parametrize("text", [RFC_KEY, READ["sm2 pkcs8"]["pem"], READ["sm2 public"]["pem"]])
def test_keys_printed_in_a_standard_are_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(KeyRejected) as refused:
        read_pem_file("a", a_file(tmp_path / "k.pem", text))
    assert refused.value.code is SignatureErrorCode.KEY_EXAMPLE

    key = Key.from_pem("a", text)
    write_key_file(tmp_path / "k.json", key)
    with pytest.raises(KeyRejected) as refused:
        read_key_file(tmp_path / "k.json")
    assert refused.value.code is SignatureErrorCode.KEY_EXAMPLE


def test_an_unreadable_pem_file_names_itself(tmp_path: Path) -> None:
    path = a_file(tmp_path / "k.pem", "")
    with pytest.raises(KeyRejected, match=str(path)):
        read_pem_file("a", path)
    path.write_bytes(b"\xff" * 20_000)
    with pytest.raises(KeyRejected, match="larger than"):
        read_pem_file("a", path)


def test_the_signer_id_travels_with_the_key_and_its_file(tmp_path: Path) -> None:
    drawn = new_key("province-410000", Suite.SM2_SM3)
    key = Key.private(drawn.key_id, drawn.suite, drawn.material, Sm2Use("河南省人社厅"))
    path = tmp_path / "k.json"
    write_key_file(path, key)

    read = read_key_file(path)
    assert read == key
    assert read.signer_id == "河南省人社厅"
    assert read != drawn
    signature = read.engine.sign(b"base")
    assert key.public_half().engine.verify(b"base", signature)
    assert not drawn.public_half().engine.verify(b"base", signature)
    assert json.loads(path.read_text())["signer_id"] == "河南省人社厅"


def test_a_key_file_without_a_signer_id_means_the_default_one(tmp_path: Path) -> None:
    key = new_key("province-410000", Suite.SM2_SM3)
    path = tmp_path / "k.json"
    write_key_file(path, key)
    record = json.loads(path.read_text())
    assert record.pop("signer_id") == "1234567812345678"
    path.write_text(json.dumps(record))

    assert read_key_file(path) == key


def test_only_sm2_has_a_signer_id(tmp_path: Path) -> None:
    key = new_key("province-410000", Suite.ED25519)
    path = tmp_path / "k.json"
    write_key_file(path, key)
    assert key.signer_id == ""
    path.write_text(json.dumps(json.loads(path.read_text()) | {"signer_id": "1234567812345678"}))

    with pytest.raises(KeyRejected) as refused:
        read_key_file(path)
    assert refused.value.code is SignatureErrorCode.KEY_MALFORMED
    with pytest.raises(KeyRejected, match="knows no signer ID"):
        Key.private("a", Suite.ED25519, bytes(range(32)), Sm2Use("other"))


@pytest.mark.parametrize("signer_id", ["", "1" * 256, "\ud800"])
def test_an_unfit_signer_id_is_refused(signer_id: str) -> None:
    material = new_key("a", Suite.SM2_SM3).material
    with pytest.raises(KeyRejected) as refused:
        Key.private("a", Suite.SM2_SM3, material, Sm2Use(signer_id))
    assert refused.value.code is SignatureErrorCode.KEY_MALFORMED


def test_the_national_suites_are_those_on_sm3() -> None:
    assert {Suite.HMAC_SM3, Suite.SM2_SM3} == NATIONAL
    assert all(new_key("a", suite).digest == "sm3" for suite in NATIONAL)


def test_a_key_file_is_read_with_the_back_end_that_is_chosen(tmp_path: Path) -> None:
    key, path = new_key("province-410000", Suite.SM2_SM3), tmp_path / "k.json"
    write_key_file(path, key)

    with pytest.raises(KeyRejected, match=f"{path}: signing with SM2 needs") as refused:
        read_key_file(path, lambda: choose_sm2(None))
    assert refused.value.code is SignatureErrorCode.KEY_SIGNER_UNAVAILABLE
    with pytest.warns(RuntimeWarning, match="not constant-time"):
        plain = read_key_file(path, lambda: PlainSm2(signing=True))
    assert key.public_half().engine.verify(b"base", plain.engine.sign(b"base"))
