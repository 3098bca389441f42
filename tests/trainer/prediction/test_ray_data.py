"""`manage.py predict --ray` on a cluster of two nodes on this machine."""

import subprocess
import sys

import pytest

from tests.http import ROOT
from tests.image_files import GREEN, encoded, plain
from tests.trainer.prediction.conftest import rows_of, started, write_list, write_photos
from tests.trainer.prediction.test_stores import environment

pytestmark = pytest.mark.slow

# In a process of its own, because Ray warns and changes how processes are started.
CLUSTER = """
import os, sys
os.environ.update(RAY_USAGE_STATS_ENABLED="0")
from ray.cluster_utils import Cluster
cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False})
other = cluster.add_node(num_cpus=1)
cluster.wait_for_nodes()
print(cluster.address, flush=True)
sys.stdin.readline()
cluster.remove_node(other, allow_graceful=False)
print("killed", flush=True)
sys.stdin.readline()
cluster.shutdown()
"""


class Cluster:
    def __init__(self, process):
        self.process = process
        self.address = process.stdout.readline().strip()

    def kill_a_node(self):
        self.next_step()
        assert self.process.stdout.readline().strip() == "killed"

    def next_step(self):
        self.process.stdin.write("\n")
        self.process.stdin.flush()


@pytest.fixture
def cluster():
    command = [sys.executable, "-c", CLUSTER]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        yield Cluster(process)
        if process.stdin:
            process.stdin.close()


@pytest.fixture
def many(tmp_path, server):
    """A list of 300 photos; at the end of each hundred one comes from a server that waits."""
    red = write_photos(tmp_path / "photos", 297)
    red[5].write_bytes(encoded(plain(GREEN)))
    red[7].write_bytes(b"no photo")
    return write_list(tmp_path / "names.txt", [*red[:99], f"{server.url}/1.jpg", *red[99:198], f"{server.url}/2.jpg",
                                               *red[198:], f"{server.url}/3.jpg"])  # fmt: skip


def test_the_rows_are_those_of_one_process_even_if_a_node_is_killed(tmp_path, trusted_bundle, server, many, cluster):
    words = ("--bundle", trusted_bundle)
    with started(many, "--ray", cluster.address, "--output", tmp_path / "ray.parquet", *words) as process:
        assert server.asked.wait(240)
        cluster.kill_a_node()
        server.free.set()
        problems = process.communicate()[1]
        assert process.returncode == 0, problems
    with started(many, "--output", tmp_path / "plain.parquet", *words) as process:
        process.communicate()
    rows = rows_of(tmp_path / "ray.parquet")
    assert len(rows) == 300
    assert rows == rows_of(tmp_path / "plain.parquet")


def test_what_a_worker_says_of_a_store_ends_the_command(tmp_path, trusted_bundle, monkeypatch):
    for name, value in environment(9).items():
        monkeypatch.setenv(name, value)
    names = write_list(tmp_path / "names.txt", ["s3://photos/dog.jpg"])
    with started(names, "--ray", "local", "--output", tmp_path / "out.csv", "--bundle", trusted_bundle) as process:
        problems = process.communicate()[1]
    assert "A worker of the Ray cluster failed: s3://photos/dog.jpg cannot be read" in problems
    assert "Traceback" not in problems
    assert not (tmp_path / "out.csv").exists()


def test_a_cluster_that_is_not_there_is_named(tmp_path, trusted_bundle, many):
    words = ("--ray", "127.0.0.1:9", "--output", tmp_path / "out.csv", "--bundle", trusted_bundle)
    with started(many, *words) as process:
        problems = process.communicate()[1]
    assert "There is no Ray cluster at 127.0.0.1:9" in problems
    assert "Traceback" not in problems
