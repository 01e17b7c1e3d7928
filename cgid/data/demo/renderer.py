"""Third simulated generator: small 3-D scenes, ray-traced with soft shadows from an area light.

Soft shadows by jittered light samples after Cook, Porter, Carpenter, "Distributed Ray Tracing", SIGGRAPH 1984.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from cgid.data.demo.camera import develop

FAR = np.float32(1e9)
HORIZON = np.float32(60)
NEAR = np.float32(2e-3)
SUBPIXELS = 2  # sub-pixels per side, each with one sample of the light
TILE = 512  # side of the noise that the surfaces are textured with


@dataclass(frozen=True, slots=True)
class SceneObject:
    """A sphere (`half` None) or an upright box turned by `angle` about the vertical axis."""

    centre: np.ndarray
    radius: float
    half: np.ndarray | None
    angle: float
    style: SceneStyle


@dataclass(frozen=True, slots=True)
class SceneStyle:
    """Two colours mixed by a pattern; `shine` is the strength of the highlight."""

    colours: np.ndarray
    pattern: int
    scale: float
    shine: float


def render(side: int, colour: bool, rng: np.random.Generator) -> np.ndarray:
    """One scene, uint8 (side, side, 3); the generator's state is the scene."""
    noise = _noise_tile(rng)
    objects = _scene_objects(rng)
    ground = _random_style(rng)
    sky = (rng.uniform(0.1, 0.9, (2, 1)) * rng.uniform(0.4, 1.0, (2, 3))).astype(np.float32)
    origin, rays = _camera_rays(side * SUBPIXELS, rng)
    depth, hit = _nearest(origin, rays, objects)
    point = origin + rays * depth[..., None]
    normal = _normals(point, hit, objects)
    towards = _unit(np.array([rng.uniform(-1, 1), rng.uniform(0.5, 1.4), rng.uniform(-1, 0.6)], np.float32))
    facing = np.clip(normal @ towards, 0, 1) * (hit >= 0)
    lit = np.zeros_like(facing)
    facing_light = facing > 0
    size = float(rng.uniform(0.03, 0.2))
    lit[facing_light] = _visible((point + normal * NEAR * 4)[facing_light], towards, size, objects, rng)
    diffuse = facing * lit
    ambient = rng.uniform(0.03, 0.3) * (0.6 + 0.4 * normal[..., 1])
    half = _unit(towards - rays)
    gleam = np.clip(np.einsum("...i,...i", normal, half), 0, 1) ** 60 * lit
    light = _sky(rays, sky, noise)
    for index, style in enumerate([ground, *(b.style for b in objects)]):
        chosen = hit == index
        if chosen.any():
            base = _paint(point[chosen], style, noise)
            shade = (ambient[chosen] + diffuse[chosen])[..., None]
            light[chosen] = base * shade + style.shine * gleam[chosen][..., None]
    haze = np.exp(-depth / rng.uniform(30, 200))[..., None]
    light = np.where((hit >= 0)[..., None], light * haze + sky[0] * (1 - haze), light)
    light = cv2.resize(light, (side, side), interpolation=cv2.INTER_AREA)
    # As in photographs: from low key to bright, from low to high contrast.
    light = light ** np.float32(rng.uniform(1.0, 1.9))
    light *= np.float32(rng.uniform(0.04, 0.35) / max(float(light.mean()), 1e-3))
    light = light / (1 + 0.25 * light)  # film-like shoulder: highlights fade instead of clipping
    grain = rng.standard_normal((side, side, 1), np.float32) * np.float32(rng.uniform(0.0, 0.06))
    return develop(light * (1 + grain), float(rng.uniform(0.0, 0.6)), colour)


