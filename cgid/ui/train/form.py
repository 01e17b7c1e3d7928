"""The form of a Model A training: what the preset set, what may be changed, and the parameters that follow from it.

Settings of a Model A training to start from: each says what it is for and which data it expects.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from cgid.artifacts import Found
from cgid.models.architecture import all_architectures
from cgid.models.representation import all_representations
from cgid.settings import settings
from cgid.train.params import TrainModelAParams
from cgid.train.params import TrainRobustParams as ROBUST  # its defaults are class attributes
from cgid.ui.shared.runs import run_name


@dataclass(frozen=True, slots=True)
class Preset:
    """why: what it is for. data: what it expects to learn from. Both begin in lower case and end without a full stop.

    The rest are fields of TrainModelAParams under the form's names: batch images a step, side in pixels,
    sees the input representation, source what is kept out of training to choose the epoch. seeds: trainings averaged.
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
        "a first answer in minutes on two processor cores; fine traces kept by cutting out, not scaling",
        "some hundred images or more, best at least 128 pixels a side",
        3, 32, 128, "crop", 5e-4,
    ),
    "Standard": Preset(
        "the whole picture scaled to 224 pixels, as most published detectors do",
        "some thousand photographs and AI images of any size",
    ),
    "Native crop": Preset(
        "a 224-pixel cut-out at native resolution; slower, keeps fine traces",
        "images larger than 224 pixels that nobody has scaled or saved again",
        8, 32, 224, "crop", 3e-4,
    ),
    "CIFAKE": Preset(
        "MobileNetV3-Large for eight epochs on pictures of 32 pixels, its first layers at full resolution",
        "CIFAKE, prepared on the Data page: 32-pixel images, 100,000 to learn from",
        8, 128, 32, "resize", 1e-3, "mobilenet_v3_large",
    ),
    "GenImage": Preset(
        "ResNet-18 on 224-pixel cut-outs with blur and JPEG drawn alike for both classes, stopping early",
        "GenImage, prepared on the Data page, with other generators as data to be judged on",
        10, 32, 224, "crop", 3e-4, "resnet18", "cnndetection", 3,
    ),
    "Robust": Preset(
        "pictures from generators the network has never seen. Three networks look at what noise filters leave of a "
        "native cut-out, both classes are damaged as the web does, and their mean is the answer. It takes three times "
        "as long as one. Even so, on sources never seen such networks did little better than chance in small trials (AUC "
        "0.58 to 0.63, and 0.55 after scaling down and saving again; 0.5 is chance): expect a wide inconclusive band",
        "photographs and AI images of as many sources as can be had, with other generators as data to be judged on",
        ROBUST.epochs, ROBUST.batch_size, ROBUST.image_size, ROBUST.fit, ROBUST.lr, ROBUST.arch, ROBUST.augment,
        ROBUST.patience, ROBUST.input, ROBUST.early_stop_source, ROBUST.seeds,
    ),
}  # fmt: skip


FITS = {
    "resize": "Scaled whole",
    "crop": "The middle, unscaled",
    "resize_crop": "Shorter side scaled, then the middle",
}
AUGMENT = {"none": "Flip and shift", "web": "… and what the web does", "cnndetection": "… and blur and JPEG"}
WEIGHTS = {"none": "None: it starts from chance", "imagenet": "ImageNet, by torchvision", "file": "A file of weights"}
STEMS = {"auto": "By image size", "tiny": "At full resolution", "standard": "As published"}
DEVICES = {"auto": "Graphics card if there is one", "cpu": "Processor"}


