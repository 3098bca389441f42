"""Signatures of bundles: Ed25519, over `SHA256SUMS`, in a file beside it.

The signature is the 64 bytes that OpenSSL makes and checks too:

    openssl pkeyutl -verify -pubin -inkey public.pem -rawin -in SHA256SUMS -sigfile SHA256SUMS.sig

The package `cryptography` is imported only where a signature is made or demanded: that takes longer than the check.
"""

from collections.abc import Callable
from pathlib import Path

from dogbreed.model.bundle import BundleError
from dogbreed.model.file_digests import DIGESTS_FILE, SIGNATURE_FILE


class SignatureError(BundleError):
    """A bundle is not signed by the key that is demanded, or a key cannot be used."""


def sign(bundle: Path, private_key: Path, ask_password: Callable[[], str]) -> None:
    """Writes the signature of a bundle's `SHA256SUMS`, which must be right: see `read_bundle`.

    Args:
        private_key: an Ed25519 key as PEM (PKCS #8).
        ask_password: called if the key is encrypted.

    Raises:
        SignatureError: the key cannot be read, or it is of another kind.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    pem = _read(private_key, "private")
    try:
        password = ask_password().encode() if b"ENCRYPTED" in pem else None
        key = load_pem_private_key(pem, password)
    except (ValueError, TypeError) as error:
        raise SignatureError(f"{private_key} is not a private key in PEM, or the password is wrong.") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise SignatureError(f"{private_key} is not an Ed25519 key. Make one: openssl genpkey -algorithm ed25519.")
    signature = key.sign((bundle / DIGESTS_FILE).read_bytes())
    unfinished = bundle / f".unfinished.{SIGNATURE_FILE}"
    unfinished.write_bytes(signature)
    unfinished.replace(bundle / SIGNATURE_FILE)


def check_signature(bundle: Path, public_key: Path | None) -> None:
    """Checks that a bundle's `SHA256SUMS` is signed. That its files are as listed there is checked by `read_bundle`.

    Args:
        public_key: None where no signature is demanded: then nothing is checked.

    Raises:
        SignatureError: it is not signed, it is signed by another key or for other files, or the key cannot be read.
    """
    if public_key is None:
        return
    from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(_read(public_key, "public"))
    except (ValueError, UnsupportedAlgorithm) as error:
        raise SignatureError(f"{public_key} (DOGBREED_BUNDLE_KEY) is not a public key in PEM.") from error
    if not isinstance(key, Ed25519PublicKey):
        raise SignatureError(f"{public_key} (DOGBREED_BUNDLE_KEY) is not an Ed25519 key.")
    try:
        signed, signature = ((bundle / name).read_bytes() for name in (DIGESTS_FILE, SIGNATURE_FILE))
    except OSError as error:
        raise SignatureError(
            f"The model bundle {bundle} is not signed ({DIGESTS_FILE} or {SIGNATURE_FILE} is missing), and "
            "DOGBREED_BUNDLE_KEY demands it. Sign it: manage.py sign."
        ) from error
    try:
        key.verify(signature, signed)
    except InvalidSignature as error:
        raise SignatureError(
            f"The signature of the model bundle {bundle} is not by the key {public_key} (DOGBREED_BUNDLE_KEY), or it "
            f"was made for another {DIGESTS_FILE}."
        ) from error


def _read(key: Path, kind: str) -> bytes:
    try:
        return key.read_bytes()
    except OSError as error:
        raise SignatureError(f"The {kind} key {key} cannot be read ({error.strerror}).") from error
