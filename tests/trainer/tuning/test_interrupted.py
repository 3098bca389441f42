"""Searches that are stopped and killed. `--kills 20` kills their workers at twenty random moments."""

import os
import shutil
import signal
import time
from random import Random

import pandas as pd
import pytest

from tests.trainer.tuning.studies import (
    epochs_of,
    finish,
    finished_epochs,
    kill_a_worker,
    lives,
    start,
    wait_for_epochs,
    workers,
)
from trainer.training.run_records import read_epochs
from trainer.tuning.storage import StudyStorage
from trainer.tuning.study import Study, read_settings
from trainer.tuning.study_worker import take_job
from trainer.tuning.trial_training import TrialTraining

pytestmark = pytest.mark.slow


def test_one_worker_ends_with_the_results_of_an_uninterrupted_search(
    searched, without_test_part, recipe, tmp_path, request
):
    study, random = tmp_path / "study", Random(0)
    process = start(without_test_part, recipe, study, "--trials", "5")
    wait_for_epochs(process, study, 2)
    process.send_signal(signal.SIGINT)
    assert "Stopped. The same command continues." in finish(process, 130)
    assert not (study / "study.html").exists()

    for _ in range(request.config.getoption("--kills")):
        process = start(without_test_part, recipe, study, "--trials", "5")
        wait_for_epochs(process, study, finished_epochs(study) + random.randint(0, 2))
        time.sleep(random.uniform(0, 1))
        for victim in (process.pid, *workers(process)):  # the worker is not told that its parent is gone
            os.kill(victim, signal.SIGKILL)
        process.communicate()
        (study / "study.db-journal").write_bytes(random.randbytes(100))  # the torn record of an unfinished transaction
    finish(start(without_test_part, recipe, study, "--trials", "5"))
    pd.testing.assert_frame_equal(epochs_of(study), epochs_of(searched[0]))


def test_of_two_workers_that_are_killed_no_trial_is_lost_and_none_is_trained_twice(
    without_test_part, recipe, tmp_path, request
):
    study, random = tmp_path / "study", Random(1)
    process = start(without_test_part, recipe, study, "--trials", "8", "--jobs", "2")
    for _ in range(request.config.getoption("--kills")):
        wait_for_epochs(process, study, finished_epochs(study) + 1)
        time.sleep(random.uniform(0, 2))
        kill_a_worker(process, random)
    assert "A worker was killed by signal 9. Another takes its place." in finish(process)
    epochs = epochs_of(study)
    assert set(epochs["trial"]) == set(range(8))
    assert not epochs.duplicated(["trial", "epoch"]).any()
    trials = pd.read_csv(study / "trials.csv")
    assert set(trials["state"]) == {"paused", "complete"}
    for number, run in enumerate(sorted((study / "trials").iterdir())):
        assert len(read_epochs(run)) == len(epochs[epochs["trial"] == number])


def test_workers_stop_when_the_search_that_started_them_is_killed(without_test_part, recipe, tmp_path):
    study = tmp_path / "study"
    process = start(without_test_part, recipe, study, "--trials", "50")
    wait_for_epochs(process, study, 1)
    (worker,) = workers(process)
    process.kill()
    while lives(worker):
        time.sleep(0.05)
    process.communicate()
    settings = read_settings(Study(study))
    storage = StudyStorage(Study(study).address(""), settings.name, settings.space, settings.measure)
    assert storage.claims.holders() == {}
    assert {trial.state for trial in storage.trials()} <= {"left", "paused", "complete"}  # the next worker continues


def test_a_time_limit_ends_training_between_two_epochs(searched, without_test_part, tmp_path):
    folder = tmp_path / "study"
    shutil.copytree(searched[0], folder)
    study = Study(folder)
    settings = read_settings(study).model_copy(update={"name": "another", "rungs": [6]})
    shutil.rmtree(folder / "trials")
    storage = StudyStorage(study.address(""), settings.name, settings.space, settings.measure)
    job = take_job(storage, settings, settings.budget)
    assert not isinstance(job, str)
    training = TrialTraining(study, settings, storage, without_test_part, tmp_path / "cache", stop_at=time.monotonic())
    training.train(*job)
    assert len(read_epochs(study.run(0).path)) == 1
    (stopped,) = storage.trials()
    assert (stopped.state, stopped.done, stopped.until) == ("left", 1, 6)  # the next worker continues it
