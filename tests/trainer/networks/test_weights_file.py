"""The same training gives the same bytes."""

import subprocess
import sys
from pathlib import Path

import torch
from safetensors import safe_open

from dogbreed.model.file_digests import sha256
from trainer.networks.weights_file import write_weights

ROOT = Path(__file__).parents[3]
WRITE = """
import sys
from pathlib import Path
import torch
from trainer.networks.network import build_network
from trainer.networks.weights_file import write_weights
from trainer.recipes.recipe import Head
torch.manual_seed(0)
network = build_network("shufflenet_v2_x0_5", 3, Head(), 64)
described = {"name": "quick 1", "architecture": "shufflenet_v2_x0_5", "mean": "0 0 0", "std": "1 1 1"}
write_weights(Path(sys.argv[1]), network.state_dict(), described)
"""


def test_two_processes_write_the_same_file(tmp_path):
    paths = [tmp_path / f"{number}.safetensors" for number in range(2)]
    for path in paths:
        subprocess.run([sys.executable, "-c", WRITE, str(path)], cwd=ROOT, check=True)
    assert sha256(paths[0]) == sha256(paths[1])


def test_metadata_in_any_order_gives_the_same_file_and_can_be_read(tmp_path):
    tensors = {"b": torch.arange(3.0), "a": torch.eye(2).half()}
    described = {"name": 'a "quoted" näme\n', "mean": "0.5", "architecture": "x", "std": "1", "z": "\\"}
    digests = set()
    for number in range(8):
        path = tmp_path / f"{number}.safetensors"
        write_weights(path, tensors, dict(sorted(described.items(), reverse=number % 2 == 0)))
        digests.add(sha256(path))
    assert len(digests) == 1
    with safe_open(path, framework="pt") as file:
        assert file.metadata() == described
        assert all(torch.equal(file.get_tensor(name), tensor) for name, tensor in tensors.items())
