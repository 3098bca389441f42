"""The interface of an engine, and the checks that all engines share."""

from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from dogbreed.answers.outputs import INPUT, OUTPUT, Outputs
from dogbreed.model.bundle import BundleConfig, BundleError
from dogbreed.model.precision import PRECISIONS, Precision

Shape = tuple[int | None, ...] | None  # None for a dynamic length, or for a dynamic rank


class EngineError(BundleError):
    """The network cannot be run: its file is broken, or it is not the network that `config.json` describes."""


class Engine(Protocol):
    """A compiled network. Any number of threads may call it at once."""

    name: str  # for people to read
    precision: Precision  # in which it really computes
    output_names: list[str]

    def outputs(self, batch: NDArray[np.float32]) -> Outputs:
        """Runs the network.

        Args:
            batch: float32 `[n, 3, h, w]`, normalized.

        Returns:
            float32 arrays by output: `logits` `[n, classes]`, and the optional outputs that the network has.
        """
        ...


def check_precision(precision: str) -> None:
    """Raises ValueError unless `precision` is "auto" or a precision that a bundle may state a tolerance for."""
    if precision not in ("auto", *PRECISIONS):
        raise ValueError(f"precision must be one of auto, {', '.join(PRECISIONS)}, got {precision!r}.")


def check_shapes(network: Path, config: BundleConfig, inputs: dict[str, Shape], outputs: dict[str, Shape]) -> None:
    """Checks that the network's input and output are those of `config`.

    Raises:
        EngineError: they are not; the message says what `config.json` requires and what the network has.
    """
    expected_input, expected_output = (None, *config.input_size), (None, len(config.label_names))
    if list(inputs) != [INPUT] or not _compatible(inputs[INPUT], expected_input):
        raise EngineError(
            f"{network} should have one input, {INPUT} {_written(expected_input)} as config.json says, and has "
            f"{_listed(inputs)}. Export it again."
        )
    if OUTPUT not in outputs or not _compatible(outputs[OUTPUT], expected_output):
        raise EngineError(
            f"{network} should have an output {OUTPUT} {_written(expected_output)}, one for each label name, and has "
            f"{_listed(outputs)}. Export it again."
        )


def unreadable(network: Path, error: Exception) -> EngineError:
    return EngineError(f"{network} cannot be read as an ONNX network ({_reason(error)}). Export it again.")


def not_compiled(network: Path, error: Exception) -> EngineError:
    return EngineError(f"{network} cannot be compiled for this CPU ({_reason(error)}). Export it again.")


def _compatible(shape: Shape, expected: tuple[int | None, ...]) -> bool:
    if shape is None:
        return True
    return len(shape) == len(expected) and all(
        length is None or wanted is None or length == wanted for length, wanted in zip(shape, expected, strict=True)
    )


def _listed(ports: dict[str, Shape]) -> str:
    return ", ".join(f"{name} {_written(shape)}" for name, shape in ports.items()) or "none"


def _written(shape: Shape) -> str:
    if shape is None:
        return "[...]"
    return f"[{','.join('?' if length is None else str(length) for length in shape)}]"


def _reason(error: Exception) -> str:
    # The libraries' messages begin with lines of their own source code; the last line is the reason.
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else type(error).__name__
