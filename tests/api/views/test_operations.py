"""What an operator looks at: health, metrics, logs, and the settings of production."""

import json
import os
import re
import subprocess
import sys

import pytest

from dogbreed.model.classifier import forget_default_classifier
from tests.http import ROOT, manage, upload
from tests.image_files import RED, encoded, plain

PRODUCTION = {
    "DJANGO_SECRET_KEY": "k" * 25 + "".join(map(chr, range(48, 90))),
    "DOGBREED_HTTPS": "yes",
    "DOGBREED_ALLOWED_HOSTS": "dogs.example.org",
    "DOGBREED_ADMIN": "yes",
}


def figure(client, line: str) -> float:
    found = re.search(rf"^{re.escape(line)} (\S+)$", client.get("/metrics").content.decode(), re.MULTILINE)
    return float(found[1]) if found else 0.0


def test_a_process_is_live_whatever_its_model(client, settings, tmp_path):
    settings.DOGBREED_BUNDLE = tmp_path
    assert client.get("/api/health/live").json() == {"status": "live"}


@pytest.mark.usefixtures("served")
def test_a_process_is_ready_when_its_model_has_passed_the_golden_check(client):
    ready = client.get("/api/health/ready").json()
    assert (ready["status"], ready["model"]["name"]) == ("ready", "tiny")


def test_a_process_whose_model_computes_something_else_is_not_ready(client, settings, bundle_copy, change_json):
    golden = json.loads((bundle_copy / "golden.json").read_text())
    golden["cases"][0]["logits"][0] += 1
    change_json(bundle_copy / "golden.json", **golden)
    settings.DOGBREED_BUNDLE = bundle_copy
    forget_default_classifier()
    response = client.get("/api/health/ready")
    assert (response.status_code, response.json()["code"]) == (503, "model_unavailable")
    forget_default_classifier()


@pytest.mark.usefixtures("served")
def test_metrics_count_how_predictions_end_and_how_long_they_took(client):
    lines = [
        'dogbreed_predictions_total{outcome="answered"}',
        'dogbreed_predictions_total{outcome="no_image"}',
        'dogbreed_prediction_seconds_count{stage="decode"}',
        'dogbreed_prediction_seconds_count{stage="inference"}',
        'dogbreed_prediction_seconds_count{stage="total"}',
        'dogbreed_predictions_stored_total{outcome="stored"}',
    ]
    before = [figure(client, line) for line in lines]
    upload(client)
    client.post("/predictImage")
    assert [figure(client, line) - was for line, was in zip(lines, before, strict=True)] == [1, 1, 1, 1, 1, 1]
    assert figure(client, "dogbreed_predictions_pending") == 0


@pytest.mark.usefixtures("served_trusted")
def test_metrics_count_verdicts_and_who_agreed_with_them(client):
    kinds = {"breed": encoded(plain(RED)), "not_a_dog": encoded(plain((128, 128, 128)))}
    lines = [f'dogbreed_verdicts_total{{kind="{kind}"}}' for kind in kinds]
    judged = [
        f'dogbreed_feedback_total{{judged="{judged}",kind="{kind}"}}' for kind in kinds for judged in ("right", "wrong")
    ]
    before = [figure(client, line) for line in lines + judged]
    for photo, breed in zip(kinds.values(), ("blue_hound", "no_dog"), strict=True):
        answer = upload(client, photo).json()
        secret = {"HTTP_X_PREDICTION_SECRET": answer["secret"]}
        for said in (breed, answer["breed"]):  # the second judgement replaces the first, and is not counted
            address = f"/api/predictions/{answer['id']}/feedback"
            client.post(address, {"breed": said}, content_type="application/json", **secret)
    after = [figure(client, line) for line in lines + judged]
    assert [now - was for now, was in zip(after, before, strict=True)] == [1, 1, 0, 1, 1, 0]


