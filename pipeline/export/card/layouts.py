"""How each format of a release lies, and how it is loaded: what the card says. docs/formats.md says more, and the real
readers run its lines."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pipeline.export.card.loading import Loader, loaders
from pipeline.export.formats.registry import IMAGEFOLDER, chosen, folder_of
from pipeline.export.split import Split


@dataclass(frozen=True, slots=True)
class Layout:
    """said: what lies where; {at} is the format's folder with a slash, or nothing. library, package, code: of the
    reader that is shown; {root} is the format's folder."""

    said: str
    library: str
    package: str
    code: str


_LAYOUTS: Final[dict[str, Layout]] = {
    "table": Layout(
        "`{at}faces.csv` and `{at}faces.parquet` have a row a face: boxes, 68 points, quality, votes; `{at}pictures/`"
        " has the pictures in class folders.",
        "pandas", "pandas pyarrow",
        'import pandas as pd\n\nfaces = pd.read_parquet("{root}/faces.parquet")\n'
        'print(faces.groupby(["split", "class"]).size())',
    ),
    "huggingface": Layout(
        "`{at}data/` has Parquet files with the pictures in them, and named classes.",
        "Hugging Face", "datasets pillow",
        'from datasets import load_dataset\n\nrelease = load_dataset("{root}")\n'
        'print(release["train"].features["label"].names, release.num_rows)',
    ),
    "webdataset": Layout(
        "`{at}*.tar` are shards of samples: a picture, its class's number (`cls`) and its facts (`json`) each.",
        "WebDataset", "webdataset pillow",
        'import webdataset as wds\n\ntrain = wds.WebDataset("{root}/train-000000.tar", shardshuffle=False)\n'
        'train = train.decode("pil").to_tuple("png;jpg", "cls", "json")',
    ),
    "coco": Layout(
        "`{at}annotations/` has a JSON file a split, with a box and 68 keypoints a mouth; `{at}images/` has the"
        " pictures.",
        "COCO", "pycocotools",
        'from pycocotools.coco import COCO\n\ntrain = COCO("{root}/annotations/train.json")\n'
        "print(train.loadCats(train.getCatIds()), len(train.getAnnIds()))",
    ),
    "yolo": Layout(
        "`{at}labels/` has a text file a picture with a line a mouth; `{at}images/` has the pictures, `{at}data.yaml`"
        " the classes.",
        "Ultralytics", "ultralytics",
        'from ultralytics.data.utils import check_det_dataset\n\nfound = check_det_dataset("{root}/data.yaml")\n'
        'print(found["names"], found["train"], found["val"])',
    ),
    "fiftyone": Layout(
        "`{at}samples.json` and `{at}metadata.json` are a FiftyOneDataset: a sample a picture, its split as a tag;"
        " `{at}data/` has the pictures.",
        "FiftyOne", "fiftyone",
        'import fiftyone as fo\n\nrelease = fo.Dataset.from_dir(dataset_dir="{root}",'
        " dataset_type=fo.types.FiftyOneDataset)\n"
        'print(release.count_values("tags"), release.count_values("ground_truth.label"))',
    ),
    "label-studio": Layout(
        "`{at}tasks.json` has a task a picture with its annotation, `{at}label-config.xml` the labeling interface;"
        " `{at}images/` has the pictures, which Label Studio reads as local files.",
        "Label Studio", "label-studio-sdk",
        "from label_studio_sdk.converter.converter import Converter\n\n"
        'converter = Converter(config="{root}/label-config.xml", project_dir=None)\n'
        'converter.convert_to_json("{root}/tasks.json", "converted", is_dir=False)',
    ),
    "cvat": Layout(
        "`{at}annotations.xml` is CVAT for images 1.1, a task a split; `{at}images/` has the pictures.",
        "Datumaro (or CVAT itself)", "datumaro",
        'from datumaro.components.dataset import Dataset\n\nrelease = Dataset.import_from("{root}", "cvat")\n'
        "print(list(release.subsets()), len(release))",
    ),
}  # fmt: skip


def layout_lines(formats: Sequence[str], splits: Sequence[Split], suffix: str) -> list[str]:
    """What lies where in a release of these formats (see `ExportOptions`), a sentence each."""
    found = chosen(formats, splits)
    lines = []
    for one in found:
        folder = folder_of(one, found)
        at = f"{folder}/" if folder else ""
        if one.name == IMAGEFOLDER:
            folders = [f"`{at}{split}/<class>/`" for split in splits]
            kind = "PNG" if suffix == ".png" else "JPEG"
            listed = f"{', '.join(folders[:-1])} and {folders[-1]}"
            lines.append(f"{listed} hold {kind} images and nothing else; any `ImageFolder` loader reads them.")
        else:
            lines.append(_LAYOUTS[one.name].said.format(at=at))
    return lines


def layout_loaders(formats: Sequence[str], splits: Sequence[Split], root: str) -> list[Loader]:
    """How each of these formats is loaded from a release whose folder is `root`."""
    found = chosen(formats, splits)
    made: list[Loader] = []
    for one in found:
        place = "/".join(filter(None, (root, folder_of(one, found))))
        if one.name == IMAGEFOLDER:
            made += [known for known in loaders(place, splits[0]) if known.name != "pandas" or place == root]
            continue
        layout = _LAYOUTS[one.name]
        quoted = place.replace("\\", "\\\\").replace('"', '\\"')
        code = layout.code.replace("train", splits[0]).replace("{root}", quoted)
        made.append(Loader(layout.library, layout.package, code))
    return made
