"""`manage.py compare`: worse, no different or better, with the numbers that decided it."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from dogbreed.answers.calibration import Calibration
from dogbreed.model.comparison_result import ComparisonResult
from dogbreed.model.file_digests import digest_of_bundle
from tests.trainer.comparing.colour_bundles import (
    BREEDS,
    CALIBRATION,
    PHOTOS_PER_BREED,
    Head,
    copied,
    write_bundle,
    write_photos,
)
from trainer.comparing import both_answers
from trainer.comparing.kept_answers import KeptAnswers

PHOTOS = len(BREEDS) * PHOTOS_PER_BREED
SLOWER_THAN_ANY = "--slower=1000"  # tests must not depend on how fast the machine is


@pytest.fixture(scope="module")
def photos(tmp_path_factory) -> Path:
    return write_photos(tmp_path_factory.mktemp("photos") / "dogs")


@pytest.fixture(scope="module")
def served(tmp_path_factory) -> Path:
    return write_bundle(tmp_path_factory.mktemp("bundles") / "old")


@pytest.fixture
def compare(photos, served, tmp_path):
    """Compares `served` with a new bundle; gives the exit status and the result."""

    def run(new: Path, *more: str, old: Path = served, out: Path = tmp_path / "out"):
        status = 0
        try:
            call_command("compare", str(old), str(new), str(out), "--data", str(photos), SLOWER_THAN_ANY, *more)
        except CommandError as error:
            status = error.returncode
            if status != 3:
                raise
        return status, ComparisonResult.model_validate_json((out / "comparison.json").read_text())

    return run


def test_the_same_bundle_is_no_different(compare, served, capsys):
    status, result = compare(served)
    assert (status, result.outcome, result.photos) == (0, "no_different", PHOTOS)
    assert result.old == result.new == digest_of_bundle(served)
    assert "would have been found in 4 of 5 comparisons" in " ".join(result.reasons)
    assert "no different" in capsys.readouterr().out


def test_noise_in_the_last_layer_is_worse_and_the_numbers_say_why(compare, tmp_path, capsys):
    status, result = compare(write_bundle(tmp_path / "new", Head().noisy(6)))
    assert (status, result.outcome) == (3, "worse")
    assert any(reason.startswith("Top-1 fell by ") and f"of {PHOTOS} photos" in reason for reason in result.reasons)
    said = capsys.readouterr().out
    assert all(reason in said for reason in result.reasons)


def test_the_better_of_two_is_better(compare, served, tmp_path):
    status, result = compare(served, old=write_bundle(tmp_path / "noisy", Head().noisy(6)))
    assert (status, result.outcome) == (0, "better")
    assert any(reason.startswith("Top-1 rose by ") for reason in result.reasons)


def test_a_forgotten_breed_is_named(compare, tmp_path):
    status, result = compare(write_bundle(tmp_path / "new", Head().without_logit("breed_e")))
    assert (status, result.outcome) == (3, "worse")
    named = [reason for reason in result.reasons if reason.startswith("Top-1 of ")]
    assert len(named) == 1
    assert "Breed E fell" in named[0]
    assert "0% now, of 25 photos" in named[0]


def test_probabilities_that_promise_too_much_are_worse(compare, tmp_path):
    calibration = CALIBRATION.model_copy(update={"temperature": 0.25})
    status, result = compare(write_bundle(tmp_path / "new", calibration=calibration))
    assert status == 3
    assert {reason.split()[0] for reason in result.reasons} >= {"Log", "Calibration"}
    assert not any(reason.startswith("Top-1") for reason in result.reasons)


def test_a_bundle_that_refuses_dogs_is_worse(compare, tmp_path):
    status, result = compare(write_bundle(tmp_path / "new", replace(Head(), dog=-4.0)))
    assert status == 3
    assert any(reason.startswith("Dogs refused rose by") for reason in result.reasons)


def test_a_bundle_without_verdicts_is_worse_than_one_with_them(compare, tmp_path):
    status, result = compare(write_bundle(tmp_path / "new", calibration=Calibration()))
    assert (status, result.reasons) == (3, ["The new bundle gives no verdicts, and the old one does."])


def test_photos_of_something_else_are_compared_too(compare, photos, tmp_path):
    """The new bundle does not say of any photo that it shows no dog, and names a breed for dogs that it cannot know."""
    wary = write_bundle(tmp_path / "wary", replace(Head(), dog=-1000.0))
    keen = write_bundle(tmp_path / "keen")
    status, result = compare(keen, "--not-a-dog", str(photos), "--other-breeds", str(photos), old=wary)
    assert (status, result.photos) == (3, 3 * PHOTOS)
    said = " ".join(result.reasons)
    assert "No dog fell by 100.0 percentage points on photos without dogs: 100.0% before, 0.0% now" in said
    assert "Unfamiliar breeds named rose by" in said


def test_a_missing_breed_is_worse_unless_it_is_allowed(compare, tmp_path):
    new = write_bundle(tmp_path / "new", Head().only(BREEDS[:-1]))
    status, result = compare(new)
    assert status == 3
    assert result.reasons[0] == "The new bundle does not know 1 of the old one's breeds: Breed L."
    status, result = compare(new, "--allow-missing")
    assert status == 0
    assert result.photos == PHOTOS - PHOTOS_PER_BREED  # on the breeds that both know
    assert "Breeds that only the old bundle knows:</b> Breed L" in (tmp_path / "out/comparison.html").read_text()


def test_a_new_breed_is_said(compare, served, tmp_path):
    status, _ = compare(served, old=write_bundle(tmp_path / "old", Head().only(BREEDS[:-1])))
    assert status == 0
    page = (tmp_path / "out/comparison.html").read_text()
    assert "Breeds that only the new bundle knows:</b> Breed L" in page
    assert "the new one" in page  # its photos of that breed


def test_an_interrupted_comparison_continues_and_a_repeated_one_computes_nothing(
    compare, served, tmp_path, monkeypatch
):
    asked = []
    timed = both_answers._timed

    def counting(classifier, image):
        asked.append(image)
        return timed(classifier, image)

    def killed(self, pairs):
        write(self, pairs)
        if len(list(self.folder.glob("part-*"))) == 2:
            raise KeyboardInterrupt

    write = KeptAnswers.write
    monkeypatch.setattr(both_answers, "_timed", counting)
    with monkeypatch.context() as patch:
        patch.setattr(KeptAnswers, "write", killed)
        with pytest.raises(KeyboardInterrupt):
            compare(served)
    before = len(asked)
    assert before == 2 * 2 * both_answers.SAVED_EVERY
    _, result = compare(served)
    assert len(asked) == 2 * PHOTOS
    again = compare(served)[1]
    assert len(asked) == 2 * PHOTOS
    assert again == result


def test_a_damaged_part_is_computed_again(compare, served, tmp_path):
    _, result = compare(served)
    part = next((tmp_path / "out/answers").glob("part-*"))
    part.write_bytes(part.read_bytes()[:500])
    assert compare(served)[1] == result


def test_a_photo_that_cannot_be_read_is_left_out_and_named(compare, served, photos, tmp_path):
    damaged = copied(photos, tmp_path / "damaged")
    (damaged / BREEDS[0] / "00.png").write_bytes(b"no photo")
    out = tmp_path / "with a broken one"
    call_command("compare", str(served), str(served), str(out), "--data", str(damaged), SLOWER_THAN_ANY)
    result = ComparisonResult.model_validate_json((out / "comparison.json").read_text())
    assert result.photos == PHOTOS - 1
    numbers = json.loads((out / "comparison_numbers.json").read_text())
    assert list(numbers["unreadable"]) == [str(damaged / BREEDS[0] / "00.png")]
    assert "1 photo could not be read and was left out" in (out / "comparison.html").read_text()


def test_nothing_of_a_users_is_overwritten(compare, served, tmp_path):
    mine = tmp_path / "mine"
    mine.mkdir()
    (mine / "notes.txt").write_text("keep")
    with pytest.raises(CommandError, match="holds no comparison"):
        compare(served, out=mine)
    assert [path.name for path in mine.iterdir()] == ["notes.txt"]


def test_a_folder_holds_the_comparison_of_one_pair(compare, served, tmp_path):
    compare(served)
    other = write_bundle(tmp_path / "new", Head().noisy(6))
    with pytest.raises(CommandError, match="holds another comparison: new "):
        compare(other)


def test_breeds_that_neither_knows_are_an_error(compare, served, tmp_path, photos):
    strange = copied(photos / BREEDS[0], tmp_path / "strange/unheard_of")
    with pytest.raises(CommandError, match=r"Neither bundle knows 1 of the breeds \(unheard_of\)"):
        compare(served, "--data", str(strange.parent))


def test_no_photo_counts_twice(compare, served, photos, tmp_path):
    (tmp_path / "again").mkdir()
    (tmp_path / "again" / BREEDS[0]).symlink_to(photos / BREEDS[0])
    with pytest.raises(CommandError, match="25 photos are in two sets"):
        compare(served, "--data", str(tmp_path / "again"))


def test_few_photos_are_said_to_say_little(served, photos, tmp_path, capsys):
    few = tmp_path / "few"
    for breed in BREEDS:
        (few / breed).mkdir(parents=True)
        shutil.copy(photos / breed / "00.png", few / breed)
    call_command("compare", str(served), str(served), str(tmp_path / "out"), "--data", str(few), SLOWER_THAN_ANY)
    assert "say little" in capsys.readouterr().out


def test_the_page_needs_nothing_else(compare, tmp_path):
    compare(write_bundle(tmp_path / "new", Head().noisy(1)))
    page = (tmp_path / "out/comparison.html").read_text()
    assert page.count("<svg") > 5
    assert "data:image/jpeg" in page
    assert not [word for word in ("<script", "http://", "https://", "<link") if word in page]
    compare(tmp_path / "new", "--no-photos")
    assert "data:image" not in (tmp_path / "out/comparison.html").read_text()
