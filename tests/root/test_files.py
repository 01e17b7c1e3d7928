"""A file's sha256 is read once, and again when the file changes."""

import hashlib
import os

from cgid import files


def test_the_sum_of_a_file_is_kept_until_it_changes(tmp_path, monkeypatch):
    path = tmp_path / "a"
    path.write_bytes(b"one")
    assert files.cached_sha256(path) == files.sha256_of(path) == files.sha256_of(b"one")
    assert files.sha256_of(b"one") == hashlib.sha256(b"one").hexdigest()
    with monkeypatch.context() as patched:
        patched.setattr(files, "sha256_of", lambda source: "read again")
        assert files.cached_sha256(str(path)) == hashlib.sha256(b"one").hexdigest()
        os.utime(path, ns=(1, 1))
        assert files.cached_sha256(path) == "read again"
