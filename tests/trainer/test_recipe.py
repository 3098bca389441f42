import pytest

from trainer.recipe import DEFAULT_RECIPE, RecipeError, adapt, parse_recipe, read_recipe, recipe_names

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
    assert 0 < recipe.training.frozen_epochs < recipe.training.epochs


def test_an_unknown_name_says_which_recipes_there_are():
    with pytest.raises(RecipeError, match=r"Expected one of mobilenet_v2, .*resnet152, or the path"):
        read_recipe("resnet9000")


def test_a_recipe_of_ones_own_is_read_from_its_file(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(
        'description = "d"\narchitecture = "resnet18"\n[input]\ntrain_size = 64\nsize = 64\n'
        "[optimizer]\nlr = 0.1\n[training]\nepochs = 3\n"
    )
    assert read_recipe(str(path)).training.epochs == 3


def test_an_unknown_key_is_named_with_the_keys_that_are_legal():
    with pytest.raises(RecipeError, match=r"training.epoch: unknown key, expected one of epochs, frozen_epochs"):
        parse_recipe({**MINIMAL, "training": {"epoch": 1}})


@pytest.mark.parametrize(
    ("section", "value", "said"),
    [
        ("training", {"epochs": 0}, "training.epochs: Input should be greater than or equal to 1"),
        ("optimizer", {"lr": -1}, "optimizer.lr: Input should be greater than 0"),
        ("optimizer", {"lr": 1, "name": "adm"}, "optimizer.name: Input should be 'adamw' or 'sgd'"),
        ("augmentation", {"flip": 2}, "augmentation.flip: Input should be less than or equal to 1"),
    ],
)
def test_an_impossible_value_is_named_with_what_is_legal(section, value, said):
    with pytest.raises(RecipeError) as error:
        parse_recipe({**MINIMAL, section: value})
    assert said in str(error.value)


def test_a_backbone_with_random_weights_is_not_frozen():
    recipe = read_recipe("resnet152")
    assert adapt(recipe, None, pretrained=True).training.frozen_epochs > 0
    assert adapt(recipe, None, pretrained=False).training.frozen_epochs == 0


def test_the_number_of_epochs_can_be_chosen_but_not_zero():
    assert adapt(read_recipe("resnet152"), 2, pretrained=True).training.epochs == 2
    with pytest.raises(RecipeError, match=r"training.epochs"):
        adapt(read_recipe("resnet152"), 0, pretrained=True)
