"""A few steps under torch.profiler: a trace that Chrome and Perfetto show, and the operators that take most time."""

import os
from pathlib import Path

import torch
from torch.profiler import ProfilerActivity, profile

from trainer.profiling.profile_numbers import PHASES, Operator

TRACED_STEPS = 5  # a step of a large network is thousands of events
SHOWN_OPERATORS = 15


class Trace:
    """The trace of some steps."""

    def __init__(self, steps: int = TRACED_STEPS) -> None:
        self.steps = steps
        self._profile: profile | None = None
        self._running = False

    def begin(self) -> None:
        """Starts tracing, unless it runs already."""
        if self._profile is None:
            os.environ.setdefault("KINETO_LOG_LEVEL", "99")  # its messages say nothing to a user
            activities = [ProfilerActivity.CPU]
            if torch.cuda.is_available():
                activities.append(ProfilerActivity.CUDA)
            self._profile = profile(activities=activities)
            self._profile.start()
            self._running = True

    def end(self) -> None:
        """Stops tracing, if it runs."""
        if self._profile is not None and self._running:
            self._profile.stop()
            self._running = False

    def write(self, path: Path) -> None:
        """Writes the events as a Chrome trace; nothing if no step was traced."""
        if self._profile is not None:
            self._profile.export_chrome_trace(str(path))

    def operators(self) -> list[Operator]:
        """The operators that take most time themselves, on the GPU if there is one."""
        if self._profile is None:
            return []
        found = [
            Operator(
                name=event.key.strip("# "),
                calls=event.count / self.steps,
                cpu_ms=event.self_cpu_time_total / 1000 / self.steps,
                gpu_ms=event.self_device_time_total / 1000 / self.steps,
            )
            for event in self._profile.key_averages()
            if event.key not in PHASES and not event.key.startswith("ProfilerStep")
        ]
        found.sort(key=lambda operator: (operator.gpu_ms, operator.cpu_ms), reverse=True)
        return found[:SHOWN_OPERATORS]
