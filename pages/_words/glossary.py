"""What the words of the pages mean, in plain words: shown behind a `?` where they stand, and all on the page Words.

A word is found by its text in the reader's language, so a table need not know which of its heads are explained.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

from pages import _words
from pages._words import mark, t, translate
from pipeline.core.metrics import METRICS


@dataclass(frozen=True, slots=True)
class Term:
    """slug: in the address (`/words?word=set_aside`). name, meaning: English, for `t`. also: other texts that it
    stands under on the pages."""

    slug: str
    name: str
    meaning: str
    also: tuple[str, ...] = ()


_PHOTOS: Final = (
    Term("source", mark("Source"), mark("Where photos came from: a folder, a zip, an upload, a search."), ("Sources",)),
    Term("outcome", mark("Outcome"), mark("What became of a file that was read: it is in, or why it is not. Each file "
         "has exactly one."), ("What became of the photos",)),
    Term("already_there", mark("Already there"), mark("The very same picture was read before, perhaps under another "
         "name. It is kept once.")),
    Term("no_face", mark("No face found"), mark("The detector saw no face in the photo. Clean shows these: draw the "
         "mouth where it missed one.")),
    Term("set_aside", mark("Set aside"), mark("The photo stopped the process that read it, more than once. It is left "
         "out so that the others could go on; Clean can try it again.")),
    Term("passed_over", mark("Passed over"), mark("No photo and not meant to be one: a sidecar, a preview, a hidden "
         "file. Nothing is lost.")),
    Term("crop", mark("Crop"), mark("The square around one mouth, cut out of the photo. It is what is labelled and "
         "exported."), ("Crops",)),
    Term("detector", mark("Detector"), mark("The program that finds faces in a photo. Compare shows two of them on the "
         "same photos.")),
    Term("landmarks", mark("Landmarks"), mark("Points on a face (eyes, nose, lips). The mouth is found by them, and "
         "most figures are measured on them."), ("Landmarks placed by",)),
    Term("near_copy", mark("Near copies"), mark("Photos that show the same picture at another size, quality or cut. "
         "They are found by their looks, and never parted between splits."), ("Duplicates",)),
    Term("keeper", mark("keeper"), mark("Of a group of near copies the one to keep: proposed by size and sharpness, "
         "yours to change.")),
)  # fmt: skip
_ANSWERS: Final = (
    Term("class", mark("Class"), mark("An expression that a mouth can have here, as “smile” or “none” (a mouth at "
         "rest). Which there are is yours to say on Classes.")),
    Term("accepted", mark("Accepted"), mark("Faces that have a class: these are exported.")),
    Term("rejected", mark("Rejected"), mark("Faces that are of no use (no mouth, blurred, a drawing …). They stay in "
         "the workspace and are left out of exports.")),
    Term("unsure", mark("Unsure"), mark("Somebody looked and could not tell. Left out of exports until it is "
         "settled.")),
    Term("undecided", mark("Undecided"), mark("Nobody has answered yet.")),
    Term("decided", mark("Decided"), mark("Accepted, rejected or unsure. Every answer stays in the log; the newest "
         "one, or the consensus, counts.")),
    Term("rule", mark("Rules"), mark("An answer given to many faces at once by a figure, as “reject below 40 px”. "
         "Switching it off takes its answers back.")),
    Term("guidelines", mark("Guidelines"), mark("What each class means here, with examples, so that all people label "
         "alike.")),
    Term("suggestion", mark("Suggestions"), mark("A class that a model proposes, learned from your own labels or "
         "brought in. Never a decision until somebody takes it.")),
    Term("slip", mark("Possible slips"), mark("Answers that the model contradicts most: a key hit wrongly, perhaps. "
         "Look again; being listed proves nothing.")),
)  # fmt: skip
_PEOPLE: Final = (
    Term("workspace", mark("Workspace"), mark("The folder with one data set: its photos, crops, decisions and exports. "
         "Everybody who signs in here works on the same.")),
    Term("annotator", mark("Annotator"), mark("A person who labels. Every decision carries that name."),
         ("Annotators",)),
    Term("batch", mark("Batch"), mark("Faces that are yours for a while, so that no two people answer the same at the "
         "same time.")),
    Term("handout", mark("Hand-outs"), mark("Faces that somebody gave to one person to answer.")),
    Term("second_opinion", mark("Second opinions"), mark("Faces that are answered by several people who do not see "
         "each other's answers.")),
    Term("waiting", mark("Waiting for a consensus"), mark("Answered, but by too few people, or they disagree: it does "
         "not count as decided until the consensus rule is met."), ("waiting",)),
    Term("consensus", mark("Consensus"), mark("The rule by which several people's answers become one: the newest "
         "answer, a majority, or all agreeing."), ("Consensus rule",)),
    Term("disagreement", mark("Disagreements"), mark("Faces on which people's newest answers differ. A reviewer "
         "settles them.")),
    Term("agreement", mark("Agreement"), mark("How often people give the same answer to the same face, beyond chance: "
         "1 is always, 0 is what guessing gives.")),
    Term("gold", mark("Gold"), mark("Faces whose right answer is known, mixed in unseen. They tell how well somebody "
         "labels.")),
)  # fmt: skip
_EXPORTS: Final = (
    Term("release", mark("Release"), mark("One export, with all that is needed to make the very same again. It is not "
         "changed any more."), ("Earlier exports",)),
    Term("split", mark("Splits"), mark("The parts of a release: train to learn from, val to choose by, test to judge "
         "at the end. What belongs together (near copies, one person, one video) lies in one.")),
    Term("folds", mark("Folds"), mark("Equal parts instead of train, val and test: each is once the part to test "
         "on.")),
    Term("seed", mark("Seed"), mark("A number that drawing by lot begins with: the same seed and the same decisions "
         "give the same splits.")),
)  # fmt: skip
_MEASURES: Final = tuple(Term(metric.name, metric.label, metric.help) for metric in METRICS)
GROUPS: Final = (
    (mark("Photos and faces"), _PHOTOS),
    (mark("Answers"), _ANSWERS),
    (mark("Working together"), _PEOPLE),
    (mark("What is exported"), _EXPORTS),
    (mark("Figures of a face"), _MEASURES),
)
"""Every term, under the heading that it is listed below."""
BY_SLUG: Final = {term.slug: term for _, terms in GROUPS for term in terms}
_BY_TEXT: Final = {text: term for term in BY_SLUG.values() for text in (term.name, *term.also)}


def meaning(slug: str) -> str:
    """In the reader's language: the `help=` of what shows the term."""
    return t(BY_SLUG[slug].meaning)


def term_of(shown: str) -> Term | None:
    """The term that stands under this text, which is in the reader's language."""
    return _by_words(_words.language()).get(shown)


@cache
def _by_words(locale: str) -> dict[str, Term]:
    """Of two terms with the same words the first."""
    return {translate(locale, text): term for text, term in reversed(_BY_TEXT.items())}
