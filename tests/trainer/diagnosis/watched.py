"""Trainings of a tiny network on made-up breeds, watched by all checks."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from lightning.pytorch import Callback

from trainer.diagnosis.watch import Watch
from trainer.distributed import ALONE
from trainer.recipes.recipe_files import read_recipe
from trainer.training.fit import train
from trainer.training.run import start_run
from trainer.training.run_config import RunConfig, RunSettings, read_run_config
from trainer.training.run_findings import Finding, OnFinding, read_findings
from trainer.training.run_folder import Run

TINY = [
    "input.train_size=32",
    "input.size=32",
    "augmentation.crop_scale=[0.7, 1.0]",
    "head.hidden=[32]",
    "training.batch_size=8",
    "training.validation_fraction=0.2",
    "training.precision=float32",
]


def started(run: Path, data: Path, changes: Sequence[str] = (), epochs: int = 3) -> RunConfig:
    recipe = read_recipe("simple-cnn", [*TINY, f"training.epochs={epochs}", *changes])
    start_run(Run(run), data, recipe, None, RunSettings(name="tiny", version="1", trained_on="", seed=0))
    return read_run_config(run)


def watched(
    run: Path,
    data: Path,
    config: RunConfig,
    faults: Sequence[Callback] = (),
    on_finding: OnFinding = "say",
) -> list[Finding]:
    """Trains, or resumes, a run that was started; returns what `findings.json` says."""
    watch = Watch(run, config, ALONE, on_finding)
    train(Run(run), config, data, data.parent / "watched-cache", ALONE, watchers=[*faults, watch])
    return read_findings(run)


def found(run: Path, data: Path, changes: Sequence[str] = (), epochs: int = 3, **options: Any) -> dict[str, Finding]:
    """The findings of a new run, by check."""
    config = started(run, data, changes, epochs)
    return {finding.check: finding for finding in watched(run, data, config, **options)}
