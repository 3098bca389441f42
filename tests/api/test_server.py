"""Whole server processes: what they do with load, damage and death."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from http.client import HTTPException
from pathlib import Path

import numpy as np
import pytest

from tests.http import RED_JPEG, Gunicorn, gunicorn, manage, multipart, post
from tests.image_files import encoded, noise

pytestmark = pytest.mark.slow


def test_a_server_answers_a_photo_and_refuses_what_is_too_long(tiny_bundle, tmp_path):
    with gunicorn(tiny_bundle, tmp_path) as server, closing(server.connect()) as connection:
        status, answer = post(connection)
        assert (status, answer["breed"], answer["stored"]) == (200, "red_hound", True)
        status, answer = post(connection, bytes(30 * 1024 * 1024))
        assert (status, answer["code"]) == (413, "file_too_large")


def test_a_server_without_tables_answers_and_stores_once_they_are_made(tiny_bundle, tmp_path):
    with gunicorn(tiny_bundle, tmp_path, migrated=False) as server, closing(server.connect()) as connection:
        status, answer = post(connection)
        assert (status, answer["stored"]) == (200, False)
        manage("migrate", "--verbosity", "0", DOGBREED_VAR=str(tmp_path))
        assert _until_stored(server)


def _until_stored(server: Gunicorn) -> bool:
    deadline = time.monotonic() + 60
    with closing(server.connect()) as connection:
        while time.monotonic() < deadline:
            if post(connection)[1]["stored"]:
                return True
            time.sleep(0.2)
    return False


def test_a_server_starts_without_a_model_and_says_so(tmp_path):
    with gunicorn(tmp_path / "nowhere", tmp_path) as server, closing(server.connect()) as connection:
        status, answer = post(connection, bytes(10 * 1024 * 1024))
        assert (status, answer["code"]) == (503, "model_unavailable")
        connection.request("GET", "/api/docs/")
        assert connection.getresponse().status == 200


def test_a_corrupt_bundle_that_is_swapped_in_leaves_the_old_one_serving(bundle_copy, tmp_path):
    with gunicorn(bundle_copy, tmp_path / "var") as server, closing(server.connect()) as connection:
        assert post(connection)[0] == 200
        network = bundle_copy / "model.onnx"
        network.write_bytes(b"broken" * (network.stat().st_size // 6))
        for _ in range(20):
            assert post(connection, encoded(noise()))[0] == 200
        os.kill(server.workers[0], signal.SIGKILL)
        deadline = time.monotonic() + 60
        while (status := _status(server)) != 503:  # the new worker finds the broken one, says so and stays up
            assert time.monotonic() < deadline, status


def _status(server: Gunicorn) -> int:
    try:
        with closing(server.connect()) as connection:
            return post(connection)[0]
    except (OSError, HTTPException):
        return 0  # a connection to the worker that has just died


def test_the_death_of_a_worker_loses_only_what_was_in_flight(tiny_bundle, tmp_path):
    with gunicorn(tiny_bundle, tmp_path, "--workers", "2", WEB_CONCURRENCY="2") as server:
        with ThreadPoolExecutor(8) as threads:
            asked = [threads.submit(_status, server) for _ in range(300)]
            time.sleep(0.2)
            os.kill(server.workers[0], signal.SIGKILL)
            statuses = [future.result() for future in asked]
        assert set(statuses) <= {0, 200}
        assert statuses.count(0) <= 8
        assert [_status(server) for _ in range(20)] == [200] * 20


def test_a_stopped_server_answers_what_is_in_flight(tiny_bundle, tmp_path):
    body, headers = multipart(RED_JPEG)
    with gunicorn(tiny_bundle, tmp_path) as server, closing(server.connect()) as connection:
        connection.putrequest("POST", "/predictImage")
        for name, value in (headers | {"Content-Length": str(len(body))}).items():
            connection.putheader(name, value)
        connection.endheaders(body[:100])
        time.sleep(1)  # by now a thread of the server waits for the rest
        server.running.send_signal(signal.SIGTERM)
        time.sleep(1)
        connection.send(body[100:])
        assert connection.getresponse().status == 200
        assert server.running.wait(60) == 0


@pytest.mark.skipif(os.geteuid() != 0 or not shutil.which("mount"), reason="a small disk needs root to be mounted")
def test_a_full_disk_costs_no_answer(tiny_bundle, tmp_path):
    var = tmp_path / "var"
    var.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", var], capture_output=True).returncode:
        pytest.skip("no file system may be mounted here")
    try:
        with gunicorn(tiny_bundle, var) as server, closing(server.connect()) as connection:
            _fill(var / "full")
            answers = [post(connection, encoded(noise())) for _ in range(30)]
            assert [status for status, _ in answers] == [200] * 30
            assert answers[-1][1]["stored"] is False
            (var / "full").unlink()
            assert _until_stored(server)
    finally:
        subprocess.run(["umount", "--lazy", var], check=True)


def _fill(path: Path) -> None:
    with path.open("wb", buffering=0) as file:
        try:
            while file.write(bytes(4096)):
                pass
        except OSError:
            return


FORMATS = ["JPEG", "PNG", "WEBP", "GIF", "AVIF", "HEIF"]


def test_no_damaged_photo_makes_a_server_fail(tiny_bundle, tmp_path, request):
    """`--mutations 20000 --seed 1` does more of it."""
    random = np.random.default_rng(request.config.getoption("seed"))
    whole = [encoded(noise((48, 40)), kind) for kind in FORMATS]
    with gunicorn(tiny_bundle, tmp_path) as server, closing(server.connect()) as connection:
        post(connection)
        worker = server.workers
        before = _resident_mb(worker[0])
        statuses: dict[int, int] = {}
        for number in range(request.config.getoption("mutations")):
            status, answer = post(connection, _damaged(whole[number % len(whole)], random))
            assert status in (200, 400, 413, 415), (number, answer)
            statuses[status] = statuses.get(status, 0) + 1
        grown = _resident_mb(worker[0]) - before
        print(f"statuses {statuses}; {before:.0f} MB before, {grown:.0f} MB more after")
        assert server.workers == worker  # none was lost
        assert grown < 100


def _damaged(whole: bytes, random: np.random.Generator) -> bytes:
    """Some bytes changed, a piece cut out or doubled, or the end cut off."""
    data = bytearray(whole)
    for _ in range(random.integers(1, 8)):
        data[random.integers(len(data))] = random.integers(256)
    at, length = random.integers(len(data)), random.integers(1, 64)
    match random.integers(4):
        case 0:
            del data[at : at + length]
        case 1:
            data[at:at] = data[at : at + length]
        case 2:
            del data[at:]
    return bytes(data)


def _resident_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def test_every_operation_keeps_to_the_schema_whatever_is_sent(tiny_bundle, tmp_path):
    with gunicorn(tiny_bundle, tmp_path / "var", DOGBREED_KEEP_PHOTOS="yes") as server:
        done = subprocess.run(
            [
                *(sys.executable, "-m", "schemathesis.cli", "run", f"{server.url}/api/schema/"),
                *("--seed", "2", "--max-examples", "25", "--no-color", "--generation-database", "none"),
                # No schema can say which bytes are a photo.
                *("--exclude-checks", "positive_data_acceptance"),
            ],
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )
        log = server.log.read_text()
    assert done.returncode == 0, done.stdout[-8000:] + done.stderr
    # The links of the schema lead from the id of an answer to the operations on it. Random bytes are another photo.
    found = set(re.findall(r"requests: (\w+) /api/predictions/[0-9a-f-]{36}(\S*) (\d+) in", log))
    assert found >= {("GET", "", "200"), ("POST", "/feedback", "201"), ("POST", "/photo", "409"), ("DELETE", "", "204")}
