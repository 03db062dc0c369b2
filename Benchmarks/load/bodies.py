"""What is sent: recorded reviews, and reviews of many objects made from a recorded one."""

import json
import pathlib

REVIEWS = pathlib.Path(__file__).resolve().parents[2] / "Tests/TestSupport/Fixtures/reviews"


def recorded(name: str) -> bytes:
    return (REVIEWS / f"{name}.json").read_bytes()


def update() -> bytes:
    """An UPDATE of 6 kB. As five of the eight recorded updates do, it leaves the spec as it is."""
    return recorded("09-server-side-apply-4")


def spec_update() -> bytes:
    """An UPDATE of 5 kB that changes the spec."""
    return recorded("06-server-side-apply-1")


def create() -> bytes:
    return recorded("01-apply-create")


def conversion(count: int) -> bytes:
    """A ConversionReview of `count` objects, each a recorded one of 3 kB under a name of its own."""
    source = json.loads(recorded("07-server-side-apply-2"))["request"]["object"]
    objects = []
    for number in range(count):
        metadata = {**source["metadata"], "name": f"orders-{number:05}"}
        objects.append({**source, "metadata": metadata})
    return compact({
        "kind": "ConversionReview", "apiVersion": "apiextensions.k8s.io/v1",
        "request": {"uid": "4f6a6d1c-2f0b-4a2e-9a52-6c3f8b0f7c11", "desiredAPIVersion": "cache.my.domain/v1", "objects": objects}})


def compact(value) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()
