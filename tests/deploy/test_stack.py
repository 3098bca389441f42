"""nginx, two instances of the API and PostgreSQL as `deploy/` sets them up, asked from outside and hurt on purpose."""

import gzip
import os
import re
import shutil
import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.client import IncompleteRead

import pytest

from dogbreed.settings import BASE_DIR
from tests.deploy.conftest import CLIENTS
from tests.deploy.stack import STATIC_FILE, Nginx, postgresql_programs
from tests.http import Answer, ask, send_photo, wait_until

pytestmark = pytest.mark.skipif(
    shutil.which("nginx") is None or postgresql_programs() is None,
    reason="needs nginx and PostgreSQL: apt-get install nginx postgresql",
)
needs_page = pytest.mark.skipif(
    not (BASE_DIR / "frontend" / "dist").is_dir(), reason="the page is not built: npm run build"
)


def script_of(page: Answer) -> str:
    (path,) = re.findall(r'src="(/assets/[^"]+\.js)"', page.body.decode())
    return str(path)


@needs_page
def test_the_page_is_served_and_its_assets_for_ever(stack):
    page = ask(stack.nginx.port, "GET", "/")
    assert page.status == 200
    assert page.headers["cache-control"] == "no-cache"
    without_nginx = ask(stack.instances[0].port, "GET", "/")
    assert page.body == without_nginx.body
    names = ["content-security-policy", "permissions-policy", "referrer-policy", "x-content-type-options"]
    for name in [*names, "cross-origin-opener-policy"]:
        assert set(page.headers[name].split("; ")) == set(without_nginx.headers[name].split("; "))
    asset = script_of(page)
    script = ask(stack.nginx.port, "GET", asset, headers={"Accept-Encoding": "gzip"})
    assert (script.status, script.headers["content-encoding"]) == (200, "gzip")
    assert "immutable" in script.headers["cache-control"]
    assert ask(stack.nginx.port, "GET", "/assets/nothing.js").status == 404


@needs_page
@pytest.mark.parametrize(
    "path",
    ["/", "an asset", "/sw.js", "/manifest.webmanifest", "/icons/icon-192.png"],
)
def test_the_page_is_as_fresh_and_as_small_without_nginx(stack, path):
    def told(port: int) -> tuple[int, bytes, str | None, str | None]:
        asked = script_of(ask(port, "GET", "/")) if path == "an asset" else path
        answer = ask(port, "GET", asked, headers={"Accept-Encoding": "gzip"})
        return answer.status, answer.body, answer.headers.get("cache-control"), answer.headers.get("content-encoding")

    assert told(stack.nginx.port) == told(stack.instances[0].port)


@needs_page
@pytest.mark.parametrize(("accepted", "coding"), [("gzip, deflate, br", "br"), ("gzip", "gzip"), ("identity", None)])
def test_what_private_mode_needs_is_compressed_as_well_as_the_browser_accepts(stack, accepted, coding):
    (path,) = (BASE_DIR / "frontend" / "dist" / "assets" / "private").glob("*.wasm")
    for port in (stack.nginx.port, stack.instances[0].port):
        answer = ask(port, "GET", f"/assets/private/{path.name}", headers={"Accept-Encoding": accepted})
        assert (answer.headers.get("content-encoding"), answer.headers["content-type"]) == (coding, "application/wasm")
        assert (
            len(answer.body)
            == path.with_name(path.name + {"br": ".br", "gzip": ".gz", None: ""}[coding]).stat().st_size
        )
        assert "immutable" in answer.headers["cache-control"]
        assert "Accept-Encoding" in answer.headers["vary"]


@needs_page
def test_the_model_passes_through_nginx_compressed(stack):
    network = ask(stack.nginx.port, "GET", "/api/model").json["network"]
    answer = ask(stack.nginx.port, "GET", network["address"], headers={"Accept-Encoding": "gzip"})
    assert answer.headers["content-encoding"] == "gzip"
    assert len(gzip.decompress(answer.body)) == network["bytes"]


@needs_page
def test_each_of_the_pages_addresses_opens_it_also_while_the_api_is_down(stack):
    def page(path: str, port: int = stack.nginx.port) -> tuple[int, str, str | None, bytes]:
        answer = ask(port, "GET", path)
        return answer.status, answer.headers["content-type"][:9], answer.headers["cache-control"], answer.body

    paths = ["/", "/history", "/model/", "/answers/1f3c"]
    without_nginx = [page(path, stack.instances[0].port) for path in paths]
    with stack.without(*stack.instances):
        assert [page(path) for path in paths] == without_nginx
    assert len(set(without_nginx)) == 1


@needs_page
def test_the_manifest_has_its_own_type(stack):
    for port in (stack.nginx.port, stack.instances[0].port):
        assert ask(port, "GET", "/manifest.webmanifest").headers["content-type"] == "application/manifest+json"


def test_static_files_come_from_nginx(stack):
    assert ask(stack.nginx.port, "GET", "/static/" + STATIC_FILE).headers["content-type"] == "text/css"
    assert stack.nginx.requests()[-1]["upstreams"] == ""


def test_a_photo_is_answered_with_the_name_of_its_request(stack):
    answer = stack.predict()
    assert (answer.status, answer.json["breed"]) == (200, "red_hound")
    assert len(answer.headers["x-request-id"]) == 32
    assert "nginx/" not in answer.headers["server"]


@pytest.mark.parametrize(("sent", "kept"), [("client-made-0001", True), ("no good <script>", False)])
def test_a_sane_request_id_is_passed_on(stack, sent, kept):
    answer = ask(stack.nginx.port, "GET", "/api/", headers={"X-Request-ID": sent})
    assert (answer.headers["x-request-id"] == sent) is kept


