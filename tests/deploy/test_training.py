"""The files of deploy/training: manage.py and torchrun understand their commands, and they fit together."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy.image_files import copy_as_in_dockerfile
from tests.deploy.stack import DEPLOY
from tests.http import ROOT

TRAINING = DEPLOY / "training"
SCRIPTS = sorted(TRAINING.glob("*.sh"))
SERVICE, JOB = yaml.safe_load_all((TRAINING / "kubernetes.yaml").read_text())
POD = JOB["spec"]["template"]["spec"]
(CONTAINER,) = POD["containers"]
SKY = yaml.safe_load((TRAINING / "skypilot.yaml").read_text())


@pytest.fixture
def starts(tmp_path):
    """Runs a command in which Python only says with which words it was called; gives the words for it."""
    python = tmp_path / "python"
    python.write_text('#!/usr/bin/env bash\nprintf "%s\\n" "$TORCH_DISABLE_SHARE_RDZV_TCP_STORE" "$@"\n')
    python.chmod(0o755)

    def run(command: list[str], **settings: str) -> list[str]:
        environment = {"PATH": os.environ["PATH"], "PYTHON": str(python), "PROCESSES": "3", **settings}
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        not_shared, *words = done.stdout.splitlines()
        assert not_shared == "1"
        return words

    return run


def parsed(words: list[str]) -> tuple[Any, Any]:
    """The options of torchrun and of `manage.py train`, read by their own parsers."""
    torchrun = pytest.importorskip("torch.distributed.run").get_args_parser()
    from trainer.management.commands.train import Command

    assert words[:2] == ["-m", "torch.distributed.run"]
    outer = torchrun.parse_args(words[2:])
    script, command, *options = [word for word in (outer.training_script, *outer.training_script_args) if word != "--"]
    assert (script, command) == ("manage.py", "train")
    inner = Command().create_parser("manage.py", "train").parse_args(options)
    assert inner.continued
    return outer, inner


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_has_no_error_that_the_shell_can_find(script):
    assert subprocess.run(["bash", "-n", str(script)], check=False).returncode == 0
    assert os.access(script, os.X_OK)


@pytest.mark.parametrize(("node", "first"), [("0", "is_host=true"), ("1", "is_host=false")])
def test_kubernetes_starts_training_that_finds_the_other_pod(starts, node, first):
    environment = {each["name"]: each["value"] for each in CONTAINER["env"] if "value" in each}
    outer, inner = parsed(starts(CONTAINER["command"], JOB_COMPLETION_INDEX=node, ADDRESS="10.0.0.1", **environment))
    spec = JOB["spec"]
    assert outer.nnodes == f"1:{spec['parallelism']}"
    assert spec["completions"] == spec["parallelism"]
    assert outer.rdzv_endpoint.split(":")[0] == f"{JOB['metadata']['name']}-0.{SERVICE['metadata']['name']}"
    assert first in outer.rdzv_conf
    assert outer.local_addr == "10.0.0.1"
    assert POD["terminationGracePeriodSeconds"] > outer.shutdown_timeout
    mounted = {each["mountPath"] for each in CONTAINER["volumeMounts"]}
    assert {f"/{path.parts[1]}" for path in (inner.data, inner.run)} <= mounted


def test_the_service_of_kubernetes_gives_names_to_the_pods_of_the_job():
    assert POD["subdomain"] == SERVICE["metadata"]["name"]
    assert SERVICE["spec"]["clusterIP"] == "None"
    assert SERVICE["spec"]["selector"].items() <= JOB["spec"]["template"]["metadata"]["labels"].items()
    volumes = {each["name"] for each in POD["volumes"]}
    assert {each["name"] for each in CONTAINER["volumeMounts"]} == volumes


@pytest.mark.parametrize("document", [SERVICE, JOB], ids=lambda document: document["kind"])
def test_a_manifest_keeps_to_the_schema_of_kubernetes(document):
    pytest.importorskip("kubernetes_validate").validate(document, "1.33", strict=True)


def test_skypilot_starts_training_on_each_of_its_machines(starts):
    machines = {"SKYPILOT_NODE_IPS": "10.0.0.1\n10.0.0.2", "SKYPILOT_NUM_NODES": "2", "SKYPILOT_NODE_RANK": "1"}
    outer, inner = parsed(starts(["bash", "-c", SKY["run"]], **machines))
    assert (outer.rdzv_endpoint, outer.nnodes, outer.local_addr) == ("10.0.0.1:29400", "2", "10.0.0.2")
    assert "is_host=false" in outer.rdzv_conf
    assert {f"/{path.parts[1]}" for path in (inner.data, inner.run)} == set(SKY["volumes"])
    (lock,) = re.findall(r"--requirement (\S+)", SKY["setup"])
    assert (ROOT / lock).is_file()


def test_slurm_leaves_time_to_write_a_checkpoint():
    text = (TRAINING / "slurm.sh").read_text()
    (warned,) = re.findall(r"#SBATCH --signal=B:TERM@(\d+)", text)
    (grace,) = re.findall(r"GRACE=(\d+)", text)
    assert int(warned) > int(grace)


def commands_in_words() -> list[list[str]]:
    """The commands that the comments and the page name, from the name of the script on."""
    texts = [path.read_text() for path in (*SCRIPTS, TRAINING / "README.md")]
    lines = [line for text in texts for line in re.findall(r"deploy/training/\w+\.sh [^`\n]*--run [^`\n]+", text)]
    return [shlex.split(line) for line in lines]


@pytest.mark.parametrize("words", commands_in_words(), ids=lambda words: words[0])
def test_the_commands_that_are_shown_can_be_given(words):
    from trainer.management.commands.train import Command

    script, *options = words
    assert (ROOT / script).is_file()
    options = options if options[0].startswith("--") else options[1:]  # ssh.sh is given the machines first
    Command().create_parser("manage.py", "train").parse_args(options)


def copies() -> list[tuple[list[str], str]]:
    text = (TRAINING / "Dockerfile").read_text().replace("\\\n", " ")
    lines = [line.split()[1:] for line in text.splitlines() if line.startswith("COPY") and "--from" not in line]
    return [(line[:-1], line[-1]) for line in lines]


@pytest.mark.slow
def test_the_image_can_train(tmp_path):
    """A folder with what the Dockerfile copies: the command finds its recipes there."""
    sent = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    for names, target in copies():
        for name in names:
            assert any(name == line or name.startswith(f"{line}/") for line in sent)
            if name.startswith("requirements/"):
                continue  # of the stage with the packages
            copy_as_in_dockerfile(name, target, tmp_path)
    environment = {**os.environ, "DOGBREED_VAR": str(tmp_path / "var")}
    words = [sys.executable, "manage.py", "train", "--list-recipes"]
    done = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert "resnet152" in done.stdout, done.stderr
    assert CONTAINER["command"][0] in [f"{target}{Path(name).name}" for names, target in copies() for name in names]
