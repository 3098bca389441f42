"""Writes what was measured: `metrics.json` for programs, `report.html` for people, and tables."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pandas as pd
from django.template.loader import render_to_string

from dogbreed.answers.breeds import display_name, known_breed
from dogbreed.answers.naming import promises
from dogbreed.model.bundle import REPORT_FILE, Bundle, BundleConfig
from trainer.calibration.alternatives import read_alternatives
from trainer.evaluation.charts import confusion_matrix, reliability_diagram, share_bar
from trainer.evaluation.evaluate import Answers, Evaluation, together
from trainer.evaluation.measures import core_measures
from trainer.evaluation.prediction_tables import breed_table, prediction_table
from trainer.evaluation.several_photos import several_photo_measures
from trainer.evaluation.thumbnails import thumbnail
from trainer.evaluation.trust import (
    CHOOSING,
    KINDS,
    REPORTING,
    gate_measures,
    halves,
    kind_shares,
    look_alike_measures,
    shortlist_measures,
    verdict_measures,
)
from trainer.files import new_folder

METRICS_FILE = "metrics.json"
BREEDS_FILE = "breeds.csv"
PREDICTIONS_FILE = "predictions.csv"
CONFUSIONS_FILE = "confusions.csv"

SHOWN_PAIRS, SHOWN_MISTAKES = 15, 24

Pretraining = Literal["seen", "unseen", "unknown"]


@dataclass(frozen=True)
class MeasuredSet:
    """One set of labelled photos: its name, the answers, and whether the backbone was pretrained on it."""

    name: str
    evaluation: Evaluation
    pretraining: Pretraining = "unknown"

    @property
    def title(self) -> str:
        return self.name.replace("_", " ")


@dataclass(frozen=True)
class OutOfDistributionSets:
    """Answers to photos that show none of the model's breeds, by the name of their folder."""

    not_a_dog: dict[str, Answers] = field(default_factory=dict)
    other_breeds: dict[str, Answers] = field(default_factory=dict)


def measurements(bundle: Bundle, sets: list[MeasuredSet], out_of_distribution: OutOfDistributionSets) -> dict[str, Any]:
    """All measurements, ready for JSON. Those of the first set are at the top level."""
    first, *others = (_measured_set(bundle, one) for one in sets)
    known = {one.name: one.evaluation.answers for one in sets}
    config = bundle.config
    return {
        "bundle": {"name": config.name, "version": config.version, "architecture": config.architecture},
        **first,
        "further_sets": others,
        "not_a_dog": _not_a_dog(bundle, known, out_of_distribution.not_a_dog),
        "other_breeds": _other_breeds(bundle, known, out_of_distribution.other_breeds),
    }


def _measured_set(bundle: Bundle, one: MeasuredSet) -> dict[str, Any]:
    evaluation = one.evaluation
    measured = core_measures(evaluation.probabilities, evaluation.targets)
    return {
        "name": one.name,
        **evaluation.metrics.model_dump(mode="json"),
        "pretraining": one.pretraining,
        "pretraining_says": pretraining_sentence(bundle.config, one.pretraining),
        "measures": {name: asdict(value) for name, value in measured.items()},
        "shortlist": shortlist_measures(evaluation, bundle),
        "verdicts": verdict_measures(evaluation, bundle),
        "look_alikes": look_alike_measures(evaluation, bundle),
        "several_photos": several_photo_measures(evaluation, bundle),
    }


def pretraining_sentence(config: BundleConfig, pretraining: Pretraining) -> str:
    """A sentence on whether the starting weights were trained on these photos."""
    weights = config.provenance.backbone_weights
    if weights == "none":
        return "Training started from random weights: nothing was pretrained."
    return {
        "seen": f"The starting weights ({weights}) were trained on these photos. The accuracy is optimistic: "
        "expect less on other photos.",
        "unseen": f"The starting weights ({weights}) were not trained on these photos.",
        "unknown": f"It is not known whether the starting weights ({weights}) were trained on these photos. Most "
        "weights were trained on ImageNet, from which Stanford Dogs and Kaggle's Dog Breed Identification were made.",
    }[pretraining]


