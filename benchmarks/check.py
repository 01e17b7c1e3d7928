"""How long one image takes: the command in a new process, then warm the answer, the page's picture, all evidence, the
copies of stability, the bench's filters; and ten people with ten pictures at once.

Each row: seconds by the clock and of processor time, the least of several runs each, and how many times as long as
Pillow takes to decode and encode the same file in the same run.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

SIZES = ((1024, 1024), (4000, 3000))  # px, width and height
PEOPLE = 10


def scene(width: int, height: int, seed: int = 2026) -> np.ndarray:
    """Smooth shapes and noise, uint8 (height, width, 3)."""
    rng = np.random.default_rng(seed)
    coarse = Image.fromarray(rng.integers(0, 255, (height // 32, width // 32, 3), dtype=np.uint8))
    pixels = np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC)).astype(np.float32)
    pixels += 4 * rng.standard_normal(pixels.shape, dtype=np.float32)
    return np.clip(pixels, 0, 255).astype(np.uint8)


def jpeg(pixels: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=92)
    return buffer.getvalue()


def recode(data: bytes) -> None:
    Image.open(io.BytesIO(data)).convert("RGB").save(io.BytesIO(), "JPEG", quality=90)


Timing = tuple[float, float]  # s by the clock, s of processor time


def timed(step: Callable[[], Any], runs: int, processor: Callable[[], float] = time.process_time) -> Timing:
    """The least of each."""
    clock_times, processor_times = [], []
    for _ in range(runs):
        begun = time.perf_counter(), processor()
        step()
        clock_times.append(time.perf_counter() - begun[0])
        processor_times.append(processor() - begun[1])
    return min(clock_times), min(processor_times)


def of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def row(name: str, timing: Timing, reference: Timing, note: str = "") -> None:
    print(f"{name:34s} {timing[0]:8.3f} {timing[1]:9.3f} {timing[1] / reference[1]:8.1f}   {note}".rstrip(), flush=True)


def cold(data: bytes, runs: int) -> Timing:
    """The command as a person types it, in a process that has nothing loaded."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "photo.jpg"
        file.write_bytes(data)
        command = [sys.executable, "-m", "cgid", "check", "--no-record", str(file)]
        return timed(
            lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=os.environ), runs, of_children
        )


def one_picture(data: bytes, runs: int) -> None:
    from cgid.forensics.check import check
    from cgid.forensics.evidence.evidence import gather, material_of
    from cgid.forensics.maps import KEY, all_maps, encoded, maps
    from cgid.forensics.stability import stability
    from cgid.ui.check.answer import _preview
    from cgid.ui.check.subject import Subject

    reference = timed(lambda: recode(data), runs)
    row("Pillow: decode and encode", reference, reference)
    row("the command, cold", cold(data, runs), reference)
    check(data, "photo.jpg")  # from here on all is loaded
    row("answer with its evidence, warm", timed(lambda: check(data, "photo.jpg").to_json(), runs), reference)
    subject = Subject(data, "photo.jpg")
    found = check(subject.image).to_json()
    image = subject.image  # what the answer made of it is there when a person looks on
    row("picture beside the answer", timed(lambda: _preview.__wrapped__(subject, "", ""), runs), reference)

    material = material_of(image, found)
    pieces = gather(material)
    own = {key for piece in pieces for key in piece.maps} & set(all_maps()) - {KEY}

    def evidence() -> None:
        gather(material_of(image, found))
        strips(found, pieces, material.reference)
        for drawn in maps(image, sorted(own)).values():
            encoded(drawn)

    evidence()
    row("all evidence, strips and maps", timed(evidence, runs), reference, f"{len(pieces)} pieces, {len(own)} maps")
    if KEY in all_maps():
        where = timed(lambda: encoded(maps(image, [KEY])[KEY]), runs)
        row("  and where Model A looked", where, reference)
    row("all copies of stability", timed(lambda: list(stability(image)), max(1, runs // 2)), reference)


def strips(found: dict[str, Any], pieces: list, reference: Any) -> None:
    """As the page's cards draw them."""
    from cgid.charts import feature_strip
    from cgid.forensics.evidence.reference import neighbours

    for piece in pieces:
        if block := (reference.get("features") or {}).get(piece.feature):
            value = found["features"].get(piece.feature)
            near = neighbours(reference, piece.feature, value)
            json.dumps(feature_strip.spec(block["spread"], value, piece.title, near))


def filters(data: bytes, runs: int) -> None:
    """Each filter of the bench on a view of its usual size that no other filter has prepared."""
    from cgid.imaging.image_file import ImageFile
    from cgid.inspector.filter import all_filters
    from cgid.inspector.view import SIDE, View

    image = ImageFile.from_bytes(data, "photo.jpg")
    taken = {}
    for name, one in all_filters().items():
        one.run(View.at(image, 0.5, 0.5, 256))  # its libraries are loaded
        taken[name] = timed(lambda one=one: one.run(View.at(image, 0.5, 0.5)), runs)
    slowest = sorted(taken, key=lambda name: -taken[name][1])[:3]
    middle = np.median([processor for _, processor in taken.values()])
    said = ", ".join(f"{name} {taken[name][1]:.2f} s ({taken[name][0]:.2f} by the clock)" for name in slowest)
    print(f"{len(taken)} filters on {SIDE} px: median {middle:.2f} s of processor time; slowest {said}")


def ten_at_once(width: int, height: int) -> None:
    """Ten threads of one process, each with another picture. Raises AssertionError where an answer is another's."""
    from cgid.forensics.check import check

    pixels = scene(width, height)
    pictures = [jpeg(np.roll(pixels, 40 * n, axis=1)) for n in range(PEOPLE)]
    alone = [check(data, f"{n}.jpg").to_json() for n, data in enumerate(pictures)]
    ready = threading.Barrier(PEOPLE)

    def asked(n: int) -> dict[str, Any]:
        ready.wait()
        return check(pictures[n], f"{n}.jpg").to_json()

    begun = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(PEOPLE) as people:
        together = list(people.map(asked, range(PEOPLE)))
    clock, processor = time.perf_counter() - begun[0], time.process_time() - begun[1]
    assert [found["sha256"] for found in together] == [hashlib.sha256(data).hexdigest() for data in pictures]
    assert together == alone, "an answer among ten is not the one given alone"
    print(
        f"{PEOPLE} people at once, {width} x {height}: the last answer after {clock:.2f} s ({processor:.2f} s of ",
        end="",
    )
    print("processor time); each is of its own picture and as given alone", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=3, help="timed runs of each row; the least is printed (default: 3)")
    asked = parser.parse_args()
    from streamlit.logger import set_log_level

    from cgid.forensics.models import current_models

    set_log_level("ERROR")  # its caches warn that no page is there
    about = current_models().to_json()
    answering = [f"{kind} {about[kind]['run']}" for kind in ("model_a", "model_b") if about[kind]]
    print(f"models: {', '.join(answering) or 'none'}; {os.cpu_count()} processors")
    for width, height in SIZES:
        data = jpeg(scene(width, height))
        print(f"\nJPEG {width} x {height}, {len(data) / 1e6:.1f} MB{'':13s} clock processor x Pillow")
        one_picture(data, asked.runs)
    print()
    filters(data, 1)
    for width, height in SIZES:
        ten_at_once(width, height)


if __name__ == "__main__":
    main()
