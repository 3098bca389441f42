"""A photo classified by PyTorch in eager mode, for comparison: the minimum that a simple PyTorch server does.

Run as `python -m trainer.benchmarks.eager BUNDLE PHOTO`, in a separate process. Reads lines of JSON, `[way,
seconds]`, and answers each with the milliseconds of every repetition.
"""

import json
import sys
import time
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import nn

from dogbreed.model.bundle import Bundle, read_bundle
from dogbreed.photos.decoding import open_photo
from dogbreed.photos.preprocessing import sufficient_side, to_input
from trainer.bundles.export import bundle_network
from trainer.networks.network import BreedNetwork, NetworkError, build_backbone, build_head
from trainer.networks.score_tensors import network_tensors
from trainer.recipes.recipe import RecipeError, recipe_of

NO_LIMIT = 10**9


class Eager:
    """A bundle's network in PyTorch, float32, with PyTorch's default settings."""

    def __init__(self, bundle: Bundle, photo: bytes) -> None:
        self.bundle = bundle
        self.photo = photo
        self.recipe = recipe_of(bundle.config)
        self.network, _ = bundle_network(bundle)
        head = self.network.get_submodule("head")
        self.width = next(layer.in_features for layer in head.modules() if isinstance(layer, nn.Linear))

    def eager(self) -> None:
        """With the network in memory."""
        self._answer(self.network)

    def load_per_request(self) -> None:
        """With a network that is built and loaded for every photo, as simple tutorials do."""
        # Not `build_network`: it finds the number of features with a forward pass, which would count too.
        config = self.bundle.config
        head = build_head(self.width, len(config.label_names), self.recipe.head)
        network = BreedNetwork(build_backbone(config.architecture), head, self.recipe.input.mirror)
        network.load_state_dict(network_tensors(load_file(self.bundle.weights)))
        self._answer(network.eval())

    def _answer(self, network: nn.Module) -> None:
        config = self.bundle.config
        image = open_photo(self.photo, NO_LIMIT, sufficient_side(config)).image
        with torch.inference_mode():
            network(torch.from_numpy(to_input(image, config)[None]))

    def times(self, way: str, seconds: float) -> list[float]:
        answer = {"eager": self.eager, "load_per_request": self.load_per_request}[way]
        answer()
        times: list[float] = []
        until = time.perf_counter() + seconds
        while not times or time.perf_counter() < until:
            began = time.perf_counter()
            answer()
            times.append((time.perf_counter() - began) * 1000)
        return times


def main(bundle: str, photo: str) -> None:
    try:
        eager = Eager(read_bundle(Path(bundle)), Path(photo).read_bytes())
    except (NetworkError, RecipeError, RuntimeError) as error:
        print(json.dumps(f"its network cannot be built: {str(error).splitlines()[0]}"), flush=True)
        return
    print(json.dumps("ready"), flush=True)
    for line in sys.stdin:
        print(json.dumps(eager.times(*json.loads(line))), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
