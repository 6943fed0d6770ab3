"""Whatever an engine answers: images, or an error that names it."""

from __future__ import annotations

import copy
import json
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.core.errors import EngineError
from pipeline.crawl.engines import baidu, openverse, wikimedia
from pipeline.crawl.engines.query import HttpOptions, Query
from tests.web import engines as played
from tests.web.proxy import Asked

PARAMS = {"pn": "0", "rn": "30", "word": "lips", "page": "1", "page_size": "20", "q": "lips", "gsroffset": "0",
          "gsrlimit": "50"}  # fmt: skip
SITES = {baidu: played.baidu, openverse: played.openverse, wikimedia: played.wikimedia}
junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["url", "value", "0"]), inner),
    max_leaves=4,
)


def places(tree: Any) -> list[tuple[Any, Any]]:
    """Each (container, key) of a tree of JSON."""
    keys = tree.keys() if isinstance(tree, dict) else range(len(tree)) if isinstance(tree, list) else ()
    return [place for key in keys for place in [(tree, key), *places(tree[key])]]


@pytest.mark.parametrize("module", list(SITES))
@given(data=st.data())
def test_an_answer_with_something_else_in_one_place(module: Any, data: st.DataObject) -> None:
    answer = json.loads(SITES[module](2)(Asked("", "", PARAMS, {})).body)
    tree = {"": copy.deepcopy(answer)}
    container, key = data.draw(st.sampled_from(places(tree)))
    container[key] = data.draw(junk)
    with patch.object(module, "get_json", lambda *_: copy.deepcopy(tree[""])):
        try:
            found = [one for page in module.pages(Query("lips"), HttpOptions()) for one in page]
        except EngineError:
            return
    as_text = [one.provenance for one in found]
    assert all(p.image_url and isinstance(p.page_url + p.title + p.author + p.licence, str) for p in as_text)
