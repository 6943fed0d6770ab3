"""The commands that keep a workspace whole: verify, backup, restore, erase."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from db.store import backup
from db.store.store import Store
from pipeline.actions.backups import rotation
from pipeline.actions.erase import erase_image
from pipeline.actions.people.erase import erase_person
from pipeline.actions.verify import delete_unnamed, restore_workspace, verify_workspace
from pipeline.core.errors import UsageError
from pipeline.core.exit_codes import FINDINGS
from pipeline.core.messages import Finding, message


def cmd_verify(args: argparse.Namespace, store: Store) -> int:
    deleted = delete_unnamed(store) if args.delete_unnamed else []
    found = verify_workspace(store, args.against)
    if args.json:
        print(
            json.dumps(
                {
                    "images": found.images,
                    "findings": found.findings,
                    "notes": found.notes,
                    "deleted": deleted,
                    "finding_messages": _messages(found.findings),
                    "note_messages": _messages(found.notes),
                }
            )
        )
    else:
        for name in deleted:
            print(f"deleted: {name}")
        for note in found.notes:
            print(note)
        print("\n".join(found.findings) if found.findings else f"{found.images:,} images, nothing is wrong")
    return FINDINGS if found.findings else 0


def _messages(findings: Sequence[Finding]) -> list[dict[str, object]]:
    return [{"code": one.message.code, "params": one.message.json_params()} for one in findings]


def cmd_backup(args: argparse.Namespace, store: Store) -> int:
    if (args.file is None) != args.rotate or (args.file and (args.keep or args.to or args.folder)):
        raise UsageError(message("backup_where"))
    if args.rotate:
        return _rotate(args, store)
    backup.backup(store, args.file, with_biometrics=args.with_biometrics)
    print(json.dumps({"file": str(args.file)}) if args.json else f"saved to {args.file}")
    return 0


def _rotate(args: argparse.Namespace, store: Store) -> int:
    made = rotation.make(
        store,
        folder=args.folder,
        keep=args.keep or rotation.KEEP,
        to=args.to or "",
        with_biometrics=args.with_biometrics,
    )
    if args.json:
        print(json.dumps({**asdict(made), "file": str(made.file)}))
        return 0
    print(f"saved to {made.file} and read back: {made.decisions:,} decisions, {made.size:,} bytes")
    if made.sent_to:
        print(f"sent to {made.sent_to}")
    if made.deleted:
        print(f"deleted: {', '.join(made.deleted)}")
    return 0


def cmd_restore(args: argparse.Namespace, root: Path) -> int:
    done = restore_workspace(args.file, root, replace=args.replace, incomplete=args.incomplete)
    if args.json:
        set_aside = None if done.set_aside is None else str(done.set_aside)
        print(json.dumps({"workspace": str(root), "set_aside": set_aside, "findings": done.findings}))
    else:
        print(f"restored into {root}")
        if done.set_aside is not None:
            print(f"what was there before is in {done.set_aside}")
        if done.findings:
            print("the backup contradicts itself:", *done.findings, sep="\n")
    return FINDINGS if done.findings else 0


def cmd_erase(args: argparse.Namespace, store: Store) -> int:
    if args.person is not None:
        return _erase_person(args, store)
    done = erase_image(store, args.sha256, backups=args.backups)
    erased = done.plan
    if args.json:
        print(
            json.dumps(
                {
                    **asdict(erased),
                    "log_emptied": done.log_emptied,
                    "copies": [str(path) for path in done.copies],
                    "copies_deleted": done.copies_deleted,
                }
            )
        )
        return 0
    print(f"erased: {erased.faces} faces, {len(erased.files)} files; {erased.decisions} decisions stay, as hashes")
    for outside in erased.outside:
        print(f"the original stays where it is: {outside}")
    if not done.log_emptied:
        print("moue.db-wal still holds what was erased: close the server and other commands to empty it")
    if done.copies:
        listed = ", ".join(path.name for path in done.copies)
        said = (
            "deleted"
            if done.copies_deleted
            else "hold it still (--backups deletes such): delete those that you do not need"
        )
        print(f"of the copies in {store.root / 'backups'} these {said}: {listed}")
    return 0


def _erase_person(args: argparse.Namespace, store: Store) -> int:
    done = erase_person(store, args.person, backups=args.backups)
    holding = sorted({str(path) for one in done.images for path in one.copies})
    told = {
        "images": len(done.images), "faces": sum(one.plan.faces for one in done.images), "shared": done.shared,
        "outside": [path for one in done.images for path in one.plan.outside], "log_emptied": done.log_emptied,
        "copies": holding, "copies_deleted": args.backups,
    }  # fmt: skip
    if args.json:
        print(json.dumps(told))
        return 0
    print(f"erased: {told['images']:,} photos, {told['faces']:,} faces; others were on {done.shared:,} of them, too")
    for outside in told["outside"]:
        print(f"the original stays where it is: {outside}")
    if not done.log_emptied:
        print("moue.db-wal still holds what was erased: close the server and other commands to empty it")
    if holding:
        print(f"copies that {'held it, and are deleted' if args.backups else 'hold it still'}: {', '.join(holding)}")
    return 0