@pytest.mark.parametrize("outside", [{"REMOTE_ADDR": "192.0.2.1"}, {"HTTP_X_FORWARDED_FOR": "127.0.0.1"}])
def test_metrics_are_not_for_the_public(client, outside):
    assert client.get("/metrics", **outside).status_code == 404


def test_networks_that_are_named_may_read_metrics(client, settings):
    settings.DOGBREED_METRICS_FROM = ["192.0.2.0/24"]
    assert client.get("/metrics", REMOTE_ADDR="192.0.2.1").status_code == 200
    assert client.get("/metrics", REMOTE_ADDR="127.0.0.1").status_code == 404


def test_an_ipv4_client_of_a_server_that_also_listens_to_ipv6_is_known_by_its_address(client):
    assert client.get("/metrics", REMOTE_ADDR="::ffff:127.0.0.1").status_code == 200
    assert client.get("/metrics", REMOTE_ADDR="::ffff:192.0.2.1").status_code == 404


@pytest.mark.slow
def test_the_settings_of_production_pass_djangos_own_check():
    assert "no issues" in manage("check", "--deploy", "--fail-level", "WARNING", **PRODUCTION)


@pytest.mark.usefixtures("served")
def test_pages_may_load_nothing_from_elsewhere_and_not_be_framed(client):
    headers = client.get("/api/").headers
    policy = headers["Content-Security-Policy"].split("; ")
    assert {"default-src 'self'", "script-src 'self' 'wasm-unsafe-eval'", "frame-ancestors 'none'"} <= set(policy)
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


@pytest.mark.usefixtures("served")
@pytest.mark.parametrize(
    "path", ["/api/", "/predictImage", "/no/such/address", "/static/rest_framework/css/default.css"]
)
def test_pages_may_not_ask_for_camera_place_or_microphone(client, path):
    response = client.get(path)
    policy = response.headers["Permissions-Policy"].split(", ")
    response.close()
    assert {"camera=()", "geolocation=()", "microphone=()"} <= set(policy)


def test_there_is_no_admin_site_unless_it_is_asked_for(client):
    assert client.get("/admin/").status_code == 404


@pytest.mark.slow
def test_the_admin_site_shows_answers_and_lets_nobody_change_them(tmp_path):
    program = """
import django; django.setup()
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from api.models import Prediction
call_command("migrate", verbosity=0)
User.objects.create_superuser("ann", password="secret")
p = Prediction.objects.create(breed="red_hound", probability=0.9, probabilities={"red_hound": 1.0}, width=1, height=1,
    sha256="0", decode_ms=1, inference_ms=1, elapsed_ms=2)
client = Client()
assert client.get("/admin/api/prediction/").status_code == 302
login = {"username": "ann", "password": "secret"}
assert client.post("/admin/login/?next=/admin/", login).headers["Location"] == "/admin/"
assert b"red_hound" in client.get("/admin/api/prediction/").content
assert client.get(f"/admin/api/prediction/{p.pk}/change/").status_code == 200
assert client.post(f"/admin/api/prediction/{p.pk}/change/", {"breed": "x"}).status_code == 403
assert client.get("/admin/api/prediction/add/").status_code == 403
assert client.post(f"/admin/api/prediction/{p.pk}/delete/", {"post": "yes"}).status_code == 302
assert not Prediction.objects.exists()
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "dogbreed.settings",
            "DOGBREED_ADMIN": "yes",
            "DOGBREED_ALLOWED_HOSTS": "testserver",
            "DATABASE_URL": f"sqlite:///{tmp_path / 'admin.sqlite3'}",
        },
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.slow
def test_a_secret_key_is_made_once_and_kept_from_others(tmp_path):
    keys = {
        manage("shell", "-v", "0", "-c", "from django.conf import settings; print(settings.SECRET_KEY)",
               DOGBREED_VAR=str(tmp_path / "var"))
        for _ in range(2)
    }  # fmt: skip
    assert len(keys) == 1
    assert len(keys.pop().strip()) >= 50
    assert (tmp_path / "var" / "secret_key").stat().st_mode & 0o077 == 0
