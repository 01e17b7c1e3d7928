"""Store of feature values by image content, so that no content is extracted twice.

artifacts/features/store/<group>-v<version>[-<variant>]/<shard>.parquet, one row per image: `key`, the group's columns, and
`problem` (why the group failed on it, else empty). Shards are written atomically, by any number of processes; small shards are
merged occasionally.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from cgid.features.group import FeatureGroup
from cgid.files import atomic
from cgid.settings import settings

if TYPE_CHECKING:
    import pyarrow as pa

Row = tuple[Mapping[str, float], str]  # ({column: value}, problem)
MERGE_ABOVE = 32  # shards of a group
_KEY, _PROBLEM = "key", "problem"


def cache_names(groups: Mapping[str, FeatureGroup]) -> dict[str, str]:
    """{group key: folder name}. It depends on the version, the variant and the groups it reads.

    `groups` must contain dependencies before the groups that read them (the registry's order).
    """
    names: dict[str, str] = {}
    for key, group in groups.items():
        name = f"{key}-v{group.version}"
        depends = [group.variant() if group.variant else "", *(names[k] for k in group.after)]
        if any(depends):
            name += "-" + hashlib.sha256("\n".join(depends).encode()).hexdigest()[:12]
        names[key] = name
    return names


class GroupStore:
    """The values of one group. name: from `cache_names`. columns: the group's."""

    def __init__(self, name: str, columns: Collection[str], root: Path | None = None) -> None:
        self.folder = (root or settings().features / "store") / name
        self.columns = tuple(columns)

    def known(self, requested: Collection[str]) -> set[str]:
        """Those of `requested` that are stored."""
        if not self.folder.is_dir():
            return set()
        return set(self._table(requested, [_KEY]).column(_KEY).to_pylist())

    def read(self, requested: Collection[str]) -> dict[str, Row]:
        """{key: ({column: value}, problem)} of those of `requested` that are stored."""
        table = self._table(requested, [_KEY, *self.columns, _PROBLEM])
        values = [table.column(c).to_pylist() for c in self.columns]
        keys, problems = table.column(_KEY).to_pylist(), table.column(_PROBLEM).to_pylist()
        return {k: (dict(zip(self.columns, row)), p) for k, p, row in zip(keys, problems, zip(*values))}

    def columns_for(self, keys: Sequence[str]) -> tuple[dict[str, np.ndarray], list[str]]:
        """({column: float64 values in the order of `keys`}, the problem of each). KeyError where one is missing."""
        table = self._table(set(keys), [_KEY, *self.columns, _PROBLEM])
        position = {key: i for i, key in enumerate(table.column(_KEY).to_pylist())}
        rows = np.array([position[key] for key in keys], dtype=np.intp)
        problems = table.column(_PROBLEM).to_pylist()
        return {c: table.column(c).to_numpy()[rows] for c in self.columns}, [problems[i] for i in rows]

    def add(self, keys: Sequence[str], numbers: np.ndarray, problems: Sequence[str]) -> None:
        """Write one shard. numbers: float64 (keys, columns). problems: "" where there was none."""
        import pyarrow as pa

        if not len(keys):
            return
        columns = {c: pa.array(np.ascontiguousarray(numbers[:, i])) for i, c in enumerate(self.columns)}
        self._write(pa.table({_KEY: list(keys), **columns, _PROBLEM: list(problems)}))

    def merge(self) -> None:
        """Merge shards into one. An interruption leaves duplicate rows, which readers tolerate."""
        shards = sorted(self.folder.glob("*.parquet"))
        if len(shards) <= MERGE_ABOVE:
            return
        import pyarrow as pa
        import pyarrow.parquet as pq

        try:
            merged = self._write(pa.concat_tables([pq.read_table(s) for s in shards]))
        except FileNotFoundError:
            return  # another process is merging them
        for shard in shards:
            if shard != merged:
                shard.unlink(missing_ok=True)

    def _write(self, table: pa.Table) -> Path:
        import pyarrow.parquet as pq

        name = hashlib.sha256("\n".join(table.column(_KEY).to_pylist()).encode()).hexdigest()[:24]
        path = self.folder / f"{name}.parquet"
        with atomic(path, suffix=".part") as temporary:
            pq.write_table(table, temporary)
        return path

    def _table(self, requested: Collection[str], columns: list[str]) -> pa.Table:
        """Rows of `requested`; retries where another process merges the shards at the same time."""
        import pyarrow as pa
        import pyarrow.dataset as ds

        keys = pa.array(sorted(requested), pa.string())
        for attempt in range(5):
            shards = sorted(str(p) for p in self.folder.glob("*.parquet"))
            if not shards or not len(keys):
                break
            try:
                return ds.dataset(shards, format="parquet").to_table(
                    columns=columns, filter=ds.field(_KEY).isin(keys), use_threads=False
                )
            except FileNotFoundError:
                if attempt == 4:
                    raise
        kinds = {_KEY: pa.string(), _PROBLEM: pa.string()}
        return pa.schema([(c, kinds.get(c, pa.float64())) for c in columns]).empty_table()
