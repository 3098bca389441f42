"""The use of the GPU that trains, as NVML reports it."""

from typing import Any

import pynvml
import torch

NVML: Any = pynvml  # it has no types
MB = 1e6


class GpuUse:
    """Samples the GPU of this process. Without one, or without NVML, `note` says so and samples have no such values."""

    def __init__(self) -> None:
        self.note = ""
        self._handle = self._open()

    def _open(self) -> Any:
        if not torch.cuda.is_available():
            self.note = "There is no GPU, so its use was not measured."
            return None
        try:
            NVML.nvmlInit()
            # By its identity: CUDA_VISIBLE_DEVICES gives other numbers than NVML.
            identity = torch.cuda.get_device_properties(0).uuid  # of the process that writes
            return NVML.nvmlDeviceGetHandleByUUID(f"GPU-{identity}")
        except (NVML.NVMLError, AttributeError) as error:
            self.note = f"The use of the GPU was not measured: NVML reports {error}."
            return None

    def sample(self) -> dict[str, float | None]:
        """`gpu`, `gpu_memory_mb` and `pcie_mb_s` as in `Sample`; empty without a GPU."""
        if self._handle is None:
            return {}
        try:
            rates = NVML.nvmlDeviceGetUtilizationRates(self._handle)
            memory = NVML.nvmlDeviceGetMemoryInfo(self._handle)
            return {"gpu": rates.gpu / 100, "gpu_memory_mb": memory.used / MB, "pcie_mb_s": self._received()}
        except NVML.NVMLError:
            return {}

    def _received(self) -> float | None:
        try:
            kilobytes = NVML.nvmlDeviceGetPcieThroughput(self._handle, NVML.NVML_PCIE_UTIL_RX_BYTES)
            return float(kilobytes) / 1000
        except NVML.NVMLError:  # some GPUs do not count it
            return None