def _not_a_dog(bundle: Bundle, known: dict[str, Answers], kinds: dict[str, Answers]) -> dict[str, Any] | None:
    """Measured on every second photo. The others are for choosing a score, so that the choice biases no number."""
    if not kinds:
        return None
    calibration, gates = bundle.config.calibration, read_alternatives(bundle).gates
    parts = {part: {kind: a.where(halves(a)[part]) for kind, a in kinds.items()} for part in (CHOOSING, REPORTING)}
    return {
        "photos": {kind: len(answers.photos) for kind, answers in kinds.items()},
        "chosen": calibration.dog and calibration.dog.score,
        "halves": {part: gate_measures(known, unknown, gates) for part, unknown in parts.items()},
        "verdicts": {kind: kind_shares(answers, bundle) for kind, answers in kinds.items()},
    }


def _other_breeds(bundle: Bundle, known: dict[str, Answers], kinds: dict[str, Answers]) -> dict[str, Any] | None:
    if not kinds:
        return None
    calibration, gates = bundle.config.calibration, read_alternatives(bundle).gates
    parts = {part: {kind: a.where(halves(a)[part]) for kind, a in kinds.items()} for part in (CHOOSING, REPORTING)}
    if len(known) > 1:
        known = {**known, "all of these": together(list(known.values()))}
    return {
        "against": list(known),
        "photos": {kind: len(answers.photos) for kind, answers in kinds.items()},
        "breeds": sorted({display_name(photo.breed) for answers in kinds.values() for photo in answers.photos}),
        "chosen": calibration.familiar and calibration.familiar.score,
        "all": gate_measures(known, kinds, gates),
        "halves": {part: gate_measures(known, unknown, gates) for part, unknown in parts.items()},
        "verdicts": {kind: kind_shares(answers, bundle) for kind, answers in kinds.items()},
    }


