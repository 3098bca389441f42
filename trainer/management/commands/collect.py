"""`manage.py collect OUT --breeds LIST --contact ADDRESS`"""

import asyncio
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError

from dogbreed.commands import DogbreedCommand
from trainer.collecting.breed_lists import CATALOGUE, WantedBreed, read_breeds
from trainer.collecting.collect import Wanted, collect
from trainer.collecting.fetching import Fetcher, Manners
from trainer.collecting.licences import CODES, DEFAULT
from trainer.collecting.records import ATTRIBUTION_FILE, FAILED_FILE, write_attribution
from trainer.collecting.sources import OPENVERSE_URL, WIKIMEDIA_URL, Openverse, Source, UrlFolder, WikimediaCommons
from trainer.console import progress_bar
from trainer.photos.manifest import MANIFEST_FILE


class Command(DogbreedCommand):
    help = (
        "Collects photos of breeds with their licences and authors. If it is interrupted, run the same command again "
        "to continue. Photos are stored unchanged: run manage.py clean next."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("out", type=Path, help="folder to collect into")
        parser.add_argument(
            "--breeds",
            default=CATALOGUE,
            help="a web page, an .html, .txt or .csv file, or catalogue (the default: 120 breeds)",
        )
        parser.add_argument("--per-breed", type=int, default=400)
        parser.add_argument(
            "--source",
            default="openverse",
            help="openverse (the default), wikimedia, or a folder of <breed>.txt or <breed>.csv files",
        )
        parser.add_argument(
            "--licences",
            default=",".join(DEFAULT),
            help=f"from {', '.join(CODES)}, or any (default: those that allow changes and sale: {','.join(DEFAULT)})",
        )
        parser.add_argument("--contact", help="your e-mail or web address, which collections require")
        parser.add_argument("--retry-failed", action="store_true", help="retry addresses that failed before")
        parser.add_argument(
            "--attribution",
            action="store_true",
            help=f"only rewrite {ATTRIBUTION_FILE} for the photos that are still there",
        )
        self._add_manners(parser)

    def _add_manners(self, parser: ArgumentParser) -> None:
        manners = parser.add_argument_group("manners")
        manners.add_argument(
            "--per-host", type=int, default=Manners.per_host, help="simultaneous downloads from one host"
        )
        manners.add_argument(
            "--interval", type=float, default=Manners.interval, help="seconds between downloads from one host"
        )
        manners.add_argument(
            "--api-interval", type=float, default=Manners.api_interval, help="seconds between searches"
        )
        manners.add_argument("--attempts", type=int, default=Manners.attempts, help="per address")
        manners.add_argument(
            "--longest-wait",
            type=float,
            default=Manners.longest_wait,
            help="longest wait that a host may ask for, in seconds",
        )
        manners.add_argument("--longest-download", type=float, default=Manners.longest_download, help="in seconds")
        manners.add_argument("--max-bytes", type=int, default=Manners.max_bytes, help="of one photo")
        manners.add_argument(
            "--allow-private", action="store_true", help="allow hosts that are not on the public internet"
        )
        manners.add_argument("--openverse-url", default=OPENVERSE_URL)
        manners.add_argument("--wikimedia-url", default=WIKIMEDIA_URL)

    def handle(self, *args: Any, **options: Any) -> None:
        out: Path = options["out"]
        if options["attribution"]:
            self._attribute(out)
            return
        try:
            self._collect(out, options)
        except KeyboardInterrupt:
            raise CommandError("Stopped. Run the same command again to continue.", returncode=130) from None

    def _attribute(self, out: Path) -> None:
        if not (out / MANIFEST_FILE).is_file():
            raise CommandError(f"There is no {out / MANIFEST_FILE}. Collect photos into {out} first.")
        count = write_attribution(out)
        self.stdout.write(f"{count} photos. Attribution: {out / ATTRIBUTION_FILE}")

    def _collect(self, out: Path, options: dict[str, Any]) -> None:
        if not options["contact"]:
            raise CommandError("Give --contact, your e-mail or web address: collections block clients without one.")
        manners = _manners(options)
        licences = _licences(options["licences"])
        breeds = _breeds(options["breeds"], manners)
        wanted = Wanted(breeds, options["per_breed"], licences, options["retry_failed"])
        collected = collect(wanted, _source(options, licences), out, manners, progress_bar)
        few = [breed.name for breed in breeds if collected.photos[breed.label] < options["per_breed"]]
        if few:
            self.stderr.write(f"Fewer than {options['per_breed']} photos of {len(few)} breeds: {', '.join(few[:10])}")
        for breed, reason in collected.searches.items():
            self.stderr.write(f"The search for {breed} failed ({reason}). Run the same command to try again.")
        v = collected.verdicts
        self.stdout.write(
            f"{v['kept']} photos of {len(collected.photos)} breeds. {v['duplicate']} duplicates, {v['refused']} not "
            f"allowed by licence, {v['failed']} failed: {out / FAILED_FILE}"
        )
        self.stdout.write(f"Manifest: {out / MANIFEST_FILE}")


def _manners(options: dict[str, Any]) -> Manners:
    return Manners(**{name: options[name] for name in Manners.__dataclass_fields__})


def _licences(text: str) -> tuple[str, ...] | None:
    if text == "any":
        return None
    licences = tuple(code.strip() for code in text.split(","))
    if unknown := [code for code in licences if code not in CODES]:
        raise CommandError(f"Unknown --licences: {', '.join(unknown)}. Choose from {', '.join(CODES)}, or any.")
    return licences


def _breeds(where: str, manners: Manners) -> list[WantedBreed]:
    if not where.startswith(("http://", "https://")):
        return read_breeds(where)

    async def page() -> str:
        fetcher = Fetcher(manners)
        try:
            return (await fetcher.get(where)).decode("utf-8", "replace")
        finally:
            await fetcher.close()

    return read_breeds(where, asyncio.run(page()))


def _source(options: dict[str, Any], licences: tuple[str, ...] | None) -> Source:
    name = options["source"]
    if name == "openverse":
        return Openverse(licences or CODES, options["openverse_url"].rstrip("/"))
    if name == "wikimedia":
        return WikimediaCommons(options["wikimedia_url"].rstrip("/"))
    if not Path(name).is_dir():
        raise CommandError(
            f"There is no source {name!r}. Give openverse, wikimedia, or a folder of <breed>.txt or <breed>.csv files."
        )
    return UrlFolder(Path(name))
