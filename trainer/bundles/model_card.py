"""The page that tells people what a model is, what it was trained on, and how far to trust it."""

from dogbreed.model.bundle import BundleConfig, Metrics


def model_card(config: BundleConfig) -> str:
    """Writes MODEL_CARD.md from what the bundle knows of itself; every number in it was measured by `evaluate`."""
    sections = [
        _introduction(config),
        _training(config),
        *_quantization(config),
        _accuracy(config),
        *_trust(config),
        _limits(config),
    ]
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


def _trust(config: BundleConfig) -> list[str]:
    """What was settled on the validation part; how well it holds is in the report."""
    c = config.calibration
    lines = [f"- Probabilities are softmax outputs at temperature {c.temperature:g}, fitted on the photos as they are."]
    if c.shortlist:
        lines.append(
            f"- Shortlists are to hold the breed in {c.shortlist.coverage:.0%} of photos (conformal prediction, RAPS "
            f"with penalty {c.shortlist.penalty:g}). They are never empty."
        )
    if c.verdict:
        named = {"a breed": c.verdict.breed, "a group of breeds": c.verdict.group}
        when = ", ".join(f"{name} from {least:.1%} on" for name, least in named.items() if least <= 1) or "nothing"
        lines.append(f"- Verdicts name {when}, so that {c.verdict.precision:.0%} of what they name is right.")
    if c.dog:
        lines.append(
            f"- A photo whose score `{c.dog.score}` lies below {c.dog.threshold:.3g} is said to show no dog; "
            f"{c.dog.kept:.0%} of dogs pass."
        )
    if c.familiar:
        lines.append(
            f"- A dog whose score `{c.familiar.score}` lies below {c.familiar.threshold:.3g} is said to be "
            f"perhaps of a breed that the model does not know; {c.familiar.kept:.0%} of dogs pass."
        )
    why_not = config.no_explanation
    heat = f"It gives no heat map: {why_not}" if why_not else "It says which places of a photo speak for its answer"
    lines.append(f"- {heat}.")
    photos = next((part.photos for part in (c.shortlist, c.verdict, c.dog) if part), None)
    where = f"Settled on {photos} photos of the validation part, seen as if from farther away:" if photos else ""
    return [
        f"## How far to believe it\n\n{where}\n\n"
        + "\n".join(lines)
        + "\n\nHow well each of these holds on other photos stands in report.html, where there is one."
    ]


def _limits(config: BundleConfig) -> str:
    return (
        "## Limits\n\n"
        f"- It knows its {len(config.label_names)} breeds and nothing else. {_limits_of_knowledge(config)}\n"
        "- It says what a dog looks like. It says nothing about ancestry, and a mixed dog has no right answer here.\n"
        "- Breeds that people confuse, it confuses too."
    )


def _limits_of_knowledge(config: BundleConfig) -> str:
    if config.calibration.dog is None:
        return "A cat, a chair or a dog of another breed is given one of these names, sometimes with much confidence."
    return (
        "It looks for photos without a dog and for dogs of other breeds, but some of them are still given one of these "
        "names: the report says how many, where that was measured."
    )
