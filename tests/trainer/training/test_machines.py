"""Several machines train one run with the scripts of deploy/training. Some are lost on the way."""

import os
import shutil
import signal
import time
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from tests.trainer.training.machines import (
    BREATH,
    SETTINGS,
    TRAINING,
    Machine,
    assert_same_result,
    ended,
    free_port,
    options,
    start,
    starts,
    wait_for_epochs,
)
from trainer.distributed import ALONE
from trainer.recipes.recipe_files import read_recipe
from trainer.training.fit import train
from trainer.training.run import start_run
from trainer.training.run_config import RunSettings, read_run_config
from trainer.training.run_folder import Run


@pytest.fixture(scope="module")
def uninterrupted(trained, tmp_path_factory):
    """What one process learns that nothing happens to."""
    folder = tmp_path_factory.mktemp("uninterrupted")
    recipe = read_recipe(str(trained.recipe), SETTINGS)
    run = Run(folder / "run")
    start_run(run, trained.data, recipe, None, RunSettings(name="one", version="1", trained_on="", seed=0))
    train(run, read_run_config(run.path), trained.data, folder / "cache", ALONE)
    return run


@pytest.fixture
def machines(trained, tmp_path):
    """Starts machines, and removes at the end those that are still there."""
    port, started = free_port(), []

    def add(number: int, words: list[str] | None = None, **changes: str) -> Machine:
        words = words or options(trained.data, trained.recipe, tmp_path / "run")
        started.append(Machine(number, port, tmp_path / f"machine-{number}.log", words, **changes))
        return started[-1]

    yield add
    for machine in started:
        machine.remove()


def test_a_stopped_process_and_a_lost_machine_cost_only_what_came_after_the_last_checkpoint(
    machines, uninterrupted, tmp_path
):
    first, second = machines(0), machines(1)
    wait_for_epochs(tmp_path / "run", 3, first.log)
    second.send_to_worker(signal.SIGTERM)  # both are started again
    wait_for_epochs(tmp_path / "run", 6, first.log)
    second.lose()
    assert first.ends() == 0, first.log.read_text()
    assert starts(first.log) == 3
    assert first.log.read_text().count("Epoch 12/12") == 1
    assert_same_result(tmp_path / "run", uninterrupted)


def test_where_the_first_process_fails_the_others_end_too(machines, trained, tmp_path):
    words = [*options(trained.data, trained.recipe, tmp_path / "run"), "--set=training.epochs=none"]
    both = [machines(number, words, NODES="2", RESTARTS="0") for number in (0, 1)]
    assert [machine.ends() for machine in both] == [1, 1]
    assert sum(machine.log.read_text().count("training.epochs") for machine in both) == 1
    assert not (tmp_path / "run").exists()


def test_slurm_queues_a_job_again_that_reaches_its_time_limit(trained, uninterrupted, tmp_path):
    programs, run, log = tmp_path / "programs", tmp_path / "run", tmp_path / "slurm.log"
    programs.mkdir()
    stand_in(programs / "srun", f'echo $$ >{tmp_path}/step; SLURM_NODEID=0 exec "$@"')
    stand_in(programs / "scancel", f'[ "$1" = --signal=TERM ] && kill -TERM "$(cat {tmp_path}/step)"')
    stand_in(programs / "scontrol", f'if [ "$1" = show ]; then echo 127.0.0.1; else echo "$@" >>{tmp_path}/asked; fi')
    job = {"SLURM_JOB_ID": str(free_port()), "SLURM_JOB_NUM_NODES": "1", "SLURM_JOB_NODELIST": "here"}
    job |= {"PATH": f"{programs}:{os.environ['PATH']}", "ADDRESS": "127.0.0.1"}
    command = [str(TRAINING / "slurm.sh"), *options(trained.data, trained.recipe, run)]

    process = start(command, log, **job)
    wait_for_epochs(run, 3, log)
    process.terminate()
    assert ended(process, log) == 0, log.read_text()
    assert (tmp_path / "asked").read_text() == f"requeue {job['SLURM_JOB_ID']}\n"
    assert "Stopped. Go on with this command." in log.read_text()
    assert not (run / "bundle").exists()

    assert ended(start(command, log, **job), log) == 0, log.read_text()
    assert len((tmp_path / "asked").read_text().splitlines()) == 1
    assert_same_result(run, uninterrupted)


