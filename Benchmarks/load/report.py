"""Prints rows as they come: tables for people, or JSON lines."""

import json

from cases import Row


class JSONLines:
    def add(self, row: Row):
        print(json.dumps({"case": row.case, **row.labels, **row.figures}), flush=True)


class Tables:
    """A table for each case; its head is printed with its first row."""

    def __init__(self):
        self._case = None

    def add(self, row: Row):
        cells = {name: str(value) for name, value in row.labels.items()} | {name: number(value) for name, value in row.figures.items()}
        widths = {name: max(len(head(name)), (20 if name == "review" else 11) if name in row.labels else 8) for name in cells}
        if row.case != self._case:
            print(f"\n{row.case}")
            print("  ".join(head(name).ljust(widths[name]) if name in row.labels else head(name).rjust(widths[name]) for name in cells))
            self._case = row.case
        print("  ".join(text.ljust(widths[name]) if name in row.labels else text.rjust(widths[name]) for name, text in cells.items()),
              flush=True)


def head(name: str) -> str:
    return name.replace("_per_second", "/s").replace("_us", "_µs").replace("_mb", "_MB").replace("_per_", "/").replace("_", " ")


def number(value: float) -> str:
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"
