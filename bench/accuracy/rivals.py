"""markitdown and kreuzberg on the same files: a script of its own, run by ``.venv-bench``; imports nothing of the program.

    rivals.py NAME FOLDER OUT      NAME: markitdown | kreuzberg; files named on standard input, one a line

Writes {file: text} into OUT; prints the seconds of processor time of each file and the peak of memory as one JSON object. A file that cannot be converted
has the text "" and its error.
"""

from __future__ import annotations

import json
import resource
import sys
from collections.abc import Callable
from pathlib import Path


def markitdown() -> Callable[[str], str]:
    from markitdown import MarkItDown  # noqa: PLC0415

    converter = MarkItDown()
    return lambda path: converter.convert(path).text_content


def kreuzberg() -> Callable[[str], str]:
    from kreuzberg import ExtractionConfig, OcrConfig, extract_file_sync  # noqa: PLC0415

    config = ExtractionConfig(ocr=OcrConfig(language="vie"))
    return lambda path: extract_file_sync(path, config=config).content


def used() -> float:
    """Seconds of processor time, of programs it called too."""
    each = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in each)


def peak_mb() -> float:
    lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))


def main() -> None:
    name, folder, out = sys.argv[1:4]
    convert = {"markitdown": markitdown, "kreuzberg": kreuzberg}[name]()
    texts, seconds, errors = {}, {}, {}
    for file in sys.stdin.read().split("\n"):
        if not file:
            continue
        began = used()
        try:
            texts[file] = convert(str(Path(folder) / file))
        except Exception as error:
            texts[file], errors[file] = "", f"{type(error).__name__}: {error}"[:200]
        seconds[file] = used() - began
    Path(out).write_text(json.dumps(texts, ensure_ascii=False), "utf-8")
    print(json.dumps({"seconds": seconds, "errors": errors, "peak_mb": peak_mb()}))


if __name__ == "__main__":
    main()
