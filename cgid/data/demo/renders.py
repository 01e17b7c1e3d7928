"""Third simulated generator: small 3-D scenes, ray-traced with soft shadows from a light of visible size.

Soft shadows by jittered light samples after Cook, Porter, Carpenter, "Distributed Ray Tracing", SIGGRAPH 1984.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from cgid.data.demo.camera import develop

FAR = np.float32(1e9)
NEAR = np.float32(2e-3)
SPREAD = 2  # sub-pixels a side
LIGHT_SAMPLES = 1  # for each sub-pixel
TILE = 512  # side of the noise that the surfaces are textured with


@dataclass(frozen=True, slots=True)
class Body:
    """A sphere (`half` None) or an upright box turned by `angle` about the vertical axis."""

    centre: np.ndarray
    radius: float
    half: np.ndarray | None
    angle: float
    look: Look


@dataclass(frozen=True, slots=True)
class Look:
    """Two colours mixed by a pattern; `shine` is the strength of the highlight."""

    colours: np.ndarray
    pattern: int
    scale: float
    shine: float


def render(side: int, colour: bool, rng: np.random.Generator) -> np.ndarray:
    """One scene, uint8 (side, side, 3); the generator's state is the scene."""
    noise = _noise_tile(rng)
    bodies = _bodies(rng)
    ground = _look(rng)
    sky = (rng.uniform(0.1, 0.9, (2, 1)) * rng.uniform(0.55, 1.0, (2, 3))).astype(np.float32)
    origin, rays = _eye(side * SPREAD, rng)
    depth, hit, normal = _nearest(origin, rays, bodies)
    point = origin + rays * depth[..., None]
    towards = _unit(np.array([rng.uniform(-1, 1), rng.uniform(0.5, 1.4), rng.uniform(-1, 0.6)], np.float32))
    lit = _visible(point + normal * NEAR * 4, towards, float(rng.uniform(0.03, 0.2)), bodies, rng)
    diffuse = np.clip(normal @ towards, 0, 1) * lit
    ambient = rng.uniform(0.15, 0.45) * (0.6 + 0.4 * normal[..., 1])
    half = _unit(towards - rays)
    gleam = np.clip(np.einsum("...i,...i", normal, half), 0, 1) ** 60 * lit
    light = _sky(rays, sky, noise)
    for index, look in enumerate([ground, *(b.look for b in bodies)]):
        chosen = hit == index
        if chosen.any():
            base = _paint(point[chosen], look, noise)
            shade = (ambient[chosen] + diffuse[chosen])[..., None]
            light[chosen] = base * shade + look.shine * gleam[chosen][..., None]
    haze = np.exp(-depth / rng.uniform(20, 80))[..., None]
    light = np.where((hit >= 0)[..., None], light * haze + sky[0] * (1 - haze), light)
    light = cv2.resize(light, (side, side), interpolation=cv2.INTER_AREA)
    light *= np.float32(rng.uniform(0.06, 0.42) / max(float(light.mean()), 1e-3))
    light = light / (1 + 0.25 * light)  # film-like shoulder: highlights fade instead of clipping
    grain = rng.standard_normal((side, side, 1), np.float32) * np.float32(rng.uniform(0.0, 0.06))
    return develop(light * (1 + grain), float(rng.uniform(0.0, 0.6)), colour)


