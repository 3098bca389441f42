from typing import Any

import pytest

from trainer.recipes.recipe import Augmentation, RecipeError, parse_recipe, without_pretrained_weights
from trainer.recipes.recipe_files import DEFAULT_RECIPE, change_recipe, read_recipe, recipe_names

MINIMAL = {
    "description": "d",
    "architecture": "resnet18",
    "input": {"train_size": 64, "size": 64},
    "optimizer": {"lr": 1e-3},
    "training": {"epochs": 1},
}


@pytest.mark.parametrize("name", recipe_names())
def test_every_recipe_that_comes_with_the_product_is_valid(name):
    assert read_recipe(name).description


def test_resnet152_is_the_default_and_begins_with_a_frozen_backbone():
    assert DEFAULT_RECIPE == "resnet152"
    recipe = read_recipe(DEFAULT_RECIPE)
    assert recipe.architecture == "resnet152"
    assert not recipe.training.trains_backbone(0)
    assert recipe.training.trains_backbone(recipe.training.epochs - 1)


def test_an_unknown_name_says_which_recipes_there_are():
    with pytest.raises(
        RecipeError, match=r"Choose one of inception_v3-2015, .*mobilenet_v2, .*resnet152, .*, or the path"
    ):
        read_recipe("resnet9000")


def test_a_recipe_of_ones_own_is_read_from_its_file(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(
        'description = "d"\narchitecture = "resnet18"\n[input]\ntrain_size = 64\nsize = 64\n'
        "[optimizer]\nlr = 0.1\n[training]\nepochs = 3\n"
    )
    assert read_recipe(str(path)).training.epochs == 3


def test_an_unknown_key_is_named_with_the_keys_that_are_legal():
    with pytest.raises(RecipeError, match=r"training.epoch: unknown key; the keys are epochs, frozen_epochs"):
        parse_recipe({**MINIMAL, "training": {"epoch": 1}})


@pytest.mark.parametrize(
    ("section", "value", "said"),
    [
        ("training", {"epochs": 0}, "training.epochs: Input should be greater than or equal to 1"),
        ("optimizer", {"lr": -1}, "optimizer.lr: Input should be greater than 0"),
        ("optimizer", {"lr": 1, "name": "adm"}, "optimizer.name: Input should be 'adamw', 'adam' or 'sgd'"),
        ("augmentation", {"flip": 2}, "augmentation.flip: Input should be less than or equal to 1"),
    ],
)
def test_an_impossible_value_is_named_with_what_is_legal(section, value, said):
    with pytest.raises(RecipeError) as error:
        parse_recipe({**MINIMAL, section: value})
    assert said in str(error.value)


def test_batch_statistics_of_random_weights_are_not_kept():
    recipe = parse_recipe({**MINIMAL, "training": {"epochs": 1, "batch_statistics": "kept"}})
    assert without_pretrained_weights(recipe).training.batch_statistics == "updated"


@pytest.mark.parametrize("name", ["resnet152", "resnet152-frozen"])
def test_a_backbone_with_random_weights_is_not_frozen(name):
    assert not read_recipe(name).training.trains_backbone(0)
    assert without_pretrained_weights(read_recipe(name)).training.trains_backbone(0)


@pytest.mark.parametrize(
    ("setting", "section", "key", "value"),
    [
        ("optimizer.lr=1e-4", "optimizer", "lr", 1e-4),
        ("optimizer.name=sgd", "optimizer", "name", "sgd"),
        ("augmentation.crop_scale=[0.5, 1.0]", "augmentation", "crop_scale", (0.5, 1.0)),
        ("training.thaw.layer4=2", "training", "thaw", {"layer4": 2}),
        ("training.frozen_epochs=all", "training", "frozen_epochs", "all"),
        ("head.batch_norm=true", "head", "batch_norm", True),
    ],
)
def test_any_value_can_be_changed_on_the_command_line(setting, section, key, value):
    recipe = change_recipe(read_recipe("resnet152"), [setting])
    assert getattr(getattr(recipe, section), key) == value


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("optimizer.lr", "write KEY=VALUE"),
        ("optimizer.rate=1", "optimizer.rate: unknown key; the keys are name, lr"),
        ("training.epochs=0", "training.epochs: Input should be greater than or equal to 1"),
        ("architecture.depth=3", "architecture is a value"),
    ],
)
def test_a_change_that_makes_no_sense_is_named_with_what_is_legal(setting, said):
    with pytest.raises(RecipeError) as error:
        change_recipe(read_recipe("resnet152"), [setting])
    assert said in str(error.value)


def test_parts_of_a_frozen_backbone_can_learn_before_the_rest():
    training = change_recipe(
        read_recipe("resnet152"), ["training.frozen_epochs=4", "training.thaw.layer4=2", "training.thaw.layer3=3"]
    ).training
    assert [training.thawed(epoch) for epoch in range(4)] == [[], [], ["layer4"], ["layer4", "layer3"]]
    assert [training.trains_backbone(epoch) for epoch in (3, 4)] == [False, True]


def test_cached_views_of_earlier_versions_stay_valid_until_surroundings_are_chosen():
    assert repr(Augmentation().cache_key) == (
        "{'crop_scale': (0.25, 1.0), 'crop_ratio': (0.7, 1.43), 'zoom_out': 0.0, 'zoom_out_side': 1.8, 'flip': 0.5, "
        "'rotation': 15.0, 'rotation_share': 0.3, 'color': 0.3, 'color_share': 0.5, 'grayscale': 0.02, "
        "'randaugment': 0, 'randaugment_magnitude': 9, 'erasing': 0.0, 'mixup': 0.0, 'cutmix': 0.0, 'mix_share': 1.0}"
    )
    assert Augmentation(surroundings="mirrored").cache_key["surroundings"] == "mirrored"


@pytest.mark.parametrize(
    ("section", "change"),
    [
        ("training", {"feature_views": 0}),
        ("training", {"thaw": {"layer4": 0}}),
        ("augmentation", {"mixup": 0.2}),
        ("input", {"mirror": True}),
    ],
)
def test_layers_that_see_fixed_views_once_exclude_what_needs_new_ones(section, change):
    training = {"epochs": 1, "cached_through": "layer3"}
    recipe: dict[str, Any] = {**MINIMAL, "training": training}
    assert parse_recipe(recipe)
    with pytest.raises(RecipeError, match=r"training\.cached_through"):
        parse_recipe({**recipe, section: {**recipe.get(section, {}), **change}})
