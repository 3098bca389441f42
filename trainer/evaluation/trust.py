"""How reliable shortlists, verdicts, gates and look-alikes are, on photos that were not used to calibrate them."""

from collections import Counter
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dogbreed.answers.calibration import Gate, Kind
from dogbreed.answers.naming import PROMISED
from dogbreed.answers.scores import SCORES, can_compute
from dogbreed.answers.shortlists import nonconformity, shortlist
from dogbreed.answers.verdict import Verdict
from dogbreed.model.bundle import Bundle
from trainer.calibration.alternatives import SetMethod, read_alternatives
from trainer.calibration.look_alikes import told_apart
from trainer.evaluation.evaluate import Answers, Evaluation
from trainer.evaluation.measures import measured_auroc, wilson_interval
from trainer.evaluation.right_verdicts import is_right, judge_photos

KINDS: tuple[Kind, ...] = ("breed", "probably", "one_of", "group", "uncertain", "not_a_dog")
NAMED = ("breed", "probably")
COMPARED_PAIRS = 20
FEWEST_PHOTOS = 5  # of a breed that can be called the worst
CHOOSING, REPORTING = "the half for choosing", "the other half"


def verdicts(answers: Answers, bundle: Bundle) -> list[Verdict]:
    """The verdict on each photo; an empty list if the bundle has no thresholds."""
    return judge_photos(answers.probabilities, answers.outputs_of, bundle.config)


def verdict_measures(evaluation: Evaluation, bundle: Bundle) -> dict[str, Any] | None:
    """The share of photos with each kind of verdict, and how often these verdicts are right.

    `named` is `breed` and `probably` together: the verdicts that name one breed.
    """
    given = verdicts(evaluation.answers, bundle)
    if not given:
        return None
    right = [is_right(v, int(t), evaluation.label_names) for v, t in zip(given, evaluation.targets, strict=True)]
    by_kind: dict[str, list[bool]] = {
        kind: [ok for v, ok in zip(given, right, strict=True) if v.kind == kind] for kind in KINDS
    }
    by_kind["named"] = [ok for kind in NAMED for ok in by_kind[kind]]
    return {
        "share": {kind: len(rows) / len(given) for kind, rows in by_kind.items()},
        "unfamiliar": sum(v.kind == "uncertain" and not v.familiar for v in given) / len(given),
        "precision": {kind: _share(by_kind[kind]) for kind in (*PROMISED, "named")},
    }


def kind_shares(answers: Answers, bundle: Bundle) -> dict[str, float] | None:
    """The share of photos with each kind of verdict; `named` is `breed` and `probably` together."""
    given = [verdict.kind for verdict in verdicts(answers, bundle)]
    if not given:
        return None
    shares: dict[str, float] = {kind: given.count(kind) / len(given) for kind in KINDS}
    return {**shares, "named": sum(shares[kind] for kind in NAMED)}


def _share(rows: list[bool]) -> dict[str, Any] | None:
    if not rows:
        return None
    return {"value": sum(rows) / len(rows), "photos": len(rows), "interval": wilson_interval(sum(rows), len(rows))}


def shortlist_measures(evaluation: Evaluation, bundle: Bundle) -> dict[str, Any] | None:
    """How often lists contain the breed, how long they are, and the breed for which they fail most often."""
    chosen = bundle.config.calibration.shortlist
    if chosen is None:
        return None
    lists = [shortlist(row, chosen.penalty, chosen.threshold) for row in evaluation.answers.probabilities]
    held = np.array([target in found for target, found in zip(evaluation.targets, lists, strict=True)])
    sizes = [len(found) for found in lists]
    by_breed = {
        evaluation.label_names[breed]: (float(held[mine].mean()), int(mine.sum()))
        for breed in np.unique(evaluation.targets)
        if (mine := evaluation.targets == breed).sum() >= FEWEST_PHOTOS
    }
    worst = min(by_breed, key=lambda breed: by_breed[breed], default=None)
    return {
        "coverage": _share(held.tolist()),
        "mean_size": float(np.mean(sizes)),
        "largest": max(sizes),
        "sizes": dict(sorted(Counter(sizes).items())),
        "worst_breed": worst and {"breed": worst, "coverage": by_breed[worst][0], "photos": by_breed[worst][1]},
        "methods": [_method(evaluation, method) for method in read_alternatives(bundle).shortlists],
    }


def _method(evaluation: Evaluation, method: SetMethod) -> dict[str, Any]:
    p, rows = evaluation.answers.probabilities, np.arange(len(evaluation.targets))
    inside = (1 - p if method.method == "LAC" else nonconformity(p, method.penalty)) <= method.threshold
    inside[rows, p.argmax(axis=1)] = True
    return {
        "method": method.method,
        "penalty": method.penalty,
        "coverage": float(inside[rows, evaluation.targets].mean()),
        "mean_size": float(inside.sum(axis=1).mean()),
        "largest": int(inside.sum(axis=1).max()),
    }


def gate_measures(known: dict[str, Answers], unknown: dict[str, Answers], gates: list[Gate]) -> list[dict[str, Any]]:
    """For each score: the share of known photos that pass, the share of unknown ones that do not, and the areas.

    Args:
        known: answers to photos of the model's breeds, by set.
        unknown: answers to photos of anything else, by set.
    """
    rows = []
    for gate in gates:
        if not all(can_compute(gate.score, a.outputs) for a in [*known.values(), *unknown.values()]):
            continue
        scores = {name: SCORES[gate.score](a.outputs) for name, a in {**known, **unknown}.items()}
        row: dict[str, Any] = {
            "score": gate.score,
            "kept": {name: _share((scores[name] >= gate.threshold).tolist()) for name in known},
            "refused": {name: _share((scores[name] < gate.threshold).tolist()) for name in unknown},
            "auroc": {
                other: {mine: asdict(measured_auroc(scores[mine], scores[other])) for mine in known}
                for other in unknown
            },
        }
        rows.append(row)
    return rows


def look_alike_measures(evaluation: Evaluation, bundle: Bundle) -> list[dict[str, Any]]:
    """The pairs with the lowest estimates in the bundle, and how often they are told apart on these photos."""
    if bundle.look_alikes is None:
        return []
    logits = np.log(np.maximum(evaluation.answers.probabilities, np.finfo(np.float32).tiny))
    photos, right, _ = told_apart(logits, evaluation.targets)
    there = set(np.unique(evaluation.targets).tolist())
    pairs = [pair for pair in bundle.look_alikes.pairs if set(pair.breeds) <= there][:COMPARED_PAIRS]
    rows = []
    for pair in pairs:
        n, hits = int(photos[pair.breeds]), int(right[pair.breeds])
        low, high = wilson_interval(hits, n)
        rows.append(
            {
                "breeds": [evaluation.label_names[index] for index in pair.breeds],
                "figure": pair.accuracy,
                "figure_interval": pair.interval,
                "here": hits / n,
                "here_interval": (low, high),
                "photos": n,
                "agrees": low <= pair.accuracy <= high,
            }
        )
    return rows


def halves(answers: Answers) -> dict[str, NDArray[np.bool_]]:
    """Every second photo, in order of name: one half to choose a method, the other to measure it."""
    even = np.arange(len(answers.probabilities)) % 2 == 0
    return {CHOOSING: even, REPORTING: ~even}
