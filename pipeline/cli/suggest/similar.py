"""`similar`: the stored mouths that look most like the one on a photo, which is not stored."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from db.reads.details import face_info
from db.store.store import Store
from pipeline.actions.suggest.similar import find_similar
from pipeline.core.errors import DecodeError, UsageError
from pipeline.core.messages import message
from pipeline.core.records import Settings
from pipeline.pixels.decode import read_capped

STDIN = Path("-")


def cmd_similar(args: argparse.Namespace, store: Store) -> int:
    most = Settings().max_bytes
    try:  # one byte too many is refused like any file that is too large
        data = sys.stdin.buffer.read(most + 1) if args.photo == STDIN else read_capped(args.photo, most)
        found = find_similar(store, data, str(args.photo), args.most)
    except DecodeError as e:
        raise UsageError(message("path_unreadable", file=args.photo, why=e)) from e
    if args.json:
        near = [{"seq": one.seq, "face_id": one.face_id, "distance": round(one.distance, 6)} for one in found.near]
        print(json.dumps({"faces_on_photo": found.on_photo, "near": near}))
        return 0
    for one in found.near:
        info = store.read(lambda db, face=one.face_id: face_info(db, face))  # type: ignore[misc]
        location = "" if info is None or not info.locations else info.locations[0]
        print(f"{one.distance:.3f}  {one.face_id}  {location}")
    return 0
