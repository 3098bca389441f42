"""What this machine offers for training: GPU or CPU, bfloat16, compilation and memory."""

import ctypes
import logging
import os
import shutil
import sys
import warnings
from typing import Literal

import torch

Precision = Literal["bf16-mixed", "32-true"]
COMPILE_PAYS_FROM = 20_000  # passes of one photo: compiling takes about a minute and makes a pass a third faster

_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_MAX = -1, -2, -4  # mallopt(3)


def has_gpu() -> bool:
    return torch.cuda.is_available()


def device() -> torch.device:
    return torch.device("cuda" if has_gpu() else "cpu")


def precision(wanted: str) -> Precision:
    """The precision that a recipe's setting means on this machine.

    "auto" is bfloat16 where the GPU or the processor supports it natively; elsewhere it would be emulated, and slower.
    """
    if wanted == "auto":
        native = torch.cuda.is_bf16_supported() if has_gpu() else _cpu_has_bf16()
        return "bf16-mixed" if native else "32-true"
    return "bf16-mixed" if wanted == "bfloat16" else "32-true"


def _cpu_has_bf16() -> bool:
    capabilities = torch.cpu.get_capabilities()
    return any(capabilities.get(name, False) for name in ("avx512_bf16", "amx_bf16", "bf16"))


def compile_pays(photo_passes: int) -> bool:
    """Whether `torch.compile` saves more time than it takes; on a CPU it also needs a C++ compiler."""
    return photo_passes >= COMPILE_PAYS_FROM and (has_gpu() or shutil.which("g++") is not None)


def worker_count() -> int:
    """The number of processes that decode photos for another process."""
    return min(os.cpu_count() or 1, 8)


def keep_freed_memory() -> None:
    """Tells glibc to keep the memory of freed tensors for the next ones, when training runs on the CPU.

    By default it returns every large tensor to the kernel and requests new, zeroed pages a moment later, which took a
    third of the time of a MobileNetV2's training step.
    """
    if sys.platform != "linux" or has_gpu():
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:  # another C library, such as musl
        return
    mallopt(_M_MMAP_MAX, 0)
    mallopt(_M_TRIM_THRESHOLD, 2**31 - 1)
    mallopt(_M_TOP_PAD, 512 * 2**20)


def quiet_libraries() -> None:
    """Hides log lines and warnings of Lightning and the ONNX tools that do not help the user."""
    onnx = ("torch.onnx", "onnx_ir", "onnxscript", "onnxruntime")
    for name in ("lightning.pytorch", "lightning.fabric", "torch.utils", *onnx):
        logging.getLogger(name).setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", message="Checkpoint directory .* exists and is not empty")  # a resumed run
    warnings.filterwarnings("ignore", message="Found .* in eval mode at the start of training")  # frozen on purpose
    # Lightning uses a deprecated function of torch's pytree; a user cannot change that.
    warnings.filterwarnings("ignore", message=".*isinstance\\(treespec, LeafSpec\\).*", category=FutureWarning)


def describe(wanted: str) -> str:
    """The device and the precision, for people."""
    return f"{torch.cuda.get_device_name() if has_gpu() else f'{os.cpu_count()} CPU cores'}, {precision(wanted)}"
