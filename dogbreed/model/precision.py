"""The precisions in which a network is computed."""

from typing import Literal, get_args

# int8 is a graph of its own in the bundle; the others are two ways to compute the same graph.
Precision = Literal["float32", "bfloat16", "int8"]
PRECISIONS: tuple[Precision, ...] = get_args(Precision)
