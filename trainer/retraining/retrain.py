"""Retrains a bundle: mixes old photos and new ones, trains further from its weights, and compares both bundles."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from pydantic import ValidationError

from dogbreed.errors import DogbreedError
from dogbreed.model.bundle import Bundle, RetrainedFrom, read_bundle
from dogbreed.model.comparison_result import ComparisonResult
from dogbreed.strict_model import StrictModel
from trainer.bundles.export import as_trained
from trainer.comparing.compare import compare_bundles
from trainer.comparing.photo_sets import PhotoSets
from trainer.distributed import ALONE
from trainer.files import new_folder
from trainer.notices import Notices
from trainer.photos.folders import PhotosError
from trainer.photos.manifest import manifest_digest, read_manifest
from trainer.photos.parts import photos_of_part
from trainer.photos.splits import TRAIN
from trainer.pipeline import Watching, train_to_bundle
from trainer.progress import ProgressBar, silent
from trainer.recipes.recipe import recipe_of
from trainer.retraining.gentle_recipe import gentle_recipe, recipe_changes
from trainer.retraining.mixed_data import CORRECTIONS, NEW, SPARE, TEST, Mix, MixedData, mix_photos
from trainer.retraining.new_photos import read_new_photos
from trainer.retraining.starting_weights import starting_weights
from trainer.training.run import start_run
from trainer.training.run_config import RunSettings
from trainer.training.run_folder import RETRAINED_RUN, Run

RETRAINING_FILE = "retraining.json"
SHOWN = 5

logger = logging.getLogger(__name__)


class RetrainingError(DogbreedError):
    """A bundle cannot be retrained; the message says why and what to do."""


class Asked(StrictModel):
    """What a retraining was started with, in the file `retraining.json` of its folder."""

    bundle: Path
    bundle_sha256: str
    data: Path
    data_manifest_sha256: str
    new: list[Path]
    new_sha256: list[str] = []
    mix: Mix
    changes: list[str] = []


@dataclass(frozen=True)
class Retraining:
    """The folder of a retraining."""

    path: Path

    @property
    def data(self) -> Path:
        return self.path / "data"

    @property
    def run(self) -> Run:
        return Run(self.path / RETRAINED_RUN)

    @property
    def comparison(self) -> Path:
        return self.path / "comparison"

    def asked(self) -> Asked:
        """What it was started with.

        Raises:
            RetrainingError: the folder is not that of a retraining.
        """
        file = self.path / RETRAINING_FILE
        try:
            return Asked.model_validate_json(file.read_text(encoding="utf-8"))
        except (OSError, ValidationError) as error:
            raise RetrainingError(
                f"{self.path} is not the folder of a retraining: {RETRAINING_FILE} is missing or not valid. Name "
                "another folder with --run."
            ) from error


def what_is_asked(bundle: Path, data: Path, new: Sequence[Path], mix: Mix, changes: Sequence[str]) -> Asked:
    """What the options of the command mean, without the new photos' digests.

    Raises:
        BundleError: `bundle` is no bundle.
    """
    return Asked(
        bundle=bundle.resolve(),
        bundle_sha256=read_bundle(bundle).digest,
        data=data.resolve(),
        data_manifest_sha256=manifest_digest(data),
        new=[folder.resolve() for folder in new],
        mix=mix,
        changes=list(changes),
    )


def check_same(retraining: Retraining, asked: Asked) -> None:
    """Checks that a retraining that goes on is the one that is asked for.

    The new photos may have changed since: those that it was started with are in its folder.

    Raises:
        RetrainingError: something differs; the message names it with both values.
    """
    before, now = (each.model_dump(mode="json", exclude={"new_sha256"}) for each in (retraining.asked(), asked))
    different = [f"{key} was {before[key]!r} and is now {now[key]!r}" for key in before if before[key] != now[key]]
    if different:
        raise RetrainingError(
            f"{retraining.path} was started with other settings: {'; '.join(different)}. Give the same ones again, or "
            "name another folder with --run."
        )


def start_retraining(retraining: Retraining, asked: Asked, progress: ProgressBar = silent) -> None:
    """Makes the folder, completely or not at all: the mixed photos and a run that starts from the bundle's weights.

    Raises:
        AlreadyExistsError: the folder exists.
        PhotosError, PhotoError: see `read_new_photos` and `mix_photos`.
        RecipeError: the bundle's recipe cannot be read, or a change is not valid.
        RetrainingError: the old photos are of other breeds than the bundle's.
    """
    bundle = read_bundle(asked.bundle)
    config = as_trained(bundle.config)
    recipe, mix, seed = recipe_of(config), asked.mix, config.provenance.seed
    _check_old_photos(bundle, asked)
    new = read_new_photos(asked.new, set(config.label_names), mix.least, mix.cap, progress)
    with new_folder(retraining.path) as folder:
        unfinished = Retraining(folder)
        unfinished.data.mkdir()
        validation = recipe.training.validation_fraction, seed
        mixed = mix_photos(asked.data, new, mix, validation, unfinished.data, progress)
        _say(mixed)
        train = photos_of_part(unfinished.data, TRAIN)
        gentle = gentle_recipe(recipe, len(train), bool(mixed.new_breeds), asked.changes)
        logger.info(f"The recipe of {config.name} {config.version}, with " + ", ".join(recipe_changes(recipe, gentle)))
        labels = sorted({photo.breed for photo in train})
        origin = RetrainedFrom(
            name=config.name,
            version=bundle.config.version,
            sha256=asked.bundle_sha256,
            new_photos=sum(mixed.new.values()),
            new_photos_sha256=new.digests,
            old_photos=mixed.old[TRAIN],
        )
        start = starting_weights(bundle, labels, train, progress)
        settings = _settings(bundle, mixed, mix.seed)
        start_run(unfinished.run, unfinished.data, gentle, start, settings, retrained_from=origin)
        recorded = asked.model_copy(update={"new_sha256": new.digests})
        (folder / RETRAINING_FILE).write_text(recorded.model_dump_json(indent=2) + "\n", encoding="utf-8")


def _check_old_photos(bundle: Bundle, asked: Asked) -> None:
    """Other breeds are an error; other photos are only said, because data may have been organized again."""
    breeds = {photo.breed for photo in photos_of_part(asked.data, TRAIN)}
    labels = set(bundle.config.label_names)
    if breeds != labels:
        both = (("lacks", labels - breeds), ("also has", breeds - labels))
        differences = " and ".join(f"{what} {_some(sorted(names))}" for what, names in both if names)
        raise RetrainingError(
            f"{asked.data} is not what {bundle.path} was trained on: it {differences}. Give --data the organized "
            "photos of the bundle: what it is not shown again, it forgets. Photos of new breeds belong into --new."
        )
    trained_on = bundle.config.provenance.data_manifest_sha256
    if trained_on != asked.data_manifest_sha256:
        logger.warning(
            "The manifest of %s (SHA-256 %s) is not the one that %s was trained on (%s). If its test part has photos "
            "that the bundle was trained on, the comparison favours the old bundle.",
            asked.data,
            asked.data_manifest_sha256 or "none",
            bundle.path,
            trained_on or "none",
        )


def _settings(bundle: Bundle, mixed: MixedData, seed: int) -> RunSettings:
    config = as_trained(bundle.config)
    return RunSettings(
        name=config.name,
        version=_next_version(config.version, f"{datetime.now():%Y.%m.%d}"),
        trained_on=f"{config.provenance.trained_on} Then on {mixed.new[TRAIN]} new photos, together with "
        f"{mixed.old[TRAIN]} of the old ones.",
        seed=seed,
    )


def _next_version(old: str, today: str) -> str:
    """Today's date, with a number if the old bundle is of today."""
    date, _, number = old.partition("-")
    if date != today:
        return today
    return f"{today}-{int(number) + 1 if number.isdecimal() else 2}"


