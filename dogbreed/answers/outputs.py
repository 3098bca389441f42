"""What a network puts out, by name."""

import numpy as np
from numpy.typing import NDArray

INPUT, OUTPUT = "image", "logits"
# What a network may put out beside its logits: see `trainer.networks.served`.
EVIDENCE = "evidence"  # `[n, classes, rows, columns]`: what each place of the photo adds to each logit
DOG = "dog"  # `[n]`: how much more it looks like a dog than like anything else
FAMILIARITY = "familiarity"  # `[n]` in -1..1: how much it looks like what the network learnt from

Outputs = dict[str, NDArray[np.float32]]
