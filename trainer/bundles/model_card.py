"""The model card: what a model is, what it was trained on, how accurate it is, and its limits."""

from dogbreed.answers.breeds import display_name
from dogbreed.answers.calibration import Calibration
from dogbreed.answers.naming import Promise, promises
from dogbreed.model.bundle import BundleConfig, Metrics


def model_card(config: BundleConfig) -> str:
    """The text of MODEL_CARD.md, from a bundle's configuration. Every accuracy in it was measured by `evaluate`."""
    sections = [
        _introduction(config),
        _training(config),
        *_taught(config),
        *_quantization(config),
        _accuracy(config),
        *_trust(config),
        _limits(config),
    ]
    return "\n\n".join(sections) + "\n"


def _introduction(config: BundleConfig) -> str:
    height, width = config.input_size[1:]
    framing = {
        "squash": "resized to that size without keeping its shape",
        "center": "resized by its shorter side and cropped to its centre",
    }[config.crop_mode]
    return (
        f"# {config.name} {config.version}\n\n"
        f"Classifies photos of dogs into {len(config.label_names)} breeds. The network is a {config.architecture} for "
        f"images of {width} by {height} pixels. A photo is turned upright and {framing}."
    )


def _training(config: BundleConfig) -> str:
    p = config.provenance
    versions = ", ".join(f"{library} {number}" for library, number in p.versions.items())
    return (
        "## Trained on\n\n"
        f"{p.trained_on}\n\n"
        f"- Starting weights: {p.backbone_weights}\n"
        f"{_retrained(config)}"
        f"{_teachers(config)}"
        f"- Recipe: {p.recipe.get('description', '')}\n"
        f"- Seed: {p.seed}; manifest of the data (SHA-256): {p.data_manifest_sha256 or 'none'}\n"
        f"- Trained with {versions}"
    )


def _retrained(config: BundleConfig) -> str:
    old = config.provenance.retrained_from
    if old is None:
        return ""
    return (
        f"- Retrained from {old.name} {old.version} (SHA-256 {old.sha256}) with {old.new_photos} new photos "
        f"(manifest: {', '.join(old.new_photos_sha256)}) and {old.old_photos} old ones\n"
    )


def _teachers(config: BundleConfig) -> str:
    names = ", ".join(teacher.name for teacher in config.provenance.teachers)
    return f"- Distilled from: {names}\n" if names else ""


def _taught(config: BundleConfig) -> list[str]:
    if not config.taught:
        return []
    header = (
        "| breed | photos | answered with it, each from the others | false alarms on photos of trained breeds | on "
        "photos of other breeds |\n|---|---|---|---|---|\n"
    )
    rows = "\n".join(
        f"| {one.name or display_name(label)} | {one.photos} | {one.recall} | {one.false_alarms} | "
        f"{one.other_false_alarms} |"
        for label, one in config.taught.items()
    )
    return [
        "## Taught afterwards\n\n"
        f"{header}{rows}\n\n"
        "These breeds were taught from a few photos, without training: each is one more row of the last layer. The "
        "false alarms are on photos with which the rows' thresholds were chosen. A taught breed is named alone only "
        "where its own photos justify that; the promises below are those of the trained breeds. The expected outputs "
        "in `golden.json` are ONNX Runtime's in float32."
    ]


def _quantization(config: BundleConfig) -> list[str]:
    q = config.quantization
    if q is None:
        return []
    return [
        "## int8\n\n"
        f"After training, the network was quantized to {q.kind}, which is faster on a CPU. Servers prefer it, "
        f"and the accuracy below is its own. The ranges of its activations come from {q.calibration_photos} photos of "
        f"the train part. Quantization changed top-1 on the test part by {100 * q.top1_change:+.2f} percentage points, "
        "compared with the same network in float32, with which the thresholds below were fitted. "
        "Single answers can differ between the two networks, between engines and between kinds of processor. "
        "The bundle also contains the network as it was trained."
    ]


