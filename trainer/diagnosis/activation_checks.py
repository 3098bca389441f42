"""Checks of what layers with a ReLU let through."""

from trainer.diagnosis.check import Check, SampledStep
from trainer.training.run_findings import Finding

MOSTLY_DEAD = 0.5  # share of a layer's units


class DeadReLU(Check):
    """More than half of a layer's units are (almost) never active, or always at the limit of a ReLU6."""

    def at_step(self, seen: SampledStep) -> Finding | None:
        for shares, dead in ((seen.dead, True), (seen.stuck, False)):
            worst = max(shares, key=lambda name: shares[name], default=None)
            if worst is not None and shares[worst] > MOSTLY_DEAD:
                return self._finding(worst, shares, dead, seen)
        return None

    @staticmethod
    def _finding(worst: str, shares: dict[str, float], dead: bool, seen: SampledStep) -> Finding:
        how = "active for less than 1% of photos and places" if dead else "at the upper limit of 6 almost everywhere"
        layers = sum(share > MOSTLY_DEAD for share in shares.values())
        others = f"; {layers - 1} more layers are like it" if layers > 1 else ""
        return Finding(
            "dead-relu" if dead else "stuck-relu6",
            f"In {worst}, {shares[worst]:.0%} of the units are {how}{others}.",
            "Such units get no gradients, so they do not come back.",
            "optimizer.lr",
            f"Try a third: {seen.recipe.optimizer.lr / 3:.2g}. Start again: resuming does not revive them.",
        )
