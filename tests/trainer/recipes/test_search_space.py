"""What is searched: from recipes, from a command line, and by default."""

import pytest

from trainer.recipes.recipe import Choices, Range, RecipeError
from trainer.recipes.recipe_files import read_recipe, recipe_names
from trainer.recipes.search_space import default_search, is_log, own_values, parse_search, search_space, with_values


@pytest.mark.parametrize("name", recipe_names())
@pytest.mark.parametrize("pretrained", [True, False])
def test_every_recipe_has_a_default_search_that_contains_its_own_values(name, pretrained):
    recipe = read_recipe(name)
    space = search_space(recipe, recipe.search or default_search(recipe, pretrained))
    assert {"optimizer.lr", "training.batch_size"} <= set(space)
    for key, value in own_values(recipe, space).items():
        searched = space[key]
        assert value in searched.choices if isinstance(searched, Choices) else searched.low <= value <= searched.high


def test_the_default_search_leaves_out_what_does_nothing():
    frozen = default_search(read_recipe("resnet50-gap-bn"), pretrained=True)
    assert "optimizer.backbone_lr_factor" not in frozen
    assert "augmentation.crop_scale.0" not in frozen  # its features are computed once
    assert "training.distillation" not in default_search(read_recipe("simple-cnn"), pretrained=False)
    assert "training.distillation" in default_search(read_recipe("mobilenet_v2"), pretrained=True)


def test_the_published_search_ships_with_its_recipe():
    search = read_recipe("resnet50-two-fc").search
    assert search["optimizer.lr"] == Range(low=0.001, high=0.1)
    assert search["training.batch_size"] == Choices(choices=[32, 64, 128, 256, 512])


def test_a_command_line_names_ranges_and_choices():
    assert parse_search(["optimizer.lr=1e-4..1e-2", "optimizer.name=adam,sgd", "training.batch_size=16,32"]) == {
        "optimizer.lr": Range(low=1e-4, high=1e-2),
        "optimizer.name": Choices(choices=["adam", "sgd"]),
        "training.batch_size": Choices(choices=[16, 32]),
    }


def test_a_range_over_a_factor_of_ten_is_logarithmic_unless_it_says_otherwise():
    assert is_log(Range(low=1e-4, high=1e-2))
    assert not is_log(Range(low=0.2, high=0.6))
    assert not is_log(Range(low=0, high=100))
    assert not is_log(Range(low=1, high=100, scale="linear"))


@pytest.mark.parametrize(
    ("search", "says"),
    [
        ("optimizer.lr", "write KEY=LOW..HIGH or KEY=A,B,C"),
        ("optimizer.lr=1..0.1", "needs a low end below its high end, not 1 and 0.1"),
        ("optimizer.lr=a..b", "cannot be searched"),
        ("optimizer.rate=1e-4..1e-2", "optimizer.rate: a recipe has no such key"),
        ("optimizer.lr=-1..1", "optimizer.lr: Input should be greater than 0"),
        ("optimizer.name=adam,rmsprop", "optimizer.name: Input should be 'adamw', 'adam' or 'sgd'"),
        ("architecture=1..2", "architecture is 'mobilenet_v2', which has no range: give choices"),
        ("augmentation.crop_scale.2=0.1..0.2", "augmentation.crop_scale.2: a recipe has no such key"),
    ],
)
def test_a_search_that_cannot_be_is_explained(search, says):
    with pytest.raises(RecipeError, match=says.replace(".", r"\.")):
        search_space(read_recipe("mobilenet_v2"), parse_search([search]))


def test_a_logarithmic_range_cannot_contain_a_recipe_s_zero():
    recipe = read_recipe("mobilenet_v2", ["optimizer.weight_decay=0.0"])
    with pytest.raises(RecipeError, match=r"optimizer\.weight_decay is 0\.0 in the recipe"):
        search_space(recipe, parse_search(["optimizer.weight_decay=1e-4..0.3"]))


def test_values_reach_into_lists_and_leave_the_search_behind():
    recipe = read_recipe("resnet50-two-fc")
    changed = with_values(recipe, {"augmentation.crop_scale.0": 0.3, "optimizer.lr": 0.01})
    assert changed.augmentation.crop_scale == (0.3, 1.0)
    assert changed.optimizer.lr == 0.01
    assert changed.search == {}
    assert recipe.augmentation.crop_scale == (0.5, 1.0)