def _accuracy(config: BundleConfig) -> str:
    if not config.metrics:
        return "## Accuracy\n\nNot measured yet. Measure it with `manage.py evaluate`."
    header = "| photos | n | breeds | top-1 | top-5 | log loss |\n|---|---|---|---|---|---|\n"
    rows = "\n".join(_row(metrics) for metrics in config.metrics.values())
    return (
        f"## Accuracy\n\n{header}{rows}\n\nIn brackets: 95 % Wilson intervals. They cover the random choice "
        f"of photos, not photos of another kind.{_pretraining(config)}"
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
        "\n\n**The starting weights were trained on some of these photos.** They were trained on ImageNet. Stanford "
        "Dogs was made from ImageNet, and Kaggle's *Dog Breed Identification* from Stanford Dogs. So the starting "
        "weights were trained on the photos and breeds of either test part, and the accuracy on it is optimistic. "
        "Expect the accuracy on photos from elsewhere."
    )


def _trust(config: BundleConfig) -> list[str]:
    """What was fitted on the validation part. The report says how well it holds on other photos."""
    c = config.calibration
    photos = next((part.photos for part in (c.shortlist, c.verdict, c.dog, c.familiar) if part), None)
    thresholds = (
        f"\n\nThe following thresholds were fitted on {photos} validation photos, as they are and padded to look as if "
        "taken from farther away:\n\n" + "\n".join(_thresholds(c))
        if photos
        else ""
    )
    why_not = config.no_explanation
    heat = f"There is no heat map: {why_not}" if why_not else "A heat map shows which places of a photo decided"
    return [
        "## Reliability\n\n"
        f"Probabilities are softmax outputs at temperature {c.temperature:g}, which was fitted on the validation "
        f"photos as they are.{thresholds}\n\n{heat}.\n\n"
        "How well all this holds on other photos is in report.html, if the bundle has one."
    ]


def _thresholds(c: Calibration) -> list[str]:
    lines = []
    if c.shortlist:
        lines.append(
            f"- Shortlists contain the breed for {c.shortlist.coverage:.0%} of photos (conformal prediction, RAPS "
            f"with penalty {c.shortlist.penalty:g}). They are never empty."
        )
    lines += [_verdict_line(promise) for promise in promises(c.verdict)]
    if c.dog:
        lines.append(
            f"- A photo with a score `{c.dog.score}` below {c.dog.threshold:.3g} is said to show no dog. "
            f"{c.dog.kept:.0%} of dogs pass."
        )
    if c.familiar:
        lines.append(
            f"- A dog with a score `{c.familiar.score}` below {c.familiar.threshold:.3g} is said to be perhaps of a "
            f"breed that the model does not know. {c.familiar.kept:.0%} of dogs pass."
        )
    if c.same_dog:
        lines.append(
            f"- Photos of one dog whose answers correlate up to {c.same_dog.independent:.2f} are taken as nearly "
            f"independent, from {c.same_dog.same:.2f} on as one photo. A photo that differs from the others by more "
            f"than {c.same_dog.apart:.2f} bits (Jensen-Shannon divergence) is said to show another dog; "
            f"{c.same_dog.kept:.0%} of pairs of a breed differ less."
        )
    if c.familiar and c.familiar.score == "known_breed":
        lines.append(
            "- For verdicts on a single breed its probability is multiplied by the probability that the dog is of a "
            "known breed, which was fitted on photos of dogs of other breeds."
        )
    return lines


def _verdict_line(promise: Promise) -> str:
    m = promise.measured
    right = f" {m.right} of {m.photos} such verdicts were right." if m else ""
    return (
        f"- A verdict `{promise.kind}` ({promise.name}) is given at a probability of {promise.least:.1%} or more, so "
        f"that at least {promise.promised:.0%} are right.{right}"
    )


def _limits(config: BundleConfig) -> str:
    return (
        "## Limits\n\n"
        f"- It knows {len(config.label_names)} breeds and nothing else. {_limits_of_knowledge(config)}\n"
        "- It judges by appearance. It says nothing about ancestry, and for a mixed-breed dog no answer is right.\n"
        "- It confuses the same breeds people do."
    )


def _limits_of_knowledge(config: BundleConfig) -> str:
    if config.calibration.dog is None:
        return "A cat, a chair or a dog of another breed gets one of these names, sometimes with high confidence."
    return (
        "It tries to recognise photos without a dog and dogs of other breeds, but some of them still get one of these "
        "names. The report says how many, if that was measured."
    )
