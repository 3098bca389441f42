import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from dogbreed.model.bundle import BundleConfig
from dogbreed.photos.decoding import PhotoError
from dogbreed.photos.preprocessing import frame
from tests.conftest import tiny_config
from tests.trainer.conftest import draw_dog
from trainer.photos.folders import find_photos
from trainer.photos.reading import read_photo
from trainer.training.feature_cache import FrozenLayers
from trainer.training.photo_cache import cached_pixels

ROOT = Path(__file__).parents[3]
ENVIRONMENT = {**os.environ, "OMP_NUM_THREADS": "1", "DJANGO_SETTINGS_MODULE": "dogbreed.settings"}


def quiet(done: int, total: int) -> None:
    pass


@pytest.fixture
def photos(tmp_path):
    folder = tmp_path / "photos" / "round_hound"
    folder.mkdir(parents=True)
    for seed in range(4):
        draw_dog("round_hound", seed).save(folder / f"{seed}.jpg")
    return find_photos(folder.parent)


def test_what_is_kept_is_what_the_network_would_see(photos, tmp_path):
    config = tiny_config(crop_pct=0.8, crop_mode="center")
    pixels = cached_pixels(photos, config, tmp_path / "cache", quiet)
    assert pixels.dtype == np.uint8
    for row, photo in zip(pixels, photos, strict=True):
        np.testing.assert_array_equal(row, frame(read_photo(photo.path, config), config))


def test_photos_are_decoded_once(photos, tmp_path):
    config, cache = tiny_config(), tmp_path / "cache"
    cached_pixels(photos, config, cache, quiet)
    decoded = []
    again = cached_pixels(photos, config, cache, lambda done, total: decoded.append(done))
    assert len(again) == 4
    assert not decoded


def test_a_photo_that_changed_is_decoded_again_though_its_name_did_not(photos, tmp_path):
    config, cache = tiny_config(), tmp_path / "cache"
    before = cached_pixels(photos, config, cache, quiet)
    draw_dog("striped_terrier", 9).save(photos[2].path)
    after = cached_pixels(photos, config, cache, quiet)
    assert [bool((a == b).all()) for a, b in zip(before, after, strict=True)] == [True, True, False, True]


def test_another_framing_is_another_file(photos, tmp_path):
    cache = tmp_path / "cache"
    small: BundleConfig = tiny_config()
    assert cached_pixels(photos, small, cache, quiet).shape == (4, 3, 32, 32)
    large = small.model_copy(update={"input_size": (3, 48, 48)})
    assert cached_pixels(photos, large, cache, quiet).shape == (4, 3, 48, 48)


def test_a_file_that_is_no_photo_leaves_nothing_half_done(photos, tmp_path):
    photos[1].path.write_bytes(b"no photo")
    with pytest.raises(PhotoError):
        cached_pixels(photos, tiny_config(), tmp_path / "cache", quiet)
    assert not list((tmp_path / "cache").glob("*.npy"))
    assert not list((tmp_path / "cache").glob("*.unfinished"))


DECODE = """
import sys
from pathlib import Path
from tests.conftest import tiny_config
from trainer.training.photo_cache import cached_pixels
from trainer.photos.folders import find_photos
said = []
pixels = cached_pixels(find_photos(Path(sys.argv[1])), tiny_config(), Path(sys.argv[2]), lambda d, t: said.append(d))
print(len(said), int(pixels.sum()))
"""


