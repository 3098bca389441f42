"""A study on a real PostgreSQL server, which two commands share as two machines would."""

import tempfile
from contextlib import ExitStack
from pathlib import Path
from random import Random

import pandas as pd
import pytest

from tests.deploy.stack import Postgres, postgresql_programs
from tests.trainer.tuning.studies import epochs_of, finish, finished_epochs, kill_a_worker, start, wait_for_epochs

pytestmark = pytest.mark.slow


@pytest.fixture
def postgres():
    programs = postgresql_programs()
    assert programs is not None
    with ExitStack() as afterwards:
        server = Postgres(programs, Path(afterwards.enter_context(tempfile.TemporaryDirectory())))
        server.start()
        afterwards.callback(lambda: server.stop() if server.running() else None)
        yield server


def test_two_commands_share_a_study_while_a_worker_is_killed_and_the_server_restarts(
    postgres, without_test_part, recipe, tmp_path
):
    study = tmp_path / "study"
    options = ("--trials", "8", "--storage", postgres.url)
    first = start(without_test_part, recipe, study, *options)
    wait_for_epochs(first, study, 1)
    second = start(without_test_part, recipe, study, *options)
    kill_a_worker(first, Random(0))
    wait_for_epochs(second, study, finished_epochs(study) + 1)
    postgres.stop()
    postgres.start()
    said = [finish(process) for process in (first, second)]
    assert all(f"Study: {study / 'study.html'}" in each for each in said)
    epochs = epochs_of(study)
    assert set(epochs["trial"]) == set(range(8))
    assert not epochs.duplicated(["trial", "epoch"]).any()
    assert len(epochs) == finished_epochs(study)
    assert "complete" in set(pd.read_csv(study / "trials.csv")["state"])
    kept = (study / "settings.json").read_text() + (study / "study.html").read_text()
    assert "only for this test" not in kept  # the password
