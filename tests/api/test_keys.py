"""API keys: who may send photos, and how many."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import CommandError, call_command

from tests.http import RED_JPEG, Answer, Gunicorn, ask, assert_refused, gunicorn, manage, multipart, upload

NO_SUCH_KEY = "dogbreed_" + "A" * 43


def send(server: Gunicorn, authorization: str | None, path: str = "/predictImage") -> Answer:
    body, headers = multipart(RED_JPEG)
    return ask(server.port, "POST", path, body, headers | ({"Authorization": authorization} if authorization else {}))


def code(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.json.get("code", "answered")


@pytest.fixture
def optional(tiny_bundle, tmp_path) -> Iterator[Gunicorn]:
    keys: dict[str, Any] = {"DOGBREED_API_KEYS": "optional", "DOGBREED_THROTTLE": "2/hour", "WEB_CONCURRENCY": "1"}
    with gunicorn(tiny_bundle, tmp_path / "var", **keys) as server:
        yield server


def api_key(server: Gunicorn, *words: str) -> str:
    names = ("DOGBREED_VAR", "DOGBREED_API_KEYS")
    return manage("api_key", *words, **{name: server.environment[name] for name in names}).strip()


@pytest.mark.slow
def test_a_client_with_a_key_has_its_own_rate(optional):
    key = api_key(optional, "create", "ann", "--rate", "4/day")
    assert [send(optional, None).status for _ in range(3)] == [200, 200, 429]
    answers = [send(optional, f"Bearer {key}") for _ in range(5)]
    assert [answer.status for answer in answers] == [200] * 4 + [429]
    assert {answer.headers["ratelimit-policy"] for answer in answers} == {'"predictions";q=4;w=86400'}
    other = api_key(optional, "create", "bob")
    assert send(optional, f"bearer {other}", "/api/predictions").headers["ratelimit-policy"].endswith("q=2;w=3600")
    # The key is in no file of the server.
    files = [path for path in Path(optional.environment["DOGBREED_VAR"]).rglob("*") if path.is_file()]
    assert files
    assert not [path for path in [*files, optional.log] if key.encode() in path.read_bytes()]


@pytest.mark.slow
def test_a_revoked_key_is_refused_from_then_on(optional):
    key = api_key(optional, "create", "ann")
    assert send(optional, f"Bearer {key}").status == 200
    api_key(optional, "revoke", "ann")
    answer = send(optional, f"Bearer {key}")
    assert (code(answer), answer.headers["www-authenticate"]) == ((401, "bad_key"), "Bearer")
    assert api_key(optional, "list").startswith("ann  default rate  20")
    assert api_key(optional, "list").endswith("revoked")


@pytest.mark.slow
def test_a_wrong_key_is_refused_and_costs_nobody_anything(optional):
    wrong = [NO_SUCH_KEY, "", "\xe9\xff", "a" * 5000, "dogbreed_ x y", "%00"]
    assert {code(send(optional, f"Bearer {key}")) for key in wrong} == {(401, "bad_key")}
    # Authorization of other kinds is not ours: a proxy may have asked for it.
    assert [send(optional, text).status for text in ("Basic YW5uOmFubg==", "Bearerx")] == [200, 200]


@pytest.mark.slow
def test_where_a_key_is_required_nothing_is_answered_without_one(tiny_bundle, tmp_path):
    with gunicorn(tiny_bundle, tmp_path / "var", DOGBREED_API_KEYS="required", DOGBREED_KEEP_PHOTOS="yes") as server:
        refused = [send(server, None, path) for path in ("/predictImage", "/api/predictions")]
        assert {code(answer) for answer in refused} == {(401, "key_needed")}
        assert "Authorization: Bearer" in refused[0].json["detail"]
        key = f"Bearer {api_key(server, 'create', 'ann')}"
        answer = send(server, key)
        assert answer.status == 200
        photo = f"/api/predictions/{answer.json['id']}/photo"
        assert [send(server, who, photo).status for who in (None, key)] == [401, 201]
        open_to_all = ("/predictImage", "/api/model", "/api/health/ready", f"/api/predictions/{answer.json['id']}")
        assert [ask(server.port, "GET", path).status for path in open_to_all] == [200] * 4


@pytest.mark.slow
def test_while_the_database_cannot_be_used_keys_cannot_either(tiny_bundle, tmp_path):
    keys = {"DOGBREED_API_KEYS": "optional"}
    with gunicorn(tiny_bundle, tmp_path / "var", migrated=False, **keys) as server:
        assert code(send(server, f"Bearer {NO_SUCH_KEY}")) == (503, "keys_unavailable")
        assert send(server, None).status == 200


@pytest.mark.usefixtures("served")
def test_by_default_keys_are_ignored(client):
    assert upload(client, HTTP_AUTHORIZATION=f"Bearer {NO_SUCH_KEY}").status_code == 200


@pytest.mark.parametrize(("mode", "security"), [("optional", [{"apiKey": []}, {}]), ("required", [{"apiKey": []}])])
@pytest.mark.usefixtures("served")
def test_the_schema_says_who_needs_a_key(client, settings, mode, security):
    settings.DOGBREED_API_KEYS = mode
    schema = yaml.safe_load(client.get("/api/schema/").content)
    assert schema["components"]["securitySchemes"]["apiKey"]["scheme"] == "bearer"
    secured = {path: said["post"].get("security") for path, said in schema["paths"].items() if "post" in said}
    assert secured == {
        "/predictImage": security,
        "/api/advice": security,
        "/api/predictions": security,
        "/api/predictions/{id}/photo": security,
        "/api/predictions/{id}/feedback": None,
    }
    assert {} in schema["paths"]["/predictImage"]["get"]["security"]


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["create", "ann", "--rate", "often"], "such as 60/min"),
        (["create", "ann", "--rate", "0/min"], "such as 60/min"),
        (["create", ""], "cannot be blank"),
        (["create", "a" * 101], "at most 100 characters"),
        (["create", "bob"], "already exists"),
        (["revoke", "ann"], "no key of 'ann'"),
    ],
)
@pytest.mark.django_db
def test_the_command_says_what_is_wrong(capsys, words, what):
    call_command("api_key", "create", "bob")
    assert "DOGBREED_API_KEYS" in capsys.readouterr().err  # which is off
    with pytest.raises(CommandError, match=what):
        call_command("api_key", *words)


@pytest.mark.usefixtures("served")
def test_a_browser_may_try_a_key_in_the_browsable_api(client, settings):
    settings.DOGBREED_API_KEYS = "required"
    page = client.get("/predictImage", HTTP_ACCEPT="text/html")
    assert page.status_code == 200
    assert_refused(upload(client), 401, "key_needed")
