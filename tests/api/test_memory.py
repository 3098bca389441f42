"""The memory of a server is bounded by the pixels that it permits, and given back."""

import struct
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.deploy.stack import DEPLOY
from tests.http import gunicorn, send_photo
from trainer.benchmarks.hostile_photos import chunk

pytestmark = pytest.mark.slow
SIDE = 5000
PIXELS = SIDE * SIDE
GIVES_BACK = {
    "MALLOC_MMAP_THRESHOLD_": "8388608",
    "MALLOC_TRIM_THRESHOLD_": "33554432",
}  # as the image and the systemd unit have it


def transparent_png() -> bytes:
    """A PNG of `PIXELS` with 4 bytes each when decoded, and few in the file."""
    row = bytes(1 + 4 * SIDE)
    packer = zlib.compressobj(1)
    pixels = b"".join(packer.compress(row) for _ in range(SIDE)) + packer.flush()
    header = chunk(b"IHDR", struct.pack(">LLBBBBB", SIDE, SIDE, 8, 6, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", pixels) + chunk(b"IEND")


def memory_mb(pid: int, key: str) -> float:
    status = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in status if line.startswith(key)).split()[1]) / 1024


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="Linux alone says how much memory was taken")
def test_large_photos_take_no_more_memory_together_than_one_and_leave_none(tiny_bundle, tmp_path):
    photo = transparent_png()
    environment = {"DOGBREED_MAX_PIXELS": str(PIXELS), **GIVES_BACK}
    with gunicorn(tiny_bundle, tmp_path / "var", migrated=True, **environment) as server:
        send_photo(server.port)
        (worker,) = server.workers
        before = memory_mb(worker, "VmRSS")
        Path(f"/proc/{worker}/clear_refs").write_text("5")  # proc(5): the peak begins anew
        with ThreadPoolExecutor(6) as threads:
            answers = list(threads.map(lambda _: send_photo(server.port, photo).status, range(12)))
        assert answers == [200] * 12
        decoded = 4 * PIXELS / 2**20
        assert memory_mb(worker, "VmHWM") - before < 2.5 * decoded
        assert memory_mb(worker, "VmRSS") - before < decoded


@pytest.mark.parametrize("name", ["Dockerfile", "dogbreed.service"])
def test_every_deployment_gives_the_memory_of_large_photos_back(name):
    text = (DEPLOY / name).read_text()
    assert all(f"{key}={value}" in text for key, value in GIVES_BACK.items())
