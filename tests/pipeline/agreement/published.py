"""Worked examples as they were published."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

#: Dawid and Skene (1979), table 1: the fitness for anaesthesia, 1 to 4, of 45 patients, a digit an answer; the first of
#: five observers saw each form three times.
ANAESTHESIA: Final = """
111 1 1 1 1|333 4 3 3 4|112 2 1 2 2|222 3 1 2 1|222 3 2 2 2|222 3 3 2 2|122 2 1 1 1|333 3 4 3 3|222 2 2 2 3|232 2 2 2 3
444 4 4 4 4|222 3 3 4 3|111 1 1 1 1|222 3 2 1 2|121 1 1 1 1|111 2 1 1 1|111 1 1 1 1|111 1 1 1 1|222 2 2 2 1|222 1 3 2 2
222 2 2 2 2|222 2 2 2 1|222 3 2 2 2|221 2 2 2 2|111 1 1 1 1|111 1 1 1 1|232 2 2 2 2|111 1 1 1 1|111 1 1 1 1|112 1 1 2 1
111 1 1 1 1|333 3 2 3 3|111 1 1 1 1|222 2 2 2 2|222 3 2 3 2|433 4 3 4 3|221 2 2 3 2|232 3 2 3 3|333 3 4 3 2|111 1 1 1 1
111 1 1 1 1|121 2 1 1 1|232 2 2 2 2|121 1 1 1 1|222 2 2 2 2
"""

#: Fleiss (1971), table 1: 30 patients, six psychiatrists each; depression, personality disorder, schizophrenia,
#: neurosis, other.
DIAGNOSES: Final = """
00060 03003 01401 00006 03030 20400 00402 20310 20040 00006 10050 11040 03300 10050 02031 00501 30012 51000 02040 10203
00006 01050 02013 20040 10041 05010 40002 02040 10500 00006
"""

#: The table that textbooks and Wikipedia ("Fleiss' kappa") work through: ten subjects, 14 raters, five categories.
FOURTEEN_RATERS: Final = (
    (0, 0, 0, 0, 14), (0, 2, 6, 4, 2), (0, 0, 3, 5, 6), (0, 3, 9, 2, 0), (2, 2, 8, 1, 1), (7, 7, 0, 0, 0),
    (3, 2, 6, 3, 0), (2, 5, 3, 2, 2), (6, 5, 2, 1, 0), (0, 2, 2, 3, 7),
)  # fmt: skip

#: Cohen (1960), table 2: two judges on 200 subjects.
COHEN: Final = ((88, 14, 18), (10, 40, 10), (2, 6, 12))

#: Krippendorff (2011), "Computing Krippendorff's alpha-reliability", sections A, B and C: a row an observer.
TWO_BINARY: Final = "0100000010 1110010000"
TWO_NOMINAL: Final = "aabbdcccedda babbbccceddd"
FOUR_WITH_GAPS: Final = "123321412... 1233224125.3 .3332342251. 12332441251."
#: Wikipedia, "Krippendorff's alpha": three coders, 15 units.
THREE_WITH_GAPS: Final = ".....34121133.3 1.213343....... ..21344.21133.4"


def anaesthesia() -> list[tuple[int, int, int]]:
    """(patient, observer, answer), all from 0."""
    patients = [one for line in ANAESTHESIA.split("\n") for one in line.split("|") if one]
    return [
        (patient, observer, int(digit) - 1)
        for patient, row in enumerate(patients)
        for observer, digits in enumerate(row.split())
        for digit in digits
    ]


def entries(table: npt.ArrayLike) -> list[tuple[int, int, int]]:
    """(item, annotator, value) of a table with a row for each item, -1 where there is no answer."""
    rows = np.asarray(table)
    return [(int(i), int(a), int(rows[i, a])) for i, a in np.argwhere(rows >= 0)]


def observers(text: str) -> list[tuple[int, int, int]]:
    """(unit, observer, value) of rows of signs, a dot for no answer; values by the order of their signs."""
    rows = text.split()
    signs = sorted(set(text) - {" ", "."})
    return [
        (unit, who, signs.index(sign)) for who, row in enumerate(rows) for unit, sign in enumerate(row) if sign != "."
    ]
