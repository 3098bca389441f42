"""Which values a new trial gets."""

import pytest

from trainer.recipes.recipe import Choices, Range
from trainer.tuning.sampling import Space, grid_size, propose
from trainer.tuning.trials import Trial

SPACE: Space = {
    "optimizer.lr": Range(low=1e-4, high=1e-1),
    "training.batch_size": Choices(choices=[16, 32, 64]),
    "training.patience": Range(low=2, high=9),
}
OWN = {"optimizer.lr": 1e-3, "training.batch_size": 32, "training.patience": 5}


def tried(count, sampler="tpe", seed=0, loss=lambda values: values["optimizer.lr"]):
    trials: list[Trial] = []
    for number in range(count):
        values = dict(propose(SPACE, OWN, trials, sampler, seed))
        trials.append(Trial(number, values, 1, "paused", {1: loss(values)}))
    return trials


def test_the_first_trial_is_the_recipe_itself():
    assert propose(SPACE, OWN, [], "tpe", 0) == OWN
    assert propose(SPACE, OWN, [], "random", 0) == OWN


@pytest.mark.parametrize("sampler", ["tpe", "random"])
def test_values_are_in_their_ranges_and_short_enough_to_read(sampler):
    for trial in tried(15, sampler):
        assert 1e-4 <= trial.values["optimizer.lr"] <= 1e-1
        assert len(f"{trial.values['optimizer.lr']:.3e}") == len("1.234e-05")
        assert float(f"{trial.values['optimizer.lr']:.4g}") == trial.values["optimizer.lr"]
        assert trial.values["training.batch_size"] in (16, 32, 64)
        assert isinstance(trial.values["training.patience"], int)


def test_the_same_trials_give_the_same_proposal():
    trials = tried(9)
    assert propose(SPACE, OWN, trials, "tpe", 0) == propose(SPACE, OWN, trials, "tpe", 0)
    assert propose(SPACE, OWN, trials, "tpe", 0) != propose(SPACE, OWN, trials, "tpe", 1)


def test_tpe_learns_where_the_loss_is_low():
    later = [trial.values["optimizer.lr"] for trial in tried(40)[20:]]
    assert sorted(later)[len(later) // 2] < 1e-3


def test_trials_that_run_or_have_failed_disturb_nothing():
    trials = [*tried(8), Trial(8, OWN, 1, "running"), Trial(9, OWN, 1, "failed")]
    assert set(propose(SPACE, OWN, trials, "tpe", 0)) == set(SPACE)


def test_a_grid_has_every_combination_once_and_the_recipe_first():
    space: Space = {"a": Choices(choices=[1, 2, 3]), "b": Choices(choices=["x", "y"])}
    own, trials = {"a": 2, "b": "y"}, list[Trial]()
    assert grid_size(space) == 6
    for number in range(6):
        trials.append(Trial(number, dict(propose(space, own, trials, "grid", 0)), 1, "paused"))
    assert trials[0].values == own
    assert len({(trial.values["a"], trial.values["b"]) for trial in trials}) == 6
    assert grid_size(SPACE) == 0
