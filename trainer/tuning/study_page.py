"""What a study leaves for people: a page, the best recipe, and tables."""

import json
import math
from collections.abc import Sequence
from typing import Any

import pandas as pd
from django.template.loader import render_to_string

from trainer.files import whole_file
from trainer.recipes.recipe import Recipe
from trainer.recipes.search_space import own_values, with_values
from trainer.tuning.plots import best_over_cost, learning_curves, optuna_plots
from trainer.tuning.study import Study, StudySettings, write_recipe
from trainer.tuning.trials import Trial, best_first, best_trial

TRIALS_FILE, EPOCHS_FILE = "trials.csv", "epochs.csv"


def write_page(study: Study, settings: StudySettings, trials: Sequence[Trial]) -> None:
    """Writes `study.html`, `study.toml` with the best recipe so far, `trials.csv` and `epochs.csv`."""
    _write_tables(study, settings, trials)
    best = best_trial(list(trials))
    if best:
        with whole_file(study.best_recipe) as unfinished:
            write_recipe(unfinished, best_recipe(settings, best))
    page = render_to_string("trainer/study.html", _page(study, settings, trials, best))
    with whole_file(study.page) as unfinished:
        unfinished.write_text(page, encoding="utf-8")


def best_recipe(settings: StudySettings, best: Trial) -> Recipe:
    """The recipe with the values of the best trial."""
    recipe = with_values(settings.recipe, best.values)
    note = f"Found by manage.py tune (trial {best.number} of the study {settings.name}). "
    return recipe.model_copy(update={"description": note + recipe.description})


def _write_tables(study: Study, settings: StudySettings, trials: Sequence[Trial]) -> None:
    rows = [
        {
            "trial": t.number, "state": t.state, "epochs": t.done, settings.measure: _raw(t.best(), settings),
            **t.values, "seconds": round(sum(t.seconds.values()), 1), "note": t.note,
        }
        for t in trials
    ]  # fmt: skip
    epochs = [
        {"trial": t.number, "epoch": e, settings.measure: _raw(value, settings), "seconds": t.seconds.get(e)}
        for t in trials
        for e, value in sorted(t.objective.items())
    ]
    for name, table in ((TRIALS_FILE, rows), (EPOCHS_FILE, epochs)):
        with whole_file(study.path / name) as unfinished:
            pd.DataFrame(table).to_csv(unfinished, index=False)


def _page(study: Study, settings: StudySettings, trials: Sequence[Trial], best: Trial | None) -> dict[str, Any]:
    own = own_values(settings.recipe, settings.space)
    halving = settings.halving
    rungs = ", ".join(map(str, halving.rungs[:-1]))
    return {
        "name": study.path.name,
        "recipe_path": study.best_recipe,
        "storage": study.address(settings.storage).render_as_string(),
        "measure": settings.measure_name,
        "keys": list(settings.space),
        "full": halving.full,
        "reduction": halving.reduction,
        "first_rung": halving.rungs[0],
        "compared": f"Compared after {rungs} epochs" if rungs else "Every trial was trained to its end",
        "cost": f"{count(len(trials), 'trial')}, {count(sum(t.done for t in trials), 'epoch')}",
        "hours": _duration(sum(sum(t.seconds.values()) for t in trials)),
        "best": best and {
            "number": best.number, "done": best.done, "measured": settings.text(best.best()),
            "values": [(key, best.values[key], own[key]) for key in settings.space],
        },
        "against_recipe": _against_recipe(settings, trials, best),
        "comparison": _comparison(study),
        "over_cost": best_over_cost(trials, settings),
        "curves": learning_curves(trials, settings, best),
        "plots": optuna_plots(trials, settings),
        "trials": [_row(t, settings, best) for t in sorted(trials, key=best_first)],
    }  # fmt: skip


def _comparison(study: Study) -> dict[str, Any] | None:
    """What the study's page shows of the comparison; None if there was none."""
    if not study.comparison.is_file():
        return None
    written = json.loads(study.comparison.read_text(encoding="utf-8"))
    rows = [
        {
            "seed": r["seed"],
            **{name: f"{r['accuracy'][name]:.2%}, loss {r['loss'][name]:.4f}" for name in r["accuracy"]},
        }
        for r in written["repeats"]
    ]
    return {"sentence": written["sentence"], "rows": rows}


def _against_recipe(settings: StudySettings, trials: Sequence[Trial], best: Trial | None) -> str:
    if best is None or best.number == 0 or not trials[0].objective:
        return "It is the recipe itself: nothing better was found." if best and best.number == 0 else ""
    epochs = min(best.done, trials[0].done)
    theirs, mine = settings.text(trials[0].best(epochs)), settings.text(best.best(epochs))
    return (
        f"After {count(epochs, 'epoch')}, the recipe itself had {theirs} and this trial {mine}. "
        "The best of many trials looks better than it is, because it was chosen on the photos that it was measured on."
    )


def _row(trial: Trial, settings: StudySettings, best: Trial | None) -> dict[str, Any]:
    style = "best" if best and best.number == trial.number else "off" if trial.state in ("paused", "failed") else ""
    return {
        "number": trial.number,
        "state": trial.state,
        "done": trial.done,
        "measured": settings.text(trial.best()) if trial.objective else "",
        "values": [trial.values[key] for key in settings.space],
        "seconds": f"{sum(trial.seconds.values()):.0f}",
        "style": style,
    }


def _raw(objective: float, settings: StudySettings) -> float | None:
    return settings.measured(objective) if math.isfinite(objective) else None


def _duration(seconds: float) -> str:
    return count(round(seconds / 60), "minute") if seconds < 2 * 3600 else f"{seconds / 3600:.1f} hours"


def count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
