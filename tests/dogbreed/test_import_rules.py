"""What `lint-imports` cannot check."""

import subprocess
import sys

from tests.http import ROOT

TORCH = {"torch", "torchvision", "timm", "lightning", "pytorch_lightning", "torchmetrics"}


def test_only_the_urls_of_the_product_lead_to_the_api():
    mentions = [file.name for file in (ROOT / "dogbreed").glob("*.py") if '"api.' in file.read_text(encoding="utf-8")]
    assert sorted(mentions) == ["settings.py", "urls.py"]


def test_the_trainer_has_no_models_module_that_django_would_import():
    assert not (ROOT / "trainer" / "models.py").exists()


def test_only_the_settings_read_the_environment():
    readers = [
        str(file.relative_to(ROOT))
        for room in ("dogbreed", "api")
        for file in (ROOT / room).rglob("*.py")
        if "os.environ[" in (text := file.read_text(encoding="utf-8")) or "environ.get" in text or "getenv" in text
    ]
    assert readers == ["dogbreed/environment.py"]
    importers = [
        str(file.relative_to(ROOT))
        for room in ("dogbreed", "api", "trainer")
        for file in (ROOT / room).rglob("*.py")
        if "import environment" in file.read_text(encoding="utf-8")
    ]
    assert importers == ["dogbreed/settings.py"]


def test_a_server_starts_without_torch(tiny_bundle):
    program = f"import sys, dogbreed.wsgi; print(sorted({TORCH} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env={"DOGBREED_BUNDLE": str(tiny_bundle)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"
    assert "Serving tiny 1.0" in done.stderr
