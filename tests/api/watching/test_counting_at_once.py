"""Several processes count the same answers at once, and one of them is killed: the counts are right."""

import os
import signal
import subprocess
import sys

import pytest

from tests.http import ROOT, manage

pytestmark = pytest.mark.slow

FILL = """
from datetime import timedelta; from django.utils import timezone; from api.models import *
numbers = dict.fromkeys(('width', 'height', 'decode_ms', 'inference_ms', 'elapsed_ms'), 1)
verdict = {'kind': 'breed', 'familiar': True, 'dog_score': {'score': 2.0, 'threshold': 1.0}}
made = [Prediction(breed='x', probability=n / 600, probabilities={}, verdict=verdict, model_name='m', **numbers,
    created=timezone.now() - timedelta(days=1 + n % 30)) for n in range(600)]
Prediction.objects.bulk_create(made)
Feedback.objects.bulk_create(Feedback(prediction=p, breed='x', right=True) for p in made[::5])
"""
SHOW = """
from api.models import *
days = list(CountedDay.objects.all())
print(len(days), {d.answers for d in days}, sum(d.figures['right']['breed'] for d in days if d.figures['right']))
"""


def test_counts_are_right_whoever_counts_and_is_killed(database):
    manage("shell", "-v", "0", "-c", FILL, **database)
    command = [sys.executable, "manage.py", "count_weeks", "--again"]
    running = [subprocess.Popen(command, cwd=ROOT, env=os.environ | database) for _ in range(3)]
    try:
        running[0].wait(60)
        running[1].send_signal(signal.SIGKILL)
    finally:
        codes = [process.wait(60) for process in running]
    assert (codes[0], codes[2]) == (0, 0)
    assert manage("shell", "-v", "0", "-c", SHOW, **database).split() == ["30", "{20}", "120"]
    manage("prune", "--days", "10", "--no-input", **database)
    manage("count_weeks", "--again", **database)
    assert manage("shell", "-v", "0", "-c", SHOW, **database).split() == ["30", "{20}", "120"]
