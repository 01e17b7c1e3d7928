"""Does a camera model belong to the make that EXIF gives beside it? Judged by the brand words that models carry."""

from __future__ import annotations

import re

# Word in a model's name -> words of which the make must hold one.
_MAKES = {
    "canon": ("canon",),
    "eos": ("canon",),
    "powershot": ("canon",),
    "nikon": ("nikon",),
    "coolpix": ("nikon",),
    "dsc": ("sony", "nikon"),
    "ilce": ("sony",),
    "finepix": ("fuji",),
    "lumix": ("panasonic",),
    "dmc": ("panasonic", "leica"),
    "leica": ("leica", "panasonic"),
    "pentax": ("pentax", "ricoh", "asahi"),
    "olympus": ("olympus", "om digital"),
    "kodak": ("kodak",),
    "minolta": ("minolta",),
    "dimage": ("minolta",),
    "hasselblad": ("hasselblad", "dji"),
    "iphone": ("apple",),
    "ipad": ("apple",),
    "pixel": ("google",),
    "gopro": ("gopro",),
    "xperia": ("sony",),
    "huawei": ("huawei",),
}
_WORD = re.compile("|".join(rf"\b{word}\b" for word in _MAKES), re.IGNORECASE)


def contradict(make: str, model: str) -> bool:
    """The model's name holds another maker's brand. False where either is missing or no brand is known."""
    if not make or not (found := _WORD.search(model[:200])):
        return False
    return not any(word in make.lower() for word in _MAKES[found.group(0).lower()])
