"""What `/api/model` says about the served model."""

import gzip

import pytest

NOTHING_MORE = {"vbo": None, "fci": None, "wikidata": None, "photos": None, "taught_from": None}


@pytest.mark.usefixtures("served")
def test_the_model_says_what_it_knows_and_how_well(client):
    model = client.get("/api/model").json()
    assert (model["name"], model["version"], model["input_size"]) == ("tiny", "1.0", [3, 32, 32])
    assert model["breeds"][2] == {"breed": "red_hound", "name": "Red Hound", "group": "", "aliases": [], **NOTHING_MORE}
    assert model["metrics"]["made-up"]["top1"] == 0.9
    assert (model["card"], model["report"]) == ("", None)
    assert client.get("/api/model/report").json()["code"] == "not_found"
    assert client.get("/api/model/").json() == model


@pytest.mark.usefixtures("served")
def test_the_bundled_model_has_its_card_and_its_breeds_have_groups(client, settings):
    settings.DOGBREED_BUNDLE = settings.BASE_DIR / "models" / "default"
    model = client.get("/api/model").json()
    assert model["card"].startswith("# ")
    report = client.get(model["report"])
    assert report["Content-Type"].startswith("text/html")
    assert b"<title>" in b"".join(report.streaming_content)
    assert next(breed for breed in model["breeds"] if breed["breed"] == "affenpinscher") == {
        "breed": "affenpinscher", "name": "Affenpinscher", "group": "toy", "aliases": ["Monkey Terrier"],
        "vbo": {"id": "VBO:0200003", "url": "https://purl.obolibrary.org/obo/VBO_0200003"},
        "fci": {"id": "186", "url": "https://www.fci.be/en/nomenclature/AFFENPINSCHER-186.html"},
        "wikidata": {"id": "Q7254", "url": "https://www.wikidata.org/wiki/Q7254"},
        "photos": None, "taught_from": None,
    }  # fmt: skip


@pytest.mark.usefixtures("served")
def test_a_taught_breed_has_the_name_and_the_number_of_photos_of_its_bundle(client, settings, bundle_copy, change_json):
    none = {"count": 0, "photos": 60}
    taught = {
        "photos": 10, "name": "Kai Ken", "group": "working", "aliases": ["Tora Inu"], "threshold": 1.0,
        "recall": {"count": 9, "photos": 10}, "false_alarms": none, "lost": none, "other_false_alarms": none,
    }  # fmt: skip
    labels = ["blue_hound", "green_hound", "kai_ken"]
    change_json(bundle_copy / "config.json", label_names=labels, taught={"kai_ken": taught})
    settings.DOGBREED_BUNDLE = bundle_copy
    breed = client.get("/api/model").json()["breeds"][2]
    assert (breed["breed"], breed["name"], breed["taught_from"]) == ("kai_ken", "Kai Ken", 10)
    assert (breed["group"], breed["aliases"]) == ("working", ["Tora Inu"])


@pytest.mark.usefixtures("served")
@pytest.mark.parametrize("url", ["/api/model", "/api/model/report"])
def test_without_a_model_there_is_nothing_to_say_about_it(client, settings, tmp_path, url):
    settings.DOGBREED_BUNDLE = tmp_path
    response = client.get(url)
    assert (response.status_code, response.json()["code"]) == (503, "model_unavailable")
    assert response["Retry-After"] == "60"


@pytest.mark.usefixtures("served_trusted")
def test_the_model_says_what_it_promises(client):
    assert client.get("/api/model").json()["trust"] == {
        "shortlist_coverage": 0.95, "precision": 0.95, "dogs_kept": 0.95, "explains": True, "photos": 100,
        "verdicts": [
            {"kind": "breed", "promised": 0.95, "measured": None}, {"kind": "group", "promised": 0.95, "measured": None}
        ],
    }  # fmt: skip


@pytest.mark.usefixtures("served_trusted")
def test_programs_that_run_the_model_themselves_get_it_as_one_file(client):
    network = client.get("/api/model").json()["network"]
    response = client.get(network["address"])
    file = gzip.decompress(b"".join(response.streaming_content))
    assert (response["Content-Encoding"], file[:8], len(file)) == ("gzip", b"DOGBREED", network["bytes"])
    assert response["Cache-Control"] == "public, max-age=31536000, immutable"
    assert client.get(network["address"], HTTP_IF_NONE_MATCH=response["ETag"]).status_code == 304
    plain = client.get(network["address"], HTTP_ACCEPT_ENCODING="identity")
    assert b"".join(plain.streaming_content) == file
    assert "Content-Encoding" not in plain


@pytest.mark.usefixtures("served")
def test_the_address_of_another_model_is_unknown(client, settings, trusted_bundle):
    address = client.get("/api/model").json()["network"]["address"]
    settings.DOGBREED_BUNDLE = trusted_bundle
    response = client.get(address)
    assert (response.status_code, response.json()["code"]) == (404, "not_found")
    assert client.get("/api/model").json()["network"]["address"] != address
