"""Where the picture comes from, by what its file says: credentials, generator, camera, thumbnail."""

from __future__ import annotations

from cgid.ui.check import provenance
from cgid.ui.check.section import Section

SECTION = Section("origin", "Origin", ":material/history_edu:", 3, provenance.show)
