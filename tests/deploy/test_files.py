"""What the files of `deploy/` say about the API is true of it."""

import re
from typing import Any

import pytest
import yaml
from django.conf import settings
from django.urls import resolve

from tests.deploy.stack import DEPLOY, filled_in
from tests.http import ROOT

OURS = re.compile(
    r"\b(?:DOGBREED_[A-Z_]+|DATABASE_URL|DJANGO_SECRET_KEY|WEB_CONCURRENCY|SENTRY_DSN|PROMETHEUS_MULTIPROC_DIR)\b"
)
FILES = sorted(path for path in DEPLOY.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
YAML = [path for path in FILES if path.suffix == ".yaml"]


def documents(name: str) -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((DEPLOY / name).read_text()))


def deployment() -> dict[str, Any]:
    (document,) = documents("kubernetes/deployment.yaml")
    spec: dict[str, Any] = document["spec"]["template"]["spec"]
    return spec


@pytest.mark.parametrize("path", YAML, ids=lambda path: path.name)
def test_every_yaml_file_can_be_read(path):
    assert all(isinstance(document, dict) for document in yaml.safe_load_all(path.read_text()))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_setting_that_is_named_is_one(path):
    known = set(OURS.findall((ROOT / "dogbreed" / "settings.py").read_text()))
    assert set(OURS.findall(path.read_text())) <= known


@pytest.mark.parametrize("probe", ["startupProbe", "readinessProbe", "livenessProbe"])
def test_probes_ask_what_the_api_answers(probe, client):
    asked = deployment()["containers"][0][probe]["httpGet"]
    assert client.get(asked["path"]).status_code in (200, 503)
    assert resolve(asked["path"]).url_name in ("health-live", "health-ready")


def test_a_pod_lives_long_enough_to_answer_what_it_has():
    spec = deployment()
    (pause,) = [
        int(word) for word in spec["containers"][0]["lifecycle"]["preStop"]["exec"]["command"] if word.isdigit()
    ]
    assert spec["terminationGracePeriodSeconds"] > pause + gunicorn_setting("graceful_timeout")


def test_nothing_secret_has_a_default():
    (secret,) = documents("kubernetes/secret.example.yaml")
    assert set(secret["stringData"].values()) == {""}
    lines = (DEPLOY / "env.example").read_text().splitlines()
    assert {"POSTGRES_PASSWORD=", "DJANGO_SECRET_KEY="} <= set(lines)
    for name in ("POSTGRES_PASSWORD", "DJANGO_SECRET_KEY"):
        used = re.findall(rf"\$\{{{name}(.*?)\}}", (DEPLOY / "compose.yaml").read_text())
        assert used
        assert all(rest.startswith(":?") for rest in used)


def gunicorn_setting(name: str) -> int:
    (value,) = re.findall(rf"^{name} = (\d+)", (DEPLOY / "gunicorn.conf.py").read_text(), re.MULTILINE)
    return int(value)


def test_there_are_more_threads_than_predictions_may_wait():
    assert gunicorn_setting("threads") > settings.DOGBREED_MAX_PENDING


def test_nginx_lets_through_what_the_api_takes_and_hangs_up_first():
    site = (DEPLOY / "nginx" / "dogbreed.conf.template").read_text()
    (megabytes,) = re.findall(r"client_max_body_size (\d+)m;", site)
    assert int(megabytes) * 2**20 > settings.DOGBREED_MAX_UPLOAD_BYTES
    (idle,) = re.findall(r" keepalive_timeout (\d+)s;", site)
    assert int(idle) < gunicorn_setting("keepalive")


def test_the_page_has_the_same_permissions_behind_nginx():
    site = (DEPLOY / "nginx" / "dogbreed.conf.template").read_text()
    assert f'add_header Permissions-Policy "{settings.PERMISSIONS_POLICY}" always;' in site


def documented_settings() -> set[str]:
    return set(re.findall(r"^\| `(\w+)` \|", (DEPLOY / "settings.md").read_text(), re.MULTILINE))


def test_compose_passes_every_documented_setting():
    (compose,) = documents("compose.yaml")
    passed = compose["services"]["api"]["environment"]
    # The image's volume is at DOGBREED_VAR; only training uses the cache.
    assert documented_settings() - set(passed) == {"DOGBREED_VAR", "DOGBREED_CACHE"}
    assert set(passed) <= documented_settings()
    assert compose["services"]["migrate"]["environment"] == passed
    for name in set(passed) - {"DATABASE_URL"}:  # an operator's own value reaches the API
        assert passed[name] is None or f"${{{name}:" in passed[name]


def test_the_settings_page_lists_every_setting():
    read = set(re.findall(r'env\.\w+\("(\w+)"', (ROOT / "dogbreed" / "settings.py").read_text()))
    assert read - documented_settings() == {"PROMETHEUS_MULTIPROC_DIR"}  # deploy/gunicorn.conf.py sets it


def test_the_image_fills_in_the_whole_template():
    named = set(re.findall(r"\$\{(\w+)\}", (DEPLOY / "nginx" / "dogbreed.conf.template").read_text()))
    (compose,) = documents("compose.yaml")
    given = set(re.findall(r"\b(NGINX_\w+)=", (DEPLOY / "Dockerfile").read_text()))
    assert named <= given | set(compose["services"]["web"]["environment"])
    assert filled_in("${A} and $b", {"A": "1"}) == "1 and $b"
