"""Trials of which nothing can be expected."""

import time

from tests.trainer.diagnosis.watched import TINY
from trainer.tuning.opening import open_study, open_trials
from trainer.tuning.search_options import SearchOptions
from trainer.tuning.study_worker import work


def test_a_hopeless_trial_ends_at_once_and_the_search_goes_on(organized, tmp_path):
    given = SearchOptions(
        data=organized,
        cache=organized.parent / "watched-cache",
        study=tmp_path / "study",
        storage=None,
        recipe="simple-cnn",
        changes=[*TINY, "training.epochs=2", "optimizer.lr=1e-13"],
        search=["optimizer.lr=1e-13,1e-3"],
        weights="none",
        teachers=[],
        seed=None,
        trials=2,
        epochs=None,
        minutes=None,
        measure=None,
        sampler="grid",
        min_epochs=None,
        reduction=None,
        no_halving=True,
        jobs=1,
        started=time.monotonic(),
    )
    study, settings = open_study(given)
    storage = open_trials(study, settings)
    work(study, settings, storage, settings.budget, given.data, given.cache)
    hopeless, good = storage.trials()
    assert (hopeless.state, hopeless.done) == ("failed", 0)
    assert hopeless.note.startswith("Ended at step 3.")
    assert "were the same after each of 3 steps" in hopeless.note
    assert (good.state, good.done) == ("complete", 2)
