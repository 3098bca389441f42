from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
import yaml
from django.core.management import call_command

from tests.http import upload
from tests.image_files import RED, encoded, plain

COMMITTED = Path(__file__).parents[3] / "frontend" / "schema.yml"


@pytest.fixture(scope="module")
def schema(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    path = tmp_path_factory.mktemp("schema") / "schema.yml"
    call_command("spectacular", file=str(path), validate=True, fail_on_warn=True)
    return dict(yaml.safe_load(path.read_text(encoding="utf-8")))


def assert_described(schema: dict[str, Any], method: str, url: str, response: Any) -> None:
    answers = schema["paths"][url][method]["responses"]
    described = answers[str(response.status_code)]["content"]["application/json"]["schema"]
    jsonschema.validate(response.json(), {**described, "components": schema["components"]})
    component = schema["components"]["schemas"][described["$ref"].rsplit("/", 1)[1]]
    assert set(component["required"]) <= set(response.json()) <= set(component["properties"])


def test_the_committed_schema_is_the_one_that_is_served(schema):
    assert yaml.safe_load(COMMITTED.read_text(encoding="utf-8")) == schema, (
        "Run: python manage.py spectacular --file frontend/schema.yml --validate --fail-on-warn"
    )


def test_the_schema_is_served(client, schema):
    assert yaml.safe_load(client.get("/api/schema/").content) == schema


@pytest.mark.parametrize("url", ["/api/", "/api/model", "/predictImage"])
@pytest.mark.usefixtures("served")
def test_what_is_got_is_as_described(client, schema, url):
    assert_described(schema, "get", url, client.get(url))


@pytest.mark.parametrize(
    ("data", "status"), [(encoded(plain(RED)), 200), (b"", 400), (b"text", 415), (b"\xff\xd8\xff", 400)]
)
@pytest.mark.usefixtures("served")
def test_answers_to_a_photo_are_as_described(client, schema, data, status):
    response = upload(client, data)
    assert response.status_code == status
    assert_described(schema, "post", "/predictImage", response)


def test_an_answer_without_a_model_is_as_described(client, schema, settings, tmp_path):
    settings.DOGBREED_BUNDLE = tmp_path
    assert_described(schema, "get", "/api/model", client.get("/api/model"))


@pytest.mark.usefixtures("served")
def test_too_large_a_photo_is_answered_as_described(client, schema, settings):
    settings.DOGBREED_MAX_PIXELS = 1
    response = upload(client)
    assert_described(schema, "post", "/predictImage", response)
