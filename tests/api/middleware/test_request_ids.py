"""The id of a request, and its line in the log."""

import json
import logging
import os
import re
import subprocess
import sys

import pytest

from tests.http import ROOT, upload


@pytest.mark.usefixtures("served")
def test_a_request_keeps_the_id_that_a_proxy_gave_it(client):
    assert upload(client, HTTP_X_REQUEST_ID="a-1.b").headers["X-Request-ID"] == "a-1.b"
    invented = upload(client, HTTP_X_REQUEST_ID="a\r\nSet-Cookie: b").headers["X-Request-ID"]
    assert re.fullmatch("[0-9a-f]{32}", invented)


@pytest.mark.usefixtures("served")
def test_each_request_is_one_line_in_the_log_and_probes_are_none(client, caplog):
    with caplog.at_level(logging.INFO, "dogbreed.requests"):
        upload(client)
        client.get("/api/health/live")
    lines = [record for record in caplog.records if record.name == "dogbreed.requests"]
    assert [(line.method, line.path, line.status) for line in lines] == [("POST", "/predictImage", 200)]


def test_logs_can_be_json():
    program = (
        "import django, logging; django.setup();"
        "from api.middleware.request_ids import request_id; request_id.set('r1');"
        "logging.getLogger('dogbreed').warning('a %s', 'b', extra={'status': 200})"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "dogbreed.settings", "DOGBREED_LOG": "json"},
        capture_output=True,
        text=True,
    )
    line = json.loads(done.stderr)
    assert line.pop("time")
    assert line == {"level": "WARNING", "logger": "dogbreed", "message": "a b", "request_id": "r1", "status": 200}
