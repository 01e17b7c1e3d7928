"""Progress of one step among many is a share of the whole, and says both what and within what."""

from cgid.progress import STEPS, subrange


def test_nested_steps_fill_their_part_of_the_whole():
    seen = []

    def progress(done, total, note="", seconds_left=None):
        seen.append((done, total, note))

    inner = subrange(subrange(progress, 1, 2, "fold b"), 1, 4, "seed 2")
    inner(0, 10)
    inner(5, 10, "epoch 5")
    inner(3, 0)
    assert [done / total for done, total, _ in seen] == [0.625, 0.6875, 0.625]
    assert seen[1][1:] == (2 * STEPS, "fold b: seed 2: epoch 5") and seen[0][2] == "fold b: seed 2"
