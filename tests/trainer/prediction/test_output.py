"""`manage.py predict --output`: a file with one row a photo."""

import json
import os
import sys

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from django.core.management.base import CommandError

from dogbreed.model.classifier import Classifier
from tests.conftest import LABELS
from tests.trainer.prediction.conftest import rows_of, write_list

NAMES = ["a.jpg", "b.jpg", "deep/green.PNG", "deep.webp"]  # folders and files sorted by name
FORMATS = ["out.parquet", "out.csv", "out.jsonl"]


@pytest.mark.parametrize("name", FORMATS)
def test_every_photo_has_a_row_in_the_order_of_the_names(predict, photos, tmp_path, name):
    predict(photos, output=tmp_path / name)
    rows = rows_of(tmp_path / name)
    assert [row["path"] for row in rows] == [str(photos / name) for name in NAMES]
    assert [row.get("breed") or None for row in rows] == [None, "red_hound", "green_hound", "blue_hound"]
    assert not list(tmp_path.glob("*.unfinished"))


@pytest.mark.parametrize("engine", ["openvino", "onnxruntime"])
def test_answers_are_those_of_the_api(predict, photos, tmp_path, trusted_bundle, settings, engine):
    settings.DOGBREED_ENGINE = engine
    predict(photos, output=tmp_path / "out.parquet")
    classifier = Classifier.load(trusted_bundle, engine=engine)
    for row in rows_of(tmp_path / "out.parquet")[1:]:
        with open(row["path"], "rb") as file:  # noqa: PTH123 - the row has a text
            said = classifier.classify(classifier.open(file.read(), 10_000_000).image)
        assert row["probabilities"] == said.probabilities.tolist()
        assert (row["breed"], row["name"], row["probability"]) == (said.breed, said.name, said.probability)
        assert said.verdict is not None
        assert (row["verdict"], row["text"]) == (said.verdict.kind, said.verdict.text)
        assert row["shortlist"] == [LABELS[index] for index in said.shortlist or []]


@pytest.mark.parametrize("name", FORMATS)
def test_a_photo_that_cannot_be_read_is_a_row_that_says_why(predict, photos, tmp_path, name, capsys):
    os.mkfifo(tmp_path / "pipe.jpg")
    names = [photos / "b.jpg", photos / "a.jpg", photos / "gone.jpg", photos / "deep", tmp_path / "pipe.jpg"]
    predict(write_list(tmp_path / "names.txt", names), output=tmp_path / name)
    readable, *others = rows_of(tmp_path / name)
    assert readable["breed"] == "red_hound"
    assert not readable.get("error")
    errors = [row["error"] for row in others]
    assert "not a JPEG" in errors[0]
    assert "No such file" in errors[1]
    assert errors[2:] == ["This file cannot be read (it is a folder or a device)."] * 2
    assert "5 photos. 4 could not be read" in capsys.readouterr().out


def test_parquet_names_the_labels_of_its_probabilities_and_the_bundle(predict, photos, tmp_path, trusted_bundle):
    predict(photos, output=tmp_path / "out.parquet")
    schema = pq.read_schema(tmp_path / "out.parquet")
    assert schema.field("probabilities").type == pa.list_(pa.float32())
    assert json.loads(schema.metadata[b"label_names"]) == LABELS
    assert (schema.metadata[b"name"], schema.metadata[b"version"]) == (b"trusted", b"1.0")
    row = rows_of(tmp_path / "out.parquet")[1]
    assert LABELS[row["probabilities"].index(max(row["probabilities"]))] == row["breed"]


@pytest.mark.parametrize("name", ["out.parquet", "out.jsonl"])
def test_the_probabilities_of_all_classes_can_be_left_out(predict, photos, tmp_path, name):
    predict(photos, output=tmp_path / name, no_probabilities=True)
    rows = rows_of(tmp_path / name)
    assert all(row.get("probabilities") is None for row in rows)
    assert rows[1]["probability"] > 0.9


def test_json_lines_are_what_is_printed_without_a_file(predict, photos, tmp_path, capsys):
    predict(photos / "b.jpg", output=tmp_path / "out.jsonl")
    capsys.readouterr()
    predict(photos / "b.jpg", format="json")
    assert capsys.readouterr().out == (tmp_path / "out.jsonl").read_text()


def test_what_is_printed_has_every_photo_and_the_number_of_failures(predict, photos, capsys):
    with pytest.raises(CommandError, match=r"^1 of 4 photos could not be read\.$"):
        predict(photos, format="csv")
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "path,breed,name,probability,verdict,shortlist,error"
    assert [line.split(",")[0] for line in lines[1:]] == [str(photos / name) for name in NAMES]


def test_a_file_that_exists_is_not_overwritten(predict, photos, tmp_path):
    (tmp_path / "out.csv").write_text("mine")
    with pytest.raises(CommandError, match=r"out\.csv exists already and is not overwritten"):
        predict(photos, output=tmp_path / "out.csv")
    assert (tmp_path / "out.csv").read_text() == "mine"
    assert not list(tmp_path.glob("*.unfinished"))


def test_a_suffix_must_name_the_format(predict, photos, tmp_path):
    with pytest.raises(CommandError, match=r"\.parquet, \.csv or \.jsonl.*got '\.xlsx'"):
        predict(photos, output=tmp_path / "out.xlsx")


def test_a_folder_of_somebody_else_is_left_alone(predict, photos, tmp_path):
    (tmp_path / "out.csv.unfinished").mkdir()
    (tmp_path / "out.csv.unfinished" / "thesis.txt").write_text("mine")
    with pytest.raises(CommandError, match=r"contains thesis\.txt"):
        predict(photos, output=tmp_path / "out.csv")
    assert (tmp_path / "out.csv.unfinished" / "thesis.txt").read_text() == "mine"


@pytest.mark.parametrize(
    ("package", "options", "advice"),
    [
        ("pyarrow", {"output": "out.parquet"}, r"'pyarrow'.* \.csv or \.jsonl"),
        ("fsspec", {"output": "out.csv", "more": "s3://bucket/dogs"}, "'fsspec'"),
        ("s3fs", {"output": "out.csv", "more": "s3://bucket/dogs"}, "'s3fs'"),
        ("ray", {"output": "out.csv", "ray": "local"}, r"'ray\[data\]'"),
    ],
)
def test_a_missing_package_is_named(predict, photos, tmp_path, monkeypatch, package, options, advice):
    monkeypatch.setitem(sys.modules, package, None)
    more = [options.pop("more")] if "more" in options else []
    options["output"] = tmp_path / options["output"]
    with pytest.raises(CommandError, match=f"not installed. Run: python -m pip install {advice}"):
        predict(photos, *more, **options)
