"""Every random change is made certain here, so that what it does to a photo can be seen."""

import numpy as np
import pytest
import torch
from torchvision.transforms.v2 import functional as reference

from tests.trainer.conftest import draw_dog
from trainer.distributed import ALONE, World
from trainer.recipes.recipe import Augmentation
from trainer.training.augmentation import BatchAugmentation, Normalization, batch_mixing, color_matrices
from trainer.training.randomness import seed_everything

NOTHING = {
    "crop_scale": (1, 1),
    "crop_ratio": (1, 1),
    "flip": 0,
    "rotation_share": 0,
    "color_share": 0,
    "grayscale": 0,
}


@pytest.fixture(scope="module")
def photos():
    drawn = [np.asarray(draw_dog("striped_terrier", seed).resize((96, 96))) for seed in range(8)]
    return torch.from_numpy(np.stack(drawn).transpose(0, 3, 1, 2))


def views(photos, size=96, world=ALONE, **changes):
    seed_everything(0)
    return BatchAugmentation(Augmentation(**{**NOTHING, **changes}), size, world)(photos)


def test_where_nothing_is_to_be_changed_nothing_is(photos):
    torch.testing.assert_close(views(photos), photos / 255, atol=1e-5, rtol=0)


def test_a_flip_is_a_flip(photos):
    torch.testing.assert_close(views(photos, flip=1), photos.flip(3) / 255, atol=1e-5, rtol=0)


def test_a_crop_keeps_its_share_of_the_area_and_magnifies_it(photos):
    checks = torch.zeros(4, 3, 96, 96, dtype=torch.uint8)
    checks[:, :, :, ::2] = 255
    seen = views(checks, size=96, crop_scale=(0.25, 0.25))
    stripes = (seen[0, 0, 48].diff().sign().diff() != 0).sum()
    assert 40 < stripes < 60  # half as wide a photo, so half of its 96 edges


def test_a_zoom_out_shows_the_whole_photo_smaller_on_grey(photos):
    bright = torch.full_like(photos, 255)
    seen = views(bright, zoom_out=1, zoom_out_side=3)
    share = (seen > 0.9).float().mean(dim=(1, 2, 3))
    assert share.min() > 1 / 10
    assert share.max() < 1
    assert ((seen - 0.5).abs() < 0.01).any(dim=3).any(dim=2).all(dim=1).any()


def test_a_rotation_turns_a_photo_about_its_middle(photos):
    square = photos[:1]
    turned = views(square, rotation=180, rotation_share=1)
    seed_everything(0)
    assert not torch.allclose(turned, square / 255, atol=0.1)
    assert turned[0, :, 40:56, 40:56].mean() == pytest.approx(float((square / 255)[0, :, 40:56, 40:56].mean()), abs=0.3)


@pytest.mark.parametrize("factor", [0.0, 0.5, 1.6])
def test_saturation_is_what_torchvision_calls_so(photos, factor):
    one = photos[:1] / 255
    matrix = color_matrices(torch.zeros(1), torch.tensor([factor]))[0]
    mine = torch.einsum("ij,njhw->nihw", matrix, one).clamp(0, 1)
    torch.testing.assert_close(mine, reference.adjust_saturation(one, factor), atol=0.02, rtol=0)


def test_a_hue_that_is_turned_stays_as_bright():
    colours = torch.rand(50, 3)
    luma = torch.tensor([0.299, 0.587, 0.114])
    turned = colours @ color_matrices(torch.tensor([1.0]), torch.tensor([1.0]))[0].T
    torch.testing.assert_close(turned @ luma, colours @ luma, atol=5e-3, rtol=0)
    assert not torch.allclose(turned, colours, atol=0.05)


def test_a_zoom_out_may_show_mirror_images_of_the_photo_around_it(photos):
    bright = torch.full_like(photos, 255)
    for changes in ({"zoom_out": 1, "zoom_out_side": 3}, {"rotation": 45, "rotation_share": 1}):
        seen = views(bright, surroundings="mirrored", **changes)
        torch.testing.assert_close(seen, torch.ones_like(seen), atol=1e-5, rtol=0)


def test_the_same_numbers_give_the_same_view_at_any_size(photos):
    small, large = (views(photos, size, crop_scale=(0.3, 0.9), flip=0.5, color_share=1) for size in (48, 96))
    reduced = torch.nn.functional.avg_pool2d(large, 2)
    # Sampling leaves some noise; another photo differs by far more.
    assert (reduced - small).abs().mean() < (reduced - small.roll(1, 0)).abs().mean() / 5


def test_grey_is_grey(photos):
    seen = views(photos, grayscale=1)
    assert (seen.amax(dim=1) - seen.amin(dim=1)).max() < 0.01


def test_erasing_and_randaugment_change_photos_and_keep_their_range(photos):
    for changes in ({"erasing": 1.0}, {"randaugment": 2}):
        seen = views(photos, **changes)
        assert not torch.allclose(seen, photos / 255, atol=0.05)
        assert seen.min() >= 0
        assert seen.max() <= 1


def test_a_photo_gets_the_same_view_however_many_processes_share_the_batch(photos):
    settings = {"crop_scale": (0.3, 1), "flip": 0.5, "rotation_share": 0.5, "color_share": 0.5}
    whole = views(photos, **settings)
    for rank in range(2):
        mine = views(photos[rank::2], world=World(rank, 2, 2), **settings)
        torch.testing.assert_close(mine, whole[rank::2])


def test_mixing_says_how_much_of_each_breed_a_photo_shows(photos):
    mix = batch_mixing(Augmentation(mixup=0.5, cutmix=1.0), classes=3)
    assert mix
    images, shares = mix(photos / 255, torch.arange(8) % 3)
    assert images.shape == photos.shape
    torch.testing.assert_close(shares.sum(dim=1), torch.ones(8))
    assert batch_mixing(Augmentation(), classes=3) is None


def test_a_mixed_photo_has_its_share_of_the_weight_of_each(photos):
    weights = torch.tensor([0.5, 2.0])
    mix = batch_mixing(Augmentation(mixup=0.5, cutmix=1.0), classes=2)
    assert mix
    _, targets = mix(photos / 255, (torch.eye(2) * weights).repeat(4, 1))
    torch.testing.assert_close((targets / weights).sum(dim=1), torch.ones(8))


def test_bytes_are_normalized_as_the_served_photo_is(photos):
    mean, std = (0.5, 0.4, 0.3), (0.2, 0.25, 0.3)
    expected = (photos / 255 - torch.tensor(mean).view(3, 1, 1)) / torch.tensor(std).view(3, 1, 1)
    torch.testing.assert_close(Normalization(mean, std)(photos), expected)
