"""`video`: frames of videos as photos, chosen by time, by scene or by sharpness."""

from __future__ import annotations

import argparse
from dataclasses import replace

from db.base.paths import to_text
from db.store.store import Store
from pipeline.cli.ingest import ingest_all, owned_by
from pipeline.cli.intake import chosen_settings, class_names, params_of, spool_of, working
from pipeline.cli.job import run_as_job
from pipeline.core.errors import UsageError
from pipeline.frames.options import VideoMode, VideoOptions
from pipeline.run.coordinator import Progress
from pipeline.sources.sources import SourcePlan, plan_source


def cmd_video(args: argparse.Namespace, store: Store) -> int:
    settings = chosen_settings(args, store)
    class_names(args, store)
    options = options_of(args)
    plans = [_plan(plan_source(path, spool_of(store), settings.max_bytes), args, options) for path in args.paths]
    if args.source_name:
        plans = owned_by(store, plans)
    params = params_of(args, "every", "scenes", "sharpest", "most", "source_name")
    params["paths"] = [to_text(str(plan.root)) for plan in plans]
    progress = Progress()
    with working(args, store):
        return run_as_job(
            args, store, "video", params, progress,
            lambda job: ingest_all(args, store, plans, settings, job, progress, total=None),
        )  # fmt: skip


def options_of(args: argparse.Namespace) -> VideoOptions:
    """Which frames are asked for. Raises UsageError."""
    usual = VideoOptions()
    window = next((given for given in (args.every, args.sharpest) if given is not None), usual.every)
    if not 0.001 <= window <= 86_400:
        raise UsageError(f"frames are taken every .001 to 86,400 seconds, not every {window:g}")
    scene = usual.scene if args.scenes is None else args.scenes
    if not 0 < scene < 1:
        raise UsageError(f"a scene begins where frames differ by more than 0 and less than 1, not {scene:g}")
    mode: VideoMode = "sharpest" if args.sharpest is not None else "seconds" if args.scenes is None else "scene"
    return VideoOptions(mode, window, scene, args.most)


def _plan(plan: SourcePlan, args: argparse.Namespace, options: VideoOptions) -> SourcePlan:
    if plan.kind not in ("file", "folder") or isinstance(plan.root, str):
        raise UsageError(f"{plan.root} is neither a video nor a folder of videos on this machine")
    return replace(plan, class_name=args.class_name, video=options)
