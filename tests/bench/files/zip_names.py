"""How well the code page of a zip's names is told: of words of the translated messages that lie on this machine.

python -m tests.bench.files.zip_names [FOLDER...]
"""

from __future__ import annotations

import argparse
import random
import re
import sys
import zipfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from pipeline.files.archives.member_names import names_encoding
from tests.bench.files.charset import messages

_PAGES: Final = {
    "el": ("cp1253", "cp737"), "he": ("cp1255", "cp862"), "ar": ("cp1256", "cp720"), "th": ("cp874",),
    "ru": ("cp866", "cp1251", "koi8-r", "cp855"), "uk": ("cp1251", "koi8-u", "cp1125"), "bg": ("cp866", "cp1251"),
    "sr": ("cp1251",), "ko": ("cp949", "johab"), "ja": ("cp932", "euc-jp"), "zh_TW": ("cp950",),
    "zh_HK": ("big5hkscs",), "zh_CN": ("gbk",), "de": ("cp437", "cp1252"), "fr": ("cp850", "cp1252"),
    "pl": ("cp852", "cp1250"), "cs": ("cp852", "cp1250"), "tr": ("cp857", "cp1254"),
}  # fmt: skip
_BETWEEN: Final = re.compile(r"[\s\x00-\x40\[-`{-\x7f]+")
_ARCHIVES: Final = 100


def told(raw: Sequence[bytes]) -> str:
    """The encoding that an archive with these unmarked names is read in."""
    infos = [zipfile.ZipInfo("x") for _ in raw]
    for info, one in zip(infos, raw, strict=True):
        info.filename = one.decode("cp437")
        info.flag_bits = 0
    return names_encoding(infos)


def names_of(words: Sequence[str], many: int, chance: random.Random) -> list[str]:
    """Words as folders or files, some with a capital, some in capitals."""
    cases = (str, str, str, str, str, str, str.capitalize, str.capitalize, str.capitalize, str.upper)
    return [
        chance.choice(cases)(chance.choice(words)) + chance.choice(("/1.jpg", ".jpg", "/IMG_1.JPG"))
        for _ in range(many)
    ]


def main() -> None:
    """Print, for archives of one and of three names, the share whose names are read as they were written."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.files.zip_names", description=__doc__)
    parser.add_argument("folder", nargs="*", type=Path, default=[Path("/usr/share"), Path(sys.prefix)])
    folders, chance = parser.parse_args().folder, random.Random(0)
    for language, pages in _PAGES.items():
        found = {word for text in messages(folders, (language,)) for word in _BETWEEN.split(text)}
        words = sorted(one for one in found if not one.isascii() and 2 < len(one) < 16 and one[0].isalpha())
        for page in pages:
            for many in (1, 3):
                right, others, tried = 0, Counter[str](), 0
                for _ in range(_ARCHIVES if words else 0):
                    names = names_of(words, many, chance)
                    try:
                        raw = [name.encode(page) for name in names]
                    except UnicodeEncodeError:
                        continue
                    tried += 1
                    encoding = told(raw)
                    if [one.decode(encoding) for one in raw] == names:
                        right += 1
                    else:
                        others[encoding] += 1
                print(f"{language} {page} names {many}: {right}/{tried} {dict(others.most_common(3))}")


if __name__ == "__main__":
    main()