def write_report(
    bundle: Bundle,
    sets: list[MeasuredSet],
    out_of_distribution: OutOfDistributionSets,
    out: Path,
    photos: bool = True,
    noticed: Iterable[Mapping[str, Any]] | None = None,
    coach: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Writes the results into a new folder, and the tables of further sets into subfolders.

    Args:
        photos: whether the report shows some of the photos. Without them it may be published.
        noticed: the findings of the training, as in a run's `findings.json`; None for a bundle alone.
        coach: see `coach_measures`.

    Returns:
        The measurements.

    Raises:
        AlreadyExistsError: `out` exists.
    """
    measured = {**measurements(bundle, sets, out_of_distribution), "coach": coach}
    page = report_page(bundle, measured, sets, photos, None if noticed is None else list(noticed))
    with new_folder(out) as unfinished:
        text = json.dumps(measured, indent=2, ensure_ascii=False)
        (unfinished / METRICS_FILE).write_text(text + "\n", encoding="utf-8")
        (unfinished / REPORT_FILE).write_text(page, encoding="utf-8")
        for one in sets:
            folder = unfinished if one is sets[0] else unfinished / one.name
            folder.mkdir(exist_ok=True)
            breed_table(one.evaluation).to_csv(folder / BREEDS_FILE, index=False)
            prediction_table(one.evaluation).to_csv(folder / PREDICTIONS_FILE, index=False)
            confusions(one.evaluation).to_csv(folder / CONFUSIONS_FILE, index=False)
    return measured


def report_page(
    bundle: Bundle,
    measured: dict[str, Any],
    sets: list[MeasuredSet],
    photos: bool,
    noticed: list[Mapping[str, Any]] | None = None,
) -> str:
    config = bundle.config
    rows = [measured, *measured["further_sets"]]
    return render_to_string(
        "trainer/report.html",
        {
            "config": config,
            "calibration": config.calibration,
            "measured": measured,
            "sets": [_shown_set(one, row, config, photos) for one, row in zip(sets, rows, strict=True)],
            "photos": photos,
            "noticed": noticed,
            "reporting": REPORTING,
            "choosing": CHOOSING,
            "promises": promises(config.calibration.verdict),
        },
    )


def _shown_set(one: MeasuredSet, row: dict[str, Any], config: BundleConfig, photos: bool) -> dict[str, Any]:
    e = one.evaluation
    predicted = e.probabilities.argmax(axis=1)
    order = _reading_order(e)
    counts = np.zeros((len(e.label_names),) * 2, np.int64)
    np.add.at(counts, (e.targets, predicted), 1)
    shares = row["verdicts"] and share_bar([(kind, row["verdicts"]["share"][kind]) for kind in KINDS])
    return {
        **row,
        "title": one.title,
        "reliability": reliability_diagram(e.probabilities.max(axis=1), predicted == e.targets),
        "confusion": confusion_matrix(
            counts[np.ix_(order, order)],
            [display_name(e.label_names[i]) for i in order],
            [_group(e.label_names[i]) for i in order],
        ),
        "shares": shares,
        "pairs": _shown_pairs(e, config, photos),
        "mistakes": _worst_mistakes(e, config, photos),
        "breeds_table": breed_table(e).to_dict("records"),
    }


def _reading_order(evaluation: Evaluation) -> list[int]:
    """The breeds that occur or were predicted, by group, so that look-alikes are mostly next to each other."""
    named = {*evaluation.targets.tolist(), *evaluation.probabilities.argmax(axis=1).tolist()}
    return sorted(named, key=lambda index: (_group(evaluation.label_names[index]), evaluation.label_names[index]))


def _group(label: str) -> str:
    breed = known_breed(label)
    return breed.group if breed else ""


def confusions(evaluation: Evaluation) -> pd.DataFrame:
    """One row per pair of a breed and a wrong prediction: how often, and of how many photos; most frequent first."""
    predicted = evaluation.probabilities.argmax(axis=1)
    photos = Counter(evaluation.targets.tolist())
    pairs = Counter((int(t), int(p)) for t, p in zip(evaluation.targets, predicted, strict=True) if t != p)
    names = evaluation.label_names
    rows = [(names[t], names[p], count, photos[t]) for (t, p), count in pairs.most_common()]
    return pd.DataFrame(rows, columns=["breed", "taken_for", "times", "photos"])


def _shown_pairs(evaluation: Evaluation, config: BundleConfig, photos: bool) -> list[dict[str, Any]]:
    table = prediction_table(evaluation)
    shown = []
    for row in confusions(evaluation).head(SHOWN_PAIRS).itertuples():
        mine = table[(table["breed"] == row.breed) & (table["predicted"] == row.taken_for)]
        paths = mine.sort_values("probability", ascending=False)["path"].head(2)
        shown.append(
            {
                "breed": display_name(str(row.breed)),
                "taken_for": display_name(str(row.taken_for)),
                "times": row.times,
                "photos": row.photos,
                "images": [thumbnail(Path(path), config) for path in paths] if photos else [],
            }
        )
    return shown


def _worst_mistakes(evaluation: Evaluation, config: BundleConfig, photos: bool) -> list[dict[str, Any]]:
    table = prediction_table(evaluation)
    wrong = table[table["breed"] != table["predicted"]].sort_values("probability", ascending=False)
    return [
        {
            "breed": display_name(row["breed"]),
            "predicted": display_name(row["predicted"]),
            "probability": row["probability"],
            "rank_of_truth": row["rank_of_truth"],
            "file": Path(row["path"]).name,
            "image": thumbnail(Path(row["path"]), config) if photos else "",
        }
        for row in wrong.head(SHOWN_MISTAKES).to_dict("records")
    ]
