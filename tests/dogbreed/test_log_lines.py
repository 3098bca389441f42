"""Log lines, and who may write them."""

import logging
import sys

from dogbreed.log_lines import LineFormatter


def formatted(message: str, *values: object, exc_info: object = None) -> str:
    record = logging.LogRecord("name", logging.INFO, "path", 1, message, values, exc_info)  # type: ignore[arg-type]
    return LineFormatter("{levelname}: {message}", style="{").format(record)


def test_a_message_is_one_line_without_escape_codes():
    assert formatted("path %s", "/a\r\n\x1b[31mINFO: b\u2028c") == r"INFO: path /a\r\n\x1b[31mINFO: b\u2028c"


def test_text_of_any_language_stays_readable():
    assert formatted("Häßlicher Dackel 犬") == "INFO: Häßlicher Dackel 犬"


def test_no_line_of_a_traceback_looks_like_a_record():
    try:
        int("first\nINFO: forged \x1b[31m", base=99)
    except ValueError as error:
        error.add_note("first\nINFO: forged \x1b[31m")
        first, *others = formatted("failed", exc_info=sys.exc_info()).split("\n")
    assert first == "INFO: failed"
    assert all(line.startswith("    ") for line in others)
    assert others[-1] == r"    INFO: forged \x1b[31m"
