"""What the options of a search mean for its study."""

from dataclasses import replace
from pathlib import Path

import pytest

from trainer.tuning.database import StudyError
from trainer.tuning.search_options import SearchOptions, budget_of, settings_of

NOTHING = SearchOptions.of(
    dict.fromkeys(SearchOptions.__dataclass_fields__)
    | {"data": Path("data"), "teacher": [], "changes": [], "search": [], "recipe": "simple-cnn", "weights": "none"},
    started=0.0,
)
GRID = replace(NOTHING, sampler="grid", search=["optimizer.lr=1e-3,1e-2", "training.batch_size=32,64"])


def test_a_grid_has_no_more_trials_than_combinations_whatever_is_asked_for():
    for asked in (replace(GRID, trials=99), replace(GRID, epochs=1000), GRID):
        settings = settings_of(asked, "grid")
        assert settings.trials == 4
        assert budget_of(settings, asked).trials == 4
        assert budget_of(settings, replace(asked, trials=99)).trials == 4
    assert budget_of(settings_of(GRID, "grid"), replace(GRID, trials=2)).trials == 2


def test_a_grid_of_a_range_is_refused():
    with pytest.raises(StudyError, match="A grid needs choices for every value"):
        settings_of(replace(GRID, search=["optimizer.lr=1e-3..1e-2"]), "grid")


def test_a_budget_smaller_than_one_trial_is_refused():
    with pytest.raises(StudyError, match="One trial takes 60 epochs"):
        settings_of(replace(NOTHING, epochs=59), "small")
