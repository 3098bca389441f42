"""What the API says about the reliability of its answers."""

from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
import yaml
from PIL import Image

from tests.http import assert_refused, upload
from tests.image_files import BLUE, GREEN, RED, encoded, plain

GREY, YELLOWISH = (120, 120, 120), (200, 190, 0)


def ask(client, photo: Image.Image, query: str = "") -> dict[str, Any]:
    response = upload(client, encoded(photo, "PNG"), f"/predictImage{query}")
    assert response.status_code == 200
    described = yaml.safe_load(client.get("/api/schema/").content)
    answer = response.json()
    schema = described["paths"]["/predictImage"]["post"]["responses"]["200"]["content"]["application/json"]["schema"]
    jsonschema.validate(answer, {**schema, "components": described["components"]})
    again = client.get(f"/api/predictions/{answer['id']}").json()
    trust = ("verdict", "shortlist", "look_alikes", "explanation")
    assert {key: again[key] for key in trust} == {key: answer[key] for key in trust}
    return dict(answer)


@pytest.mark.usefixtures("served_trusted")
def test_a_sure_answer_names_its_breed_and_lists_nothing_else(client):
    answer = ask(client, plain(RED))
    verdict = answer["verdict"]
    assert (verdict["level"], verdict["familiar"], verdict["group"]) == ("breed", True, None)
    assert [breed["breed"] for breed in verdict["breeds"]] == ["red_hound"]
    assert verdict["probability"] == pytest.approx(answer["probability"])
    assert verdict["text"] == "Resembles a Red Hound."
    assert verdict["dog_score"]["score"] > verdict["dog_score"]["threshold"] == 0.5
    assert answer["shortlist"] == [answer["probabilities"][0]]
    assert answer["explanation"] is None


@pytest.mark.usefixtures("served_trusted")
def test_a_close_answer_comes_with_its_list_and_how_often_the_two_are_told_apart(client):
    answer = ask(client, plain(YELLOWISH))
    assert answer["verdict"]["level"] == "uncertain"
    assert answer["shortlist"] == answer["probabilities"][:2]
    look_alikes = answer["look_alikes"]
    assert [breed["breed"] for breed in look_alikes["breeds"]] == [line["breed"] for line in answer["shortlist"]]
    assert (look_alikes["accuracy"], look_alikes["photos"], look_alikes["told_apart"]) == (0.86, 40, 34)
    assert look_alikes["interval"] == [0.74, 0.94]


@pytest.mark.usefixtures("served_trusted")
def test_a_pair_that_is_never_confused_has_no_figure(client):
    assert ask(client, plain(BLUE))["look_alikes"] is None


@pytest.mark.usefixtures("served_trusted")
def test_what_is_no_dog_is_said_to_be_none(client):
    verdict = ask(client, plain(GREY))["verdict"]
    assert (verdict["level"], verdict["breeds"], verdict["probability"]) == ("not_a_dog", [], None)


@pytest.mark.usefixtures("served_trusted")
def test_the_heat_map_shows_where_the_breed_is(client):
    photo = plain(GREY).resize((80, 40))
    photo.paste(plain(RED).resize((20, 20)), (60, 0))
    explanation = ask(client, photo, "?explain=true")["explanation"]
    assert (explanation["breed"], explanation["rows"], explanation["columns"]) == ("red_hound", 8, 8)
    assert explanation["box"] == [0, 0, 1, 1]
    assert explanation["heat"][1][7] == 1
    assert max(max(row[:5]) for row in explanation["heat"]) < 0.2
    assert max(explanation["heat"][6]) < 0.2


@pytest.mark.usefixtures("served")
def test_an_older_bundle_is_silent_about_what_it_cannot_say(client):
    answer = ask(client, plain(GREEN), "?explain=true")
    assert [answer[key] for key in ("verdict", "shortlist", "look_alikes", "explanation")] == [None] * 4


@pytest.mark.usefixtures("served_trusted")
def test_another_word_for_true_is_refused(client):
    assert_refused(upload(client, url="/predictImage?explain=maybe"), 400, "bad_option")
