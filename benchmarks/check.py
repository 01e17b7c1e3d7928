"""Time to check one image: the command in a new process; warm, the answer, the page's preview, all evidence, the copies
of the stability test, the inspector's filters; and ten images at once in ten threads.

Each row: minimum wall-clock and processor seconds of several runs, and the ratio to the time that Pillow needs to
decode and encode the same file in the same run.
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
USERS = 10


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
    """Minimum of each."""
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
    """The command in a new process with nothing loaded."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "photo.jpg"
        file.write_bytes(data)
        command = [sys.executable, "-m", "cgid", "check", "--no-record", str(file)]
        return timed(
            lambda: subprocess.run(command, check=True, stdout=subprocess.DEVNULL, env=os.environ), runs, of_children
        )


def one_image(data: bytes, runs: int) -> None:
    from cgid.forensics.check import check
    from cgid.forensics.evidence.evidence import gather, material_of
    from cgid.forensics.maps import OCCLUSION_KEY, all_maps, encode_map, maps
    from cgid.forensics.stability import stability
    from cgid.ui.check.answer import _preview
    from cgid.ui.check.subject import Subject

    reference = timed(lambda: recode(data), runs)
    row("Pillow: decode and encode", reference, reference)
    row("the command, cold", cold(data, runs), reference)
    check(data, "photo.jpg")  # loads everything
    row("answer with its evidence, warm", timed(lambda: check(data, "photo.jpg").to_json(), runs), reference)
    subject = Subject(data, "photo.jpg")
    check_json = check(subject.image).to_json()
    image = subject.image  # holds what the check has already computed
    row("preview next to the answer", timed(lambda: _preview.__wrapped__(subject, "", ""), runs), reference)

    material = material_of(image, check_json)
    items = gather(material)
    map_names = {key for item in items for key in item.maps} & set(all_maps()) - {OCCLUSION_KEY}

    def evidence() -> None:
        gather(material_of(image, check_json))
        strips(check_json, items, material.reference)
        for picture in maps(image, sorted(map_names)).values():
            encode_map(picture)

    evidence()
    row(
        "all evidence, strips and maps",
        timed(evidence, runs),
        reference,
        f"{len(items)} findings, {len(map_names)} maps",
    )
    if OCCLUSION_KEY in all_maps():
        where = timed(lambda: encode_map(maps(image, [OCCLUSION_KEY])[OCCLUSION_KEY]), runs)
        row("  and the occlusion map", where, reference)
    row("all copies of stability", timed(lambda: list(stability(image)), max(1, runs // 2)), reference)


def strips(check_json: dict[str, Any], items: list, reference: Any) -> None:
    """As on the cards of the page."""
    from cgid.charts import feature_strip
    from cgid.forensics.evidence.reference import neighbours

    for item in items:
        if block := (reference.get("features") or {}).get(item.feature):
            value = check_json["features"].get(item.feature)
            near = neighbours(reference, item.feature, value)
            json.dumps(feature_strip.spec(block["spread"], value, item.title, near))


def filters(data: bytes, runs: int) -> None:
    """Each filter of the inspector on a view of the default size without cached results of other filters."""
    from cgid.imaging.image_file import ImageFile
    from cgid.inspector.filter import all_filters
    from cgid.inspector.view import SIDE, View

    image = ImageFile.from_bytes(data, "photo.jpg")
    timings = {}
    for name, filter_ in all_filters().items():
        filter_.run(View.at(image, 0.5, 0.5, 256))  # its libraries are loaded
        timings[name] = timed(lambda one=filter_: one.run(View.at(image, 0.5, 0.5)), runs)
    slowest = sorted(timings, key=lambda name: -timings[name][1])[:3]
    median = np.median([processor for _, processor in timings.values()])
    listed = ", ".join(f"{name} {timings[name][1]:.2f} s ({timings[name][0]:.2f} by the clock)" for name in slowest)
    print(f"{len(timings)} filters on {SIDE} px: median {median:.2f} s of processor time; slowest {listed}")


def ten_at_once(width: int, height: int) -> None:
    """Ten threads of one process, each with its own image. Raises AssertionError where answers are mixed up."""
    from cgid.forensics.check import check

    pixels = scene(width, height)
    images = [jpeg(np.roll(pixels, 40 * n, axis=1)) for n in range(USERS)]
    single = [check(data, f"{n}.jpg").to_json() for n, data in enumerate(images)]
    ready = threading.Barrier(USERS)

    def check_one(n: int) -> dict[str, Any]:
        ready.wait()
        return check(images[n], f"{n}.jpg").to_json()

    begun = time.perf_counter(), time.process_time()
    with ThreadPoolExecutor(USERS) as pool:
        concurrent = list(pool.map(check_one, range(USERS)))
    clock, processor = time.perf_counter() - begun[0], time.process_time() - begun[1]
    assert [answer["sha256"] for answer in concurrent] == [hashlib.sha256(data).hexdigest() for data in images]
    assert concurrent == single, "a concurrent answer differs from the single one"
    print(
        f"{USERS} users at once, {width} x {height}: the last answer after {clock:.2f} s ({processor:.2f} s of ",
        end="",
    )
    print("processor time); each answer equals that of a single check", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--runs", type=int, default=3, help="timed runs of each row; the minimum is printed (default: 3)"
    )
    args = parser.parse_args()
    from streamlit.logger import set_log_level

    from cgid.forensics.models import current_models

    set_log_level("ERROR")  # its caches warn outside a page
    models = current_models().to_json()
    answering = [f"{kind} {models[kind]['run']}" for kind in ("model_a", "model_b") if models[kind]]
    print(f"models: {', '.join(answering) or 'none'}; {os.cpu_count()} processors")
    for width, height in SIZES:
        data = jpeg(scene(width, height))
        print(f"\nJPEG {width} x {height}, {len(data) / 1e6:.1f} MB{'':13s} clock processor x Pillow")
        one_image(data, args.runs)
    print()
    filters(data, 1)
    for width, height in SIZES:
        ten_at_once(width, height)


if __name__ == "__main__":
    main()
