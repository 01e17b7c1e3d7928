"""The form of a Model A training: presets with their purpose and expected data, settings, and the resulting parameters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from cgid.artifacts import Artifact
from cgid.models.architecture import all_architectures
from cgid.models.representation import all_representations
from cgid.settings import settings
from cgid.train.params import TrainModelAParams
from cgid.train.params import TrainRobustParams as ROBUST  # noqa: N814  (its defaults are class attributes)
from cgid.ui.shared.runs import run_name


@dataclass(frozen=True, slots=True)
class Preset:
    """why: its purpose. data: the expected training data. Both begin in lower case and end without a full stop.

    The rest are fields of TrainModelAParams under the form's names: batch size, side in pixels, sees the input
    representation, source the one held out for early stopping. seeds: members of the ensemble.
    """

    why: str
    data: str
    epochs: int = 5
    batch: int = 16
    side: int = 224
    fit: str = "resize"
    rate: float = 1e-4
    arch: str = "resnet18"
    augment: str = "none"
    patience: int = 0
    sees: str = "rgb"
    source: str = ""
    seeds: int = 1


PRESETS = {
    "Quick look": Preset(
        "a first result in minutes on two processor cores; cropping instead of scaling preserves fine traces",
        "several hundred images or more, ideally at least 128 pixels a side",
        3, 32, 128, "crop", 5e-4,
    ),
    "Standard": Preset(
        "the whole image scaled to 224 pixels, as most published detectors do",
        "several thousand photographs and AI images of any size",
    ),
    "Native crop": Preset(
        "a 224-pixel crop at native resolution; slower, preserves fine traces",
        "images larger than 224 pixels that have not been rescaled or recompressed",
        8, 32, 224, "crop", 3e-4,
    ),
    "CIFAKE": Preset(
        "MobileNetV3-Large for eight epochs on 32-pixel images, with its first layers at full resolution",
        "CIFAKE, prepared on the Data page: 32-pixel images, 100,000 of them for training",
        8, 128, 32, "resize", 1e-3, "mobilenet_v3_large",
    ),
    "GenImage": Preset(
        "ResNet-18 on 224-pixel crops with the same random blur and JPEG for both classes, and early stopping",
        "GenImage, prepared on the Data page, with other generators as external test sets",
        10, 32, 224, "crop", 3e-4, "resnet18", "cnndetection", 3,
    ),
    "Robust": Preset(
        "images from unseen generators. Three networks are trained on the noise residuals of native crops, with both "
        "classes recompressed and resized as on the web, and their mean is the prediction. It takes three times as long as "
        "one network. Even so, on unseen sources such networks did little better than chance in small trials (AUC 0.58 to "
        "0.63, and 0.55 after downscaling and recompression; 0.5 is chance): expect a wide inconclusive range",
        "photographs and AI images from as many sources as possible, with other generators as external test sets",
        ROBUST.epochs, ROBUST.batch_size, ROBUST.image_size, ROBUST.fit, ROBUST.lr, ROBUST.arch, ROBUST.augment,
        ROBUST.patience, ROBUST.input, ROBUST.early_stop_source, ROBUST.seeds,
    ),
}  # fmt: skip


FITS = {
    "resize": "Scale the whole image",
    "crop": "Centre crop, unscaled",
    "resize_crop": "Scale the shorter side, then centre crop",
}
AUGMENT = {"none": "Flip and shift", "web": "… and web processing", "cnndetection": "… and blur and JPEG"}
WEIGHTS = {"none": "None: random initialisation", "imagenet": "ImageNet (torchvision)", "file": "A weights file"}
STEMS = {"auto": "By image size", "tiny": "At full resolution", "standard": "As published"}
DEVICES = {"auto": "GPU if available", "cpu": "CPU"}


def parameters(datasets: Sequence[Artifact]) -> TrainModelAParams:
    """Draw the form; returns its current parameters."""
    by_name = {d.name: d for d in datasets}
    cols = st.columns(2)
    name = cols[0].selectbox("Data set", list(by_name), format_func=lambda n: by_name[n].label, key="a-data")
    preset = cols[1].selectbox("Preset", list(PRESETS), key="a-preset")
    chosen = PRESETS[preset]
    st.caption(f"{preset}: {chosen.why}. For {chosen.data}.")
    others = st.multiselect(
        "External test sets (never trained on)", [n for n in by_name if n != name], key="a-others",
        help="Metrics on a model's own data say little about other data: choose at least one.",
    )  # fmt: skip
    values = _usual(chosen, f"a-{preset}")
    with st.expander("Expert settings", icon=":material/tune:"):
        values |= _expert(chosen, f"a-{preset}")
    named = st.text_input("Name of the run", placeholder="from data set and time", key="a-named")
    folder = by_name[name].folder
    return TrainModelAParams(
        folder / "train.csv", folder / "val.csv", folder / "test.csv",
        settings().runs / "model_a" / run_name(named, name),
        tuple(by_name[o].main for o in others if o in by_name), **values,
    )  # fmt: skip


def problem(params: TrainModelAParams) -> str | None:
    """One sentence if the form cannot be submitted as it is."""
    if params.weights not in ("none", "imagenet") and not Path(params.weights).is_file():
        return "Choose an existing weights file under “Expert settings”, or start without weights."
    if params.cross_fit == 1:
        return "Cross-fitting needs at least two folds, or 0 for none."
    return None


def _usual(chosen: Preset, key: str) -> dict[str, Any]:
    cols = st.columns(4)
    values: dict[str, Any] = {
        "epochs": int(cols[0].number_input("Epochs", 1, 500, chosen.epochs, key=f"{key}-epochs")),
        "batch_size": int(cols[1].number_input("Batch size", 1, 1024, chosen.batch, key=f"{key}-batch")),
        "image_size": int(cols[2].number_input("Input size in pixels", 32, 1024, chosen.side, 32, key=f"{key}-side")),
        "lr": float(cols[3].number_input("Learning rate", 1e-6, 1.0, chosen.rate, format="%.6f", key=f"{key}-rate")),
    }
    cols = st.columns(4)
    values["fit"] = cols[0].selectbox(
        "Resizing", list(FITS), list(FITS).index(chosen.fit), format_func=FITS.get, key=f"{key}-fit",
        help="The third is the evaluation transform of torchvision and timm: for 224 pixels the shorter side becomes 256.",
    )  # fmt: skip
    known = all_architectures()
    values["arch"] = cols[1].selectbox(
        "Network", list(known), list(known).index(chosen.arch), format_func=lambda a: known[a].title, key=f"{key}-arch"
    )
    views = all_representations()
    values["input"] = cols[2].selectbox(
        "Input representation", list(views), list(views).index(chosen.sees), format_func=lambda v: views[v].title, key=f"{key}-sees",
        help="\n\n".join(f"{v.title}: {v.meaning}" for v in views.values()),
    )  # fmt: skip
    values["augment"] = cols[3].selectbox(
        "Augmentation", list(AUGMENT), list(AUGMENT).index(chosen.augment), format_func=AUGMENT.get,
        help="Sampled identically for real and AI images, so that it does not leak the label.", key=f"{key}-augment",
    )  # fmt: skip
    return values


def _expert(chosen: Preset, key: str) -> dict[str, Any]:
    cols = st.columns(4)
    start = _pick(cols[0], "Initial weights", WEIGHTS, f"{key}-weights")
    file = ""
    if start == "file":
        file = cols[0].text_input("Weights file on this computer", key=f"{key}-file").strip()
    values: dict[str, Any] = {
        "weights": (str(Path(file).expanduser()) if file else "file") if start == "file" else start,
        "stem": _pick(cols[1], "First layers", STEMS, f"{key}-stem"),
        "cross_fit": int(cols[2].number_input(
            "Cross-fit folds", 0, 20, 2, key=f"{key}-cross-fit",
            help="Trains one more network per fold, without that fold, for the out-of-fold predictions that Model B needs. "
            "0: none.",
        )),
        "label_smoothing": float(cols[3].number_input(
            "Label smoothing", 0.0, 0.99, 0.0, 0.05, key=f"{key}-smooth",
            help="Moves the targets by half this value away from 0 and 1. Usual: 0 or 0.1.",
        )),
    }  # fmt: skip
    cols = st.columns(4)
    values["patience"] = int(cols[0].number_input(
        "Patience in epochs", 0, 500, chosen.patience, key=f"{key}-patience",
        help="Stop after this many epochs without improvement; 0: never.",
    ))  # fmt: skip
    values["early_stop_source"] = cols[1].text_input(
        "Source for early stopping", chosen.source, placeholder="none", key=f"{key}-source",
        help="Held out of training, so that the epoch is selected on images of an unseen source; `auto` picks the smallest "
        "source with both classes, `auto-or-none` does so if there is one. Empty: half of the validation images are used.",
    ).strip()  # fmt: skip
    values["seed"] = int(cols[2].number_input("Random seed", 0, 2**31 - 1, 2026, key=f"{key}-seed"))
    values["device"] = _pick(cols[3], "Device", DEVICES, f"{key}-device")
    values["balance"] = st.checkbox(
        "Balance the classes", help="Samples as many images of each class in every epoch.", key=f"{key}-balance"
    )
    return values


def _pick(place: Any, label: str, titles: Mapping[str, str], key: str) -> str:
    return place.selectbox(label, list(titles), format_func=titles.get, key=key)
