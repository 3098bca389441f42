"""Photos in S3, from a local server that speaks its protocol."""

import subprocess
import sys
from contextlib import closing
from http.client import HTTPConnection

import pytest

from tests.http import answers, manage, wait_until
from tests.image_files import GREEN, RED, encoded, plain
from tests.trainer.prediction.conftest import rows_of

pytestmark = pytest.mark.slow

PAGE = 1000  # names in one answer of S3


@pytest.fixture(scope="module")
def s3(tmp_path_factory):
    """The port of an object store with a bucket `photos`, and what the AWS variables have to be."""
    log = tmp_path_factory.mktemp("s3") / "log"
    with log.open("wb") as output:
        process = subprocess.Popen([sys.executable, "-m", "moto.server", "-p", "0"], stdout=output, stderr=output)
    try:
        wait_until(lambda: "Running on http" in log.read_text(), "the object store runs")
        port = int(log.read_text().partition("http://127.0.0.1:")[2].split()[0])
        wait_until(lambda: answers(port, "/moto-api/data.json"), "the object store answers")
        put(port, {"": b""})
        yield port
    finally:
        process.kill()
        process.wait()


def put(port, objects):
    with closing(HTTPConnection("127.0.0.1", port)) as connection:
        for key, data in objects.items():
            connection.request("PUT", f"/photos/{key}", data, {"Host": "localhost"})
            response = connection.getresponse()
            response.read()
            assert response.status == 200


def environment(port):
    return {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": "made-up",
        "AWS_SECRET_ACCESS_KEY": "made-up",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_MAX_ATTEMPTS": "1",  # no waiting for a store that does not answer
    }


def test_photos_after_the_first_page_of_names_are_read_from_s3(s3, tiny_bundle, tmp_path):
    red = {f"many/{number}.jpg": encoded(plain(RED)) for number in range(3)}
    green = {"many/z/green.jpg": encoded(plain(GREEN)), "many/z.jpg": encoded(plain(GREEN))}
    others = {f"many/notes-{number:05}.txt": b"" for number in range(PAGE)}
    put(s3, {**red, **green, **others, "manyfold/x.jpg": b""})
    words = ["predict", "s3://photos/many", "--output", str(tmp_path / "out.csv"), "--bundle", str(tiny_bundle)]
    assert "5 photos." in manage(*words, **environment(s3))
    found = {row["path"]: row["breed"] for row in rows_of(tmp_path / "out.csv")}
    assert list(found) == sorted(found)
    expected = {f"s3://photos/{key}": "red_hound" for key in red} | {
        f"s3://photos/{key}": "green_hound" for key in green
    }
    assert found == expected


def test_one_object_a_list_and_what_is_not_there(s3, tiny_bundle, tmp_path):
    put(s3, {"one/dog.jpg": encoded(plain(RED)), "one/empty.jpg": b""})
    put(s3, {"one/names.txt": b"s3://photos/one/dog.jpg\ns3://photos/one/gone.jpg\ns3://photos/one/empty.jpg\n"})
    words = ["--output", str(tmp_path / "out.jsonl"), "--bundle", str(tiny_bundle)]
    manage("predict", "s3://photos/one/names.txt", "s3://photos/one/dog.jpg", *words, **environment(s3))
    dog, gone, empty = rows_of(tmp_path / "out.jsonl")
    assert dog["breed"] == "red_hound"
    assert "cannot be read" in gone["error"]
    assert "empty" in empty["error"]


def test_a_store_that_does_not_answer_ends_the_command_and_not_with_rows(tiny_bundle, tmp_path):
    words = ["predict", "s3://photos/many", "--output", str(tmp_path / "out.csv"), "--bundle", str(tiny_bundle)]
    with pytest.raises(RuntimeError, match=r"s3://photos/many cannot be read .*start the\s+same command again"):
        manage(*words, **environment(9))
    assert not (tmp_path / "out.csv").exists()
