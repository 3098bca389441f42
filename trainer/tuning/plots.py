"""The plots of a study as SVG: Optuna's own, and curves over time and cost."""

import logging
import math
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import matplotlib
import optuna
import pandas as pd
from optuna.trial import TrialState

from trainer.svg import svg_of
from trainer.training.curves import logarithmic
from trainer.tuning.sampling import distributions
from trainer.tuning.study import StudySettings
from trainer.tuning.trials import Trial, short_names

WIDTH, HEIGHT = 7.0, 3.8  # inches
FEWEST_FOR_IMPORTANCE = 4
WIDE = 3  # times the lowest loss: one bad trial would flatten the others on a linear axis


def best_over_cost(trials: Sequence[Trial], settings: StudySettings) -> str:
    """The best measure so far, over the time since the first epoch and over all finished epochs."""
    plt = _pyplot()
    events = sorted(
        (at, trial.objective[e]) for trial in trials for e, at in trial.ended_at.items() if e in trial.objective
    )
    events = [(at, value) for at, value in events if math.isfinite(value)]
    if not events:
        return ""
    best, so_far = math.inf, []
    for _, value in events:
        best = min(best, value)
        so_far.append(settings.measured(best))
    minutes = [(at - events[0][0]) / 60 for at, _ in events]
    figure, axes = plt.subplots(1, 2, figsize=(2 * WIDTH, HEIGHT), layout="constrained", sharey=True)
    for axis, x, label in zip(
        axes, (minutes, range(1, len(events) + 1)), ("minutes", "epochs of all trials"), strict=True
    ):
        axis.step(x, so_far, where="post")
        axis.set(xlabel=label)
        axis.grid(alpha=0.3)
    axes[0].set(ylabel=f"best {settings.measure_name}")
    return _svg(figure)


def learning_curves(trials: Sequence[Trial], settings: StudySettings, best: Trial | None) -> str:
    """The measure of every trial by epoch; the best trial is drawn bold."""
    plt = _pyplot()
    figure, axis = plt.subplots(figsize=(2 * WIDTH, 1.3 * HEIGHT), layout="constrained")
    for trial in trials:
        chosen = best is not None and trial.number == best.number
        epochs = sorted(trial.objective)
        shown = [settings.measured(trial.objective[epoch]) for epoch in epochs]
        style: dict[str, Any] = (
            {"color": "C1", "linewidth": 2.5, "zorder": 3} if chosen else {"alpha": 0.6, "linewidth": 1}
        )
        axis.plot(epochs, shown, marker=".", label=f"trial {trial.number}" if chosen else None, **style)
        if epochs:
            axis.annotate(
                str(trial.number), (epochs[-1], shown[-1]), fontsize=7, xytext=(3, 0), textcoords="offset points"
            )
    for rung in settings.rungs[:-1]:
        axis.axvline(rung, color="grey", linestyle=":", linewidth=1)
    axis.set(xlabel="epoch", ylabel=settings.measure_name)
    axis.grid(alpha=0.3)
    _spread([axis], [value for trial in trials for value in trial.objective.values()], settings)
    if best:
        axis.legend()
    return _svg(figure)


def optuna_plots(trials: Sequence[Trial], settings: StudySettings) -> dict[str, str]:
    """Optuna's plots by their titles, of the measure after the epochs that all trials have.

    Trials with different numbers of epochs cannot be compared, so all are taken as they were at the first comparison.
    """
    study = _at_first_rung(trials, settings)
    if len(study.trials) < 2:
        return {}
    plots: dict[str, Callable[..., Any]] = {
        "Parallel coordinates": optuna.visualization.matplotlib.plot_parallel_coordinate,
        "Slices": optuna.visualization.matplotlib.plot_slice,
    }
    if len(study.trials) >= FEWEST_FOR_IMPORTANCE and len({trial.value for trial in study.trials}) > 1:
        plots["Importance"] = optuna.visualization.matplotlib.plot_param_importances
    return {title: _optuna_svg(plot, study, settings) for title, plot in plots.items()}


def _at_first_rung(trials: Sequence[Trial], settings: StudySettings) -> optuna.Study:
    rung = settings.rungs[0]
    study = optuna.create_study(direction="minimize" if settings.measure == "val_loss" else "maximize")
    short = dict(zip(settings.space, short_names(list(settings.space)), strict=True))
    comparable = [trial for trial in trials if trial.has_reached(rung) and math.isfinite(trial.best(rung))]
    for trial in comparable:
        study.add_trial(
            optuna.trial.create_trial(
                state=TrialState.COMPLETE,
                value=settings.measured(trial.best(rung)),
                params={short[key]: value for key, value in trial.values.items()},
                distributions={short[key]: each for key, each in distributions(settings.space).items()},
            )
        )
    return study


def _optuna_svg(plot: Callable[..., Any], study: optuna.Study, settings: StudySettings) -> str:
    plt = _pyplot()
    name = (
        {} if plot is optuna.visualization.matplotlib.plot_param_importances else {"target_name": settings.measure_name}
    )
    with warnings.catch_warnings(), matplotlib.rc_context():  # Optuna sets a style for all plots
        warnings.simplefilter("ignore")  # Optuna calls its matplotlib plots experimental
        axes = plot(study, **name)
    first = axes if hasattr(axes, "figure") else axes[0]
    figure = first.figure
    figure.set_size_inches(2 * WIDTH, 1.2 * HEIGHT)
    first.set_title("") if hasattr(axes, "figure") else figure.suptitle("")
    if plot is optuna.visualization.matplotlib.plot_slice:
        _spread(figure.axes[: len(settings.space)], [trial.value for trial in study.trials if trial.value], settings)
    plt.figure(figure.number)
    return _svg(figure)


def _spread(axes: Sequence[Any], values: Sequence[float], settings: StudySettings) -> None:
    """Makes the axis of losses logarithmic where they are far apart."""
    finite = [value for value in values if math.isfinite(value)]
    if settings.measure == "val_loss" and finite and max(finite) > WIDE * min(finite):
        for axis in axes:
            logarithmic(axis, pd.Series(finite))


def _pyplot() -> Any:
    matplotlib.use("Agg")  # a server has no screen
    logging.getLogger("matplotlib.category").setLevel(logging.WARNING)  # choices on an axis are meant as categories
    from matplotlib import pyplot

    return pyplot


def _svg(figure: Any) -> str:
    drawn = svg_of(figure)
    _pyplot().close(figure)
    return drawn
