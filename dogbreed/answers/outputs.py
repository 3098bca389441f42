"""The names of a network's input and outputs in `model.onnx`."""

import numpy as np
from numpy.typing import NDArray

INPUT, OUTPUT = "image", "logits"
# Optional outputs beside the logits: see `trainer.networks.served`.
# `[n, classes, rows, columns]`: what each place of the photo adds to each logit. Format version 1 calls it "evidence".
CLASS_ACTIVATION_MAPS = "evidence"
DOG = "dog"  # `[n]`: the largest logit of a dog less the largest logit of anything else
FAMILIARITY = "familiarity"  # `[n]` in -1..1: how similar the photo is to the training photos
KNOWN_BREED = "known_breed"  # `[n]`: the logit of the probability that the dog is of one of the network's breeds

NAMES = (INPUT, OUTPUT, CLASS_ACTIVATION_MAPS, DOG, FAMILIARITY, KNOWN_BREED)

Outputs = dict[str, NDArray[np.float32]]
