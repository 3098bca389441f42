import csv
import json
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from urllib.request import urlopen

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from PIL import Image

from dogbreed.model.file_digests import sha256
from trainer.collecting.breed_lists import WantedBreed, names_of_page, read_breeds
from trainer.collecting.licences import DEFAULT, code_of, refusal

# What the server does well, sooner or later, on each of its two pages of a breed.
GOOD = ("photo", "slow", "busy", "shaky", "moved", "cut-once", "png")
QUICK = {
    "contact": "dogs@example.org",
    "allow_private": True,
    "interval": 0.0,
    "api_interval": 0.0,
    "max_bytes": 1_000_000,
    "attempts": 2,
    "longest_download": 20,
}


@pytest.fixture
def server():
    command = [sys.executable, str(Path(__file__).with_name("badly_behaved_server.py"))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        process.kill()


@pytest.fixture
def two_breeds(tmp_path):
    (tmp_path / "breeds.txt").write_text("Boxer\nGolden Retriever\n")
    return str(tmp_path / "breeds.txt")


def rows_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def kind_of(row):
    return row["url"].split("/")[3]


def contents(folder):
    return {str(path.relative_to(folder)): sha256(path) for path in folder.rglob("*") if path.is_file()}


def visible(folder, port):
    """Everything but the collector's own notes; the port differs from server to server."""
    digests = {name: digest for name, digest in contents(folder).items() if not name.startswith(".")}
    photos = sorted(digest for name, digest in digests.items() if name.endswith((".jpg", ".png")))
    lists = [(folder / name).read_text().replace(port, "PORT") for name in ("manifest.csv", "failed.csv")]
    return photos, lists


@pytest.mark.slow
def test_every_good_photo_is_kept_once_and_every_failure_named(server, two_breeds, tmp_path):
    out = tmp_path / "out"
    call_command("collect", str(out), breeds=two_breeds, openverse_url=server, licences="by,cc0", **QUICK)
    rows, failed = rows_of(out / "manifest.csv"), rows_of(out / "failed.csv")
    assert {row["breed"] for row in rows} == {"boxer", "golden_retriever"}
    assert {kind_of(row) for row in rows} == set(GOOD)
    searches = sum(len(breed.searches) for breed in read_breeds(two_breeds))
    assert len(rows) == searches * 2 * 10  # pages, good photos of each
    assert len({row["sha256"] for row in rows}) == len(rows)
    for row in rows:
        assert sha256(out / row["path"]) == row["sha256"]
        with Image.open(out / row["path"]) as photo:
            assert photo.size == (int(row["width"]), int(row["height"]))
            assert row["path"].endswith({"JPEG": "jpg", "PNG": "png"}[str(photo.format)])
        assert row["licence"] == "CC by 2.0"
        assert row["author"].startswith("Maker ")
    assert len(list(out.glob("*/*.*"))) - len(list(out.glob(".collect/*.*"))) == len(rows)
    reasons = {kind_of(row): (row["outcome"], row["reason"]) for row in failed}
    assert reasons["cut"] == ("failed", reasons["cut"][1])
    assert "damaged or cut off" in reasons["cut"][1]
    assert "a web page" in reasons["html"][1]
    assert "500000000 bytes, the limit is 1000000" in reasons["huge"][1]
    assert "more than 1000000 bytes" in reasons["claims-small"][1]
    assert "status 404" in reasons["gone"][1]
    assert "redirects" in reasons["loop"][1]
    assert "2 attempts" in reasons["endless"][1]
    assert reasons["lying"][0] == reasons["noncommercial"][0] == "refused"
    assert "its address is that of by-nc-nd" in reasons["lying"][1]
    assert reasons["same"][0] == "duplicate"


@pytest.mark.slow
def test_a_host_is_told_who_asks_and_is_not_asked_before_it_wants_to_be(server, two_breeds, tmp_path):
    call_command("collect", str(tmp_path / "out"), breeds=two_breeds, openverse_url=server, licences="by", **QUICK)
    with urlopen(f"{server}/asked") as answer:
        report = json.loads(answer.read())
    agents = [agent for agent in report["agents"] if "urllib" not in agent]
    assert all("Dogbreed" in agent and "dogs@example.org" in agent for agent in agents)
    assert report["too_early"] == 0
    assert not any(path.startswith(("/lying", "/noncommercial")) for path in report["asked"])
    assert all(count == 1 for path, count in report["asked"].items() if path.startswith(("/photo", "/html", "/gone")))


def test_no_more_is_downloaded_than_is_wanted_and_asking_again_asks_for_nothing(server, two_breeds, tmp_path):
    out = tmp_path / "out"
    wanted = {"breeds": two_breeds, "openverse_url": server, "licences": "by", "per_breed": 3, **QUICK}
    call_command("collect", str(out), **wanted)
    assert len(rows_of(out / "manifest.csv")) == 6
    with urlopen(f"{server}/asked") as answer:
        before = json.loads(answer.read())["asked"]
    once = contents(out)
    call_command("collect", str(out), **wanted)
    with urlopen(f"{server}/asked") as answer:
        after = json.loads(answer.read())["asked"]
    assert {path: count for path, count in after.items() if path != "/asked"} == {
        path: count for path, count in before.items() if path != "/asked"
    }
    assert contents(out) == once


@pytest.mark.slow
def test_killed_at_random_moments_it_ends_with_the_same_photos(server, two_breeds, tmp_path):
    port = server.rsplit(":", 1)[1]
    command = [sys.executable, "manage.py", "collect", "OUT", "--breeds", two_breeds, "--openverse-url", server]
    for name, value in QUICK.items():
        command += [f"--{name.replace('_', '-')}"] + ([] if value is True else [str(value)])
    command += ["--licences", "by", "--per-breed", "12"]

    def run(out, **options):
        arguments = [str(out) if part == "OUT" else part for part in command]
        return subprocess.Popen(
            arguments, cwd=settings.BASE_DIR, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **options
        )

    assert run(tmp_path / "whole").wait() == 0
    chance = random.Random(0)
    log = tmp_path / "killed" / ".collect" / "log.jsonl"
    for _ in range(2):
        process = run(tmp_path / "killed")
        lines = len(log.read_text().splitlines()) if log.exists() else 0
        target, deadline = lines + chance.randint(1, 9), time.monotonic() + 30
        while process.poll() is None and time.monotonic() < deadline:
            if log.exists() and log.read_text().count("\n") >= target:
                break
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert run(tmp_path / "killed").wait() == 0
    assert visible(tmp_path / "killed", port) == visible(tmp_path / "whole", port)


def test_a_private_address_is_not_asked_unless_the_user_says_so(server, two_breeds, tmp_path):
    out = tmp_path / "out"
    (tmp_path / "urls").mkdir()
    (tmp_path / "urls" / "boxer.txt").write_text(f"{server}/photo/1\nfile:///etc/passwd\nhttp://[::1]:1/x\n")
    options = {**QUICK, "allow_private": False}
    call_command("collect", str(out), breeds=two_breeds, source=str(tmp_path / "urls"), licences="any", **options)
    assert rows_of(out / "manifest.csv") == []
    reasons = [row["reason"] for row in rows_of(out / "failed.csv")]
    assert ["public internet" in reason for reason in reasons] == [True, False, True]
    assert "not a web address" in reasons[1]
    with urlopen(f"{server}/asked") as answer:
        assert "/photo/1" not in json.loads(answer.read())["asked"]


def test_a_folder_of_addresses_and_wikimedia_are_sources_too(server, two_breeds, tmp_path):
    (tmp_path / "urls").mkdir()
    (tmp_path / "urls" / "boxer.csv").write_text(f"url,licence,author\n{server}/photo/1,CC0,Ann\n{server}/photo/2,,\n")
    call_command("collect", str(tmp_path / "a"), breeds=two_breeds, source=str(tmp_path / "urls"), **QUICK)
    assert [(row["author"], row["licence"]) for row in rows_of(tmp_path / "a" / "manifest.csv")] == [("Ann", "CC0")]
    call_command("collect", str(tmp_path / "b"), breeds=two_breeds, source="wikimedia", wikimedia_url=server, **QUICK)
    rows = rows_of(tmp_path / "b" / "manifest.csv")
    assert [row["title"] for row in rows] == [f"Dog {number}.jpg" for number in (3, 2, 1, 6, 5, 4)]
    assert {row["author"] for row in rows} == {f"Maker {number}" for number in range(1, 7)}
    assert {row["licence"] for row in rows} == {"CC BY-SA 4.0", "Public domain"}


def test_attribution_names_author_and_licence_of_what_is_still_there(server, two_breeds, tmp_path):
    out = tmp_path / "out"
    wanted = {"breeds": two_breeds, "openverse_url": server, "licences": "by", "per_breed": 2, **QUICK}
    call_command("collect", str(out), **wanted)
    first, second, *_ = rows_of(out / "manifest.csv")
    (out / first["path"]).unlink()
    call_command("collect", str(out), attribution=True)
    text = (out / "ATTRIBUTION.md").read_text()
    assert first["path"] not in text
    line = next(line for line in text.splitlines() if second["path"] in line)
    assert f"by {second['author']}, [CC by 2.0](https://creativecommons.org/licenses/by/2.0/)" in line
    assert "\\[" in line  # a title is text, whatever is in it


def test_without_a_contact_nothing_is_asked(tmp_path):
    with pytest.raises(CommandError, match="--contact"):
        call_command("collect", str(tmp_path / "out"))


def test_breeds_come_from_the_table_of_a_page_and_not_from_its_menu(server, tmp_path):
    with urlopen(f"{server}/breeds") as answer:
        page = answer.read().decode()
    assert names_of_page(page)[:2] == ["French Bulldog", "Labrador Retriever"]
    labels = [breed.label for breed in read_breeds("https://example.org", page)]
    assert labels == [
        "french_bulldog", "labrador_retriever", "german_short-haired_pointer", "great_pyrenees", "cane_corso",
    ]  # fmt: skip


def test_breeds_come_from_lists_csv_and_the_catalogue(tmp_path):
    items = "".join(f"<li><a>{name}</a> [1]</li>" for name in ("1. Pug", "2. Boxer"))
    (tmp_path / "a.html").write_text(f"<ol>{items}</ol>")
    (tmp_path / "b.csv").write_text("rank,breed\n1,Pug\n2,Pug\n3,Boxer\n")
    assert [breed.label for breed in read_breeds(str(tmp_path / "a.html"))] == ["pug", "boxer"]
    assert [breed.label for breed in read_breeds(str(tmp_path / "b.csv"))] == ["pug", "boxer"]
    assert len(read_breeds("catalogue")) == 120


def test_searches_say_dog_so_that_a_boxer_is_no_athlete():
    assert WantedBreed("boxer", "Boxer").searches == ["Boxer dog"]
    assert WantedBreed("x", "Bernese Mountain Dog").searches == ["Bernese Mountain Dog"]


@pytest.mark.parametrize(
    ("text", "code"),
    [("CC BY-SA 4.0", "by-sa"), ("by-nc-nd", "by-nc-nd"), ("CC by nc 2.0", "by-nc"), ("CC0 1.0", "cc0"),
     ("Public domain", "pdm"), ("CC pdm 1.0", "pdm"), ("All rights reserved", "unknown"), ("", "unknown")],
)  # fmt: skip
def test_licences_have_one_name_each(text, code):
    assert code_of(text) == code


def test_a_licence_that_contradicts_its_own_address_is_refused():
    assert refusal("CC BY 2.0", "https://creativecommons.org/licenses/by/2.0/", DEFAULT) == ""
    assert refusal("CC0", "https://creativecommons.org/publicdomain/zero/1.0/", DEFAULT) == ""
    assert "unclear" in refusal("CC BY 2.0", "https://creativecommons.org/licenses/by-nc-nd/2.0/", DEFAULT)
    assert "not allowed" in refusal("CC BY-NC 2.0", "", DEFAULT)
    assert "not allowed" in refusal("", "", DEFAULT)
