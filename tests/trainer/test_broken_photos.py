"""One broken photo among many: each command names it and says what to do."""

import pickle
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from PIL import Image

from dogbreed.photos.decoding import PhotoError, open_photo
from tests.conftest import tiny_config
from trainer.parallel import FEW, in_parallel
from trainer.photos.folders import find_photos
from trainer.photos.loading import serving_loader
from trainer.photos.parts import training_parts
from trainer.photos.reading import read_photo

ROOT = Path(__file__).parents[2]
WORKERS = pytest.mark.parametrize("workers", [0, 2], ids=["in this process", "in workers"])


def cut_off(photo: Path) -> Path:
    """The photo as an interrupted copy leaves it."""
    data = photo.read_bytes()
    photo.unlink()  # organized photos are hard links
    photo.write_bytes(data[: len(data) // 2])
    return photo


def message_of(photo: Path) -> str:
    """A regular expression for all that is said of a broken photo."""
    path = re.escape(str(photo))
    return rf"{path}: this JPEG file is damaged or cut off \([^\n]+\)\. Remove it or run manage\.py clean\."


@pytest.fixture
def data(trained, tmp_path):
    return Path(shutil.copytree(trained.data, tmp_path / "data"))


@pytest.fixture
def broken_test_photo(data):
    return cut_off(find_photos(data / "test")[7].path)


@pytest.fixture
def broken_validation_photo(data):
    return cut_off(training_parts(data, 0.2, seed=0)[1][3].path)


@WORKERS
def test_evaluate_names_it(trained, data, broken_test_photo, tmp_path, monkeypatch, workers):
    monkeypatch.setattr("trainer.evaluation.evaluate.worker_count", lambda: workers)
    with pytest.raises(CommandError) as caught:
        call_command("evaluate", str(trained.run.bundle), data=[data], out=tmp_path / "evaluation")
    assert re.fullmatch(message_of(broken_test_photo), str(caught.value))
    assert not (tmp_path / "evaluation").exists()


@WORKERS
def test_export_names_it_while_it_calibrates(trained, data, broken_validation_photo, tmp_path, monkeypatch, workers):
    monkeypatch.setattr("trainer.calibration.calibrate.worker_count", lambda: workers)
    with pytest.raises(CommandError) as caught:
        call_command("export", str(trained.run.bundle), str(tmp_path / "out"), data=data)
    assert re.fullmatch(message_of(broken_validation_photo), str(caught.value))
    assert not (tmp_path / "out").exists()


def test_train_names_it_and_leaves_no_half_written_cache(trained, data, broken_validation_photo, tmp_path):
    cache = tmp_path / "cache"
    options = {"recipe": str(trained.recipe), "weights": "none", "run": tmp_path / "run", "cache": cache}
    with pytest.raises(CommandError) as caught:
        call_command("train", data=data, **options)
    assert re.fullmatch(message_of(broken_validation_photo), str(caught.value))
    assert len(list(cache.glob("photos-*.npy"))) == 1  # of the train part, which is whole
    assert not list(cache.glob(".*.unfinished"))


def test_train_names_a_broken_test_photo_before_it_trains(trained, data, broken_test_photo, tmp_path):
    options = {"recipe": str(trained.recipe), "weights": "none", "run": tmp_path / "run", "cache": tmp_path / "cache"}
    with pytest.raises(CommandError) as caught:
        call_command("train", data=data, **options)
    assert re.fullmatch(message_of(broken_test_photo), str(caught.value))
    assert not (tmp_path / "run" / "epochs.csv").exists()


def test_no_command_prints_a_traceback(trained, data, broken_validation_photo, tmp_path):
    bundle, out = str(trained.run.bundle), str(tmp_path / "out")
    for command in (
        ["export", bundle, out, "--int8", "--data", str(data)],
        ["evaluate", bundle, "--data", str(data / "train"), "--out", out],
    ):
        done = subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, capture_output=True, text=True)
        assert done.returncode == 1
        assert re.fullmatch(f"CommandError: {message_of(broken_validation_photo)}", done.stderr.splitlines()[-1])
        assert "Traceback" not in done.stdout + done.stderr


def test_an_audit_lists_it_and_goes_on(data, broken_test_photo, tmp_path):
    out = tmp_path / "audit"
    call_command("audit", str(data), out=out, no_labels=True)
    findings = [line for line in (out / "audit.csv").read_text().splitlines() if ",unreadable," in line]
    assert len(findings) == 1
    assert findings[0].startswith(f"{broken_test_photo.relative_to(data)},")
    assert "this JPEG file is damaged or cut off" in findings[0]
    assert findings[0].endswith(",drop,drop")


@WORKERS
def test_a_loader_gives_the_batches_before_it(data, broken_test_photo, workers):
    photos = find_photos(data / "test")
    batches = serving_loader(photos, tiny_config(), batch_size=4, workers=workers)
    assert len(next(batches)[0]) == 4
    with pytest.raises(PhotoError, match=message_of(broken_test_photo)):
        next(batches)


def read_small(path: Path) -> tuple[int, int]:
    """For another process, which finds it by its name."""
    return read_photo(path, tiny_config()).size


def test_another_process_names_it(data, broken_test_photo):
    paths = [photo.path for photo in find_photos(data / "test")]
    paths *= 1 + FEW // len(paths)
    with pytest.raises(PhotoError, match=message_of(broken_test_photo)):
        list(in_parallel(read_small, paths, lambda done, total: None, workers=2))


def test_an_error_survives_the_way_between_processes(tmp_path):
    with pytest.raises(PhotoError) as caught:
        open_photo(b"", 1)
    assert str(pickle.loads(pickle.dumps(caught.value))) == "This file is empty. Choose another file."
    with pytest.raises(PhotoError) as caught:
        read_photo(tmp_path / "dog.jpg", tiny_config())
    rebuilt = pickle.loads(pickle.dumps(caught.value))
    assert (rebuilt.code, rebuilt.path) == ("unreadable_file", tmp_path / "dog.jpg")
    assert str(rebuilt) == str(caught.value)


def test_a_photo_may_be_a_broken_one_of_another_format(tmp_path):
    path = tmp_path / "dog.png"
    Image.effect_noise((64, 64), 80).save(path)
    cut_off(path)
    with pytest.raises(PhotoError, match=r"dog\.png: this PNG file is damaged or cut off"):
        read_photo(path, tiny_config())
