"""Drawing under caps: never more than asked, groups whole, classes even, the same for the same seed."""

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from cgid.data.prepare import Caps, apply_caps, distribute, limits

ROWS = st.lists(
    st.tuples(st.sampled_from(["real", "ai"]), st.sampled_from("ABC"), st.integers(0, 40)), min_size=1, max_size=120
)
CAP = st.none() | st.integers(1, 30)


def frame_of(rows):
    return pd.DataFrame(rows, columns=["label", "subset", "group"]).astype({"group": str})


@settings(max_examples=150, deadline=None)
@given(ROWS, CAP, CAP, st.booleans(), st.integers(0, 5))
def test_caps_hold_groups_stay_whole_and_rows_in_any_order_give_the_same(rows, per_class, per_generator, balance, seed):
    frame = frame_of(rows)
    caps = Caps(per_class, per_generator, balance)
    frame["reason"] = apply_caps(frame, caps, seed)
    assert (frame.groupby("group")["reason"].agg(lambda r: (r == "").nunique()) == 1).all()
    kept = frame[frame["reason"] == ""]
    if per_class is not None:
        assert (kept["label"].value_counts() <= per_class).all()
    counts = kept.groupby(["subset", "label"]).size()
    if per_generator is not None:
        assert (counts <= per_generator).all()
    if per_class is None and per_generator is None and not balance:
        assert len(kept) == len(frame)
    mixed = frame.sample(frac=1, random_state=seed)
    again = apply_caps(mixed[["label", "subset", "group"]], caps, seed)
    assert set(mixed.index[again == ""]) == set(kept.index)


@settings(max_examples=150, deadline=None)
@given(ROWS, CAP, CAP)
def test_single_images_fill_every_cap_and_balance_exactly(rows, per_class, per_generator):
    frame = frame_of([(label, subset, n) for n, (label, subset, _) in enumerate(rows)])
    kept = frame[apply_caps(frame, Caps(per_class, per_generator, True), 1) == ""]
    found = (
        frame.groupby(["subset", "label"]).size().unstack(fill_value=0).reindex(columns=["ai", "real"], fill_value=0)
    )
    if frame["label"].nunique() == 2:
        even = found.min(axis=1).clip(upper=per_generator)
        wanted = int(even.sum()) if per_class is None else min(per_class, int(even.sum()))
        assert kept["label"].value_counts().to_dict() == ({"real": wanted, "ai": wanted} if wanted else {})


@given(st.integers(0, 100), st.lists(st.integers(0, 40), min_size=1, max_size=8))
def test_shares_are_even_where_there_is_room(total, room):
    given_ = distribute(total, room)
    assert sum(given_) == min(total, sum(room)) and all(0 <= g <= r for g, r in zip(given_, room, strict=True))
    open_ = [g for g, r in zip(given_, room, strict=True) if g < r]
    assert all(g <= min(open_) + 1 for g in given_) if open_ else True


def test_each_cap_names_what_it_cut():
    found = {("real", "A"): 50, ("ai", "A"): 30, ("real", "B"): 10, ("ai", "B"): 10}
    assert limits(found, Caps(25, 40, True))["real", "A"] == {
        "max_per_generator": 40,
        "balance": 30,
        "max_per_class": 15,
    }
    frame = frame_of([(label, subset, f"{label}{subset}{i}") for (label, subset), n in found.items() for i in range(n)])
    frame["reason"] = apply_caps(frame, Caps(25, 40, True), 3)
    mine = frame[(frame["label"] == "real") & (frame["subset"] == "A")]
    assert mine["reason"].value_counts().to_dict() == {
        "max_per_generator": 10, "balance": 10, "max_per_class": 15, "": 15,
    }  # fmt: skip
