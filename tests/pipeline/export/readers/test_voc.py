"""Pascal VOC, as the challenge, LabelImg and Roboflow lay it out."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.core.errors import UsageError
from pipeline.export.readers import registry
from tests.pipeline.export.readers.read import labels, pictures, refusal

SMILE = "<object><name>smile</name><bndbox><xmin>1</xmin><ymin>2</ymin><xmax>4</xmax><ymax>6.5</ymax></bndbox></object>"
A_SMILE = ("smile", (1, 2, 4, 6.5))


def xml(*parts: str, filename: str = "a.jpg") -> str:
    return f"<annotation><folder>f</folder><filename>{filename}</filename>{''.join(parts)}</annotation>"


@pytest.mark.parametrize(
    ("files", "picture"),
    [
        ({"Annotations/a.xml": xml(SMILE), "JPEGImages/a.jpg": "x"}, "JPEGImages/a.jpg"),
        ({"annotations/a.xml": xml(SMILE), "images/a.jpg": "x"}, "images/a.jpg"),
        ({"a.xml": xml(SMILE), "a.jpg": "x"}, "a.jpg"),
        ({"train/a.xml": xml(SMILE), "train/a.jpg": "x"}, "train/a.jpg"),
        # the name in the path alone, without its extension, or of another kind of file than there is
        ({"a.xml": f"<annotation><path>C:\\me\\a.jpg</path>{SMILE}</annotation>", "a.jpg": "x"}, "a.jpg"),
        ({"a.xml": xml(SMILE, filename="a"), "a.JPG": "x"}, "a.JPG"),
        ({"a.xml": f"<annotation>{SMILE}</annotation>", "a.png": "x"}, "a.png"),
        ({"a.xml": xml(SMILE), "a.png": "x"}, "a.png"),
        ({"a.xml": xml(SMILE).replace("<annotation>", '<v:annotation xmlns:v="u">').replace(
            "</annotation>", "</v:annotation>"), "a.jpg": "x"}, "a.jpg"),
        ({"a.xml": xml(SMILE, filename="a &amp; b.jpg"), "a & b.jpg": "x"}, "a & b.jpg"),
    ],
)  # fmt: skip
def test_layouts(tmp_path: Path, files: dict[str, str], picture: str) -> None:
    assert labels(tmp_path, files) == [(picture, *A_SMILE)]
    assert registry.recognise(tmp_path / "set") == "voc"


def test_several_objects_parts_and_a_size(tmp_path: Path) -> None:
    """A part has a box and a name of its own: neither is the object's."""
    part = SMILE.replace("object", "part").replace("smile", "head").replace(">1<", ">99<")
    pout = SMILE.replace("smile", "pout").replace("</bndbox>", f"</bndbox>{part}")
    outline = "<object><name>none</name><polygon><x1>1</x1></polygon></object>"
    size = "<size><width>640</width><height>480</height><depth>3</depth></size>"
    files = {"a.xml": xml(size, SMILE, pout, outline), "a.jpg": "x"}
    assert labels(tmp_path, files) == [
        ("a.jpg", *A_SMILE),
        ("a.jpg", "pout", A_SMILE[1]),
        ("a.jpg", "none", "import_left_empty"),
    ]
    assert {one.drawn_on for one in pictures(tmp_path, files)} == {(640, 480)}


def test_splits(tmp_path: Path) -> None:
    files = {f"JPEGImages/{name}.jpg": "x" for name in "abc"}
    files |= {f"Annotations/{name}.xml": xml(SMILE, filename=f"{name}.jpg") for name in "abc"}
    files |= {
        "ImageSets/Main/train.txt": "a\r\n",
        "ImageSets/Main/val.txt": "b 1\n",
        "ImageSets/Main/trainval.txt": "a\nb",
    }
    assert {one.path.stem: one.split for one in pictures(tmp_path, files)} == {"a": "train", "b": "val", "c": ""}


def test_a_name_that_was_copied_along_is_refused(tmp_path: Path) -> None:
    """LabelImg's file of b, made from that of a: its smile is b's, and a is there as well."""
    files = {"a.xml": xml(SMILE), "b.xml": xml(SMILE), "a.jpg": "x", "b.jpg": "x"}
    assert refusal(tmp_path, files) == "import_picture_unclear"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (xml(SMILE, filename="gone.jpg"), "import_picture_missing"),
        (xml(SMILE, filename="..\\..\\b.jpg"), "import_picture_missing"),
        (xml(SMILE.replace(">1<", ">one<")), "import_wrong_type"),
        (xml(SMILE.replace("<ymin>2</ymin>", "")), "import_wrong_type"),
        (xml(SMILE.replace("<name>smile</name>", "")), "import_wrong_type"),
        (xml(SMILE.replace("<xmin>", "<xmin>7</xmin><xmin>")), "import_id_twice"),
        ('<!DOCTYPE a [<!ENTITY b "smile">]>' + xml(SMILE), "import_xml_entities"),
        (xml(SMILE)[:-20], "import_broken"),
        (xml(), "import_nothing"),
    ],
)
def test_what_is_refused(tmp_path: Path, text: str, code: str) -> None:
    (tmp_path / "b.jpg").write_text("x")
    picture = "a.jpg" if "gone" not in text and "b.jpg" not in text else "other.jpg"
    assert refusal(tmp_path, {"file.xml": text, picture: "x"}) == code


def test_a_single_file_is_told_from_cvat_s(tmp_path: Path) -> None:
    (tmp_path / "a.xml").write_text(xml(SMILE))
    (tmp_path / "b.xml").write_text("<annotations><image/></annotations>")
    assert [registry.recognise(tmp_path / name) for name in ("a.xml", "b.xml")] == ["voc", "cvat"]
    with pytest.raises(UsageError):
        registry.recognise(tmp_path / "c.xml")
