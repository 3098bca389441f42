"""The trials of a study in Optuna's database, and the claims of its workers.

Each trial is one trial of Optuna, whose intermediate values are the objective by epoch. It is RUNNING while a worker
has it, WAITING while it is paused, and COMPLETE or FAIL at its end.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Literal
from uuid import uuid4

import optuna
from optuna.trial import FrozenTrial, TrialState
from sqlalchemy import URL

from trainer.recipes.search_space import Values
from trainer.tuning.claims import DECISION, Claims, this_worker
from trainer.tuning.database import open_storage, patiently
from trainer.tuning.sampling import Space, distributions
from trainer.tuning.trials import State, Trial

Measure = Literal["val_loss", "val_acc1"]
Direction = Literal["minimize", "maximize"]

UNTIL, SECONDS, ENDED_AT, NOTE, TOKEN = "until", "seconds", "ended_at", "note", "token"
DECIDE_AGAIN_SECONDS = 0.1


class StudyStorage:
    """Reads and writes the trials of one study. Every method may be repeated, and waits while the database restarts.

    Raises:
        StudyError: the database cannot be reached.
    """

    def __init__(self, url: URL, study: str, space: Space, measure: Measure) -> None:
        self.optuna = open_storage(url)
        self.space = space
        self.sign = 1.0 if measure == "val_loss" else -1.0  # Optuna has the measure itself, trials the objective
        self.study = study
        self.study_id = self._study_id()
        self.claims = Claims(self.optuna.engine, study, this_worker())

    @patiently
    def _study_id(self) -> int:
        direction: Direction = "minimize" if self.sign > 0 else "maximize"
        found = optuna.create_study(
            study_name=self.study, storage=self.optuna, direction=direction, load_if_exists=True
        )
        return found._study_id

    @contextmanager
    def deciding(self) -> Iterator[None]:
        """Only one worker at a time decides what comes next, so that each knows of the decisions before."""
        while not self.claims.take(DECISION):
            time.sleep(DECIDE_AGAIN_SECONDS)
        try:
            yield
        finally:
            self.claims.release(DECISION)

    @patiently
    def trials(self) -> list[Trial]:
        """All trials, in order of their numbers."""
        found = self.optuna.get_all_trials(self.study_id, deepcopy=False)
        holders = self.claims.holders()
        return [self._trial(each, holders.get(each.number, "")) for each in sorted(found, key=lambda each: each.number)]

    def create(self, values: Values, until: int) -> int:
        """Adds a trial. Returns its number."""
        token = uuid4().hex  # a try whose answer was lost is recognised, and not made twice

        @patiently
        def create() -> int:
            for trial in self.optuna.get_all_trials(self.study_id, deepcopy=False):
                if trial.user_attrs.get(TOKEN) == token:
                    return trial.number
            template = optuna.trial.create_trial(
                state=TrialState.WAITING,
                params=dict(values),
                distributions=distributions(self.space),
                user_attrs={UNTIL: until, TOKEN: token},
            )
            return self.optuna.get_trial(self.optuna.create_new_trial(self.study_id, template)).number

        return create()

    def start(self, number: int, until: int) -> None:
        """Records that a claimed trial is trained until it has so many epochs."""
        self._write(number, lambda trial_id: self.optuna.set_trial_user_attr(trial_id, UNTIL, until))
        self._write(number, lambda trial_id: self.optuna.set_trial_state_values(trial_id, TrialState.RUNNING))

    def report(self, number: int, measured: dict[int, float], seconds: dict[int, float]) -> None:
        """Records the measure of finished epochs; those that are recorded already are left as they are."""
        trial = self._found(number)
        ended_at = dict(trial.user_attrs.get(ENDED_AT, {}))
        for epoch in sorted(set(measured) - set(trial.intermediate_values)):
            ended_at.setdefault(str(epoch), round(time.time(), 1))
            self._write(number, lambda i, e=epoch: self.optuna.set_trial_intermediate_value(i, e, measured[e]))  # type: ignore[misc]
        texts = {str(epoch): value for epoch, value in seconds.items()}
        self._write(number, lambda trial_id: self.optuna.set_trial_user_attr(trial_id, SECONDS, texts))
        self._write(number, lambda trial_id: self.optuna.set_trial_user_attr(trial_id, ENDED_AT, ended_at))

    def pause(self, number: int) -> None:
        """Gives a trial back that may go on later."""
        self._write(number, lambda trial_id: self.optuna.set_trial_state_values(trial_id, TrialState.WAITING))
        self.claims.release(number)

    def complete(self, number: int, note: str = "") -> None:
        """Ends a trial that was trained to its end. Its value is the best of its epochs."""
        best = self._trial(self._found(number), "").best()
        self._end(number, TrialState.COMPLETE, note, [self.sign * best])

    def fail(self, number: int, note: str) -> None:
        self._end(number, TrialState.FAIL, note, None)

    def _end(self, number: int, state: TrialState, note: str, values: list[float] | None) -> None:
        if note:
            self._write(number, lambda trial_id: self.optuna.set_trial_user_attr(trial_id, NOTE, note))
        self._write(number, lambda trial_id: self.optuna.set_trial_state_values(trial_id, state, values))
        self.claims.release(number)

    @patiently
    def _write(self, number: int, write: Callable[[int], Any]) -> None:
        trial = self._found(number)
        if not trial.state.is_finished():  # an earlier try may have arrived although its answer was lost
            write(trial._trial_id)

    def _trial(self, trial: FrozenTrial, holder: str) -> Trial:
        attributes = trial.user_attrs
        until, done = int(attributes[UNTIL]), max(trial.intermediate_values, default=0)
        return Trial(
            number=trial.number,
            values=trial.params,
            until=until,
            state=_state(trial.state, done < until, holder),
            objective={epoch: self.sign * value for epoch, value in trial.intermediate_values.items()},
            seconds={int(epoch): float(value) for epoch, value in attributes.get(SECONDS, {}).items()},
            ended_at={int(epoch): float(value) for epoch, value in attributes.get(ENDED_AT, {}).items()},
            worker=holder,
            note=str(attributes.get(NOTE, "")),
        )

    @patiently
    def _found(self, number: int) -> FrozenTrial:
        return self.optuna.get_trial(self.optuna.get_trial_id_from_study_id_trial_number(self.study_id, number))


def _state(state: TrialState, unfinished: bool, holder: str) -> State:
    if state == TrialState.COMPLETE:
        return "complete"
    if state.is_finished():
        return "failed"
    if holder:
        return "running"
    return "left" if state == TrialState.RUNNING or unfinished else "paused"
