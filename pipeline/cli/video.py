"""`video`: frames of videos as photos, chosen by time, by scene or by sharpness."""

from __future__ import annotations

import argparse
from dataclasses import replace

from db.base.paths import to_text
from db.store.store import Store
from pipeline.actions.ingest import IngestOptions, as_uploads, ingest
from pipeline.actions.job import JobRequest, spool_folder
from pipeline.cli.intake import checked_class_names, chosen_settings, links_within, params_of, photo_bar, print_end
from pipeline.core.errors import UsageError
from pipeline.frames.options import VideoMode, VideoOptions
from pipeline.sources.plan import SourcePlan, plan_source


def cmd_video(args: argparse.Namespace, store: Store) -> int:
    settings = chosen_settings(args, store)
    checked_class_names(args, store)
    video = options_of(args)
    plans = [_plan(plan_source(path, spool_folder(store), settings.max_bytes), args, video) for path in args.paths]
    if args.source_name:
        plans = as_uploads(store, plans)
    params = params_of(args, "every", "scenes", "sharpest", "most", "source_name")
    params["paths"] = [to_text(str(plan.root)) for plan in plans]
    options = IngestOptions(settings, args.executor, source_name=args.source_name)
    with photo_bar() as show:
        end = ingest(store, plans, options, JobRequest("video", params, args.job, show))
    return print_end(args, end)


def options_of(args: argparse.Namespace) -> VideoOptions:
    """Which frames are asked for."""
    usual = VideoOptions()
    window = next((given for given in (args.every, args.sharpest) if given is not None), usual.every)
    scene = usual.scene if args.scenes is None else args.scenes
    mode: VideoMode = "sharpest" if args.sharpest is not None else "seconds" if args.scenes is None else "scene"
    return VideoOptions(mode, window, scene, args.most)


def _plan(plan: SourcePlan, args: argparse.Namespace, options: VideoOptions) -> SourcePlan:
    if plan.kind not in ("file", "folder") or isinstance(plan.root, str):
        raise UsageError(f"{plan.root} is neither a video nor a folder of videos on this machine")
    return replace(plan, class_name=args.class_name, video=options, within=links_within(args))
