"""What the machine at hand is good for: GPU or CPU, bf16, and memory that is kept."""

import ctypes
import logging
import os
import shutil
import sys
import warnings
from typing import Literal

import torch

Precision = Literal["bf16-mixed", "32-true"]
COMPILE_PAYS_FROM = 20_000  # photo passes; compiling takes about a minute, and a pass gets about a third faster

_M_TRIM_THRESHOLD, _M_TOP_PAD, _M_MMAP_MAX = -1, -2, -4  # mallopt(3)


def has_gpu() -> bool:
    return torch.cuda.is_available()


def device() -> torch.device:
    return torch.device("cuda" if has_gpu() else "cpu")


def precision(wanted: str) -> Precision:
    """What a recipe's `precision` means here. "auto": bfloat16 where the GPU or the processor computes in it natively;
    elsewhere it would be emulated, and slower."""
    if wanted == "auto":
        native = torch.cuda.is_bf16_supported() if has_gpu() else _cpu_has_bf16()
        return "bf16-mixed" if native else "32-true"
    return "bf16-mixed" if wanted == "bfloat16" else "32-true"


def _cpu_has_bf16() -> bool:
    capabilities = torch.cpu.get_capabilities()
    return any(capabilities.get(name, False) for name in ("avx512_bf16", "amx_bf16", "bf16"))


def compile_pays(photo_passes: int) -> bool:
    """Whether `torch.compile` earns back its own time; on a CPU it also needs a C++ compiler."""
    return photo_passes >= COMPILE_PAYS_FROM and (has_gpu() or shutil.which("g++") is not None)


def worker_count() -> int:
    """Processes that decode photos beside the training process."""
    return min(os.cpu_count() or 1, 8)


def keep_freed_memory() -> None:
    """Tells glibc to keep the memory of freed tensors for the next ones, where it is the CPU that computes.

    By default it hands every large tensor back to the kernel and asks for new, zeroed pages a moment later: a third
    of a MobileNetV2's training step went there.
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
    """Leaves the terminal to our own lines: what Lightning and ONNX's tools log there is not for the user."""
    onnx = ("torch.onnx", "onnx_ir", "onnxscript", "onnxruntime")
    for name in ("lightning.pytorch", "lightning.fabric", "torch.utils", *onnx):
        logging.getLogger(name).setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", message="Checkpoint directory .* exists and is not empty")  # a run taken up again
    warnings.filterwarnings("ignore", message="Found .* in eval mode at the start of training")  # frozen on purpose
    # Lightning asks torch's pytree in a way that torch has deprecated; nothing a user could do.
    warnings.filterwarnings("ignore", message=".*isinstance\\(treespec, LeafSpec\\).*", category=FutureWarning)


def describe(wanted: str) -> str:
    """The device and precision in a few words, for people."""
    return f"{torch.cuda.get_device_name() if has_gpu() else f'{os.cpu_count()} CPU cores'}, {precision(wanted)}"
