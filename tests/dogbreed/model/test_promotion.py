"""The store of promoted bundles: what gets into it, and what damage it survives."""

import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from dogbreed.model.bundle import BundleError
from dogbreed.model.comparison_result import ComparisonResult
from dogbreed.model.file_digests import DIGESTS_FILE, digest_of_bundle
from dogbreed.model.promotion import Permission, PromotionError, promote, rollback
from dogbreed.model.serving_source import ServingSource
from dogbreed.model.store import Store, StoreError
from tests.dogbreed.model.test_signatures import key_pair, no_password
from tests.http import ROOT

ANYWAY = Permission(without_comparison=True)


@pytest.fixture
def source(tiny_bundle, tmp_path, settings):
    """A server that serves the tiny bundle, with an empty store."""
    settings.DOGBREED_BUNDLE, settings.DOGBREED_MODELS = tiny_bundle, tmp_path / "models"
    return ServingSource(tiny_bundle, tmp_path / "models", None, "float32", "openvino")


def comparison(folder: Path, old: Path, new: Path, outcome: str = "no_different") -> Path:
    result = ComparisonResult(
        old=digest_of_bundle(old), new=digest_of_bundle(new), outcome=outcome, reasons=["It said so."], photos=90
    )
    path = folder / "comparison.json"
    path.write_text(result.model_dump_json())
    return path


def test_a_compared_bundle_is_served_and_the_one_before_comes_back(source, tiny_bundle, newer_bundle, tmp_path):
    old, new = digest_of_bundle(tiny_bundle), digest_of_bundle(newer_bundle)
    change = promote(source, str(newer_bundle), Permission(comparison(tmp_path, tiny_bundle, newer_bundle)))
    assert (change.action, change.outcome, change.photos) == ("promote", "no_different", 90)
    store = Store(source.store)
    assert (store.read().bundle, store.read().previous, store.digests()) == (new, [old], sorted([old, new]))
    shutil.rmtree(newer_bundle)  # the store has its own
    assert rollback(source).names == ("tiny 2.0", "tiny 1.0")
    assert (store.read().bundle, store.read().previous) == (old, [])
    with pytest.raises(PromotionError, match="No bundle was served before"):
        rollback(source)
    promote(source, new[:12], ANYWAY)
    assert store.read().bundle == new
    assert [change.action for change in store.read().history] == ["promote", "rollback", "promote"]


def test_a_bundle_that_was_not_compared_or_is_worse_needs_an_override(source, tiny_bundle, newer_bundle, tmp_path):
    with pytest.raises(PromotionError, match="Show that the new bundle is not worse"):
        promote(source, str(newer_bundle), Permission())
    with pytest.raises(PromotionError, match="compares other bundles"):
        promote(source, str(newer_bundle), Permission(comparison(tmp_path, newer_bundle, tiny_bundle)))
    with pytest.raises(PromotionError, match="is not a comparison"):
        promote(source, str(newer_bundle), Permission(newer_bundle / "config.json"))
    worse = comparison(tmp_path, tiny_bundle, newer_bundle, "worse")
    with pytest.raises(PromotionError, match=r"is worse than tiny 1\.0: It said so"):
        promote(source, str(newer_bundle), Permission(worse))
    assert Store(source.store).read().bundle is None
    change = promote(source, str(newer_bundle), Permission(worse, although_worse=True, reason="a test"))
    assert (change.although_worse, change.outcome, change.reason) == (True, "worse", "a test")
    with pytest.raises(PromotionError, match="is served already"):
        promote(source, str(newer_bundle), ANYWAY)


def test_a_trial_ends_with_a_promotion_or_a_rollback(source, tiny_bundle, newer_bundle):
    old, new, store = digest_of_bundle(tiny_bundle), digest_of_bundle(newer_bundle), Store(source.store)
    promote(source, str(newer_bundle), ANYWAY, share=0.25)
    trial = store.read().trial
    assert (store.read().bundle, trial and trial.bundle, trial and trial.share) == (None, new, 0.25)
    assert rollback(source).action == "end trial"
    assert (store.read().bundle, store.read().trial) == (None, None)
    with pytest.raises(PromotionError, match="none is on trial"):
        promote(source, "", ANYWAY)
    promote(source, new, ANYWAY, share=0.25)
    promote(source, "", Permission())  # its comparison was shown before
    assert (store.read().bundle, store.read().previous, store.read().trial) == (new, [old], None)


def test_damaged_bundles_are_not_promoted(source, newer_bundle, change_json):
    golden = json.loads((newer_bundle / "golden.json").read_text())
    golden["cases"][0]["logits"][0] += 1
    change_json(newer_bundle / "golden.json", **golden)
    with pytest.raises(BundleError, match=r"golden\.json was changed"):
        promote(source, str(newer_bundle), ANYWAY)
    (newer_bundle / DIGESTS_FILE).unlink()
    with pytest.raises(BundleError, match="golden outputs"):
        promote(source, str(newer_bundle), ANYWAY)
    (newer_bundle / "weights.safetensors").unlink()  # half of a copy
    with pytest.raises(BundleError, match=r"lacks weights\.safetensors"):
        promote(source, str(newer_bundle), ANYWAY)
    assert Store(source.store).read().bundle is None
    assert digest_of_bundle(newer_bundle) not in Store(source.store).digests()


