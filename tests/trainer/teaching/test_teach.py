import json
import shutil
from pathlib import Path

import numpy as np
import onnx
import pytest
from django.core.management import CommandError, call_command
from PIL import Image

from dogbreed.answers.breeds import display_name, known_breed
from dogbreed.model.bundle import read_bundle
from dogbreed.model.classifier import Classifier
from dogbreed.model.engines import ENGINES
from dogbreed.model.file_digests import write_digests
from dogbreed.photos.preprocessing import to_input
from tests.trainer.teaching.conftest import COLOURS, CYAN, YELLOW, paint
from trainer.bundles.export import export_bundle
from trainer.management.commands import teach as command
from trainer.photos.reading import read_photo
from trainer.teaching import taught_bundle

LABELS = ["blue_hound", "green_hound", "kai_ken", "red_hound"]


def teach(bundle: Path, out: Path, *options: object) -> None:
    call_command("teach", str(bundle), str(out), *map(str, options))


def answers(bundle: Path, folder: Path, engine: str = "openvino") -> list[str]:
    classifier = Classifier.load(bundle, "float32", engine)
    photos = [to_input(read_photo(path, classifier.config), classifier.config) for path in sorted(folder.iterdir())]
    chosen = classifier.probabilities(np.stack(photos)).argmax(axis=1)
    return [classifier.config.label_names[index] for index in chosen]


@pytest.fixture
def taught(teachable, yellow, tmp_path):
    teach(
        teachable, tmp_path / "taught", "--breed", "kai_ken", "--photos", yellow, "--name", "Kai-Ken", "--group", "toy"
    )
    return tmp_path / "taught"


@pytest.mark.parametrize("engine", ENGINES)
def test_a_taught_breed_is_answered_and_the_trained_ones_still_are(taught, tmp_path, engine):
    assert answers(taught, paint(tmp_path / "new", YELLOW, 8, seed=9), engine) == ["kai_ken"] * 8
    for breed, colour in COLOURS.items():
        assert answers(taught, paint(tmp_path / breed, colour, 8, seed=9), engine).count(breed) >= 7


def test_the_new_bundle_says_what_was_taught(taught):
    bundle = read_bundle(taught)
    breed = bundle.config.taught["kai_ken"]
    assert bundle.config.label_names == LABELS
    assert (bundle.config.version, breed.photos, breed.recall.count) == ("1.0+kai_ken", 5, 5)
    assert len(breed.photo_digests) == 5
    assert bundle.config.metrics["made-up"].description == "Before breeds were taught: made up"
    assert "Taught afterwards" in bundle.card
    assert "| Kai-Ken | 5 | 5 of 5 |" in bundle.card
    assert display_name("kai_ken") == "Kai-Ken"
    known = known_breed("kai_ken")
    assert known is not None
    assert (known.group, known.taught_from) == ("toy", 5)


def test_the_same_photos_give_the_same_bytes(taught, teachable, yellow, tmp_path):
    again = tmp_path / "again"
    teach(teachable, again, "--breed", "kai_ken", "--photos", yellow, "--name", "Kai-Ken", "--group", "toy")
    assert {path.name: path.read_bytes() for path in again.iterdir()} == {
        path.name: path.read_bytes() for path in taught.iterdir()
    }


def test_a_taught_bundle_can_be_taught_more_and_anew(taught, yellow, tmp_path):
    cyan = paint(tmp_path / "cyan", CYAN, 4)
    both, anew = tmp_path / "both", tmp_path / "anew"
    teach(taught, both, "--breed", "cyan_hound", "--photos", cyan)
    assert read_bundle(both).config.version == "1.0+cyan_hound+kai_ken"
    assert answers(both, paint(tmp_path / "c", CYAN, 4, seed=9)) == ["cyan_hound"] * 4
    assert answers(both, paint(tmp_path / "y", YELLOW, 4, seed=9)) == ["kai_ken"] * 4
    with pytest.raises(CommandError, match=r"was taught kai_ken already, from 5 photos\. With --replace"):
        teach(both, anew, "--breed", "kai_ken", "--photos", yellow)
    teach(both, anew, "--breed", "kai_ken", "--photos", paint(yellow, YELLOW, 8, seed=3), "--replace")
    assert read_bundle(anew).config.version == "1.0+cyan_hound+kai_ken.2"
    again = read_bundle(anew).config.taught["kai_ken"]
    assert (again.photos, again.name, again.group) == (8, "Kai-Ken", "toy")
    assert "kai_ken" not in again.closest
    assert answers(anew, tmp_path / "y") == ["kai_ken"] * 4


