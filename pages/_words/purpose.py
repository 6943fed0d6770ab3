"""What each page is for, and whether it may be skipped: the line below its title."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pages._words import mark


@dataclass(frozen=True, slots=True)
class Purpose:
    """title, line: English, for `t`. terms: slugs of the glossary, explained behind the title's `?`."""

    title: str
    line: str
    terms: tuple[str, ...] = ()


PURPOSES: Final = {
    "overview": Purpose(mark("Overview"), mark("How far the data set is, and what comes next. Nothing has to be done "
                        "here."), ("workspace", "crop", "accepted", "rejected", "unsure")),
    "progress": Purpose(mark("Progress"), mark("Who decided how much and when, and which class is short. Only to look "
                        "at: it may be skipped."), ("decided", "annotator", "waiting")),
    "collect": Purpose(mark("Collect"), mark("Bring in photos: every face in them becomes a crop. The first step; "
                       "needed once at least."), ("source", "crop", "outcome", "set_aside", "passed_over")),
    "clean": Purpose(mark("Clean"), mark("See what the machine made of each photo, and draw mouths that it missed. May "
                     "be skipped: what is missed is only not exported."),
                     ("no_face", "set_aside", "detector", "landmarks")),
    "quality": Purpose(mark("Quality"), mark("Reject blurred, tiny or turned faces by a figure, many at once. May be "
                       "skipped: Review can reject them one by one."),
                       ("rule", "side", "lift", "plausibility", "score")),
    "duplicates": Purpose(mark("Duplicates"), mark("Keep one of several copies of a photo. May be skipped: an export "
                          "never parts copies between splits."), ("near_copy", "keeper")),
    "suggestions": Purpose(mark("Suggestions"), mark("What a model learned from your labels, and where it doubts them. "
                           "May be skipped: every face can be labelled without."), ("suggestion", "slip")),
    "review": Purpose(mark("Review"), mark("Give each mouth its class. This is the work: only what is accepted here is "
                      "exported."), ("class", "accepted", "rejected", "unsure", "undecided", "batch", "gold")),
    "team": Purpose(mark("Team"), mark("Who may do what, and whether people label alike. May be skipped by whoever "
                    "works alone."), ("agreement", "consensus", "gold", "handout", "second_opinion")),
    "classes": Purpose(mark("Classes"), mark("What a mouth can be in this workspace. A change is kept at once; "
                       "renaming one keeps its decisions. May be skipped where the usual ones fit."),
                       ("class", "guidelines")),
    "export": Purpose(mark("Export"), mark("Write what is accepted as a data set that training can load. The last "
                      "step; it can be done as often as you like."), ("release", "split", "folds", "seed")),
    "compare": Purpose(mark("Compare two detectors"), mark("See on your own photos which detector finds more faces. "
                       "May be skipped: the usual one is a good choice."), ("detector", "landmarks")),
    "guidelines": Purpose(mark("Guidelines"), mark("What each class means here: everybody reads it in Review by the "
                          "key g, and whoever settles disputes. May be skipped by whoever works alone."),
                          ("class", "guidelines")),
    "words": Purpose(mark("Words"), mark("What the words on these pages mean. Beside many of them a ? says the same.")),
}  # fmt: skip
"""By the page's address."""
