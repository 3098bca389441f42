"""The use of the machine, sampled by a thread: processor, memory and disk by psutil, GPU by NVML."""

import os
import threading
import time
from dataclasses import dataclass, field

import psutil

from trainer.profiling.gpu_use import GpuUse
from trainer.profiling.profile_numbers import Sample

EVERY_SECONDS = 0.2
LOOK_FOR_CHILDREN_EVERY = 10  # samples: that reads all processes of the machine
MOST_SAMPLES = 2000
MB = 1e6


@dataclass
class MachineUse:
    """Samples the machine until it is stopped. Never more than MOST_SAMPLES: then every second one is dropped."""

    gpu: GpuUse = field(default_factory=GpuUse)
    samples: list[Sample] = field(default_factory=list)
    every: float = EVERY_SECONDS
    cpu_seconds: float = 0.0  # processor time of the sampling itself
    began: float = 0.0

    def start(self) -> None:
        self.began = time.monotonic()
        self._ended = threading.Event()
        self._processes = _Processes()
        psutil.cpu_percent(percpu=True)  # the first call only remembers
        self._thread = threading.Thread(target=self._run, name="machine-use", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        self._thread.join()

    def now(self) -> float:
        """Seconds on the clock of the samples."""
        return time.monotonic() - self.began

    def _run(self) -> None:
        before = time.monotonic()
        while not self._ended.wait(self.every):
            now = time.monotonic()
            self.samples.append(self._sample(now - before))
            before = now
            if len(self.samples) > MOST_SAMPLES:
                del self.samples[::2]
                self.every *= 2
            self.cpu_seconds = time.thread_time()

    def _sample(self, seconds: float) -> Sample:
        cores = psutil.cpu_percent(percpu=True)
        mine = os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else range(len(cores))
        used = self._processes.used(seconds)
        return Sample(
            at=self.now(),
            cores=[cores[core] / 100 for core in sorted(mine) if core < len(cores)],
            process_cores=used.own + used.children,
            children_cores=used.children,
            memory_mb=used.memory_mb,
            memory_used=psutil.virtual_memory().percent / 100,
            disk_mb_s=used.disk_mb_s,
            **self.gpu.sample(),
        )


@dataclass
class _Used:
    own: float = 0.0
    children: float = 0.0
    memory_mb: float = 0.0
    disk_mb_s: float = 0.0


class _Processes:
    """This process and its children; children end and others start, as loaders do with every epoch."""

    def __init__(self) -> None:
        self.me = psutil.Process()
        self.children: list[psutil.Process] = []
        self.before: dict[int, tuple[float, float]] = {self.me.pid: _totals(self.me)}
        self.looked = 0

    def used(self, seconds: float) -> _Used:
        if self.looked % LOOK_FOR_CHILDREN_EVERY == 0:
            self.children = self.me.children(recursive=True)
        self.looked += 1
        used = _Used()
        for process in (self.me, *self.children):
            try:
                cpu, read = _totals(process)
                used.memory_mb += private_memory_mb(process)
            except psutil.Error:  # it has ended
                continue
            cpu_before, read_before = self.before.get(process.pid, (cpu, read))
            self.before[process.pid] = cpu, read
            cores = max(cpu - cpu_before, 0.0) / seconds
            if process is self.me:
                used.own += cores
            else:
                used.children += cores
            used.disk_mb_s += max(read - read_before, 0.0) / seconds / MB
        return used


def _totals(process: psutil.Process) -> tuple[float, float]:
    """Seconds of processor time, and bytes read from disks, so far."""
    times = process.cpu_times()
    try:
        read = float(process.io_counters().read_bytes)
    except (AttributeError, psutil.AccessDenied):  # macOS counts none; some containers do not show it
        read = 0.0
    return times.user + times.system, read


def private_memory_mb(process: psutil.Process) -> float:
    """The memory of a process without pages of files, such as decoded photos, which the system can drop."""
    memory = process.memory_info()
    return float(memory.rss - getattr(memory, "shared", 0)) / MB


def memory_mb() -> float:
    """The machine's memory."""
    return float(psutil.virtual_memory().total) / MB
