"""HTTPS by nginx with deploy/nginx/tls.conf, in front of an API that is told so by DOGBREED_HTTPS."""

import shutil
import ssl
import subprocess
from contextlib import closing
from http.client import HTTPSConnection
from pathlib import Path

import pytest

from tests.deploy.stack import Nginx
from tests.http import RED_JPEG, Answer, ask, gunicorn, multipart, request

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (shutil.which("nginx") and shutil.which("openssl")), reason="needs nginx and openssl"),
]


def make_certificate(folder: Path) -> ssl.SSLContext:
    """A certificate for localhost, and what a client needs to trust it."""
    files = ["-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem")]
    name = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-days", "2"]
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    subprocess.run([*command, *files, *name], check=True, capture_output=True)
    return ssl.create_default_context(cafile=str(folder / "fullchain.pem"))


def redirects(port: int) -> bool:
    try:
        return ask(port, "GET", "/").status == 308
    except OSError:
        return False


def test_visitors_come_by_https_and_are_led_to_it(tiny_bundle, tmp_path):
    (tmp_path / "certificates").mkdir()
    trusting = make_certificate(tmp_path / "certificates")

    def securely(method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> Answer:
        with closing(HTTPSConnection("localhost", nginx.port, context=trusting, timeout=60)) as connection:
            return request(connection, method, path, body, headers)

    with gunicorn(tiny_bundle, tmp_path / "var", DOGBREED_HTTPS="yes", DOGBREED_PROXIES="1") as server:
        nginx = Nginx(tmp_path / "nginx", [server], tmp_path / "static", certificates=tmp_path / "certificates")
        checked = subprocess.run([*nginx.command, "-t"], capture_output=True, text=True)
        assert checked.returncode == 0, checked.stderr
        nginx.start()
        try:
            nginx.wait_until(lambda: redirects(nginx.plain), "nginx answers")
            assert securely("POST", "/predictImage", *multipart(RED_JPEG)).json["breed"] == "red_hound"
            root = securely("GET", "/api/")
            assert root.json["docs"] == f"https://localhost:{nginx.port}/api/docs/"
            assert root.headers["strict-transport-security"].startswith("max-age=")
            led = ask(nginx.plain, "GET", "/model?x=1", headers={"Host": "localhost"})
            assert (led.status, led.headers["location"]) == (308, "https://localhost/model?x=1")
        finally:
            nginx.stop()
