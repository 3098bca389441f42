"""Which GPUs this machine has."""

import os
import sys
from pathlib import Path

DRIVERS = ("/dev/nvidiactl", "/dev/kfd", "/dev/dxg")  # of NVIDIA, of AMD, and in WSL


def gpu_names() -> list[str]:
    """The GPUs that this process may use, as CUDA_VISIBLE_DEVICES names them."""
    named = os.environ.get("CUDA_VISIBLE_DEVICES")
    if named is not None:
        return [name for name in named.split(",") if name]
    if sys.platform == "linux" and not any(Path(driver).exists() for driver in DRIVERS):
        return []
    import torch  # takes seconds

    return [str(index) for index in range(torch.cuda.device_count())]
