"""The callback that profiles a training while it runs, and writes what it found."""

import logging
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import torch
from lightning.pytorch import Callback, LightningModule, Trainer
from lightning.pytorch.profilers import PassThroughProfiler

from dogbreed.errors import AlreadyExistsError
from dogbreed.model.engines.threads import available_cores
from trainer import machine
from trainer.photos.loading import Batch
from trainer.profiling.advice import advice_for, advice_lines
from trainer.profiling.machine_rules import other_programs
from trainer.profiling.machine_use import MachineUse, memory_mb, private_memory_mb
from trainer.profiling.operators import TRACED_STEPS, Trace
from trainer.profiling.profile_numbers import BEFORE_WAITING, PAGE_FILE, Profile, StartPart, mean_phases
from trainer.profiling.profile_page import write_profile
from trainer.profiling.start_parts import StartParts
from trainer.profiling.step_clock import StepClock, seconds_per_action
from trainer.training.lightning_module import BreedTraining
from trainer.training.stopping import TrainingStopped

FEWEST_STEPS = 10
INPUTS = {2: "features", 3: "features"}  # by their number of dimensions; the others are photos or activations

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class ProfileSettings:
    """Which steps are measured: `steps` after `warmup` others, and then TRACED_STEPS under torch.profiler."""

    steps: int = 100
    warmup: int = 10

    @property
    def needed(self) -> int:
        return self.warmup + self.steps + TRACED_STEPS


