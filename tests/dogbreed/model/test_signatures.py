"""Bundles that are signed, by us and by OpenSSL."""

import shutil
import subprocess
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from dogbreed.model.classifier import default_classifier, forget_default_classifier
from dogbreed.model.file_digests import DIGESTS_FILE, SIGNATURE_FILE, write_digests
from dogbreed.model.signatures import SignatureError, check_signature, sign

pytestmark = pytest.mark.skipif(not shutil.which("openssl"), reason="OpenSSL makes the keys")


def openssl(*words: "str | Path") -> "subprocess.CompletedProcess[str]":
    return subprocess.run(["openssl", *map(str, words)], capture_output=True, text=True)


@pytest.fixture
def keys(tmp_path):
    """A private and a public key, made as the documents say."""
    return key_pair(tmp_path, "key")


def key_pair(folder: Path, name: str, algorithm: str = "ed25519") -> tuple[Path, Path]:
    private, public = folder / f"{name}.pem", folder / f"{name}.public.pem"
    assert openssl("genpkey", "-algorithm", algorithm, "-out", private).returncode == 0
    assert openssl("pkey", "-in", private, "-pubout", "-out", public).returncode == 0
    return private, public


def no_password() -> str:
    raise AssertionError("The key is not encrypted.")


def test_openssl_accepts_our_signature_and_we_accept_its(newer_bundle, keys):
    private, public = keys
    sign(newer_bundle, private, no_password)
    signed, signature = newer_bundle / DIGESTS_FILE, newer_bundle / SIGNATURE_FILE
    how = ("-rawin", "-in", signed)
    assert openssl("pkeyutl", "-verify", "-pubin", "-inkey", public, *how, "-sigfile", signature).returncode == 0
    signature.unlink()
    assert openssl("pkeyutl", "-sign", "-inkey", private, *how, "-out", signature).returncode == 0
    check_signature(newer_bundle, public)


def test_an_encrypted_key_needs_its_password(newer_bundle, keys, tmp_path):
    encrypted = tmp_path / "encrypted.pem"
    openssl("pkey", "-in", keys[0], "-aes256", "-passout", "pass:secret", "-out", encrypted)
    with pytest.raises(SignatureError, match="password is wrong"):
        sign(newer_bundle, encrypted, lambda: "guess")
    sign(newer_bundle, encrypted, lambda: "secret")
    check_signature(newer_bundle, keys[1])


def test_a_signature_is_refused_that_is_missing_or_by_another_key_or_of_other_files(newer_bundle, keys, tmp_path):
    private, public = keys
    with pytest.raises(SignatureError, match="is not signed"):
        check_signature(newer_bundle, public)
    sign(newer_bundle, key_pair(tmp_path, "other")[0], no_password)
    with pytest.raises(SignatureError, match="is not by the key"):
        check_signature(newer_bundle, public)
    sign(newer_bundle, private, no_password)
    signature = (newer_bundle / SIGNATURE_FILE).read_bytes()
    (newer_bundle / "more.bin").touch()
    write_digests(newer_bundle)
    assert not (newer_bundle / SIGNATURE_FILE).exists()  # it would be of the earlier files
    (newer_bundle / SIGNATURE_FILE).write_bytes(signature)
    with pytest.raises(SignatureError, match="another SHA256SUMS"):
        check_signature(newer_bundle, public)


@pytest.mark.parametrize("content", [None, b"rubbish", b"ec"])
def test_a_key_that_cannot_be_used_is_named(newer_bundle, keys, tmp_path, content):
    sign(newer_bundle, keys[0], no_password)
    key = tmp_path / "bad.pem"
    if content == b"ec":
        openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", tmp_path / "ec.pem")
        openssl("pkey", "-in", tmp_path / "ec.pem", "-pubout", "-out", key)
    elif content:
        key.write_bytes(content)
    with pytest.raises(SignatureError, match=r"bad\.pem"):
        check_signature(newer_bundle, key)


@pytest.mark.usefixtures("served")
def test_a_server_that_demands_a_signature_serves_nothing_else(client, settings, newer_bundle, keys):
    settings.DOGBREED_BUNDLE, settings.DOGBREED_BUNDLE_KEY = newer_bundle, str(keys[1])
    assert client.get("/api/health/ready").status_code == 503
    call_command("sign", newer_bundle, "--key", keys[0])
    forget_default_classifier()
    assert default_classifier().config.version == "2.0"
    assert client.get("/api/health/ready").status_code == 200


def test_only_a_bundle_whose_files_are_listed_can_be_signed(bundle_copy, keys):
    with pytest.raises(CommandError, match="--new-digests"):
        call_command("sign", bundle_copy, "--key", keys[0])
    with pytest.raises(CommandError, match="--key"):
        call_command("sign", bundle_copy)
    call_command("sign", bundle_copy, "--new-digests", "--key", keys[0])
    check_signature(bundle_copy, keys[1])
    (bundle_copy / "config.json").write_text("{}")
    with pytest.raises(CommandError, match=r"config\.json was changed"):
        call_command("sign", bundle_copy, "--key", keys[0])