def test_several_breeds_from_one_folder_with_a_catalogue(teachable, tmp_path):
    paint(tmp_path / "all" / "kai_ken", YELLOW, 4)
    paint(tmp_path / "all" / "mudi", CYAN, 4)
    (tmp_path / "names.csv").write_text("breed,name,aliases\nkai_ken,Kai Ken,Tora Inu|Kai\n")
    teach(teachable, tmp_path / "out", "--folder", tmp_path / "all", "--catalogue", tmp_path / "names.csv")
    config = read_bundle(tmp_path / "out").config
    assert (config.taught["kai_ken"].name, config.taught["kai_ken"].aliases) == ("Kai Ken", ["Tora Inu", "Kai"])
    assert [display_name(label) for label in config.taught] == ["Kai Ken", "Mudi"]


def test_a_dry_run_writes_nothing(teachable, yellow, tmp_path, capsys):
    call_command("teach", str(teachable), "--dry-run", "--breed", "kai_ken", "--photos", str(yellow))
    said = capsys.readouterr().out
    assert "Kai Ken (kai_ken), from 5 photos" in said
    assert "5 of 5 are Kai Ken" in said
    assert "Nothing was written" in said


def test_photos_that_do_not_count_are_named(teachable, yellow, tmp_path, capsys):
    shutil.copy(yellow / "00.png", yellow / "copy.png")
    (yellow / "broken.jpg").write_bytes(b"\xff\xd8\xff no photo")
    teach(teachable, tmp_path / "out", "--breed", "kai_ken", "--photos", yellow)
    said = capsys.readouterr().err
    assert "copy.png: nearly the same photo as 00.png." in said
    assert "broken.jpg: " in said
    assert read_bundle(tmp_path / "out").config.taught["kai_ken"].photos == 5


def test_photos_of_different_colours_get_a_warning(teachable, tmp_path, capsys):
    mixed = paint(tmp_path / "mixed", YELLOW, 2)
    for number, colour in enumerate([CYAN, (200, 30, 220), (20, 20, 20)]):
        paint(tmp_path / "one", colour, 1)
        shutil.copy(tmp_path / "one" / "00.png", mixed / f"other{number}.png")
    teach(teachable, tmp_path / "out", "--breed", "kai_ken", "--photos", mixed)
    assert "They may show several breeds" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("label", "problem"),
    [
        ("Kai Ken", "'Kai Ken' cannot be a breed's label.*For example: kai_ken"),
        ("../evil", "cannot be a breed's label"),
        ("<b>", "cannot be a breed's label"),
        ("_private", "cannot be a breed's label"),
        ("x" * 61, "cannot be a breed's label"),
        ("red_hound", "was trained on red_hound"),
    ],
)
def test_labels_that_cannot_be_used_are_refused(teachable, yellow, tmp_path, label, problem):
    with pytest.raises(CommandError, match=problem):
        teach(teachable, tmp_path / "out", "--breed", label, "--photos", yellow)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("name", ["<script>", "Kai\nKen", "[Kai](https://evil.example)", "Kai  Ken", "K" * 61, "`x`"])
def test_hostile_names_are_refused_by_the_command_and_in_a_bundle(teachable, taught, yellow, tmp_path, name):
    with pytest.raises(CommandError, match="cannot be a breed's name"):
        teach(teachable, tmp_path / "out", "--breed", "kai_ken", "--photos", yellow, "--name", name)
    config = json.loads((taught / "config.json").read_text())
    config["taught"]["kai_ken"]["name"] = name
    (taught / "config.json").write_text(json.dumps(config))
    write_digests(taught)
    with pytest.raises(Exception, match="cannot be a breed's name"):
        read_bundle(taught)


def test_too_few_photos_are_refused(teachable, tmp_path):
    with pytest.raises(CommandError, match=r"has 2 usable photos of kai_ken. At least 3 are needed"):
        teach(teachable, tmp_path / "out", "--breed", "kai_ken", "--photos", paint(tmp_path / "few", YELLOW, 2))


def test_one_photo_cannot_show_two_breeds(teachable, yellow, tmp_path):
    other = paint(tmp_path / "cyan", CYAN, 3)
    shutil.copy(yellow / "00.png", other / "same.png")
    with pytest.raises(CommandError, match="are the same photo, and it cannot show both breeds"):
        teach(teachable, tmp_path / "out", "--breed", "a", "--photos", yellow, "--breed", "b", "--photos", other)


def test_photos_without_a_dog_do_not_count(teachable, yellow, tmp_path, change_json):
    bundle = Path(shutil.copytree(teachable, tmp_path / "strict"))
    gate = {"score": "max_logit", "threshold": 100.0, "kept": 0.97, "photos": 60}
    change_json(bundle / "config.json", calibration={"dog": gate})
    write_digests(bundle)
    with pytest.raises(CommandError, match=r"has 0 usable photos.*no dog was recognised in it"):
        teach(bundle, tmp_path / "out", "--breed", "kai_ken", "--photos", yellow)


