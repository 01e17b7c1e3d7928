"""Colours shared by all charts. Class is never encoded by colour alone, but also by label, shape or position."""

REAL, AI = "#3b82c4", "#d9722e"
CLASSES = ("real", "ai")
CLASS_NAMES = {"real": "Real photo", "ai": "AI image"}
CLASS_COLOURS = (REAL, AI)
SEVERITIES = {"issue": "#c0392b", "warning": "#b8860b", "none": "#6b7a8c", "passed": "#2f9e83"}
MUTED = "#6b7a8c"
VERDICT_COLOURS = {
    "declared_ai": "#7a5cc0",
    "likely_ai": AI,
    "inconclusive": MUTED,
    "likely_real": REAL,
    "unreadable": SEVERITIES["issue"],
}
