"""Exporting accepted photos: what organize makes of them, withdrawals, and exports that are killed."""

import csv
import hashlib
import os
import signal
import subprocess
import sys
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from PIL import Image

from api.models import Review
from api.reviews import exporting
from api.reviews.cases import all_cases
from api.reviews.decisions import decide
from tests.api.reviews.conftest import withdraw
from tests.conftest import LABELS
from tests.image_files import encoded
from trainer.photos.combine import organize_sources


@pytest.fixture
def reviewed(send, db):
    """Three photos that were accepted, one of another breed, one that shows no dog, and one that was rejected."""
    answers = [send("green_hound") for _ in range(6)]
    review(answers[:3], Review.Action.ACCEPT)
    review(answers[3:4], Review.Action.CHANGE, "husky_mix")
    review(answers[4:5], Review.Action.NOT_A_DOG)
    review(answers[5:], Review.Action.REJECT)
    return answers


def review(answers, action, label=""):
    by, _ = User.objects.get_or_create(username="ann")
    ids = {answer["id"] for answer in answers}
    cases = [case for case in all_cases() if str(case.id) in ids]
    assert len(decide(action, cases, {case.id: case.seen for case in cases}, by, label).done) == len(answers)


def export(out: Path, **options) -> str:
    text = StringIO()
    call_command("corrections", "export", str(out), stdout=text, stderr=text, **options)
    return text.getvalue()


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    }


def rows(out: Path) -> dict[str, dict[str, str]]:
    with (out / "manifest.csv").open(newline="") as file:
        return {row["answer"]: row for row in csv.DictReader(file)}


def test_an_export_has_each_photo_with_where_it_comes_from(reviewed, keeping, tmp_path):
    export(tmp_path / "out")
    ids = [answer["id"] for answer in reviewed]
    found = rows(tmp_path / "out")
    assert {row["path"] for row in found.values()} == {
        *(f"breeds/green_hound/{identifier}.jpg" for identifier in ids[:3]),
        f"other_breeds/husky_mix/{ids[3]}.jpg",
        f"not_a_dog/{ids[4]}.jpg",
    }
    row = found[ids[0]]
    assert (row["source"], row["said"], row["reviewed_by"]) == ("visitor", "green_hound", "ann")
    assert (row["model_breed"], row["decision"]) == ("red_hound", "accept")
    assert all(row[column].endswith("+00:00") for column in ("answered", "consented", "said_at", "reviewed"))
    photo = (tmp_path / "out" / row["path"]).read_bytes()
    assert photo == (keeping / f"{ids[0]}.jpg").read_bytes()
    assert row["sha256"] == hashlib.sha256(photo).hexdigest()
    assert (found[ids[3]]["source"], found[ids[3]]["label"]) == ("reviewer", "husky_mix")


def test_the_same_reviews_give_the_same_bytes(reviewed, tmp_path):
    first, second = export(tmp_path / "a"), export(tmp_path / "b")
    assert files(tmp_path / "a") == files(tmp_path / "b")
    assert first.rpartition("sha256 ")[2] == second.rpartition("sha256 ")[2]
    before = files(tmp_path / "a")
    assert "Added since the last export: 0." in export(tmp_path / "a")
    assert files(tmp_path / "a") == before


def test_organize_takes_an_export_beside_the_operators_own_photos(reviewed, tmp_path):
    own = tmp_path / "own"
    for number in range(12):
        photo = own / LABELS[number % 3] / f"{number}.jpg"
        photo.parent.mkdir(parents=True, exist_ok=True)
        pixels = np.random.default_rng(number).integers(0, 256, (64, 64, 3), np.uint8)
        photo.write_bytes(encoded(Image.fromarray(pixels)))
    export(tmp_path / "out", data=own)
    organize_sources(tmp_path / "out" / "sources.toml", tmp_path / "dogs")
    with (tmp_path / "dogs" / "manifest.csv").open(newline="") as file:
        assert {row["source"] for row in csv.DictReader(file)} == {"own", "corrections"}
    assert (tmp_path / "dogs" / "other_breeds" / "husky_mix").is_dir()


def test_a_withdrawn_photo_disappears_and_is_named(reviewed, client, tmp_path):
    out = tmp_path / "out"
    export(out)
    withdraw(client, reviewed[0])
    assert f"Withdrawn by visitors: {reviewed[0]['id']}" in export(out)
    assert not [name for name in files(out) if reviewed[0]["id"] in name]
    assert f"{reviewed[0]['id']}.jpg" in (out / "withdrawn.csv").read_text()
    assert reviewed[0]["id"] not in (out / "manifest.csv").read_text()
    export(out)
    assert reviewed[0]["id"] in (out / "withdrawn.csv").read_text()  # also after the next one