def test_a_bundle_without_a_reference_says_how_to_get_one(bundle_copy, yellow, tmp_path):
    with pytest.raises(CommandError, match=r"has no teaching.safetensors.*manage.py teach .* --reference DATA"):
        teach(bundle_copy, tmp_path / "out", "--breed", "kai_ken", "--photos", yellow)


def test_nothing_that_exists_is_overwritten(teachable, yellow, tmp_path):
    (tmp_path / "out").mkdir()
    with pytest.raises(CommandError, match="exists already and is not overwritten"):
        teach(teachable, tmp_path / "out", "--breed", "kai_ken", "--photos", yellow)


def test_an_interruption_leaves_nothing(teachable, yellow, tmp_path, monkeypatch):
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(taught_bundle, "golden_of", interrupt)
    before = sorted(tmp_path.iterdir())
    with pytest.raises(KeyboardInterrupt):
        teach(teachable, tmp_path / "out", "--breed", "kai_ken", "--photos", yellow)
    assert sorted(tmp_path.iterdir()) == before


def test_a_network_without_a_linear_end_is_refused(trusted_bundle, teachable, yellow, tmp_path):
    bundle = Path(shutil.copytree(trusted_bundle, tmp_path / "trusted"))
    shutil.copy(teachable / "teaching.safetensors", bundle)
    with pytest.raises(CommandError, match="does not end with a linear layer"):
        teach(bundle, tmp_path / "out", "--breed", "kai_ken", "--photos", yellow)


def test_a_damaged_reference_is_refused(teachable, yellow, tmp_path):
    bundle = Path(shutil.copytree(teachable, tmp_path / "damaged"))
    (bundle / "teaching.safetensors").write_bytes(b"nothing")
    write_digests(bundle)
    with pytest.raises(CommandError, match=r"teaching\.safetensors is not valid"):
        teach(bundle, tmp_path / "out", "--breed", "kai_ken", "--photos", yellow)


def test_what_pytorch_does_with_a_bundle_begins_with_the_one_before_teaching(taught, tmp_path):
    with pytest.raises(Exception, match=r"was taught kai_ken\. Use the bundle that it was made from"):
        export_bundle(read_bundle(taught), tmp_path / "exported")


def test_the_weights_file_and_the_network_agree(taught):
    """`weights.safetensors` is what PyTorch would read."""
    from safetensors.numpy import load_file

    weights = load_file(taught / "weights.safetensors")
    network = {t.name: onnx.numpy_helper.to_array(t) for t in onnx.load(taught / "model.onnx").graph.initializer}
    assert weights["weight"].shape == (4, 3)
    np.testing.assert_array_equal(weights["weight"], network["weight"])
    np.testing.assert_array_equal(weights["bias"], network["bias"])


def test_a_folder_without_photos_is_refused(teachable, tmp_path):
    (tmp_path / "empty").mkdir()
    Image.new("RGB", (4, 4)).save(tmp_path / "empty" / "a.bmp")
    with pytest.raises(CommandError, match="has 0 usable photos"):
        teach(teachable, tmp_path / "out", "--breed", "kai_ken", "--photos", tmp_path / "empty")


def test_a_missing_package_is_named(teachable, yellow, tmp_path, monkeypatch):
    monkeypatch.setattr(command, "find_spec", lambda name: None if name == "onnx" else name)
    with pytest.raises(CommandError, match=r"manage.py teach needs the package onnx.*pip install 'onnx'"):
        teach(teachable, tmp_path / "out", "--breed", "kai_ken", "--photos", yellow)


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (["--breed", "a"], "Give --photos FOLDER for each --breed LABEL"),
        (["--folder", "nowhere"], "There is no folder nowhere"),
        (["--folder", "nowhere", "--breed", "a"], "Give either --folder, or --breed and --photos"),
        (["--breed", "a", "--photos", "nowhere"], "There is no folder nowhere"),
        (["--breed", "a", "--photos", "x", "--breed", "b", "--photos", "y", "--name", "A"], "are for one breed"),
        (["--breed", "a", "--photos", "x", "--group", "cats"], "is none of the groups of breeds"),
        (["--breed", "a", "--photos", "x", "--catalogue", "nowhere.csv"], "cannot be read as CSV"),
    ],
)
def test_options_that_do_not_fit_are_explained(teachable, tmp_path, options, problem):
    with pytest.raises(CommandError, match=problem):
        teach(teachable, tmp_path / "out", *options)
