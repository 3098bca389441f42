"""What costs a server too much is refused with its own code, and the server answers the next photo."""

from contextlib import closing

import pytest

from tests.http import gunicorn, post
from trainer.benchmarks.hostile_photos import MAKERS, jpeg_of_scans

pytestmark = pytest.mark.slow
HARMLESS = {"JPEG: long segments", "JPEG: quantization tables", "JPEG: restarts", "WebP: EXIF"}


def test_hostile_photos_are_refused_by_a_real_server(tiny_bundle, tmp_path):
    with gunicorn(tiny_bundle, tmp_path / "var") as server, closing(server.connect()) as connection:
        worker = server.workers
        assert post(connection, jpeg_of_scans(300))[1]["code"] == "too_complex"
        for name, (make, most) in MAKERS.items():
            status, answer = post(connection, make(most))
            expected = (200, None) if name in HARMLESS else (413, "too_complex")
            assert (status, answer.get("code")) == expected, name
        assert post(connection)[0] == 200
        assert server.workers == worker
