"""The clock of a training's steps: how long each takes, and its phases, from what Lightning reports while it runs."""

import random
import time
from collections.abc import Callable
from functools import cache

import torch
from lightning.pytorch.profilers import Profiler

from trainer.profiling.operators import Trace
from trainer.profiling.profile_numbers import Step

NEXT_BATCH, BATCH, BATCH_END = ".train_dataloader_next", "run_training_batch", ".on_train_batch_end"
BETWEEN_STEPS = (".on_validation", ".on_train_epoch_end", ".on_train_end")
OWN_PHASES = ("augmentation", "forward", "backward", "optimizer")  # `BreedTraining` names them
MOST_STEPS = 2000


@cache
def phase_of(action: str) -> str | None:
    """The phase that one of Lightning's actions belongs to."""
    if action in OWN_PHASES:
        return action
    if action == "metrics" or action.startswith("[Callback]"):
        return "logging"
    if action.endswith(".batch_to_device"):
        return "transfer"
    return "data" if action.endswith(NEXT_BATCH) else None


class StepClock(Profiler):
    """Times steps after `warmup` others: first `steps` that nothing else watches, then those of the trace.

    At most MOST_STEPS are kept, drawn at random from all (Vitter 1985, algorithm R). Nothing waits for a GPU but the
    traced steps, where every phase does.

    Args:
        memory_mb: this process's memory.
        on_step: called between two steps, with the number of those that were timed.
    """

    def __init__(
        self, warmup: int, steps: int, trace: Trace, memory_mb: Callable[[], float], on_step: Callable[[int], None]
    ) -> None:
        super().__init__()
        self.warmup, self.wanted, self.trace = warmup, steps, trace
        self.memory_mb, self.on_step = memory_mb, on_step
        self.number, self.photos = 0, 0  # of the current step; the callback tells them
        self.seen = 0
        self.first_seconds = 0.0
        self.kept: list[Step] = []
        self.traced: list[Step] = []
        self.actions = 0  # in the timed steps
        self._actions = 0  # in this step
        self._random = random.Random(0)  # not the training's
        self._began: float | None = None
        self._trained = False
        self._open = ""
        self._opened = self._cpu = self._data_cpu = 0.0
        self._phases: dict[str, float] = {}
        self._range: torch.autograd.profiler.record_function | None = None

    @property
    def timed_steps(self) -> int:
        return max(min(self.seen - self.warmup, self.wanted), 0)

    @property
    def done(self) -> bool:
        return self.seen >= self.warmup + self.wanted + self.trace.steps

    @property
    def tracing(self) -> bool:
        return self.warmup + self.wanted <= self.seen and not self.done

    def start(self, action_name: str) -> None:
        if action_name.endswith(NEXT_BATCH):
            self._end_step()
            self._begin_step()
        elif self._began is None:
            return
        elif any(mark in action_name for mark in BETWEEN_STEPS):
            self._end_step()
            return
        self._actions += 1
        phase = phase_of(action_name)
        if phase and not self._open:
            self._open_phase(action_name, phase)

    def stop(self, action_name: str) -> None:
        if self._began is None:
            return
        if action_name == self._open:
            self._close_phase()
        if action_name == BATCH:
            self._trained = True
        elif action_name.endswith(BATCH_END) and action_name.startswith("[LightningModule]"):
            self._open_phase("loggers", "logging")  # Lightning writes to the loggers after its last hook

    def _begin_step(self) -> None:
        if self.done:
            return
        if self.tracing:
            self.trace.begin()
        self._phases, self._data_cpu, self._trained, self._actions = {}, 0.0, False, 0
        self._began = time.perf_counter()

    def _end_step(self) -> None:
        if self._began is None:
            return
        if self._open:
            self._close_phase()
        if self.tracing:
            _wait()
        seconds, self._began = time.perf_counter() - self._began, None
        if not self._trained:  # the epoch had no more batches
            return
        if not self.first_seconds:
            self.first_seconds = seconds
        if self.tracing:
            self.traced.append(self._step(seconds, traced=True))
        elif self.seen >= self.warmup and not self.done:
            self._keep(self._step(seconds))
            self.actions += self._actions
        self.seen += 1
        if self.done:
            self.trace.end()
        self.on_step(self.timed_steps)

    def _step(self, seconds: float, traced: bool = False) -> Step:
        self._phases["other"] = max(seconds - sum(self._phases.values()), 0.0)
        return Step(
            number=self.number,
            seconds=seconds,
            photos=self.photos,
            phases=dict(self._phases),
            data_cpu=self._data_cpu,
            memory_mb=self.memory_mb(),
            traced=traced,
        )

    def _keep(self, step: Step) -> None:
        if len(self.kept) < MOST_STEPS:
            self.kept.append(step)
        elif (place := self._random.randrange(self.seen - self.warmup + 1)) < MOST_STEPS:
            self.kept[place] = step

    def _open_phase(self, action: str, phase: str) -> None:
        if self.tracing:
            self._range = torch.autograd.profiler.record_function(phase)
            self._range.__enter__()  # type: ignore[no-untyped-call]
        self._open, self._phase = action, phase
        if phase == "data":
            self._cpu = time.process_time()
        self._opened = time.perf_counter()

    def _close_phase(self) -> None:
        if self.tracing:
            _wait()
        taken = time.perf_counter() - self._opened
        if self._phase == "data":
            self._data_cpu += time.process_time() - self._cpu
        self._phases[self._phase] = self._phases.get(self._phase, 0.0) + taken
        self._open = ""
        if self._range is not None:
            self._range.__exit__(None, None, None)
            self._range = None


def seconds_per_action(actions: int = 2000) -> float:
    """What it costs to time one action, measured on a clock that nothing uses."""
    clock = StepClock(0, actions, Trace(0), lambda: 0.0, lambda steps: None)
    clock.start(NEXT_BATCH)
    started = time.perf_counter()
    for _ in range(actions):
        clock.start("forward")
        clock.stop("forward")
    return (time.perf_counter() - started) / actions


def _wait() -> None:
    """Waits for the GPU, which computes asynchronously."""
    if torch.cuda.is_available():
        torch.cuda.synchronize()