def _camera_rays(side: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Camera position (3,) and unit ray directions (side, side, 3), jittered within each sub-pixel."""
    angle, height, distance = rng.uniform(-0.7, 0.7), rng.uniform(0.8, 3.0), rng.uniform(4.0, 7.0)
    origin = np.array([distance * np.sin(angle), height, -distance * np.cos(angle)], np.float32)
    ahead = _unit(np.array([rng.uniform(-0.5, 0.5), rng.uniform(0.3, 1.0), 0], np.float32) - origin)
    right = _unit(np.cross(np.array([0, 1, 0], np.float32), ahead))
    above = np.cross(ahead, right)
    shift = rng.random((2, side, side), np.float32)
    zoom = np.float32(rng.uniform(0.35, 0.6))
    x = ((np.arange(side, dtype=np.float32)[None, :] + shift[0]) / side * 2 - 1) * zoom
    y = (1 - (np.arange(side, dtype=np.float32)[:, None] + shift[1]) / side * 2) * zoom
    return origin, _unit(ahead + x[..., None] * right + y[..., None] * above)


def _nearest(origin: np.ndarray, rays: np.ndarray, objects: list[SceneObject]) -> tuple[np.ndarray, np.ndarray]:
    """Distance along each ray and index of the hit: -1 sky, 0 ground, 1… objects."""
    down = rays[..., 1] < -1e-4
    depth = np.where(down, -origin[1] / np.where(down, rays[..., 1], -1), FAR).astype(np.float32)
    hit = np.where(depth < HORIZON, 0, -1)
    depth = np.minimum(depth, HORIZON)
    for index, item in enumerate(objects, 1):
        distance = _distance(item, origin, rays)
        closer = distance < depth
        depth = np.where(closer, distance, depth)
        hit = np.where(closer, index, hit)
    return depth, hit


def _normals(point: np.ndarray, hit: np.ndarray, objects: list[SceneObject]) -> np.ndarray:
    """Unit normal of the surface at each point; upwards for ground and sky."""
    normal = np.zeros_like(point)
    normal[..., 1] = 1
    for index, item in enumerate(objects, 1):
        chosen = hit == index
        local = point[chosen] - item.centre
        if item.half is None:
            normal[chosen] = _unit(local)
            continue
        rotation = _rotation(item.angle)
        local = local @ rotation
        face = np.argmax(np.abs(local) / item.half, axis=1)
        sign = np.sign(np.take_along_axis(local, face[:, None], axis=1))
        normal[chosen] = (np.eye(3, dtype=np.float32)[face] * sign) @ rotation.T
    return normal


def _visible(
    point: np.ndarray, towards: np.ndarray, size: float, objects: list[SceneObject], rng: np.random.Generator
) -> np.ndarray:
    """Visibility of a random point of the light, a disc of angular radius `size`, from each point (N, 3): 0 or 1.

    The sub-pixels of one pixel sample different points: their mean is the soft shadow.
    """
    side = _unit(np.cross(towards, np.array([0.3, 1, 0.2], np.float32)))
    other = np.cross(towards, side)
    angle = rng.random(len(point), np.float32) * np.float32(2 * np.pi)
    radius = np.sqrt(rng.random(len(point), np.float32)) * np.float32(size)
    rays = _unit(towards + (radius * np.cos(angle))[:, None] * side + (radius * np.sin(angle))[:, None] * other)
    free = np.ones(len(point), bool)
    for item in objects:
        free &= _distance(item, point, rays) >= FAR
    return free.astype(np.float32)


def _distance(item: SceneObject, origin: np.ndarray, rays: np.ndarray) -> np.ndarray:
    """Distance at which rays hit an object; FAR where they miss. origin: (3,) or one for each ray."""
    start = origin - item.centre
    if item.half is None:
        along = np.einsum("...i,...i", rays, start)
        root = along * along - np.einsum("...i,...i", start, start) + np.float32(item.radius**2)
        distance = -along - np.sqrt(np.maximum(root, 0))
        return np.where((root > 0) & (distance > NEAR), distance, FAR).astype(np.float32)
    rotation = _rotation(item.angle)
    start, ray = start @ rotation, rays @ rotation
    enter, leave = np.float32(-FAR), FAR
    for axis in range(3):  # unrolled: a reduction over an axis of three is several times slower
        inverse = 1 / np.where(np.abs(ray[..., axis]) < 1e-6, np.float32(1e-6), ray[..., axis])
        centre, half_extent = -start[..., axis] * inverse, np.abs(inverse) * item.half[axis]
        enter, leave = np.maximum(enter, centre - half_extent), np.minimum(leave, centre + half_extent)
    return np.where((enter < leave) & (enter > NEAR), enter, FAR).astype(np.float32)


def _rotation(angle: float) -> np.ndarray:
    """Rotation about the vertical axis; `vectors @ _turn(angle)` transforms into the object's own frame."""
    cos, sin = np.cos(angle), np.sin(angle)
    return np.array([[cos, 0, sin], [0, 1, 0], [-sin, 0, cos]], np.float32)


def _paint(point: np.ndarray, style: SceneStyle, noise: np.ndarray) -> np.ndarray:
    """Linear colour (N, 3) of surface points (N, 3): solid textures, so that no surface needs coordinates."""
    u = (point[:, 0] + 0.43 * point[:, 1]) * style.scale
    v = (point[:, 2] - 0.61 * point[:, 1]) * style.scale
    grain = _sample(noise, u * 90, v * 90) * 0.5 + _sample(noise, v * 23, u * 23) * 0.5
    if style.pattern == 0:
        mix = grain
    elif style.pattern == 1:
        mix = 0.75 * ((np.floor(u * 2) + np.floor(v * 2)) % 2) + 0.25 * grain
    elif style.pattern == 2:
        mix = 0.5 + 0.5 * np.sin(9 * u + 7 * grain)
    else:
        rows = np.floor(v * 4)
        mortar = ((v * 4) % 1 < 0.12) | ((u * 2 + 0.5 * (rows % 2)) % 1 < 0.06)
        mix = np.where(mortar, 0.05, 0.6 + 0.4 * grain)
    return style.colours[0] + (style.colours[1] - style.colours[0]) * mix[:, None].astype(np.float32)


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
    """1/f noise, float32 (TILE, TILE) in 0..1, tileable: the spectrum of natural surfaces."""
    spectrum = np.fft.rfft2(rng.standard_normal((TILE, TILE)))
    radius = np.hypot(np.fft.fftfreq(TILE)[:, None], np.fft.rfftfreq(TILE)[None, :])
    radius[0, 0] = 1
    tile = np.fft.irfft2(spectrum / radius ** rng.uniform(0.7, 1.2))
    low, high = np.percentile(tile, (1, 99))
    return np.clip((tile - low) / (high - low), 0, 1).astype(np.float32)


def _scene_objects(rng: np.random.Generator) -> list[SceneObject]:
    """Three to six spheres and boxes standing on the ground."""
    objects = []
    for _ in range(int(rng.integers(3, 7))):
        size = float(rng.uniform(0.25, 1.0))
        half = size * rng.uniform(0.4, 1.0, 3).astype(np.float32) if rng.random() < 0.5 else None
        height = size if half is None else float(half[1])
        centre = np.array([rng.uniform(-2.2, 2.2), height, rng.uniform(-1.5, 3.0)], np.float32)
        objects.append(SceneObject(centre, size, half, float(rng.uniform(0, np.pi)), _random_style(rng)))
    return objects


def _random_style(rng: np.random.Generator) -> SceneStyle:
    base = rng.uniform(0.02, 0.9, (1, 3)) * np.array([[1.0], [rng.uniform(0.1, 1.0)]])
    mixed = base + (base.mean(axis=1, keepdims=True) - base) * rng.uniform(0, 0.6)
    return SceneStyle(
        mixed.astype(np.float32), int(rng.integers(4)), float(rng.uniform(0.5, 2.0)), float(rng.uniform(0, 0.6))
    )


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.sqrt(np.maximum(np.einsum("...i,...i", vectors, vectors), np.float32(1e-20)))[..., None]
