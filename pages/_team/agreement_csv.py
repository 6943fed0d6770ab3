"""The figures of the Agreement section as CSV, in full precision."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence

from db.team import agreement
from db.team.agreement import Agreement
from pages._team import trend
from pages._team.figures import Label
from pipeline.agreement.cohen import cohen
from pipeline.agreement.summary import Coefficients, Figure

HEAD = ("answers", "measure", "of", "value", "low", "high", "faces", "missing")


def text_of(found: Agreement, labels: Sequence[Label], kind: str, shown: Mapping[str, str]) -> str:
    """UTF-8 with a mark, so that spreadsheets read it as such. answers: `all` or `independent`. of: a class, two
    people (`Ann / Ben`) or the Monday of a week; empty for all together. shown: how each person is called."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(HEAD)
    whole = found.summary
    for name, figure in (*_three(whole.overall), ("cohen_mean", whole.cohen)):
        writer.writerow([kind, name, "", *_row(figure)])
    for label, one in zip(labels, whole.by_value, strict=True):
        for name, figure in _three(one):
            writer.writerow([kind, "same_again" if name == "percent" else name, label.name, *_row(figure)])
    names = found.names
    for first, second in found.pairs.pairs():
        table = agreement.confusion(found, names[first], names[second])
        pair = " / ".join(sorted((shown[names[first]], shown[names[second]])))
        writer.writerow([kind, "cohen", pair, _number(float(cohen(table))), "", "", round(table.sum()), ""])
    for week in found.weeks:
        writer.writerow([kind, "percent", trend.day(week), _number(week.percent), "", "", week.faces, ""])
        writer.writerow([kind, "krippendorff", trend.day(week), _number(week.krippendorff), "", "", week.faces, ""])
    return "\ufeff" + out.getvalue()


def _three(one: Coefficients) -> tuple[tuple[str, Figure], ...]:
    return ("percent", one.percent), ("fleiss", one.fleiss), ("krippendorff", one.krippendorff)


def _row(figure: Figure) -> list[object]:
    ends = (figure.value, figure.low, figure.high)
    return [*(_number(one) for one in ends), figure.faces, figure.missing]


def _number(value: float | None) -> str:
    return "" if value is None or value != value else repr(float(value))
