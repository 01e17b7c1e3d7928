"""How long all evidence about one 12-megapixel JPEG takes once models and libraries are warm, part by part."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from typing import Any

from benchmarks.check import photo


def timed(step: Callable[[], Any], runs: int) -> tuple[float, float]:
    """(seconds of processor time, seconds by the clock), the least of each."""
    processor, clock = [], []
    for _ in range(runs):
        begun = time.process_time(), time.perf_counter()
        step()
        processor.append(time.process_time() - begun[0])
        clock.append(time.perf_counter() - begun[1])
    return min(processor), min(clock)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--side", type=int, default=3464, help="pixels (default: 3464, 12 megapixels)")
    parser.add_argument("--runs", type=int, default=3, help="timed runs; the least is printed (default: 3)")
    asked = parser.parse_args()
    from cgid.charts import strip
    from cgid.features.image import ImageFile
    from cgid.forensics.check import check
    from cgid.forensics.evidence.gather import gather, material_of
    from cgid.forensics.evidence.reference import neighbours
    from cgid.forensics.looked import KEY
    from cgid.forensics.maps import all_maps, encoded, maps

    data = photo(asked.side)
    found = check(data, "photo.jpg").to_json()
    for key in all_maps():
        maps(ImageFile.from_bytes(photo(256), "warm.jpg"), [key])

    def opened() -> ImageFile:
        return ImageFile.from_bytes(data, "photo.jpg")

    image = opened()
    check(image)  # what the answer made of the picture is there when evidence is asked for
    material = material_of(image, found)

    def strips() -> None:
        for piece in gather(material):
            block = (material.reference.get("features") or {}).get(piece.feature)
            if block:
                value = found["features"].get(piece.feature)
                near = neighbours(material.reference, piece.feature, value)
                json.dumps(strip.spec(block["spread"], value, piece.title, near))

    strips()
    steps: dict[str, Callable[[], Any]] = {
        "decode": opened,
        "answer": lambda: check(opened()),
        "gather": lambda: gather(material_of(image, found)),
        "strips": strips,
    }
    steps |= {f"map {key}": lambda key=key: encoded(maps(image, [key])[key]) for key in all_maps() if key != KEY}
    if KEY in all_maps():
        steps["where Model A looked"] = lambda: encoded(maps(image, [KEY])[KEY])
    totals = [0.0, 0.0]
    print(f"one JPEG of {asked.side} x {asked.side}; seconds of processor time, seconds by the clock")
    for name, step in steps.items():
        processor, clock = timed(step, asked.runs)
        print(f"{name:28s} {processor:7.3f} {clock:7.3f}")
        if name not in ("decode", "answer"):
            totals = [totals[0] + processor, totals[1] + clock]
    print(f"{'all evidence':28s} {totals[0]:7.3f} {totals[1]:7.3f}")


if __name__ == "__main__":
    main()
