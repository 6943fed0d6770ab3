"""How well encodings are told: on the translated messages (`.mo`) that lie on this machine, each in its old encodings.

python -m tests.bench.files.charset [FOLDER...]
"""

from __future__ import annotations

import argparse
import gettext
import random
import re
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from pipeline.files.charset.common import CHINESE, JAPANESE, KOREAN, share_written_often
from pipeline.files.text_encoding import utf8_or_chinese

_LANGUAGES: Final = {
    "Chinese": (("zh_CN", "zh_Hans"), ("gbk",)), "Traditional Chinese": (("zh_TW", "zh_Hant"), ("big5",)),
    "Japanese": (("ja",), ("euc-jp", "cp932")), "Korean": (("ko",), ("cp949",)),
    "Russian": (("ru",), ("koi8-r", "cp1251")), "Western": (("de", "fr", "es", "sv"), ("latin-1", "cp437")),
}  # fmt: skip
_MOST: Final = 3000
_LENGTHS: Final = (1, 2, 3, 4, 6, 8)


def messages(folders: Sequence[Path], languages: Iterable[str]) -> list[str]:
    """Those with something beyond ASCII, each once."""
    found: set[str] = set()
    for path in (path for folder in folders for one in languages for path in folder.rglob(f"{one}/LC_MESSAGES/*.mo")):
        try:
            with path.open("rb") as stream:
                catalog = vars(gettext.GNUTranslations(stream))["_catalog"]
        except (OSError, ValueError):
            continue
        found |= {text for text in catalog.values() if isinstance(text, str) and not text.isascii()}
    return sorted(found)


def told(texts: Iterable[str], encoding: str) -> Counter[str]:
    """How many are taken for which encoding; "" are those refused."""
    found: Counter[str] = Counter()
    for text in texts:
        try:
            found[utf8_or_chinese(text.encode(encoding)) or "refused"] += 1
        except UnicodeEncodeError:
            continue
    return found


def main() -> None:
    """Print what share is in the lists, and what whole messages and short cells are taken for."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.files.charset", description=__doc__)
    parser.add_argument("folder", nargs="*", type=Path, default=[Path("/usr/share"), Path(sys.prefix)])
    folders = parser.parse_args().folder
    chance = random.Random(0)
    for language, (names, encodings) in _LANGUAGES.items():
        texts = messages(folders, names)
        often = {"Japanese": JAPANESE, "Korean": KOREAN}.get(language, CHINESE)
        print(f"{language}: {len(texts)} messages, {share_written_often(''.join(texts), often):.3f} written often")
        sample = chance.sample(texts, min(_MOST, len(texts)))
        for encoding in encodings:
            print(f"  messages in {encoding}: {dict(told(sample, encoding))}")
            runs = [run for text in texts for run in re.findall("[^\x00-\x7f]{2,}", text) if all(map(str.isalpha, run))]
            for length in _LENGTHS:
                pieces = [run[at : at + length] for run in runs for at in range(0, len(run) - length + 1, length)]
                cells = [f"name,label\na,{one}\n" for one in chance.sample(pieces, min(_MOST, len(pieces)))]
                print(f"  a cell of {length} in {encoding}: {dict(told(cells, encoding))}")


if __name__ == "__main__":
    main()