def test_the_api_knows_its_address_from_outside(stack):
    assert ask(stack.nginx.port, "GET", "/api/").json["docs"] == f"http://127.0.0.1:{stack.nginx.port}/api/docs/"


def test_both_instances_work(stack):
    assert {answer.status for answer in stack.predict_often(24)} == {200}
    servers = [line["upstreams"] for line in stack.nginx.requests()[-24:]]
    assert {servers.count(instance.address) > 4 for instance in stack.instances} == {True}


@pytest.mark.parametrize("megabytes", [20.5, 30])
def test_what_is_too_large_is_refused_in_json(stack, megabytes):
    answer = send_photo(stack.nginx.port, bytes(int(megabytes * 2**20)))
    assert (answer.status, answer.json["code"]) == (413, "file_too_large")
    assert answer.headers["content-type"] == "application/json"


@pytest.mark.parametrize(
    "path", ["/metrics", "/admin/", "/admin/login/?next=/", "/%61dmin/", "//admin/", "/api/../metrics"]
)
def test_what_is_not_for_everyone_is_refused(stack, path):
    answer = ask(stack.nginx.port, "GET", path)
    assert (answer.status, answer.json["code"]) == (403, "permission_denied")
    assert stack.nginx.requests()[-1]["upstreams"] == ""


def test_the_workers_of_an_instance_share_their_metrics(stack):
    def counted() -> float:
        lines = ask(stack.instances[1].port, "GET", "/metrics").body.decode().splitlines()
        return sum(float(line.split()[1]) for line in lines if line.startswith("dogbreed_predictions_total"))

    before = counted()
    for _ in range(10):
        assert send_photo(stack.instances[1].port).status == 200
    assert [counted() - before for _ in range(10)] == [10] * 10


def test_who_sends_too_many_photos_has_to_wait(stack, tmp_path):
    nginx = Nginx(tmp_path / "nginx", stack.instances, stack.static, rate="1r/m")
    nginx.start()
    try:
        nginx.wait()
        answers = [send_photo(nginx.port) for _ in range(22)]
        assert [answer.status for answer in answers] == [200] * 21 + [429]
        assert (answers[-1].json["code"], answers[-1].headers["retry-after"]) == ("throttled", "10")
        assert ask(nginx.port, "GET", "/api/").status == 200
    finally:
        nginx.stop()


def test_predictions_do_not_need_the_database_but_are_stored_when_it_is_there(stack):
    def stored() -> bool:
        answer = stack.predict()
        assert answer.status == 200
        return bool(answer.json["stored"])

    answer = stack.predict()
    assert answer.json["stored"]
    path = f"/api/predictions/{answer.json['id']}"
    assert ask(stack.nginx.port, "GET", path).json["breed"] == "red_hound"
    stack.database.stop()
    try:
        assert [stored() for _ in range(12)] == [False] * 12
        assert ask(stack.nginx.port, "GET", path).status == 503
    finally:
        stack.database.start()
    wait_until(stored, "predictions are stored again")
    assert ask(stack.nginx.port, "GET", path).json["id"] == answer.json["id"]


def test_a_killed_worker_takes_along_no_more_than_it_was_answering(stack):
    answers: list[Answer | None] = []  # None: it broke off in its middle
    enough, stop = threading.Event(), threading.Event()

    def ask_on() -> None:
        while not stop.is_set():
            try:
                answers.append(stack.predict())
            except IncompleteRead:
                answers.append(None)
            if len(answers) >= 3 * CLIENTS:
                enough.set()

    first = stack.instances[0]
    with ThreadPoolExecutor(CLIENTS) as clients:
        asking = [clients.submit(ask_on) for _ in range(CLIENTS)]
        try:
            assert enough.wait(60)
            (victim,) = first.workers
            os.kill(victim, signal.SIGKILL)
            wait_until(lambda: victim not in first.workers and len(first.workers) == 1, "a new worker starts")
            first.wait()
            seen = len(answers)
            wait_until(lambda: len(answers) > seen + 3 * CLIENTS, "the clients have gone on")
        finally:
            stop.set()
        for one in asking:
            one.result()
    lost = [answer for answer in answers if answer is None or answer.status != 200]
    assert len(lost) <= CLIENTS
    assert {(answer.status, answer.json["code"]) for answer in lost if answer} <= {(502, "unreachable")}
    assert {answer.status for answer in stack.predict_often(16)} == {200}


def test_one_instance_is_enough(stack):
    for instance in stack.instances:
        with stack.without(instance):
            assert {answer.status for answer in stack.predict_often(24)} == {200}


def test_a_stop_loses_nothing(stack):
    with ThreadPoolExecutor(1) as client:
        asking = client.submit(stack.predict_often, 200)
        with stack.without(stack.instances[1]):
            assert {answer.status for answer in asking.result()} == {200}


def test_a_reload_loses_nothing(stack):
    instance = stack.instances[0]
    old = instance.workers
    with ThreadPoolExecutor(1) as client:
        asking = client.submit(stack.predict_often, 200)
        instance.running.send_signal(signal.SIGHUP)
        assert {answer.status for answer in asking.result()} == {200}
    wait_until(lambda: set(instance.workers).isdisjoint(old), "the old worker is gone")
    wait_until(partial(stack.nginx.uses, instance), "nginx uses the new worker")


def test_without_any_instance_the_page_stays_and_the_api_says_when_to_come_back(stack):
    with stack.without(*stack.instances):
        answer = stack.predict()
        assert (answer.status, answer.json["code"], answer.headers["retry-after"]) == (502, "unreachable", "5")
        assert answer.headers["content-type"] == "application/json"
        assert ask(stack.nginx.port, "GET", "/static/" + STATIC_FILE).status == 200
    assert stack.predict().status == 200