def test_a_review_that_was_undone_disappears_and_is_not_called_withdrawn(reviewed, tmp_path):
    out = tmp_path / "out"
    export(out)
    review(reviewed[:1], Review.Action.UNDO)
    text = export(out)
    assert f"No longer accepted as it was: breeds/green_hound/{reviewed[0]['id']}.jpg" in text
    assert "Withdrawn" not in text


def test_an_export_becomes_empty_when_everything_is_withdrawn(reviewed, client, tmp_path):
    export(tmp_path / "out")
    for answer in reviewed:
        withdraw(client, answer)
    export(tmp_path / "out")
    assert not list((tmp_path / "out").rglob("*.jpg"))


def test_nothing_of_somebody_else_is_overwritten(reviewed, tmp_path):
    other = tmp_path / "photos-of-mine"
    other.mkdir()
    (other / "manifest.csv").write_text("path,breed\n")
    with pytest.raises(CommandError, match="is no export of corrections"):
        export(other)
    assert files(other) == {"manifest.csv": b"path,breed\n"}
    export(tmp_path / "out")
    (tmp_path / "out" / "notes.txt").write_text("mine")
    before = files(tmp_path / "out")
    with pytest.raises(CommandError, match=r"such as notes\.txt"):
        export(tmp_path / "out")
    assert files(tmp_path / "out") == before


def test_nothing_is_written_before_a_photo_is_accepted(send, db, tmp_path):
    send("green_hound")
    with pytest.raises(CommandError, match="No photo is accepted yet"):
        export(tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("step", ["_without_withdrawn", "_write_withdrawn", "_put_in_place"])
def test_an_export_that_fails_leaves_the_earlier_one(reviewed, tmp_path, monkeypatch, step):
    out = tmp_path / "out"
    export(out)
    before = files(tmp_path)
    review(reviewed[:1], Review.Action.REJECT)

    def fail(*args):
        raise OSError("No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(exporting, step, fail)
        with pytest.raises(OSError, match="No space"):
            export(out)
    assert files(tmp_path) == before
    export(out)
    assert len(rows(out)) == 4


KILLED = """
import os, signal, sys
from pathlib import Path
from api.reviews import exporting
out = Path(sys.argv[1])
unfinished, replaced = out.with_name(f".{out.name}.unfinished"), out.with_name(f".{out.name}.replaced")
unfinished.mkdir()
(unfinished / "half.jpg").write_bytes(b"half")
real = Path.rename
def rename(self, target):
    real(self, target)
    os.kill(os.getpid(), signal.SIGKILL)
Path.rename = rename
exporting._put_in_place(unfinished, out, replaced)
"""


def test_an_export_that_is_killed_between_its_two_renames_is_put_right_by_the_next(reviewed, tmp_path):
    out = tmp_path / "out"
    export(out)
    before = files(out)
    code = f"import django; django.setup()\n{KILLED}"
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "dogbreed.settings", "DOGBREED_VAR": str(tmp_path / "var")}
    done = subprocess.run([sys.executable, "-c", code, str(out)], env=environment, check=False)
    assert done.returncode == -signal.SIGKILL
    assert not out.exists()  # the worst moment
    export(out)
    assert files(out) == before
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".out")]


def test_two_exports_beside_each_other_wait_for_each_other(reviewed, tmp_path):
    with exporting._alone(tmp_path), pytest.raises(CommandError, match="Another export is writing"):
        export(tmp_path / "out")


def test_the_counts_are_listed(reviewed):
    text = StringIO()
    call_command("corrections", "list", stdout=text)
    assert text.getvalue() == "accepted: 4\nnot a dog: 1\nrejected: 1\nphotos: 6\n"


def test_a_lost_file_is_named_and_left_out(reviewed, keeping, tmp_path):
    (keeping / f"{reviewed[0]['id']}.jpg").unlink()
    assert f"The photo of {reviewed[0]['id']} is missing on disk" in export(tmp_path / "out")
    assert reviewed[0]["id"] not in rows(tmp_path / "out")


def test_what_the_visitor_said_of_a_photo_without_a_dog_is_the_visitors_word(send, db, tmp_path):
    answers = [send("no_dog"), send()]
    review(answers[:1], Review.Action.ACCEPT)
    review(answers[1:], Review.Action.NOT_A_DOG)
    export(tmp_path / "out")
    found = rows(tmp_path / "out")
    assert [found[answer["id"]]["source"] for answer in answers] == ["visitor", "reviewer"]
    assert {row["label"] for row in found.values()} == {"not_a_dog"}
