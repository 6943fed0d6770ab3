"""`token`: the tokens by which scripts say who they are: list, make, revoke."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict, replace

from db.base.clock import now_iso
from db.store.store import Db, Store
from db.tables import audit
from db.tables.access import tokens
from db.tables.access.tokens import Token
from db.tables.annotators import clean_name, ensure_annotator
from db.team.pseudonyms import for_terminal
from pipeline.core.errors import SignInError, UsageError
from pipeline.core.roles import as_role


def cmd_token(args: argparse.Namespace, store: Store) -> int:
    if args.person is not None:
        return _make(args, store)
    if args.revoke is not None:
        store.write(lambda db: tokens.revoke(db, args.revoke, by=audit.COMMAND_LINE))
    found = store.read(tokens.list_all)
    called = store.read(lambda db: for_terminal(db, args.names))
    found = [replace(one, annotator=called.get(one.annotator, one.annotator)) for one in found]
    if args.json:
        print(json.dumps({"tokens": [asdict(one) for one in found]}))
        return 0
    for one in found:
        print(f"{one.id:>4}  {one.role:<9}  {one.annotator}  {one.name}  {_how_it_stands(one)}")
    return 0


def _make(args: argparse.Namespace, store: Store) -> int:
    try:
        person = clean_name(args.person)
    except SignInError as e:
        raise UsageError(e.message) from e

    def work(db: Db) -> tuple[str, Token]:
        kept = ensure_annotator(db, person)
        return tokens.make(db, kept, args.name, as_role(args.role), by=audit.COMMAND_LINE, days=args.days)

    secret, made = store.write(work)
    print(json.dumps({"token": secret, **asdict(made)}) if args.json else secret)
    return 0


def _how_it_stands(one: Token) -> str:
    if one.revoked_at is not None:
        return f"revoked {one.revoked_at}"
    used = f"last used {one.used_at}" if one.used_at else "never used"
    if one.expires_at is None:
        return used
    return f"{used}, {'holds until' if one.holds(now_iso()) else 'ended'} {one.expires_at}"
