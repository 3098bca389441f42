"""What `SHA256SUMS` notices."""

import os
import subprocess
from pathlib import Path

import pytest
from django.conf import settings

from dogbreed.model.bundle import BundleError, read_bundle
from dogbreed.model.file_digests import DIGESTS_FILE, digest_lines, digest_of_bundle, write_digests


def test_the_list_is_one_that_sha256sum_checks(newer_bundle):
    checked = subprocess.run(
        ["sha256sum", "--check", "--strict", DIGESTS_FILE], cwd=newer_bundle, capture_output=True, text=True
    )
    assert (checked.returncode, checked.stdout.count(": OK")) == (0, 4)
    listed = subprocess.run(["sha256sum", DIGESTS_FILE], cwd=newer_bundle, capture_output=True, text=True)
    assert listed.stdout.split()[0] == read_bundle(newer_bundle).digest == digest_of_bundle(newer_bundle)


def test_the_bundle_that_ships_is_as_it_is_listed():
    bundle = Path(settings.BASE_DIR) / "models" / "default"
    assert (bundle / DIGESTS_FILE).read_text() == digest_lines(bundle)


def test_a_bundle_of_an_earlier_version_is_read_without_a_list(bundle_copy):
    bundle = read_bundle(bundle_copy)
    assert (bundle.is_listed, bundle.digest) == (False, digest_of_bundle(bundle_copy))


def _change(bundle: Path) -> None:
    with (bundle / "weights.safetensors").open("ab") as file:
        file.write(b"!")


def _remove(bundle: Path) -> None:
    write_digests_with(bundle, "MODEL_CARD.md")
    (bundle / "MODEL_CARD.md").unlink()


def write_digests_with(bundle: Path, name: str) -> None:
    (bundle / name).write_text("a card")
    write_digests(bundle)


def _add(bundle: Path) -> None:
    (bundle / "more.bin").touch()


def _add_folder(bundle: Path) -> None:
    (bundle / "more").mkdir()


def _add_what_looks_like_a_signature(bundle: Path) -> None:
    (bundle / "weights.sig").touch()


def _add_pipe(bundle: Path) -> None:
    os.mkfifo(bundle / "pipe")


def _cut_the_list(bundle: Path) -> None:
    text = (bundle / DIGESTS_FILE).read_text()
    (bundle / DIGESTS_FILE).write_text(text[:-30])


def _damage_the_list(bundle: Path) -> None:
    (bundle / DIGESTS_FILE).write_bytes(b"\xff\x00")


@pytest.mark.parametrize(
    ("damage", "named"),
    [
        (_change, "weights.safetensors was changed"),
        (_remove, "MODEL_CARD.md is missing"),
        (_add, "more.bin is not listed"),
        (_add_folder, "more is not listed"),
        (_add_what_looks_like_a_signature, "weights.sig is not listed"),
        (_add_pipe, "pipe is not listed"),
        (_cut_the_list, "weights.safetensors is not listed"),
        (_damage_the_list, "SHA256SUMS cannot be read"),
    ],
)
def test_a_file_that_is_not_as_listed_is_named(newer_bundle, damage, named):
    damage(newer_bundle)
    with pytest.raises(BundleError, match=named):
        read_bundle(newer_bundle)
