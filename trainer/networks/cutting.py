"""A backbone cut into two parts, so that what the first computes from a photo can be stored."""

import copy

import torch
from torch import Tensor, nn

from trainer.networks.network import NetworkError
from trainer.networks.served import watched


class _ReachedError(Exception):
    """Ends a forward pass early."""


class FrontPart(nn.Module):
    """Images `[n, 3, h, w]` -> the output `[n, c, h, w]` of the backbone's module `through`. Nothing after it runs."""

    def __init__(self, backbone: nn.Module, through: str) -> None:
        super().__init__()
        self.backbone = _part(backbone, through, front=True)
        self.through = through

    def forward(self, images: Tensor) -> Tensor:
        def stop(module: nn.Module, inputs: object, output: object) -> None:
            raise _ReachedError

        with watched(self.backbone, self.through) as outputs:
            handle = self.backbone.get_submodule(self.through).register_forward_hook(stop)
            try:
                self.backbone(images)
            except _ReachedError:
                pass
            finally:
                handle.remove()
        return outputs[self.through]


def back_part(backbone: nn.Module, through: str) -> nn.Module:
    """The output of the backbone's module `through` -> features `[n, d]`.

    It shares its layers with the backbone: training it trains the backbone.
    """
    return _part(backbone, through, front=False)


def cut_backbone(backbone: nn.Module, through: str, size: int) -> tuple[nn.Module, nn.Module]:
    """Cuts a backbone behind one of its modules, such as `blocks.4`, `layer3` or `features.13`.

    Both parts share the backbone's layers. One forward pass shows whether the second needs more than the first gives.

    Args:
        size: height and width of the images of that pass.

    Returns:
        The part from images to the module's output, and the part from there to features.

    Raises:
        NetworkError: there is no such module, its output is no map over the photo, or the layers after it need more
            than its output.
    """
    front, back = FrontPart(backbone, through), back_part(backbone, through)
    parameter = next(backbone.parameters())
    images = torch.rand(2, 3, size, size, generator=torch.Generator().manual_seed(0)).to(parameter.device)
    mode = backbone.training
    backbone.eval()
    refused = (
        f"The backbone cannot be cut behind {through!r}: the layers after it need more than its output, or its output "
        "is no map over the photo."
    )
    try:
        with torch.inference_mode():
            whole, activations = backbone(images), front.eval()(images)
            in_parts = back.eval()(activations)
    except (RuntimeError, KeyError) as error:
        raise NetworkError(refused) from error
    finally:
        backbone.train(mode)
    close = whole.shape == in_parts.shape and torch.allclose(
        whole, in_parts, rtol=1e-3, atol=1e-4 * float(whole.abs().max())
    )
    if not close or activations.ndim != 4:
        raise NetworkError(refused)
    return front, back


def _part(module: nn.Module, through: str, front: bool) -> nn.Module:
    """A copy that shares the layers of one side of the cut, with nothing in the place of the layers of the other."""
    name, _, rest = through.partition(".")
    children = dict(module.named_children())
    if name not in children:
        raise NetworkError(f"There is no module {name!r} to cut behind. Choose one of {', '.join(children)}.")
    part, position = copy.copy(module), list(children).index(name)
    part._modules = dict(module._modules)
    for other in list(children)[position + 1 :] if front else list(children)[:position]:
        part._modules[other] = nn.Identity()
    if rest:
        part._modules[name] = _part(children[name], rest, front)
    elif not front:
        part._modules[name] = nn.Identity()
    return part
