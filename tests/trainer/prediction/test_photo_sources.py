"""Where `manage.py predict` finds photos."""

import fsspec
import pytest
from django.core.management.base import CommandError

from tests.image_files import GREEN, RED, encoded, plain
from tests.trainer.prediction.conftest import rows_of, write_list, write_photos
from trainer.prediction.digests import RECENT, Digests


@pytest.fixture
def store():
    """An object store in the memory of this process."""
    store = fsspec.filesystem("memory")
    store.pipe({"/dogs/b/green.jpg": encoded(plain(GREEN)), "/dogs/a.jpg": encoded(plain(RED)), "/dogs/list.md": b""})
    yield store
    store.rm("/dogs", recursive=True)


def paths(output):
    return [row["path"] for row in rows_of(output)]


def test_a_list_names_a_photo_in_each_line(predict, photos, tmp_path):
    (tmp_path / "names.lst").write_text(f"{photos}/b.jpg\r\n\n{photos}/deep.webp")
    predict(tmp_path / "names.lst", output=tmp_path / "out.csv")
    assert paths(tmp_path / "out.csv") == [f"{photos}/b.jpg", f"{photos}/deep.webp"]


def test_a_csv_names_a_photo_in_its_column_path(predict, photos, tmp_path):
    (tmp_path / "names.csv").write_text(f'owner,path\n"Smith, J.",{photos}/b.jpg\n')
    predict(tmp_path / "names.csv", output=tmp_path / "out.csv")
    predict(tmp_path / "out.csv", output=tmp_path / "again.csv")
    assert paths(tmp_path / "again.csv") == [f"{photos}/b.jpg"]


def test_a_csv_without_that_column_is_refused(predict, tmp_path):
    (tmp_path / "names.csv").write_text("file,owner\na.jpg,me\n")
    with pytest.raises(CommandError, match=r"no column 'path'.*it has file, owner"):
        predict(tmp_path / "names.csv", output=tmp_path / "out.csv")


def test_a_photo_that_is_named_twice_has_one_row(predict, photos, tmp_path):
    names = write_list(tmp_path / "names.txt", [photos / "b.jpg", photos / "b.jpg"])
    predict(photos / "b.jpg", photos, names, output=tmp_path / "out.csv")
    assert sorted(paths(tmp_path / "out.csv")) == sorted({*paths(tmp_path / "out.csv")})
    assert len(paths(tmp_path / "out.csv")) == 4


@pytest.mark.parametrize("name", ["out.parquet", "out.csv", "out.jsonl"])
def test_a_name_that_is_not_utf8_has_a_row(predict, tmp_path, name):
    folder = tmp_path / "photos"
    folder.mkdir()
    with open(bytes(folder) + b"/caf\xe9.jpg", "wb") as file:  # noqa: PTH123 - a Path is text
        file.write(encoded(plain(RED)))
    predict(folder, output=tmp_path / name)
    assert [(row["path"], row["breed"]) for row in rows_of(tmp_path / name)] == [
        (f"{folder}/caf\\udce9.jpg", "red_hound")
    ]


def test_photos_below_a_url_are_found(predict, store, tmp_path):
    predict("memory://dogs", output=tmp_path / "out.csv")
    found = [(row["path"], row["breed"]) for row in rows_of(tmp_path / "out.csv")]
    assert found == [("memory:///dogs/a.jpg", "red_hound"), ("memory:///dogs/b/green.jpg", "green_hound")]


def test_a_url_may_name_one_photo_or_a_list(predict, store, tmp_path):
    store.pipe("/dogs/names.txt", b"memory://dogs/b/green.jpg\nmemory://dogs/gone.jpg\n")
    predict("memory://dogs/a.jpg", "memory://dogs/names.txt", output=tmp_path / "out.csv")
    first, second, gone = rows_of(tmp_path / "out.csv")
    assert (first["breed"], second["breed"], gone["breed"]) == ("red_hound", "green_hound", "")
    assert gone["error"].startswith("This file cannot be read")


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("gone", r"There is no .*gone\. Name photos"),
        ("memory://gone/away", "There is no memory://gone/away"),
        ("nothing://bucket/dogs", "cannot be opened: Protocol not known: nothing"),
        ("gs://bucket/dogs", "pip install 'gcsfs'"),
    ],
)
def test_a_source_that_is_not_there_is_refused(predict, photos, tmp_path, source, said):
    with pytest.raises(CommandError, match=said):
        predict(photos, source, output=tmp_path / "out.csv")
    assert not (tmp_path / "out.csv").exists()


def test_a_folder_without_photos_is_refused(predict, tmp_path):
    (tmp_path / "empty").mkdir()
    for options in ({"output": tmp_path / "out.csv"}, {"format": "json"}):
        with pytest.raises(CommandError, match="There are no photos"):
            predict(tmp_path / "empty", **options)


def test_every_name_of_many_is_remembered():
    digests, number = Digests(), RECENT + RECENT // 2
    assert all(digests.add(f"photo {index}") for index in range(number))
    assert not any(digests.add(f"photo {index}") for index in range(number))
    assert len(digests) == number


def test_a_web_address_that_does_not_answer_is_a_row_with_an_error(predict, photos, tmp_path):
    names = write_list(tmp_path / "names.txt", ["http://127.0.0.1:9/dog.jpg", photos / "b.jpg"])
    predict(names, output=tmp_path / "out.csv")
    refused, red = rows_of(tmp_path / "out.csv")
    assert "cannot be read" in refused["error"]
    assert red["breed"] == "red_hound"


def test_folders_are_read_in_the_order_of_their_names(predict, tmp_path):
    for name in ("b", "a", "a.b"):
        write_photos(tmp_path / "photos" / name, 2)
    predict(tmp_path / "photos", output=tmp_path / "out.csv")
    found = [path.removeprefix(f"{tmp_path}/photos/") for path in paths(tmp_path / "out.csv")]
    assert found == [f"{folder}/0000{number}.jpg" for folder in ("a", "a.b", "b") for number in (0, 1)]