def _say(mixed: MixedData) -> None:
    for reason, names in mixed.left_out.items():
        if names:
            logger.warning(f"Left out, {reason}: {len(names)} ({_some([ascii(name)[1:-1] for name in names])})")
    old, new = mixed.old, mixed.new
    spare = f" ({old[SPARE]} more are not replayed)" if old.get(SPARE) else ""
    logger.info(
        f"Old photos: {old[TRAIN]} to train on{spare}, {old.get('valid', 0)} to validate on, {old[TEST]} to test on. "
        f"New photos: {new[TRAIN]} to train on, {new.get('valid', 0)} to validate on, {new.get(NEW, 0)} held out."
    )
    if mixed.new_breeds:
        logger.info(f"New breeds: {_some(mixed.new_breeds)}")


def _some(names: list[str]) -> str:
    return ", ".join(names[:SHOWN]) + (f" and {len(names) - SHOWN} more" if len(names) > SHOWN else "")


def finish_retraining(retraining: Retraining, cache: Path, watching: Watching) -> ComparisonResult:
    """Trains, calibrates, exports, measures and compares, or goes on where that was interrupted.

    Raises:
        RetrainingError: the old bundle has changed since.
        DogbreedError: see `train_to_bundle` and `compare_bundles`.
    """
    asked = retraining.asked()
    old = read_bundle(asked.bundle)
    if old.digest != asked.bundle_sha256:
        raise RetrainingError(
            f"{old.path} is not the bundle any more that {retraining.path} was started from. Restore it, or start "
            "again with another --run."
        )
    train_to_bundle(retraining.run, retraining.data, cache, Notices(ALONE), watching)
    new = read_bundle(retraining.run.bundle)
    return compare_bundles(old, new, _measured(retraining.data), retraining.comparison, watching.progress)


def _measured(data: Path) -> PhotoSets:
    """The test part and, if there are any, the new photos that were held out."""
    sets = {TEST: photos_of_part(data, TEST)}
    manifest = read_manifest(data)
    if manifest is not None and bool((manifest["split"] == NEW).any()):
        sets[CORRECTIONS] = photos_of_part(data, NEW)
    else:
        logger.warning("No new photo is held out: the comparison cannot say whether the new kind of photo got better.")
    return PhotoSets(sets)


def missing_data(bundle: Path) -> PhotosError:
    """The error for a retraining without the old photos."""
    return PhotosError(
        f"Give --data, the organized photos that {bundle} was trained on. Without them the model forgets what it is "
        "not shown again, and nothing could measure that."
    )
