"""What of a bundle's recipe changes when the bundle is trained further."""

from trainer.recipes.recipe_files import read_recipe
from trainer.retraining.gentle_recipe import gentle_recipe, recipe_changes


def test_it_is_shorter_and_gentler_and_says_so():
    recipe = read_recipe("lite3")
    gentle = gentle_recipe(recipe, 10_000, has_new_breeds=False, changes=["optimizer.lr=2e-4"])
    assert gentle.training.epochs < recipe.training.epochs
    assert gentle.training.frozen_epochs == 0
    assert gentle.optimizer.lr == 2e-4
    changes = recipe_changes(recipe, gentle)
    assert "optimizer.lr=0.0002 (was 0.001)" in changes
    assert all(key in " ".join(changes) for key in ("training.epochs", "training.doubt"))


def test_rows_of_new_breeds_are_trained_alone_first():
    gentle = gentle_recipe(read_recipe("lite3"), 1000, has_new_breeds=True, changes=[])
    assert gentle.training.frozen_epochs == 1


def test_a_moving_average_of_weights_does_not_stay_at_the_start_of_a_short_training():
    assert gentle_recipe(read_recipe("lite3"), 128, has_new_breeds=False, changes=[]).training.ema_decay == 0
    assert 0.9 < gentle_recipe(read_recipe("lite3"), 10**6, has_new_breeds=False, changes=[]).training.ema_decay <= 0.99


def test_only_the_head_of_joined_networks_is_trained():
    joined = read_recipe("lite3").model_copy(update={"architecture": "tf_efficientnet_lite3+mobilenet_v2"})
    training = gentle_recipe(joined, 1000, has_new_breeds=False, changes=[]).training
    assert (training.frozen_epochs, training.cached_through) == ("all", "")