def _eye(side: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Where the eye stands (3,) and the unit directions it looks in (side, side, 3), jittered inside each sub-pixel."""
    turn, height, back = rng.uniform(-0.7, 0.7), rng.uniform(0.8, 3.0), rng.uniform(4.0, 7.0)
    origin = np.array([back * np.sin(turn), height, -back * np.cos(turn)], np.float32)
    ahead = _unit(np.array([rng.uniform(-0.5, 0.5), rng.uniform(0.3, 1.0), 0], np.float32) - origin)
    right = _unit(np.cross(np.array([0, 1, 0], np.float32), ahead))
    above = np.cross(ahead, right)
    shift = rng.random((2, side, side), np.float32)
    zoom = np.float32(rng.uniform(0.35, 0.6))
    x = ((np.arange(side, dtype=np.float32)[None, :] + shift[0]) / side * 2 - 1) * zoom
    y = (1 - (np.arange(side, dtype=np.float32)[:, None] + shift[1]) / side * 2) * zoom
    return origin, _unit(ahead + x[..., None] * right + y[..., None] * above)


def _nearest(origin, rays, bodies) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Distance, what is hit (-1 sky, 0 ground, 1… bodies) and the unit normal there."""
    with np.errstate(divide="ignore"):
        depth = np.where(rays[..., 1] < -1e-4, -origin[1] / np.minimum(rays[..., 1], -1e-4), FAR).astype(np.float32)
    hit = np.where(depth < 60, 0, -1)
    depth = np.minimum(depth, 60)
    normal = np.zeros_like(rays)
    normal[..., 1] = 1
    for index, body in enumerate(bodies, 1):
        distance, surface = _strike(body, origin, rays, normals=True)
        closer = distance < depth
        depth = np.where(closer, distance, depth)
        hit = np.where(closer, index, hit)
        normal = np.where(closer[..., None], surface, normal)
    return depth, hit, normal


def _visible(point, towards, size: float, bodies, rng) -> np.ndarray:
    """Share 0..1 of the light, a disc of angular radius `size`, that each point sees: soft shadows."""
    side = _unit(np.cross(towards, np.array([0.3, 1, 0.2], np.float32)))
    other = np.cross(towards, side)
    seen = np.zeros(point.shape[:2], np.float32)
    for _ in range(LIGHT_SAMPLES):
        angle = rng.random(point.shape[:2], np.float32) * np.float32(2 * np.pi)
        radius = np.sqrt(rng.random(point.shape[:2], np.float32)) * np.float32(size)
        rays = _unit(towards + (radius * np.cos(angle))[..., None] * side + (radius * np.sin(angle))[..., None] * other)
        free = np.ones(point.shape[:2], bool)
        for body in bodies:
            free &= _strike(body, point, rays)[0] >= FAR
        seen += free
    return seen / LIGHT_SAMPLES


def _strike(body: Body, origin, rays, normals: bool = False) -> tuple[np.ndarray, np.ndarray | None]:
    """Distance at which rays meet a body (FAR where they miss), and the surface normal if asked for."""
    from_centre = origin - body.centre
    if body.half is None:
        along = np.einsum("...i,...i", rays, np.broadcast_to(from_centre, rays.shape))
        rest = np.einsum("...i,...i", from_centre, from_centre) - body.radius**2
        root = along * along - rest
        distance = -along - np.sqrt(np.maximum(root, 0))
        distance = np.where((root > 0) & (distance > NEAR), distance, FAR).astype(np.float32)
        return distance, (from_centre + rays * np.minimum(distance, 100)[..., None]) / body.radius if normals else None
    cos, sin = np.float32(np.cos(body.angle)), np.float32(np.sin(body.angle))
    turn = np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]], np.float32)
    start, ray = from_centre @ turn, rays @ turn
    inverse = 1 / np.where(np.abs(ray) < 1e-6, np.float32(1e-6), ray)
    middle, reach = -start * inverse, np.abs(inverse) * body.half
    entries = middle - reach
    exits = middle + reach
    # Three maxima by hand: a reduction over an axis of three is several times slower.
    enter = np.maximum(np.maximum(entries[..., 0], entries[..., 1]), entries[..., 2])
    leave = np.minimum(np.minimum(exits[..., 0], exits[..., 1]), exits[..., 2])
    distance = np.where((enter < leave) & (enter > NEAR), enter, FAR).astype(np.float32)
    if not normals:
        return distance, None
    face = np.where(entries >= enter[..., None], -np.sign(ray), 0)
    return distance, _unit(face @ turn.T).astype(np.float32)