class TrainingProfile(Callback):
    """Profiles the first steps of a training, also of one that resumes, and then gets out of its way.

    It changes nothing that is learned. Where the training has fewer steps than wanted, it measures fewer.

    Args:
        out: the folder to write; it must not exist.
        name: of the recipe.
        start: the parts of the start so far. The machine is watched from now on.
        then_stop: whether the training ends when the profile is written, with TrainingStopped.
    """

    def __init__(
        self, out: Path, name: str, settings: ProfileSettings, start: StartParts, then_stop: bool = False
    ) -> None:
        self.out, self.name, self.settings, self.start_parts, self.then_stop = out, name, settings, start, then_stop
        self.made: Profile | None = None
        self.use = MachineUse()
        self.use.start()
        self._clock: StepClock | None = None
        self._measured = [0.0, 0.0]
        self._start_seconds = 0.0
        self._inputs = "photos"
        self._validation: list[float] = []
        self._validating = 0.0

    def setup(self, trainer: Trainer, pl_module: LightningModule, stage: str) -> None:
        self.start_parts.add("Libraries")  # PyTorch imports its compiler when it is asked for

    def on_train_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        assert isinstance(pl_module, BreedTraining)
        left = pl_module.steps - trainer.global_step
        steps = min(self.settings.steps, left - self.settings.warmup - TRACED_STEPS)
        if steps < FEWEST_STEPS:
            logger.warning(
                f"No profile: it needs {self.settings.warmup + FEWEST_STEPS + TRACED_STEPS} steps, and {left} are left."
            )
            self._end_watching()
            return
        memory = _memory_of_this_process()
        self._clock = StepClock(self.settings.warmup, steps, Trace(), memory, self._between_steps)
        self.start_parts.add("Training loop")
        self._start_seconds = time.monotonic() - self.start_parts.began
        self._measured[0] = self.use.now()
        trainer.profiler = self._clock  # type: ignore[attr-defined]  # Lightning sets it from outside too

    def _between_steps(self, timed: int) -> None:
        clock = self._clock
        if clock and clock.seen == clock.warmup:
            self._measured[0] = self.use.now()
        if clock and clock.seen <= clock.warmup + clock.wanted:
            self._measured[1] = self.use.now()

    def on_train_batch_start(self, trainer: Trainer, pl_module: LightningModule, batch: Batch, batch_idx: int) -> None:
        clock = self._clock
        if clock is None:
            return
        if clock.done:
            self._finish(trainer, pl_module)
            return
        inputs, targets = batch
        assert isinstance(pl_module, BreedTraining)
        clock.photos = pl_module.batch_size or len(targets)
        clock.number = trainer.global_step + 1
        self._inputs = INPUTS.get(inputs.ndim, "photos" if inputs.dtype == torch.uint8 else "activations")

    def on_validation_start(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self._validating = time.monotonic()

    def on_validation_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        self._validation.append(time.monotonic() - self._validating)

    def on_train_end(self, trainer: Trainer, pl_module: LightningModule) -> None:
        if self._clock and self._clock.timed_steps >= FEWEST_STEPS:
            self.then_stop = False
            self._finish(trainer, pl_module)
        self._end_watching()

    def on_exception(self, trainer: Trainer, pl_module: LightningModule, exception: BaseException) -> None:
        self._end_watching()

    def _end_watching(self) -> None:
        if self._clock:
            self._clock.trace.end()
        self.use.stop()

    def _finish(self, trainer: Trainer, pl_module: LightningModule) -> None:
        assert isinstance(pl_module, BreedTraining)
        assert self._clock is not None
        clock, self._clock = self._clock, None
        trainer.profiler = PassThroughProfiler()  # type: ignore[attr-defined]
        clock.trace.end()
        self.use.stop()
        profile = self._profile(pl_module, int(trainer.num_training_batches), clock)
        if trainer.is_global_zero:
            self._write(profile, clock.trace)
        self.made = profile
        if self.then_stop:
            raise TrainingStopped

    def _write(self, profile: Profile, trace: Trace) -> None:
        try:
            write_profile(profile, trace, self.out)
        except (OSError, AlreadyExistsError) as error:
            if self.then_stop:
                raise
            logger.warning(f"The profile could not be written, and training goes on: {error}")
            return
        logger.info("\n".join(described(profile)))
        logger.info(f"Profile: {self.out / PAGE_FILE}")

    def _profile(self, module: BreedTraining, steps_per_epoch: int, clock: StepClock) -> Profile:
        recipe, use = module.recipe, self.use
        on_gpu = torch.cuda.is_available()
        profile = Profile(
            recipe=self.name,
            architecture=recipe.architecture,
            device=machine.describe(recipe.training.precision),
            on_gpu=on_gpu,
            notes=[use.gpu.note] if use.gpu.note else [],
            learned_from=self._inputs,
            train_size=recipe.input.train_size,
            randaugment=recipe.augmentation.randaugment,
            batch_size=clock.photos,
            parts=module.parts,
            epochs=recipe.training.epochs,
            steps_per_epoch=steps_per_epoch,
            cores=available_cores(),
            threads=torch.get_num_threads(),
            memory_mb=memory_mb(),
            gpu_memory_mb=torch.cuda.get_device_properties(module.device).total_memory / 1e6 if on_gpu else None,
            gpu_peak_mb=torch.cuda.max_memory_reserved(module.device) / 1e6 if on_gpu else None,
            start=[
                *self.start_parts.described(use.samples, use.began),
                StartPart(title="First step, beyond the others", seconds=_first_step_longer(clock)),
            ],
            start_seconds=self._start_seconds + _first_step_longer(clock),
            first_step_seconds=clock.first_seconds,
            validation_seconds=sum(self._validation) / len(self._validation) if self._validation else None,
            steps=sorted([*clock.kept, *clock.traced], key=lambda step: step.number),
            steps_seen=clock.timed_steps,
            measured=(self._measured[0], self._measured[1]),
            use=use.samples,
            operators=clock.trace.operators(),
        )
        own = sum(mean_phases(profile.phased).get(phase, 0.0) for phase in BEFORE_WAITING)
        known = {"own_work": _of_all_processes(own), "overhead": _overhead(profile, clock, use)}
        profile = profile.model_copy(update=known)
        disturbed = other_programs(profile)
        notes = [*profile.notes, disturbed] if disturbed else profile.notes
        return profile.model_copy(update={"notes": notes, "advice": advice_for(profile)})


def described(profile: Profile) -> list[str]:
    """The profile in a few lines, for the terminal."""
    shares = sorted(profile.phase_shares().items(), key=lambda item: -item[1])
    where = ", ".join(f"{phase} {share:.0%}" for phase, share in shares if share >= 0.01)
    return [
        f"{profile.steps_seen} steps of {profile.batch_size} {profile.learned_from}: {1000 * profile.step_seconds:.1f} "
        f"ms a step, {profile.photos_per_second:.0f} photos a second. The start took {profile.start_seconds:.1f} s.",
        f"Where a step's time goes: {where}.",
        f"Measuring took {profile.overhead:.2%} of a step.",
        *profile.notes,
        *advice_lines(profile.advice),
    ]


def _first_step_longer(clock: StepClock) -> float:
    """Seconds by which the first step took longer than the others; it compiles the network, where that pays."""
    return max(clock.first_seconds - statistics.median(step.seconds for step in clock.kept), 0.0)


def _memory_of_this_process() -> Callable[[], float]:
    process = psutil.Process()
    return lambda: private_memory_mb(process)


def _overhead(profile: Profile, clock: StepClock, use: MachineUse) -> float:
    """The share of a step's time that goes into timing its actions, and that of a core that goes into sampling."""
    actions = clock.actions / max(profile.steps_seen, 1)
    started = time.perf_counter()
    clock.memory_mb()
    memory = time.perf_counter() - started
    a_step = actions * seconds_per_action() + memory
    return a_step / profile.step_seconds + use.cpu_seconds / max(use.now(), 1e-9)


def _of_all_processes(value: float) -> list[float]:
    """The value of every process, by rank. All of them have come to the same step."""
    if not (torch.distributed.is_available() and torch.distributed.is_initialized()):
        return [value]
    values: list[Any] = [None] * torch.distributed.get_world_size()
    torch.distributed.all_gather_object(values, value)
    return [float(found) for found in values]
