"""What several runs were started with differently."""

from collections.abc import Sequence
from typing import Any

from trainer.recipes.recipe_files import values_by_key
from trainer.runs.found_runs import FoundRun

NOT_COMPARED = {"description"}


def differences(found: Sequence[FoundRun]) -> list[dict[str, Any]]:
    """One row for each key of the recipe, and each other setting, in which they differ.

    A row has the `key`, and each run's value by its name: None where the recipe has no such key.
    """
    values = [_values(each) for each in found]
    keys = dict.fromkeys(key for each in values for key in each)
    rows = [
        {"key": key, **{run.name: own.get(key) for run, own in zip(found, values, strict=True)}}
        for key in keys
        if key not in NOT_COMPARED
    ]
    return [row for row in rows if len({repr(value) for name, value in row.items() if name != "key"}) > 1]


def _values(found: FoundRun) -> dict[str, Any]:
    config = found.config
    return {
        **values_by_key(config.recipe.model_dump(mode="json")),
        "seed": config.seed,
        "starting weights": config.backbone_weights,
        "teachers": ", ".join(teacher.name for teacher in config.teachers.values()),
        "photos (digest of the manifest)": config.data_manifest_sha256[:12],
    }
