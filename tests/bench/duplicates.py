"""How many near copies are found, what is merged wrongly, and how long 100,000 images take.

    python -m tests.bench.duplicates [FOLDER] [--n 300] [--sheet DIR] [--images 100000] [--only edits|speed]

FOLDER has photos; those with a side below 64 pixels are left out. Each is edited in the 24 ways of
`tests.bench.edits`, all are hashed as an ingest does it and grouped, and recall is printed by edit and by view, at last
with the faces compared, too; then how many cards of one layout pass as copies of each other. Every
group that holds different photos is drawn, photo beside photo, into DIR (default: a new temporary folder): look at
them. Speed is printed beside that of plain Python (`int.bit_count`) on a sample in this run.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from itertools import combinations
from pathlib import Path
from typing import Final, Literal

import cv2
import numpy as np
import numpy.typing as npt

from db.duplicates.grouping import NearPair, complete_link
from pipeline.actions.near_duplicates import DEFAULT_VIEWS
from pipeline.copies.same_faces import FaceView, faces_agree
from pipeline.core.geometry import Bgr
from pipeline.core.records import Settings
from pipeline.faces.detect import find_faces
from pipeline.faces.landmarks import place_landmarks
from pipeline.pixels.near_duplicates import DHASH_BITS, PHASH_BITS, Hashes, Search, has_faiss
from pipeline.pixels.phash import HASH_BYTES, VIEWS, image_hashes
from pipeline.pixels.shrink import shrink
from tests.bench.edits import EDITS
from tests.bench.throughput import find_photos

LEAST_SIDE: Final = 64
MOST_CARDS: Final = 60
SIDE: Final = Settings().thumb_side
MOST_SIDE: Final = 1632
TILE: Final = 160
AIMS: Final = {"resize": 0.99, "re-encode": 0.99, "light": 0.99, "blur": 0.99, "text": 0.99, "crop": 0.8}


def read_photos(folder: Path, count: int) -> list[Bgr]:
    """`count` photos spread evenly over the folder."""
    found = []
    for path in find_photos([folder]):
        bgr = cv2.imread(str(path))
        if bgr is not None and min(bgr.shape[:2]) >= LEAST_SIDE:
            found.append(shrink(np.asarray(bgr, np.uint8), MOST_SIDE)[0])
    chosen = np.linspace(0, len(found) - 1, min(count, len(found))).round().astype(int)
    print(f"{len(chosen)} of {len(found)} photos with both sides of {LEAST_SIDE} pixels or more in {folder.name}")
    return [found[n] for n in chosen]


def hash_all(photos: Sequence[Bgr]) -> tuple[Hashes, npt.NDArray[np.bool_]]:
    """uint8 (photos, 1 + edits, 192), the original first; and whether the faces of original and copy agree."""
    hashes, agree = [], []
    for bgr in photos:
        copies = [np.ascontiguousarray(one) for one in (bgr, *(edit.make(bgr) for edit in EDITS))]
        hashes.append([np.frombuffer(image_hashes(shrink(one, SIDE)[0]), np.uint8) for one in copies])
        first, *others = map(view_of, copies)
        agree.append(
            [
                faces_agree(first, other, mirrored=edit.kind == "mirror")
                for edit, other in zip(EDITS, others, strict=True)
            ]
        )
    return np.array(hashes), np.array(agree)


def view_of(bgr: Bgr) -> FaceView:
    """The faces of a photo as an ingest finds and stores them."""
    points = [place_landmarks(bgr, detection) for detection in find_faces(bgr, Settings())]
    return FaceView.of(shrink(bgr, SIDE)[0], points, bgr.shape[1])


def print_cards(photos: Sequence[Bgr]) -> None:
    """Photos of one person each, put on identity cards and on passport photos of one layout: no two are copies."""
    for name, make in (("cards", card), ("passport photos", passport)):
        made = [make(bgr) for bgr in photos[:MOST_CARDS]]
        seen = [(view_of(bgr), np.frombuffer(image_hashes(shrink(bgr, SIDE)[0]), np.uint8)[None]) for bgr in made]
        near = agreeing = 0
        for (one, one_hash), (other, other_hash) in combinations([pair for pair in seen if pair[0].points], 2):
            if is_near(one_hash, "plain", other_hash, "plain")[0]:
                near += 1
                agreeing += faces_agree(one, other)
        print(f"{len(made)} {name} of one layout: {near:,} near pairs by hashes, {agreeing:,} whose faces agree, too")


def card(bgr: Bgr) -> Bgr:
    made = np.full((640, 1000, 3), 250, np.uint8)
    made[:120] = (160, 60, 20)
    for line in range(6):
        made[180 + 60 * line : 210 + 60 * line, 340 : 900 - 30 * line] = 60
    made[200:400, 60:260] = cv2.resize(bgr, (200, 200), interpolation=cv2.INTER_AREA)
    return made


def passport(bgr: Bgr) -> Bgr:
    made = np.full((600, 460, 3), (235, 225, 215), np.uint8)
    cv2.ellipse(made, (230, 640), (230, 240), 0, 0, 360, (70, 60, 50), -1)
    made[140:400, 100:360] = cv2.resize(bgr, (260, 260), interpolation=cv2.INTER_AREA)
    return made


def is_near(one: Hashes, view: str, other: Hashes, other_view: str) -> np.ndarray:
    """Straight from the definition, row by row."""
    near = np.ones(len(one), bool)
    for start, most in ((0, PHASH_BITS), (32, DHASH_BITS)):
        a, b = (h[:, 64 * VIEWS.index(v) + start :][:, :32] for h, v in ((one, view), (other, other_view)))
        near &= np.bitwise_count(a ^ b).sum(axis=1, dtype=int) <= most
    return near


def print_recall(hashes: Hashes, agree: npt.NDArray[np.bool_]) -> None:
    print(
        f"{'edit':34}{'plain':>8}"
        + "".join(f"{'+ ' + name:>10}" for name in VIEWS[1:][::-1])
        + f"{'faces too':>11}{'aim':>8}"
    )
    by_kind: dict[str, list[float]] = defaultdict(list)
    original = hashes[:, 0]
    for number, edit in enumerate(EDITS, 1):
        copy = hashes[:, number]
        near = is_near(original, "plain", copy, "plain")
        shares = [near.mean()]
        for view in VIEWS[1:][::-1]:
            near = near | is_near(original, view, copy, "plain") | is_near(original, "plain", copy, view)
            shares.append(near.mean())
        shares.append((near & agree[:, number - 1]).mean())
        by_kind[edit.kind].append(shares[1])
        print(f"{edit.kind:14}{edit.name:20}" + f"{shares[0]:8.3f}" + "".join(f"{share:10.3f}" for share in shares[1:]))
    for kind, recalls in by_kind.items():
        print(f"{kind:14}{'mean of its edits':20}{'':8}{np.mean(recalls):10.3f}{'':10}{AIMS.get(kind, 0):8.2f}")
    print(f"views by default: {', '.join(DEFAULT_VIEWS)}")


def print_merges(photos: Sequence[Bgr], hashes: Hashes, views: Sequence[str], sheet: Path) -> None:
    """Groups over all originals and edits that hold different originals; each is drawn."""
    per_photo = 1 + len(EDITS)
    search = Search(views)
    found = search.extend(hashes.reshape(-1, HASH_BYTES))
    pairs = [
        NearPair(f"{min(i, j):06d}", f"{max(i, j):06d}", p, d)
        for i, j, p, d in zip(
            *(a.tolist() for a in (found.new, found.old, found.phash, found.dhash)), strict=True
        )
    ]  # fmt: skip
    wrong_pairs = sum(int(p.a) // per_photo != int(p.b) // per_photo for p in pairs)
    groups = complete_link(pairs, ())
    merged = [sorted({int(name) // per_photo for name in group}) for group in groups]
    merged = [group for group in merged if len(group) > 1]
    print(
        f"{'+'.join(views)}: {len(pairs):,} near pairs of {hashes[..., 0].size:,} images, {wrong_pairs} of them between"
        f" different photos; {len(groups):,} groups, {len(merged)} with different photos"
    )
    for number, group in enumerate(merged):
        tiles = [cv2.resize(photos[n], (TILE, TILE), interpolation=cv2.INTER_AREA) for n in group]
        cv2.imwrite(str(sheet / f"{'-'.join(views)}-{number:03d}.png"), np.hstack(tiles))
    if merged:
        print(f"look at them: {sheet}")


def random_hashes(count: int) -> Hashes:
    """Unrelated images, of which every tenth is a copy of an earlier one with a few bits turned."""
    random = np.random.default_rng(3)
    hashes = random.integers(0, 256, (count, HASH_BYTES), np.uint8)
    for copy in range(9, count, 10):
        hashes[copy] = hashes[random.integers(0, copy)]
        hashes[copy, random.integers(0, HASH_BYTES, 12)] ^= 1
    return hashes


def print_speed(count: int) -> None:
    hashes = random_hashes(count)
    pairs = count * (count - 1) // 2
    sample = [int.from_bytes(row.tobytes(), "big") for row in hashes[:1500, :64]]
    plain = plain_python(sample) / (len(sample) * (len(sample) - 1) // 2) * pairs
    print(f"{count:,} images against all: {pairs / 1e9:.1f} thousand million pairs, {plain:,.0f} s in plain Python")
    engines: list[Literal["numpy", "faiss"]] = ["numpy", *(["faiss"] if has_faiss() else [])]  # type: ignore[list-item]
    for engine in engines:
        for views in (("plain",), DEFAULT_VIEWS):
            wall, cpu = time.perf_counter(), time.process_time()
            search, near = Search(views, engine), 0
            for start in range(0, count, 1000):
                near += len(search.extend(hashes[start : start + 1000]))
            wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
            # an ingest of one photo always uses numpy
            one = f"; one more image {seconds_for_one_more(search, hashes):.1f} ms" if engine == "numpy" else ""
            print(
                f"{engine:6}{'+'.join(views):16}{wall:7.1f} s{cpu:7.1f} s CPU {plain / wall:7.0f} x plain Python;"
                f" {near:,} pairs{one}"
            )
    print(f"most memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MB")


def plain_python(sample: Sequence[int]) -> float:
    """Seconds for all pairs of `sample` (pHash and dHash as one number of 512 bits), plain view alone."""
    low = (1 << 256) - 1
    start = time.perf_counter()
    found = 0
    for place, one in enumerate(sample):
        for other in sample[:place]:
            differing = one ^ other
            found += (differing >> 256).bit_count() <= PHASH_BITS and (differing & low).bit_count() <= DHASH_BITS
    return time.perf_counter() - start


def seconds_for_one_more(search: Search, hashes: Hashes) -> float:
    """Median milliseconds of comparing one new image with all."""
    took = []
    for row in hashes[:25]:
        start = time.perf_counter()
        search.extend(row[None])
        took.append(1000 * (time.perf_counter() - start))
    return float(np.median(took))


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.duplicates", description=__doc__.splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, help="of photos; --only speed needs none")
    parser.add_argument("--n", type=int, default=300, metavar="PHOTOS")
    parser.add_argument("--sheet", type=Path, default=None, metavar="DIR")
    parser.add_argument("--images", type=int, default=100_000)
    parser.add_argument("--only", choices=("edits", "speed"), default=None)
    args = parser.parse_args(argv)
    if args.folder is None and args.only != "speed":
        parser.error("FOLDER: the photos to edit (or --only speed)")
    if args.only != "speed":
        if not args.folder.is_dir():
            sys.exit(f"{args.folder} is no folder: give one with photos")
        photos = read_photos(args.folder, args.n)
        hashes, agree = hash_all(photos)
        print_recall(hashes, agree)
        print_cards(photos)
        sheet = args.sheet or Path(tempfile.mkdtemp(prefix="moue-merged-"))
        sheet.mkdir(parents=True, exist_ok=True)
        for views in (("plain",), DEFAULT_VIEWS, VIEWS):
            print_merges(photos, hashes, views, sheet)
    if args.only != "edits":
        print_speed(args.images)


if __name__ == "__main__":
    main()
