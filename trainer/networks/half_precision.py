"""Weights in half precision: a bundle keeps the large tensors of its network so."""

import torch
from torch import Tensor, nn


def in_half(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """The tensors of a network as a bundle keeps them."""
    return {name: tensor.half() if _is_large(tensor) else tensor for name, tensor in state.items()}


def round_to_half(network: nn.Module) -> None:
    """Rounds the large tensors, so that the network computes what a bundle's weights say."""
    with torch.no_grad():
        for tensor in network.state_dict().values():
            if _is_large(tensor):
                tensor.copy_(tensor.half())


def _is_large(tensor: Tensor) -> bool:
    """Whether it is the weight of a layer. Biases and batch statistics are small and stay in single precision."""
    return tensor.is_floating_point() and tensor.ndim > 1
