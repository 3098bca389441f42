"""One bundle of several networks, which answers with the mean of their logits: slower and more accurate."""

from pathlib import Path
from typing import cast

import torch
from torch import Tensor, nn

from dogbreed.model.bundle import Bundle, BundleConfig, BundleError
from trainer.bundles.export import as_trained, bundle_network, export_network, photos_of
from trainer.calibration.calibrate import calibrate
from trainer.networks.joined import JOIN, JoinedBackbones, RenormalizedBackbone, renormalization
from trainer.networks.network import OUTPUT, BreedNetwork, network_of
from trainer.networks.score_tensors import ImagenetHead
from trainer.progress import ProgressBar, silent
from trainer.recipes.recipe import Recipe, recipe_of


def join_bundles(
    bundles: list[Bundle], shares: list[float], data: Path, out: Path, progress: ProgressBar = silent
) -> Bundle:
    """Joins the networks of bundles into one network, calibrates it and writes a bundle.

    The heads are linear, so the weighted mean of the networks' calibrated logits is one linear layer on all features.
    Its softmax is the normalized geometric mean of their probabilities. Each network sees the largest input size.

    Args:
        bundles: at least two, for the same breeds, with plain heads and with photos framed alike. The result takes its
            version and its normalization from the first.
        shares: of each bundle's logits; positive.
        data: the organized photos that the bundles were trained on, for calibration on their validation part.

    Raises:
        BundleError: the bundles do not fit together.
        PhotosError: `data` is not organized.
        AlreadyExistsError: `out` exists.
    """
    configs = [as_trained(bundle.config) for bundle in bundles]
    for bundle, config in zip(bundles, configs, strict=True):
        _check(bundle, config, configs[0])
    networks, score_tensors = zip(*map(bundle_network, bundles), strict=True)
    shares = [share / sum(shares) for share in shares]
    config = joined_config(configs, shares)
    joined = network_of(recipe_of(config), len(config.label_names)).eval()
    _fill_backbones(joined, networks, configs)
    factors = [share / part.calibration.temperature for share, part in zip(shares, configs, strict=True)]
    _fill_head(joined, networks, factors)
    imagenet = _imagenet(
        [tensors.imagenet for tensors in score_tensors], [_last(part).in_features for part in networks]
    )
    result = calibrate(joined, config, config.label_names, photos_of(config, data), imagenet, progress)
    return export_network(joined, config.model_copy(update={"calibration": result.calibration}), result, out)


def _check(bundle: Bundle, config: BundleConfig, first: BundleConfig) -> None:
    recipe = recipe_of(config)
    if config.label_names != first.label_names:
        raise BundleError(f"{bundle.path} is for other breeds than the first bundle. Joined bundles need the same.")
    if not recipe.head.is_plain:
        raise BundleError(f"{bundle.path} has a head with more than one layer, which cannot be joined.")
    for key in ("crop_mode", "crop_pct", "interpolation"):
        if getattr(config, key) != getattr(first, key):
            raise BundleError(
                f"{bundle.path} frames photos in another way than the first bundle: {key} is {getattr(config, key)} "
                f"instead of {getattr(first, key)}. Joined networks see the same image."
            )


def joined_config(configs: list[BundleConfig], shares: list[float]) -> BundleConfig:
    """The configuration of the joined bundle, not calibrated and not measured yet."""
    recipe = _joined_recipe(configs, shares)
    of_all = [config.provenance for config in configs]
    provenance = of_all[0].model_copy(
        update={
            "recipe": recipe.model_dump(mode="json"),
            "backbone_weights": "; ".join(dict.fromkeys(each.backbone_weights for each in of_all)),
            "trained_on": " ".join(dict.fromkeys(each.trained_on for each in of_all)),
            "teachers": list(dict.fromkeys(teacher for each in of_all for teacher in each.teachers)),
        }
    )
    return configs[0].model_copy(
        update={
            "name": JOIN.join(config.name for config in configs),
            "architecture": recipe.architecture,
            "input_size": (3, recipe.input.size, recipe.input.size),
            "provenance": provenance,
            "metrics": {},
        }
    )


def _joined_recipe(configs: list[BundleConfig], shares: list[float]) -> Recipe:
    recipes = [recipe_of(config) for config in configs]
    names = [f"{share:.0%} of {config.name} {config.version}" for share, config in zip(shares, configs, strict=True)]
    size = max(recipe.input.size for recipe in recipes)
    mirror = any(recipe.input.mirror for recipe in recipes)
    return recipes[0].model_copy(
        update={
            "description": f"The mean of the logits of {' and '.join(names)}.",
            "architecture": JOIN.join(recipe.architecture for recipe in recipes),
            "input": recipes[0].input.model_copy(update={"size": size, "train_size": size, "mirror": mirror}),
        }
    )


def _fill_backbones(joined: BreedNetwork, networks: tuple[BreedNetwork, ...], configs: list[BundleConfig]) -> None:
    parts = cast(JoinedBackbones, joined.backbone).parts
    for part, network, config in zip(parts, networks, configs, strict=True):
        renormalized = cast(RenormalizedBackbone, part)
        renormalized.backbone.load_state_dict(network.backbone.state_dict())
        scale, shift = renormalization((configs[0].mean, configs[0].std), (config.mean, config.std))
        renormalized.get_buffer("scale").copy_(scale)
        renormalized.get_buffer("shift").copy_(shift)


def _fill_head(joined: BreedNetwork, networks: tuple[BreedNetwork, ...], factors: list[float]) -> None:
    head, heads = _last(joined), [_last(network) for network in networks]
    with torch.no_grad():
        weighted = [factor * part.weight for factor, part in zip(factors, heads, strict=True)]
        head.weight.copy_(torch.cat(weighted, dim=1))
        head.bias.copy_(
            torch.stack([factor * part.bias for factor, part in zip(factors, heads, strict=True)]).sum(dim=0)
        )


def _last(network: BreedNetwork) -> nn.Linear:
    return cast(nn.Linear, network.head.get_submodule(OUTPUT))


def _imagenet(heads: list[ImagenetHead | None], widths: list[int]) -> ImagenetHead | None:
    """The first ImageNet head there is, for the joined features: it does not look at those of the other networks."""
    place = next((place for place, head in enumerate(heads) if head is not None), None)
    if place is None:
        return None
    weight, bias = cast(ImagenetHead, heads[place])
    padded: Tensor = weight.new_zeros(len(weight), sum(widths))
    start = sum(widths[:place])
    padded[:, start : start + widths[place]] = weight
    return padded, bias
