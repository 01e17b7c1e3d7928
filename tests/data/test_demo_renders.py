"""The simulated renderer: same seed same picture, shadows are soft, monochrome is monochrome."""

import numpy as np

from cgid.data.demo import renderer
from cgid.data.demo.renderer import SceneObject, SceneStyle, render


def test_a_scene_is_its_seed():
    first, again, other = (render(64, True, np.random.default_rng(s)) for s in (1, 1, 2))
    assert first.shape == (64, 64, 3) and first.dtype == np.uint8
    assert np.array_equal(first, again) and not np.array_equal(first, other)


def test_monochrome_scenes_have_equal_channels():
    scene = render(48, False, np.random.default_rng(4)).astype(int)
    assert np.ptp(scene, axis=2).max() == 0 and scene.std() > 3


def test_rays_meet_a_sphere_and_a_box_where_geometry_says():
    look = SceneStyle(np.zeros((2, 3), np.float32), 0, 1.0, 0.0)
    eye = np.array([0, 0, -5], np.float32)
    rays = np.array([[[0, 0, 1], [0, 1, 0]]], np.float32)
    sphere = SceneObject(np.zeros(3, np.float32), 1.0, None, 0.0, look)
    box = SceneObject(np.zeros(3, np.float32), 1.0, np.array([1, 1, 0.5], np.float32), 0.0, look)
    for body, expected in ((sphere, 4.0), (box, 4.5)):
        distance = renderer._distance(body, eye, rays)
        assert distance[0, 0] == np.float32(expected) and distance[0, 1] == renderer.FAR
        depth, hit = renderer._nearest(eye, rays, [body])
        normal = renderer._normals(eye + rays * depth[..., None], hit, [body])
        assert hit[0, 0] == 1 and np.allclose(normal[0, 0], (0, 0, -1), atol=1e-6)


def test_shadow_edge_is_soft_for_a_wide_light_and_hard_for_a_point():
    look = SceneStyle(np.zeros((2, 3), np.float32), 0, 1.0, 0.0)
    ball = SceneObject(np.array([0, 2, 0], np.float32), 1.0, None, 0.0, look)
    ground = np.zeros((200, 400, 3), np.float32)
    ground[..., 0] = np.linspace(0, 3, 400)
    ground = ground.reshape(-1, 3)
    up = np.array([0, 1, 0], np.float32)

    def half_lit(size):
        seen = renderer._visible(ground, up, size, [ball], np.random.default_rng(0)).reshape(200, 400).mean(axis=0)
        return int(((seen > 0.05) & (seen < 0.95)).sum())

    assert half_lit(0.0) == 0 and half_lit(0.2) > 30
