"""The page "Week by week" of the admin site, as an operator sees it."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.http import ROOT

pytestmark = pytest.mark.slow

PROGRAM = """
import django; django.setup()
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from api.models import CountedDay, Prediction
from tests.api.watching.histories import week
call_command("migrate", verbosity=0)
User.objects.create_superuser("ann", password="secret")
User.objects.create_user("bob", password="secret", is_staff=True)
ann, bob, PAGE = Client(), Client(), "/admin/api/countedday/"
assert ann.get(PAGE).status_code == 302
for client, name in ((ann, "ann"), (bob, "bob")):
    client.post("/admin/login/?next=/admin/", {"username": name, "password": "secret"})
assert bob.get(PAGE).status_code == bob.get(PAGE + "weeks.csv").status_code == 403
print(ann.get(PAGE).content.decode(), "<!-- next -->")
numbers = dict.fromkeys(("probability", "width", "height", "decode_ms", "inference_ms", "elapsed_ms"), 1)
Prediction.objects.create(probabilities={}, breed="<script>alert(1)</script>", **numbers)
print(ann.get(PAGE).content.decode(), "<!-- next -->")
Prediction.objects.all().delete()
CountedDay.objects.all().delete()
days = [day for n in range(12) for day in week(n, 700, not_a_dog=0.02 if n < 9 else 0.1, version="=1+1")]
CountedDay.objects.bulk_create(CountedDay(**{**{field: getattr(day, field) for field in ("day", "model_name",
    "model_version", "answers", "figures")}, "counted": timezone.now(), "seconds": 0.0}) for day in days)
page = ann.get(PAGE + "?model=nonsense&from=yesterday")
print(page.content.decode(), page.headers["Content-Security-Policy"], "<!-- next -->")
print(ann.get(PAGE + "?from=2026-08-03").content.decode(), "<!-- next -->")
print(ann.get(PAGE + "weeks.csv").content.decode(), end="")
"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """The page of a new installation, with one answer, with a change, with another reference; and the CSV."""
    folder: Path = tmp_path_factory.mktemp("weeks")
    environment = {
        "DJANGO_SETTINGS_MODULE": "dogbreed.settings",
        "DOGBREED_ADMIN": "yes",
        "DOGBREED_ALLOWED_HOSTS": "testserver",
        "DOGBREED_VAR": str(folder),
    }
    command = [sys.executable, "-c", PROGRAM]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.split("<!-- next -->\n")


def test_a_new_installation_has_an_empty_page(pages):
    assert "No answers have been counted yet." in pages[0]
    assert "<figure>" not in pages[0]
    assert "The numbers" not in pages[0]


def test_the_page_counts_what_was_answered_a_moment_ago(pages):
    assert "It is too early to tell what is unusual." in pages[1]
    assert "So far there are 1 answer in 1 week." in pages[1]
    assert "<script>alert" not in pages[1]


def test_a_change_comes_first_and_is_in_the_charts_and_the_table(pages):
    page = pages[2]
    (headline,) = re.findall(r'<h2 id="headline">(.*?)</h2>', page)
    assert "changed" in headline
    assert re.search(r"Photos without a dog were [\d.]+% of answers since the week of 3 August 2026, before", page)
    assert page.count("<figure>") == page.count("<figcaption><h3>") > 5
    assert 'class="marked"' in page
    assert re.search(r'<th scope="row">2026-W33.*?<td class="wide">No dog', page, re.DOTALL)


def test_the_page_needs_no_script_of_its_own(pages):
    assert "script-src 'self' 'wasm-unsafe-eval'" in pages[2]
    charts = pages[2].split('<div class="charts">')[1].split("</main>")[0]
    assert "<script" not in charts
    assert " style=" not in charts


def test_the_weeks_can_be_compared_with_later_ones(pages):
    assert "compared" in pages[3]
    assert "Photos without a dog were" not in pages[3]


def test_the_csv_has_a_row_for_each_week_and_no_formulas(pages):
    lines = pages[4].splitlines()
    assert lines[0].startswith("week,monday,model,version,answers,judged,right,agreement")
    assert len(lines) == 13
    assert {line.count(",") for line in lines} == {lines[0].count(",")}
    assert lines[1].startswith("2026-W23,2026-06-01,tiny,'=1+1,700,70,")