def parameters(datasets: Sequence[Found]) -> TrainModelAParams:
    """Draw the form; what it says now."""
    by_name = {d.name: d for d in datasets}
    cols = st.columns(2)
    name = cols[0].selectbox("Data set", list(by_name), format_func=lambda n: by_name[n].label, key="a-data")
    preset = cols[1].selectbox("Preset", list(PRESETS), key="a-preset")
    chosen = PRESETS[preset]
    st.caption(f"{preset}: {chosen.why}. For {chosen.data}.")
    others = st.multiselect(
        "Other data sets to be judged on (never learnt from)", [n for n in by_name if n != name], key="a-others",
        help="A figure on its own data says little about other data: choose at least one.",
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
    """One sentence where the form cannot be handed in as it stands."""
    if params.weights not in ("none", "imagenet") and not Path(params.weights).is_file():
        return "Choose a file of weights that is there, under “Expert settings”, or start from none."
    if params.cross_fit == 1:
        return "Cross-fit needs at least two parts, or 0 for none."
    return None


def _usual(chosen: Preset, key: str) -> dict[str, Any]:
    cols = st.columns(4)
    values: dict[str, Any] = {
        "epochs": int(cols[0].number_input("Epochs", 1, 500, chosen.epochs, key=f"{key}-epochs")),
        "batch_size": int(cols[1].number_input("Images in a step", 1, 1024, chosen.batch, key=f"{key}-batch")),
        "image_size": int(cols[2].number_input("Input side in pixels", 32, 1024, chosen.side, 32, key=f"{key}-side")),
        "lr": float(cols[3].number_input("Learning rate", 1e-6, 1.0, chosen.rate, format="%.6f", key=f"{key}-rate")),
    }
    cols = st.columns(4)
    values["fit"] = cols[0].selectbox(
        "Picture becomes square", list(FITS), list(FITS).index(chosen.fit), format_func=FITS.get, key=f"{key}-fit",
        help="The third is how torchvision and timm judge: for a side of 224 the shorter side becomes 256 pixels.",
    )  # fmt: skip
    known = all_architectures()
    values["arch"] = cols[1].selectbox(
        "Network", list(known), list(known).index(chosen.arch), format_func=lambda a: known[a].title, key=f"{key}-arch"
    )
    views = all_representations()
    values["input"] = cols[2].selectbox(
        "Network sees", list(views), list(views).index(chosen.sees), format_func=lambda v: views[v].title, key=f"{key}-sees",
        help="\n\n".join(f"{v.title}: {v.meaning}" for v in views.values()),
    )  # fmt: skip
    values["augment"] = cols[3].selectbox(
        "Pictures are varied by", list(AUGMENT), list(AUGMENT).index(chosen.augment), format_func=AUGMENT.get,
        help="Drawn alike for real and AI images, so that it carries no label.", key=f"{key}-augment",
    )  # fmt: skip
    return values


def _expert(chosen: Preset, key: str) -> dict[str, Any]:
    cols = st.columns(4)
    start = _pick(cols[0], "Starting weights", WEIGHTS, f"{key}-weights")
    file = ""
    if start == "file":
        file = cols[0].text_input("File of weights on this machine", key=f"{key}-file").strip()
    values: dict[str, Any] = {
        "weights": (str(Path(file).expanduser()) if file else "file") if start == "file" else start,
        "stem": _pick(cols[1], "First layers", STEMS, f"{key}-stem"),
        "cross_fit": int(cols[2].number_input(
            "Cross-fit parts", 0, 20, 2, key=f"{key}-cross-fit",
            help="Networks trained without one part of the data each, to judge it: Model B needs them. 0: none.",
        )),
        "label_smoothing": float(cols[3].number_input(
            "Label smoothing", 0.0, 0.99, 0.0, 0.05, key=f"{key}-smooth",
            help="How far targets lie from certain: half of it from 0 and from 1. Usual: 0 or 0.1.",
        )),
    }  # fmt: skip
    cols = st.columns(4)
    values["patience"] = int(cols[0].number_input(
        "Patience in epochs", 0, 500, chosen.patience, key=f"{key}-patience",
        help="Stop after so many without gain; 0: never.",
    ))  # fmt: skip
    values["early_stop_source"] = cols[1].text_input(
        "Source that chooses the epoch", chosen.source, placeholder="none", key=f"{key}-source",
        help="Kept out of training, so that the epoch is the one that does best on images from elsewhere; `auto` picks "
        "the smallest with both classes, `auto-or-none` does so where it can. Empty: half of the validation images choose.",
    ).strip()  # fmt: skip
    values["seed"] = int(cols[2].number_input("Random seed", 0, 2**31 - 1, 2026, key=f"{key}-seed"))
    values["device"] = _pick(cols[3], "Computed on", DEVICES, f"{key}-device")
    values["balance"] = st.checkbox(
        "As many of each class", help="In every epoch, whatever the data hold.", key=f"{key}-balance"
    )
    return values


def _pick(place: Any, label: str, words: Mapping[str, str], key: str) -> str:
    return place.selectbox(label, list(words), format_func=words.get, key=key)
