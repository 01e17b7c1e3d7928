"""A feature group that logs every computation, and one that hangs or dies; importable by worker processes."""

import os
import re
import signal
import time

from cgid.features.group import Feature, FeatureGroup


def count(image):
    with open(os.environ["COUNT_LOG"], "a") as log:
        log.write(image.sha256 + "\n")
    time.sleep(0.01)
    return {"mean": float(image.luma_crop(1 << 20).mean())}


def hang_or_die(image):
    if image.name.startswith("hang"):
        time.sleep(60)
    if image.name.startswith("deaf"):
        re.match(r"(a+)+$", "a" * 40 + "b")  # one call into C that keeps the interpreter's lock for ages
    if image.name.startswith("swell"):
        held = [bytearray(b"x" * 20_000_000) for _ in range(200)]
        time.sleep(len(held))
    if image.name.startswith("exit"):
        os._exit(0)
    if image.name.startswith("die"):
        os.kill(os.getpid(), signal.SIGSEGV)
    if image.name.startswith("raise"):
        raise ZeroDivisionError("this group fails on it")
    return {"width": image.width}


def create_group(key: str, compute, name: str) -> FeatureGroup:
    return FeatureGroup(
        key=key,
        title=key,
        family="content",
        prefix=key,
        version=1,
        features=(Feature(name, name, "For a test"),),
        compute=compute,
        cite="none",
    )


COUNT = create_group("count", count, "mean")
FRAGILE = create_group("fragile", hang_or_die, "width")