@pytest.mark.slow
def test_two_runs_that_want_the_same_photos_decode_them_once(photos, tmp_path):
    folder, cache = photos[0].path.parents[1], tmp_path / "cache"
    command = [sys.executable, "-c", DECODE, str(folder), str(cache)]
    runs = [subprocess.Popen(command, cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    answers = [run.communicate(timeout=120)[0].split() for run in runs]
    assert sorted(decoded for decoded, _ in answers) == ["0", "4"]
    assert answers[0][1] == answers[1][1]


def test_a_run_that_was_killed_while_it_decoded_is_no_hindrance(photos, tmp_path):
    folder, cache = photos[0].path.parents[1], tmp_path / "cache"
    slow = DECODE.replace("said.append(d)", "__import__('time').sleep(60)")
    killed = subprocess.Popen([sys.executable, "-c", slow, str(folder), str(cache)], cwd=ROOT, env=ENVIRONMENT)
    while not list(cache.glob(".*.unfinished")):
        assert killed.poll() is None
        time.sleep(0.05)
    killed.kill()
    killed.wait()
    assert len(cached_pixels(photos, tiny_config(), cache, quiet)) == 4


def test_features_are_computed_once_for_a_view_and_anew_for_another_backbone(photos, tmp_path):
    pixels = cached_pixels(photos, tiny_config(), tmp_path / "cache", quiet)
    torch.manual_seed(0)
    linear = nn.Linear(12, 5)
    backbone = nn.Sequential(nn.AdaptiveAvgPool2d(2), nn.Flatten(), linear)
    frozen = FrozenLayers(backbone, torch.device("cpu"), autocast=False, folder=tmp_path / "cache")
    seen = []

    def see(batch):
        seen.append(len(batch))
        return batch.float()

    features = frozen.outputs(pixels, see, ("view", 0), 0, quiet)
    with torch.inference_mode():
        np.testing.assert_allclose(features, backbone(torch.from_numpy(np.array(pixels)).float()).numpy(), rtol=1e-5)
    seen.clear()
    np.testing.assert_array_equal(frozen.outputs(pixels, see, ("view", 0), 0, quiet), features)
    assert sum(seen) <= 1  # a single photo tells how wide the features are
    with torch.no_grad():
        linear.weight.mul_(2)
    assert not np.allclose(frozen.outputs(pixels, see, ("view", 0), 0, quiet), features)


def test_photos_in_memory_or_some_rows_of_a_file_never_get_the_features_of_others(photos, tmp_path):
    stored = cached_pixels(photos, tiny_config(), tmp_path / "cache", quiet)
    backbone = nn.Sequential(nn.AdaptiveAvgPool2d(2), nn.Flatten())
    frozen = FrozenLayers(backbone, torch.device("cpu"), autocast=False, folder=tmp_path / "cache")
    in_memory = np.array(stored)
    for pixels in (stored, in_memory, in_memory[::-1], stored[:2], stored[2:]):
        features = frozen.outputs(pixels, lambda batch: batch.float(), ("view", 0), 0, quiet)
        expected = backbone(torch.from_numpy(np.array(pixels)).float())
        np.testing.assert_allclose(features, expected.numpy(), rtol=1e-5)
    files = {file: file.stat().st_mtime_ns for file in (tmp_path / "cache").glob("features-*.npy")}
    frozen.outputs(in_memory.copy(), lambda batch: batch.float(), ("view", 0), 0, quiet)
    assert {file: file.stat().st_mtime_ns for file in (tmp_path / "cache").glob("features-*.npy")} == files


@pytest.mark.parametrize("stopped", [KeyboardInterrupt, SystemExit])
def test_features_that_were_stopped_go_on_where_they_were_and_come_out_the_same(tmp_path, stopped):
    pixels = np.random.default_rng(0).integers(0, 256, (150, 3, 8, 8), np.uint8)
    seen = []

    def see(batch):
        seen.append(len(batch))
        return batch.float() + torch.rand(())

    def stop_after_two_batches(done, total):
        if done == 128:
            raise stopped

    def frozen(folder):
        return FrozenLayers(
            nn.Flatten(), torch.device("cpu"), autocast=False, folder=tmp_path / folder, dtype=np.float16
        )

    expected = frozen("whole").outputs(pixels, see, ("view", 0), 7, quiet)
    with pytest.raises(stopped):
        frozen("stopped").outputs(pixels, see, ("view", 0), 7, stop_after_two_batches)
    assert not list((tmp_path / "stopped").glob("*.npy"))
    seen.clear()
    np.testing.assert_array_equal(frozen("stopped").outputs(pixels, see, ("view", 0), 7, quiet), expected)
    assert seen == [1, 22]  # one photo for the shape, and the batch that was missing
    assert not list((tmp_path / "stopped").glob("*.unfinished"))