def test_links_and_folders_do_not_get_into_the_store(source, newer_bundle, tmp_path):
    (newer_bundle / DIGESTS_FILE).unlink()
    (newer_bundle / "MODEL_CARD.md").symlink_to("/etc/passwd")
    with pytest.raises(StoreError, match=r"MODEL_CARD\.md is a link"):
        promote(source, str(newer_bundle), ANYWAY)
    (newer_bundle / "MODEL_CARD.md").unlink()
    (newer_bundle / "folder").mkdir()
    with pytest.raises(StoreError, match="folder is a link, a folder"):
        promote(source, str(newer_bundle), ANYWAY)


@pytest.mark.skipif(not shutil.which("openssl"), reason="OpenSSL makes the keys")
def test_an_unsigned_bundle_is_not_promoted_where_a_key_is_demanded(source, newer_bundle, tmp_path):
    from dogbreed.model.signatures import sign

    private, public = key_pair(tmp_path, "key")
    demanding = ServingSource(source.configured, source.store, public, source.precision, source.engine)
    with pytest.raises(BundleError, match="is not signed"):
        promote(demanding, str(newer_bundle), ANYWAY)
    promote(source, str(newer_bundle), ANYWAY)
    rollback(source)
    sign(newer_bundle, private, no_password)  # later: the store takes the signature over
    promote(demanding, str(newer_bundle), ANYWAY)
    assert Store(source.store).read().bundle == digest_of_bundle(newer_bundle)


@pytest.mark.parametrize(
    "text", ["", "rubbish", "[]", '{"bundle": "../../etc"}', '{"bundle": "/etc"}', '{"bundle": 1}', '{"unknown": 1}']
)
def test_rubbish_instead_of_the_pointer_is_reported_and_kept(source, newer_bundle, text):
    source.store.mkdir()
    (source.store / "served.json").write_text(text)
    for change in (lambda: promote(source, str(newer_bundle), ANYWAY), lambda: rollback(source)):
        with pytest.raises(StoreError, match=r"served\.json does not say which bundle is served"):
            change()
    assert (source.store / "served.json").read_text() == text


def test_a_bundle_of_the_store_that_was_changed_is_not_served_again(source, tiny_bundle, newer_bundle):
    promote(source, str(newer_bundle), ANYWAY)
    stored = Store(source.store).path_of(digest_of_bundle(tiny_bundle))
    (stored / "golden.json").write_text("{}")
    with pytest.raises(BundleError, match=r"golden\.json was changed"):
        rollback(source)
    shutil.rmtree(stored)
    shutil.copytree(newer_bundle, stored)  # complete, and another one than its name says
    with pytest.raises(BundleError, match="is not the bundle that its name says"):
        rollback(source)
    assert Store(source.store).read().bundle == digest_of_bundle(newer_bundle)


@pytest.mark.slow
def test_of_two_promotions_at_once_one_is_made(source, newer_bundle):
    def once(_: int) -> str:
        try:
            promote(source, str(newer_bundle), ANYWAY)
        except (StoreError, PromotionError) as error:
            return str(error)
        return ""

    with ThreadPoolExecutor(4) as threads:
        said = list(threads.map(once, range(4)))
    assert said.count("") == 1
    assert all("Another command is changing" in each or "served already" in each for each in said if each)
    assert len(Store(source.store).read().history) == 1


KILLED = """
import os, sys, django; django.setup()
from pathlib import Path
from dogbreed.model import promotion, store
from dogbreed.model.serving_source import ServingSource
where, configured, folder, new = sys.argv[1:]
killed_at = {"copy": (store.shutil, "copyfile"), "check": (promotion.Classifier, "load"), "switch": (os, "fsync")}
owner, name = killed_at[where]
setattr(owner, name, lambda *args, **options: os.kill(os.getpid(), 9))
source = ServingSource(Path(configured), Path(folder), None, "float32", "openvino")
promotion.promote(source, new, promotion.Permission(without_comparison=True))
"""


@pytest.mark.slow
@pytest.mark.parametrize("where", ["copy", "check", "switch"])
def test_a_promotion_that_is_killed_changes_nothing_and_can_be_repeated(source, newer_bundle, where):
    words = [where, source.configured, source.store, newer_bundle]
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, *map(str, words)],
        cwd=ROOT,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "dogbreed.settings"},
        capture_output=True,
        text=True,
    )
    assert killed.returncode == -9, killed.stderr
    assert Store(source.store).read().bundle is None
    assert list(source.store.glob(".unfinished-*"))
    promote(source, str(newer_bundle), ANYWAY)
    assert not list(source.store.glob(".unfinished-*"))
    assert Store(source.store).read().bundle == digest_of_bundle(newer_bundle)


def test_a_store_that_cannot_be_written_is_named(source, newer_bundle, tmp_path):
    source.store.write_text("a file where the folder should be")
    with pytest.raises(StoreError, match="models cannot be read or written"):
        promote(source, str(newer_bundle), ANYWAY)


def test_what_is_not_served_can_be_deleted(source, tiny_bundle, newer_bundle, capsys):
    call_command("promote", newer_bundle, "--without-comparison")
    old, new = digest_of_bundle(tiny_bundle), digest_of_bundle(newer_bundle)
    with pytest.raises(CommandError, match="is served"):
        call_command("models", "--delete", new[:8])
    with pytest.raises(CommandError, match="no bundle 'xyz'"):
        call_command("models", "--delete", "xyz")
    call_command("models", "--delete", old[:8])
    assert Store(source.store).digests() == [new]
    with pytest.raises(CommandError, match="No bundle was served before"):
        call_command("rollback")
