"""The page that tells people what a model is, what it was trained on, and how far to trust it."""

from dogbreed.bundle import BundleConfig, Metrics


def model_card(config: BundleConfig) -> str:
    """Writes MODEL_CARD.md from what the bundle knows of itself; every number in it was measured by `evaluate`."""
    sections = [_introduction(config), _training(config), *_quantization(config), _accuracy(config), _limits(config)]
    return "\n\n".join(sections) + "\n"


def _introduction(config: BundleConfig) -> str:
    height, width = config.input_size[1:]
    framing = {
        "squash": "squashed to that size, whatever its shape",
        "center": "resized by its shorter side and cut to its centre",
    }[config.crop_mode]
    return (
        f"# {config.name} {config.version}\n\n"
        f"Tells which of {len(config.label_names)} breeds the dog in a photo resembles. A {config.architecture} that "
        f"sees photos of {width} by {height} pixels; a photo is turned upright and {framing}."
    )


def _training(config: BundleConfig) -> str:
    p = config.provenance
    versions = ", ".join(f"{library} {number}" for library, number in p.versions.items())
    return (
        "## Trained on\n\n"
        f"{p.trained_on}\n\n"
        f"- Starting weights: {p.backbone_weights}\n"
        f"- Recipe: {p.recipe.get('description', '')}\n"
        f"- Seed: {p.seed}; manifest of the data (SHA-256): {p.data_manifest_sha256 or 'none'}\n"
        f"- Trained with {versions}"
    )


def _quantization(config: BundleConfig) -> list[str]:
    q = config.quantization
    if q is None:
        return []
    return [
        "## int8\n\n"
        f"After training, the network was quantized to {q.kind}, which is faster on a CPU: the ranges of its "
        f"activations were taken from {q.calibration_photos} photos of the train part. On the test part that changed "
        f"top-1 by {100 * q.top1_change:+.2f} percentage points against the same network in float32. "
        "The two may differ on any one photo, and so may two engines or two kinds of processor. "
        "`weights.safetensors` is the network as it was trained, in float32."
    ]


def _accuracy(config: BundleConfig) -> str:
    if not config.metrics:
        return "## Accuracy\n\nNot measured yet: `manage.py evaluate` does."
    header = "| photos | n | breeds | top-1 | top-5 | log loss |\n|---|---|---|---|---|---|\n"
    rows = "\n".join(_row(metrics) for metrics in config.metrics.values())
    return (
        f"## Accuracy\n\n{header}{rows}\n\nIn brackets: 95 % Wilson intervals. They cover the luck of which photos "
        f"were taken, not photos of another kind.{_pretraining(config)}"
    )


def _row(metrics: Metrics) -> str:
    top1 = _percent(metrics.top1, metrics.top1_interval)
    top5 = _percent(metrics.top5, metrics.top5_interval)
    return f"| {metrics.description} | {metrics.photos} | {metrics.breeds} | {top1} | {top5} | {metrics.log_loss:.3f} |"


def _percent(share: float, interval: tuple[float, float]) -> str:
    return f"{share:.1%} ({interval[0]:.1%} to {interval[1]:.1%})"


def _pretraining(config: BundleConfig) -> str:
    if config.provenance.backbone_weights == "none":
        return ""
    return (
        "\n\n**Pretraining has seen some of these photos.** The starting weights were trained on ImageNet. Stanford "
        "Dogs, and with it Kaggle's *Dog Breed Identification*, was built from ImageNet, so a test part of either was "
        "seen, with its breed, before our training began. Such a number is higher than what a stranger's photo will "
        "get; a number on photos from elsewhere is the one to expect."
    )


def _limits(config: BundleConfig) -> str:
    return (
        "## Limits\n\n"
        f"- It knows its {len(config.label_names)} breeds and nothing else: a cat, a chair or a dog of another breed "
        "is given one of these names, sometimes with a high probability.\n"
        "- It says what a dog looks like. It says nothing about ancestry, and a mixed dog has no right answer here.\n"
        f"- Probabilities are softmax outputs at temperature {config.calibration.temperature:g}.\n"
        "- Breeds that people confuse, it confuses too."
    )
