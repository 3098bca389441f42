"""Clients of the API against a real server: those of api/README.md, and one that is generated from the schema."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.http import RED_JPEG, ROOT, Gunicorn, gunicorn
from tests.image_files import BLUE, encoded, plain

pytestmark = pytest.mark.slow

EXAMPLES = re.findall(r"^```(sh|python)\n(.+?)^```", (ROOT / "api" / "README.md").read_text(), re.DOTALL | re.MULTILINE)
CURL = [text for language, text in EXAMPLES if language == "sh"]
(PYTHON,) = [text for language, text in EXAMPLES if language == "python"]

# What somebody writes who uses the generated package `dogbreed_client`.
PROGRAM = """
import sys
from io import BytesIO
from dogbreed_client import Client
from dogbreed_client.api.api import delete_prediction, feedback, keep_photo, model, predict_images, prediction
from dogbreed_client.api.predict_image import predict_image
from dogbreed_client.models import Error, FeedbackRequestRequest
from dogbreed_client.models import PhotoFilesRequest, PhotoTextsRequest, PhotoUploadRequest
from dogbreed_client.types import File

def file(name):
    return File(payload=open(name, "rb"), file_name=name)

client = Client(base_url=sys.argv[1], raise_on_unexpected_status=True)
print(model.sync(client=client).name)

text = File(payload=BytesIO(b"text"), file_name="a.txt")
photos = PhotoFilesRequest(image=[file("rex.jpg"), text, file("bella.png")])
rex, problem, bella = predict_images.sync(client=client, body=photos, top=1).answers
assert isinstance(problem, Error)
print(rex.name, len(rex.probabilities), problem.code, bella.name, bella.stored)

answers = predict_images.sync(client=client, body=PhotoTextsRequest(image="not base64")).answers
print(answers[0].code)

alone = predict_image.sync(client=client, body=PhotoUploadRequest(image=file("rex.jpg")), explain=True)
print(alone.breed, alone.verdict.kind, alone.explanation.rows)

print(feedback.sync(id=rex.id, client=client, body=FeedbackRequestRequest(breed="other")).right)
stored = prediction.sync(id=rex.id, client=client)
print(stored.feedback.breed, stored.photo_kept)
print(keep_photo.sync(id=rex.id, client=client, body=PhotoUploadRequest(image=file("rex.jpg"))).prediction == rex.id)
print(keep_photo.sync(id=bella.id, client=client, body=PhotoUploadRequest(image=file("rex.jpg"))).code)

print(feedback.sync(id=rex.id, client=client, body=FeedbackRequestRequest(right=True)).code)
changed = FeedbackRequestRequest(right=True)
print(feedback.sync(id=rex.id, client=client, body=changed, x_prediction_secret=rex.secret).right)
print(delete_prediction.sync_detailed(id=rex.id, client=client, x_prediction_secret=bella.secret).parsed.code)
print(delete_prediction.sync_detailed(id=rex.id, client=client, x_prediction_secret=rex.secret).status_code.value)
print(prediction.sync(id=rex.id, client=client).code)
"""


@pytest.fixture(scope="module")
def server(trusted_bundle: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gunicorn]:
    with gunicorn(trusted_bundle, tmp_path_factory.mktemp("clients") / "var", DOGBREED_KEEP_PHOTOS="yes") as server:
        yield server


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """A folder with the photos of the examples."""
    for name in ("dog.jpg", "rex.jpg", "rex1.jpg", "rex2.jpg"):
        (tmp_path / name).write_bytes(RED_JPEG)
    (tmp_path / "bella.png").write_bytes(encoded(plain(BLUE), "PNG"))
    return tmp_path


def run(folder: Path, *command: str) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env={**os.environ, "PYTHONUTF8": "1"})
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_python_client_of_the_documentation_prints_the_breeds(server, photos):
    (photos / "bella.png").write_bytes(b"")
    lines = run(photos, sys.executable, "-c", PYTHON.replace("http://127.0.0.1:8000", server.url)).splitlines()
    assert re.fullmatch(r"Red Hound: \d+%", lines[0])
    assert lines[1:] == ["empty_file: This file is empty. Choose another file."]


@pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")
@pytest.mark.parametrize("command", CURL)
def test_the_curl_commands_of_the_documentation_get_answers(server, photos, command):
    assert '"breed":"red_hound"' in run(photos, "sh", "-ec", command.replace("http://127.0.0.1:8000", server.url))


def test_a_client_that_is_generated_from_the_schema_reaches_every_operation(server, photos):
    (photos / "config.yml").write_text("post_hooks: []\n")  # nobody reads the code, so ruff need not format it
    generate = ["-m", "openapi_python_client", "generate", "--url", f"{server.url}/api/schema/", "--fail-on-warning"]
    options = ["--meta", "none", "--output-path", "dogbreed_client", "--config", "config.yml"]
    run(photos, sys.executable, *generate, *options)
    assert run(photos, sys.executable, "-c", PROGRAM, server.url).splitlines() == [
        "trusted",
        "Red Hound 1 unsupported_image Blue Hound True",
        "not_base64",
        "red_hound breed 8",
        "False",
        "other False",
        "True",
        "another_photo",
        "secret_needed",
        "True",
        "secret_needed",
        "204",
        "prediction_not_found",
    ]
