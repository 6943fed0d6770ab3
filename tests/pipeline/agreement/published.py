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
