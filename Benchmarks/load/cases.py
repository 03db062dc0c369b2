"""What is measured. Each case gives rows of figures; every figure is the median of some short runs, which change between dbmmo and nginx
so that whatever else the machine does meets both, and a ratio is the median of the ratios of neighbouring runs."""

import dataclasses
import http.client
import pathlib
import ssl
import statistics
import time
from typing import Callable, Iterator

import bodies
import clients
from clients import HTTP1, HTTP2, Load
from servers import Dbmmo, Nginx, NginxFiles, Server


@dataclasses.dataclass
class Row:
    case: str
    labels: dict
    figures: dict


@dataclasses.dataclass
class Bench:
    """What all cases need."""

    dbmmo: pathlib.Path
    nginx: NginxFiles
    handshakes: pathlib.Path
    work: pathlib.Path
    seconds: float
    runs: int

    def file(self, name: str, body: bytes) -> pathlib.Path:
        file = self.work / name
        file.write_bytes(body)
        return file

    def answer_size(self, server: Server, path: str, body: bytes) -> int:
        """How long the answer to a review is; it must be the one that is expected."""
        context = ssl.create_default_context(cafile=str(self.work / "certs/ca.crt"))
        connection = http.client.HTTPSConnection("127.0.0.1", server.port, context=context)
        connection.request("POST", path, body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        answer = response.read()
        connection.close()
        if response.status != 200 or not (b'"allowed":true' in answer or b'"status":"Success"' in answer[-200:]):
            raise SystemExit(f"error: {path} answers {response.status} {answer[:500]!r}")
        return len(answer)

    def pair(self, path: str, body: bytes, threads: int = 1):
        """dbmmo and nginx, both on the server's core, or on all when there are more threads."""
        cores = "0" if threads == 1 else f"0-{threads - 1}"
        dbmmo = Dbmmo(self.dbmmo, self.work, cores, threads)
        try:
            nginx = Nginx(self.nginx, self.work, {path: self.answer_size(dbmmo, path, body)}, cores, threads)
        except BaseException:
            dbmmo.__exit__()
            raise
        return dbmmo, nginx

    def alternate(self, dbmmo: Server, nginx: Server, run: Callable) -> tuple:
        """The samples of both servers, of as many runs as were asked for."""
        pairs = [(run(dbmmo), run(nginx)) for _ in range(self.runs)]
        return [mine for mine, _ in pairs], [other for _, other in pairs]


def median(samples: list, field: str) -> float:
    return statistics.median(getattr(sample, field) for sample in samples)


def ratio(mine: list, others: list, field: str) -> float:
    return statistics.median(getattr(a, field) / getattr(b, field) for a, b in zip(mine, others))


def megabytes(count: float) -> float:
    return count / 1e6


def figures(mine: list, others: list) -> dict:
    return {
        "requests_per_second": median(mine, "requests_per_second"), "nginx": median(others, "requests_per_second"),
        "ratio": ratio(mine, others, "requests_per_second"),
        "cpu_us": median(mine, "cpu"), "nginx_cpu_us": median(others, "cpu"),
        "cpu_ratio": 1 / ratio(mine, others, "cpu"),
        "busy": median(mine, "busy"), "nginx_busy": median(others, "busy"),
        "p50_us": median(mine, "p50"), "p99_us": median(mine, "p99"), "nginx_p99_us": median(others, "p99"),
        "peak_mb": megabytes(median(mine, "peak"))}


# Reviews that are answered in well under a millisecond.

def requests(name: str, path: str, body: bytes) -> Callable:
    def measure(bench: Bench) -> Iterator[Row]:
        file = bench.file(name, body)
        dbmmo, nginx = bench.pair(path, body)
        with dbmmo, nginx:
            for protocol in (HTTP1, HTTP2):
                load = Load(path, file, protocol)
                mine, others = bench.alternate(dbmmo, nginx, lambda server: clients.steady(server, load, bench.seconds, bench.work))
                yield Row("requests", {"review": name, "protocol": protocol}, figures(mine, others))
    return measure


def conversions(count: int, requests_in_a_run: int) -> Callable:
    def measure(bench: Bench) -> Iterator[Row]:
        body = bodies.conversion(count)
        file = bench.file("conversion", body)
        dbmmo, nginx = bench.pair("/convert", body)
        with dbmmo, nginx:
            for protocol in (HTTP1, HTTP2):
                load = Load("/convert", file, protocol, connections=1, streams=1)
                mine, others = bench.alternate(
                    dbmmo, nginx, lambda server: clients.counted(server, load, requests_in_a_run, bench.work))
                time.sleep(1)
                yield Row("conversions", {"objects": count, "protocol": protocol}, {
                    "ms": median(mine, "p50") / 1000, "nginx_ms": median(others, "p50") / 1000, "cpu_ms": median(mine, "cpu") / 1000,
                    "nginx_cpu_ms": median(others, "cpu") / 1000, "request_mb": megabytes(len(body)),
                    "peak_mb": megabytes(max(sample.peak for sample in mine)),
                    "peak_per_request": max(sample.peak for sample in mine) / len(body), "afterwards_mb": megabytes(dbmmo.resident_bytes())})
    return measure


def half_load(bench: Bench) -> Iterator[Row]:
    """At half the rate that dbmmo reaches, the same for nginx. h2load sends what is due every 10 ms, as fast as it goes; one request at a time on
    each connection, so that few of them stand in line behind each other."""
    body = bodies.update()
    file = bench.file("update", body)
    dbmmo, nginx = bench.pair("/validate", body)
    with dbmmo, nginx:
        for protocol in (HTTP1, HTTP2):
            full = clients.steady(dbmmo, Load("/validate", file, protocol), bench.seconds, bench.work)
            # What it would reach if nothing else ran on its core.
            load = Load("/validate", file, protocol, streams=1, rate=0.5e6 / full.cpu)
            mine, others = bench.alternate(dbmmo, nginx, lambda server: clients.steady(server, load, bench.seconds, bench.work))
            yield Row("half-load", {"protocol": protocol}, {
                "requests_per_second": median(mine, "requests_per_second"), "busy": median(mine, "busy"), "p50_us": median(mine, "p50"),
                "p99_us": median(mine, "p99"), "nginx_p50_us": median(others, "p50"), "nginx_p99_us": median(others, "p99")})


def connections(bench: Bench) -> Iterator[Row]:
    body = bodies.update()
    file = bench.file("update", body)
    for protocol in (HTTP1, HTTP2):
        for count in (1, 10, 100, 1000):
            dbmmo, nginx = bench.pair("/validate", body)
            with dbmmo, nginx:
                load = Load("/validate", file, protocol, connections=count)
                mine, others = bench.alternate(dbmmo, nginx, lambda server: clients.steady(server, load, bench.seconds, bench.work))
                yield Row("connections", {"protocol": protocol, "connections": count}, figures(mine, others))


def threads(bench: Bench) -> Iterator[Row]:
    """One thread and two. The load generator has to share the cores with the second, so this tells less than it would on a larger machine."""
    body = bodies.update()
    file = bench.file("update", body)
    for protocol in (HTTP1, HTTP2):
        for count in (1, 2):
            dbmmo, nginx = bench.pair("/validate", body, threads=count)
            with dbmmo, nginx:
                load = Load("/validate", file, protocol, connections=16, cores="0-1" if count > 1 else "1")
                mine, others = bench.alternate(dbmmo, nginx, lambda server: clients.steady(server, load, bench.seconds, bench.work))
                yield Row("threads", {"protocol": protocol, "threads": count}, figures(mine, others))


def handshakes(bench: Bench) -> Iterator[Row]:
    body = bodies.update()
    dbmmo, nginx = bench.pair("/validate", body)
    with dbmmo, nginx:
        for version in ("1.3", "1.2"):
            full = bench.alternate(dbmmo, nginx, lambda server: clients.handshakes(server, bench.handshakes, version, False, bench.seconds))
            resumed = bench.alternate(dbmmo, nginx, lambda server: clients.handshakes(server, bench.handshakes, version, True, bench.seconds))
            for kind, (mine, others) in (("full", full), ("resumed", resumed)):
                yield Row("handshakes", {"TLS": version, "kind": kind}, {
                    "connections_per_second": median(mine, "per_second"), "nginx": median(others, "per_second"),
                    "ratio": ratio(mine, others, "per_second"), "cpu_us": median(mine, "cpu"), "nginx_cpu_us": median(others, "cpu"),
                    "cpu_ratio": 1 / ratio(mine, others, "cpu"), "busy": median(mine, "busy"),
                    "times_full": ratio(mine, full[0], "per_second"), "nginx_times_full": ratio(others, full[1], "per_second")})


def process(bench: Bench) -> Iterator[Row]:
    """From the start to ready, and what is resident over ten seconds without requests, in which the server looks at itself twice."""
    ready, resident, anonymous = [], [], []
    for _ in range(max(bench.runs, 10)):
        with Dbmmo(bench.dbmmo, bench.work) as dbmmo:
            ready.append(dbmmo.seconds_until_ready * 1000)
    with Dbmmo(bench.dbmmo, bench.work) as dbmmo:
        time.sleep(3)
        for _ in range(40):
            resident.append(megabytes(dbmmo.resident_bytes()))
            anonymous.append(megabytes(dbmmo.anonymous_bytes()))
            time.sleep(0.25)
    yield Row("process", {}, {
        "ready_ms": statistics.median(ready), "fastest_ms": min(ready), "idle_mb": statistics.median(resident),
        "idle_highest_mb": max(resident), "idle_private_mb": statistics.median(anonymous)})


CASES = {
    "validate-update": requests("validate-update", "/validate", bodies.update()),
    "validate-spec-update": requests("validate-spec-update", "/validate", bodies.spec_update()),
    "validate-create": requests("validate-create", "/validate", bodies.create()),
    "mutate-create": requests("mutate-create", "/mutate", bodies.create()),
    "convert-1": requests("convert-1", "/convert", bodies.conversion(1)),
    "convert-1000": conversions(1000, 20),
    "convert-10000": conversions(10_000, 3),
    "half-load": half_load,
    "handshakes": handshakes,
    "process": process,
    "connections": connections,
    "threads": threads,
}
