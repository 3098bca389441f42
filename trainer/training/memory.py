"""Batches that do not fit into the GPU's memory: split into parts, and tried again from the same state."""

import torch
from torch import Tensor, nn


class BatchStart:
    """Everything that a forward and backward pass changes, apart from gradients, as it was before the batch.

    That is the state of PyTorch's random number generators (dropout draws from them) and the buffers of the network
    (the running statistics of batch normalization). A pass that ran out of memory has changed both; without
    `restore`, the batch would count twice in the statistics and meet other random numbers when it is tried again.
    """

    def __init__(self, network: nn.Module, device: torch.device) -> None:
        # Modules in evaluation mode, such as a frozen backbone, change no buffers.
        training = (module for module in network.modules() if module.training)
        self.buffers = [(buffer, buffer.clone()) for module in training for buffer in module.buffers(recurse=False)]
        self.device = device
        self.random = torch.get_rng_state()
        self.device_random = torch.cuda.get_rng_state(device) if device.type == "cuda" else None

    def restore(self) -> None:
        for buffer, before in self.buffers:
            buffer.copy_(before)
        torch.set_rng_state(self.random)
        if self.device_random is not None:
            torch.cuda.set_rng_state(self.device_random, self.device)


def split_batch(inputs: Tensor, targets: Tensor, parts: int) -> list[tuple[Tensor, Tensor]]:
    """The batch in `parts` parts whose sizes differ by one at most."""
    return list(zip(inputs.tensor_split(parts), targets.tensor_split(parts), strict=True))
