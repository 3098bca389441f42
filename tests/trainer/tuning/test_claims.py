"""Who works on which trial, with workers in processes of their own."""

import os
import subprocess
import sys

import pytest
from sqlalchemy import create_engine, text

from tests.http import ROOT
from trainer.tuning.claims import Claims, lives_here, this_worker

HOLD = """
import sys, time
from sqlalchemy import create_engine
from trainer.tuning.claims import Claims, this_worker
print(Claims(create_engine(sys.argv[1]), "study", this_worker()).take(7), flush=True)
time.sleep(600)
"""


@pytest.fixture
def url(tmp_path):
    return f"sqlite:///{tmp_path / 'study.db'}"


def claims(url, worker=None):
    return Claims(create_engine(url), "study", worker or this_worker())


def test_one_worker_has_a_trial(url):
    first, second = claims(url), claims(url, "elsewhere:1:1")
    assert first.take(3)
    assert first.take(3)  # a repeated call whose answer was lost
    assert not second.take(3)
    assert second.holders() == {3: first.worker}
    second.release(3)  # somebody else's claim
    assert not second.take(3)
    first.release(3)
    assert second.take(3)


def test_a_claim_of_another_study_is_not_in_the_way(url):
    assert claims(url).take(3)
    assert Claims(create_engine(url), "another study", "elsewhere:1:1").take(3)


def test_the_claim_of_a_killed_worker_is_free_at_once(url):
    claims(url)  # makes the table
    holder = subprocess.Popen([sys.executable, "-c", HOLD, url], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert holder.stdout is not None
    assert holder.stdout.readline() == "True\n"
    mine = claims(url)
    assert not mine.take(7)
    holder.kill()
    os.waitid(os.P_PID, holder.pid, os.WEXITED | os.WNOWAIT)  # it has ended, and stays a zombie
    assert mine.take(7)
    holder.communicate()


def test_a_silent_worker_of_another_machine_loses_its_claim_after_a_minute(url):
    there, here = claims(url, "elsewhere:1:1"), claims(url)
    assert there.take(7)
    with here.engine.begin() as connection:
        connection.execute(text("update dogbreed_claims set until = until - 59"))
    assert not here.take(7)
    with here.engine.begin() as connection:
        connection.execute(text("update dogbreed_claims set until = until - 2"))
    assert here.take(7)
    assert not there.take(7)
    there.renew()  # too late: it is not its claim any more
    assert here.holders() == {7: here.worker}


def test_a_worker_that_lives_on_this_machine_keeps_its_claim_however_slow_it_is(url):
    slow, other = claims(url), claims(url, "elsewhere:1:1")
    assert slow.take(7)
    with slow.engine.begin() as connection:
        connection.execute(text("update dogbreed_claims set until = 0"))
    assert not other.take(7)
    slow.renew()
    assert slow.holders() == {7: slow.worker}


def test_a_process_id_that_another_process_has_now_is_another_worker():
    machine, pid, started = this_worker().rsplit(":", 2)
    assert lives_here(f"{machine}:{pid}:{started}") is True
    assert lives_here(f"{machine}:{pid}:{int(started) - 1}") is False
    assert lives_here(f"elsewhere:{pid}:{started}") is None
