"""Which trial is trained next, of trials that are given as data."""

import math

import pytest

from trainer.tuning.halving import Budget, Halving, Job, next_job, rungs_of
from trainer.tuning.trials import Trial, best_trial

HALVING = Halving((1, 3, 9))
NO_LIMIT = Budget()


def paused(number, *losses, state="paused", until=None):
    by_epoch = dict(enumerate(losses, start=1))
    return Trial(number, {}, until or len(losses), state, by_epoch)


def test_epochs_between_comparisons_rise_threefold():
    assert rungs_of(60, None, 3) == (7, 20, 60)
    assert rungs_of(27, 1, 3) == (1, 3, 9, 27)
    assert rungs_of(5, None, 3) == (1, 2, 5)
    assert rungs_of(1, None, 3) == (1,)
    assert rungs_of(10, 10, 3) == (10,)


def test_a_study_begins_with_new_trials():
    assert next_job([], HALVING, NO_LIMIT) == Job(None, 1)
    assert next_job([paused(0, 2.0), paused(1, 1.0)], HALVING, NO_LIMIT) == Job(None, 1)


def test_the_best_of_three_goes_on():
    assert next_job([paused(0, 2.0), paused(1, 1.0), paused(2, 3.0)], HALVING, NO_LIMIT) == Job(1, 3)


def test_trials_are_compared_after_equal_numbers_of_epochs():
    further = paused(1, 1.5, 0.4, 0.3)
    trials = [paused(0, 2.0), further, paused(2, 3.0), paused(3, 1.0), paused(4, 4.0), paused(5, 4.0)]
    assert next_job(trials, HALVING, NO_LIMIT) == Job(3, 3)  # after one epoch it was better than the one that went on


def test_the_last_comparison_comes_first():
    trials = [paused(n, 1.0 + n, 1.0 + n, 1.0 + n) for n in range(3)] + [paused(n, 0.5) for n in range(3, 12)]
    assert next_job(trials, HALVING, NO_LIMIT) == Job(0, 9)


def test_a_trial_that_a_killed_worker_has_left_comes_before_everything_else():
    left = paused(3, 5.0, state="left", until=3)
    assert next_job([paused(0, 2.0), paused(1, 1.0), paused(2, 3.0), left], HALVING, NO_LIMIT) == Job(3, 3)


def test_a_trial_that_stopped_early_counts_at_every_comparison_and_is_not_continued():
    stopped = paused(0, 0.1, 0.2, state="complete", until=3)
    trials = [stopped, paused(1, 1.0), paused(2, 3.0)]
    assert next_job(trials, HALVING, NO_LIMIT) == Job(None, 1)
    assert next_job(trials, HALVING, Budget(trials=3)) == "done"


def test_a_failed_trial_is_neither_compared_nor_continued():
    trials = [paused(0, math.nan, state="failed"), paused(1, 1.0), paused(2, 3.0)]
    assert next_job(trials, HALVING, NO_LIMIT) == Job(None, 1)


def test_a_loss_that_is_no_number_is_the_worst():
    assert paused(0, math.nan).best() == math.inf
    assert next_job([paused(0, math.nan), paused(1, 9.0), paused(2, math.nan)], HALVING, NO_LIMIT) == Job(1, 3)


def test_a_worker_without_work_waits_for_the_others():
    trials = [paused(0, 2.0), paused(1, state="running", until=1)]
    assert next_job(trials, HALVING, Budget(trials=2)) == "wait"


def test_at_last_the_best_trial_is_trained_to_its_end():
    trials = [paused(0, 2.0), paused(1, 1.0)]
    assert next_job(trials, HALVING, Budget(trials=2)) == Job(1, 9)


def test_the_budget_of_epochs_leaves_enough_for_one_whole_trial():
    assert next_job([], HALVING, Budget(epochs=9)) == Job(None, 1)
    one = [paused(0, 2.0)]
    assert next_job(one, HALVING, Budget(epochs=9)) == Job(0, 9)
    assert next_job(one, HALVING, Budget(epochs=10)) == Job(None, 1)
    ended = [paused(0, *[1.0] * 9, state="complete")]
    assert next_job(ended, HALVING, Budget(epochs=9)) == "done"


def test_without_halving_every_trial_is_trained_to_its_end():
    whole = Halving((9,))
    trials = [paused(n, *[float(n)] * 9, state="complete") for n in range(5)]
    assert next_job(trials, whole, Budget(trials=6)) == Job(None, 9)
    assert next_job(trials, whole, Budget(trials=5)) == "done"


@pytest.mark.parametrize("trials", [1, 2, 5, 8, 24, 50])
def test_a_search_ends_with_a_complete_trial_and_few_epochs(trials):
    """Runs the decisions to the end. The loss of a trial is its number at every epoch: a later trial is worse."""
    records: list[Trial] = []
    while isinstance(job := next_job(records, HALVING, Budget(trials=trials)), Job):
        number = len(records) if job.number is None else job.number
        trained = paused(number, *[float(number)] * job.until, state="complete" if job.until == 9 else "paused")
        records = [*records, trained] if job.number is None else [trained if t.number == number else t for t in records]
    assert job == "done"
    assert len(records) == trials
    assert best_trial(records) == records[0]
    assert records[0].state == "complete"
    assert sum(t.done for t in records) <= 9 + 9 * trials / 2