def test_machines_are_reached_by_ssh_and_stop_with_the_script(trained, tmp_path):
    run, log = tmp_path / "run", tmp_path / "ssh.log"
    stand_in(tmp_path / "ssh", f'echo "$1 $$" >>{tmp_path}/connected; exec bash -c "$2"')
    settings = {"SSH": str(tmp_path / "ssh"), "PORT": str(free_port()), "RETRY": "1"}
    words = [str(TRAINING / "ssh.sh"), "127.0.0.1,localhost", *options(trained.data, trained.recipe, run)]

    process = start(words, log, **settings)
    wait_for_epochs(run, 3, log)
    process.terminate()
    assert ended(process, log) == 130, log.read_text()
    connections = [line.split() for line in (tmp_path / "connected").read_text().splitlines()]
    assert {host for host, _ in connections} == {"127.0.0.1", "localhost"}
    wait_until_gone([int(number) for _, number in connections])
    assert (run / "checkpoints" / "last.ckpt").is_file()
    assert not (run / "bundle").exists()


def stand_in(path: Path, script: str) -> None:
    path.write_text(f"#!/usr/bin/env bash\n{script}\n")
    path.chmod(0o755)


def wait_until_gone(processes: list[int]) -> None:
    end = time.monotonic() + BREATH
    while any(Path(f"/proc/{process}").exists() for process in processes):
        assert time.monotonic() < end
        time.sleep(0.05)


def continue_run(trained, run, **changes):
    options = {"data": trained.data, "recipe": str(trained.recipe), "weights": "none"}
    call_command("train", run=run, continued=True, **(options | changes))


def test_a_run_that_is_done_is_left_as_it_is(trained, capsys):
    before = (trained.run.bundle / "config.json").read_bytes()
    continue_run(trained, trained.run.path)
    assert f"Bundle: {trained.run.bundle}" in capsys.readouterr().out
    assert (trained.run.bundle / "config.json").read_bytes() == before


def test_a_run_is_not_continued_with_other_settings(trained, tmp_path):
    path = trained.run.path
    with pytest.raises(
        CommandError, match=r"optimizer.lr was 0.003 and is now 1.0; training.epochs was 16 and is now 17"
    ):
        continue_run(trained, path, epochs=17, changes=["optimizer.lr=1"])
    with pytest.raises(CommandError, match="seed was 0 and is now 1"):
        continue_run(trained, path, seed=1)
    with pytest.raises(CommandError, match=r"the starting weights were none and are now .*other.pth"):
        continue_run(trained, path, weights=str(tmp_path / "other.pth"))
    data = Path(shutil.copytree(trained.data, tmp_path / "data"))
    (data / "manifest.csv").write_text((data / "manifest.csv").read_text() + "\n")
    with pytest.raises(CommandError, match=r"the photos that .*data lists are others"):
        continue_run(trained, path, data=data)


def test_a_folder_that_is_no_run_is_not_continued(trained, tmp_path):
    (tmp_path / "mine").mkdir()
    with pytest.raises(CommandError, match="not the folder of a training run"):
        continue_run(trained, tmp_path / "mine")


def test_continuing_needs_the_name_of_the_run(trained):
    with pytest.raises(CommandError, match="--continue needs --run"):
        continue_run(trained, run=None)
    with pytest.raises(CommandError, match="Give either --resume RUN, or --run RUN"):
        continue_run(trained, trained.run.path, resume=trained.run.path)