def _paint(point: np.ndarray, look: Look, noise: np.ndarray) -> np.ndarray:
    """Linear colour (N, 3) of surface points (N, 3): solid textures, so that no surface needs coordinates."""
    u = (point[:, 0] + 0.43 * point[:, 1]) * look.scale
    v = (point[:, 2] - 0.61 * point[:, 1]) * look.scale
    grain = _sample(noise, u * 90, v * 90) * 0.5 + _sample(noise, v * 23, u * 23) * 0.5
    if look.pattern == 0:
        share = grain
    elif look.pattern == 1:
        share = 0.75 * ((np.floor(u * 2) + np.floor(v * 2)) % 2) + 0.25 * grain
    elif look.pattern == 2:
        share = 0.5 + 0.5 * np.sin(9 * u + 7 * grain)
    else:
        rows = np.floor(v * 4)
        mortar = ((v * 4) % 1 < 0.12) | ((u * 2 + 0.5 * (rows % 2)) % 1 < 0.06)
        share = np.where(mortar, 0.05, 0.6 + 0.4 * grain)
    return look.colours[0] + (look.colours[1] - look.colours[0]) * share[:, None].astype(np.float32)


def _sky(rays: np.ndarray, colours: np.ndarray, noise: np.ndarray) -> np.ndarray:
    """Background (H, W, 3): two colours from horizon to zenith, with clouds."""
    up = np.clip(rays[..., 1:2], 0, 1)
    cloud = _sample(noise, rays[..., 0] * 200, rays[..., 1] * 400)[..., None]
    return (colours[0] * (1 - up) + colours[1] * up) * (0.7 + 0.6 * cloud)


def _sample(noise: np.ndarray, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Noise at wrapped positions, bilinear; any shape of up to two axes."""
    shape = u.shape
    x, y = (np.atleast_2d(np.mod(a, TILE)).astype(np.float32) for a in (u, v))
    if len(shape) == 1:  # remap takes no more than 32767 columns
        pad = -x.size % 256
        x, y = (np.pad(a.ravel(), (0, pad)).reshape(-1, 256) for a in (x, y))
    values = cv2.remap(noise, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_WRAP)
    return values.ravel()[: int(np.prod(shape))].reshape(shape)


def _noise_tile(rng: np.random.Generator) -> np.ndarray:
    """1/f noise, float32 (TILE, TILE) in 0..1, without a seam: the spectrum natural surfaces have."""
    spectrum = np.fft.rfft2(rng.standard_normal((TILE, TILE)))
    radius = np.hypot(np.fft.fftfreq(TILE)[:, None], np.fft.rfftfreq(TILE)[None, :])
    radius[0, 0] = 1
    tile = np.fft.irfft2(spectrum / radius ** rng.uniform(0.7, 1.2))
    low, high = np.percentile(tile, (1, 99))
    return np.clip((tile - low) / (high - low), 0, 1).astype(np.float32)


def _bodies(rng: np.random.Generator) -> list[Body]:
    """Three to six spheres and boxes standing on the ground."""
    made = []
    for _ in range(int(rng.integers(3, 7))):
        size = float(rng.uniform(0.25, 1.0))
        half = size * rng.uniform(0.4, 1.0, 3).astype(np.float32) if rng.random() < 0.5 else None
        tall = size if half is None else float(half[1])
        centre = np.array([rng.uniform(-2.2, 2.2), tall, rng.uniform(-1.5, 3.0)], np.float32)
        made.append(Body(centre, size, half, float(rng.uniform(0, np.pi)), _look(rng)))
    return made


def _look(rng: np.random.Generator) -> Look:
    base = rng.uniform(0.02, 0.9, (1, 3)) * np.array([[1.0], [rng.uniform(0.1, 1.0)]])
    mixed = base + (base.mean(axis=1, keepdims=True) - base) * rng.uniform(0, 0.9)
    return Look(
        mixed.astype(np.float32), int(rng.integers(4)), float(rng.uniform(0.5, 2.0)), float(rng.uniform(0, 0.6))
    )


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.sqrt(np.maximum(np.einsum("...i,...i", vectors, vectors), np.float32(1e-20)))[..., None]
