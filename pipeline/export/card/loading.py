"""How the class folders of a release are loaded, library by library, in three lines each."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Loader:
    """name: the library. package: what pip installs it by. code: Python."""

    name: str
    package: str
    code: str

    @property
    def text(self) -> str:
        """The code, below what it takes to be installed."""
        return f"# pip install {self.package}\n{self.code}"


def loaders(root: str, split: str) -> tuple[Loader, ...]:
    """For a release at `root` and one of its splits. root: a path as it is typed; it is quoted here."""
    of_split = f"{root.rstrip('/')}/{split}"
    return (
        Loader(
            "PyTorch", "torchvision",
            "from torchvision.datasets import ImageFolder\n"
            f"{split} = ImageFolder({of_split!r})\n"
            f"print({split}.classes, len({split}))",
        ),
        Loader(
            "Hugging Face", "datasets pillow",
            "from datasets import load_dataset\n"
            f"{split} = load_dataset('imagefolder', data_dir={of_split!r}, split='train')\n"
            f"print({split}.features['label'].names, len({split}))",
        ),
        Loader(
            "Keras", "tensorflow",
            "import keras\n"
            f"{split} = keras.utils.image_dataset_from_directory({of_split!r}, image_size=(96, 96))\n"
            f"print({split}.class_names)",
        ),
        Loader(
            "TensorFlow Datasets", "tensorflow tensorflow-datasets",
            "import tensorflow_datasets as tfds\n"
            f"builder = tfds.ImageFolder({root!r})\n"
            f"{split} = builder.as_dataset(split={split!r}, as_supervised=True)",
        ),
        Loader(
            "FiftyOne", "fiftyone",
            "import fiftyone as fo\n"
            f"tree = fo.types.ImageClassificationDirectoryTree\n"
            f"{split} = fo.Dataset.from_dir(dataset_dir={of_split!r}, dataset_type=tree)",
        ),
        Loader(
            "pandas", "pandas",
            "import pandas as pd\n"
            f"faces = pd.read_csv({root.rstrip('/') + '/manifest.csv'!r})\n"
            "print(faces.groupby(['split', 'class']).size())",
        ),
    )  # fmt: skip
