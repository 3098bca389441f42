"""Whether a command that is given again, as a job that is restarted gives it, means the run that exists already."""

from pathlib import Path
from typing import Any

from trainer.networks.weights import Weighting
from trainer.photos.manifest import manifest_digest
from trainer.recipes.recipe import Recipe
from trainer.recipes.recipe_files import values_by_key
from trainer.training.run_config import RunConfig, TrainingError


def check_same_run(
    run: Path, config: RunConfig, recipe: Recipe, data: Path, weights: Weighting, settings: dict[str, Any]
) -> None:
    """Checks that a run was started with the recipe, the photos and the settings of this command.

    Args:
        config: what the run was started with.
        recipe: this command's, with all changes.
        weights: this command's. They are not read again: it is checked whether there are any.
        settings: this command's values of `RunSettings`; None for those that it leaves to the run.

    Raises:
        TrainingError: something differs. The message names each difference with both values.
    """
    before, now = (values_by_key(each.model_dump(mode="json")) for each in (config.recipe, recipe))
    pairs = [(key, before.get(key), now.get(key)) for key in {**before, **now}]
    pairs += [(name, getattr(config.settings, name), value) for name, value in settings.items() if value is not None]
    different = [f"{name} was {old!r} and is now {new!r}" for name, old, new in pairs if old != new]
    if (config.backbone_weights == "none") != (weights == "none"):
        different.append(f"the starting weights were {config.backbone_weights} and are now {weights}")
    if config.data_manifest_sha256 != manifest_digest(data):
        different.append(f"the photos that {data} lists are others")
    if different:
        raise TrainingError(
            f"{run} was started with other settings: {'; '.join(different)}. A run keeps its settings to the end: give "
            "the same ones again, or name another folder with --run."
        )
