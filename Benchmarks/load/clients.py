"""The load: h2load for requests and a program of our own for handshakes, on the core that the server leaves free."""

import dataclasses
import pathlib
import statistics
import subprocess
import time

from servers import Server

HTTP1 = "http/1.1"
HTTP2 = "h2"

# Seconds of load before it counts.
WARM_UP = 0.2


@dataclasses.dataclass
class Sample:
    """What one run showed. Times are in microseconds."""

    requests_per_second: float
    cpu: float
    # How much of one core the server had; less than 1 under full load means that others had it, or that the client was too slow.
    busy: float
    p50: float
    p99: float
    resident: int = 0
    peak: int = 0


@dataclasses.dataclass
class Load:
    path: str
    body: pathlib.Path
    protocol: str
    connections: int = 8
    # Under way on each connection of HTTP/2.
    streams: int = 10
    # Requests in a second, of all connections together; as fast as it goes when there is none.
    rate: float = 0
    cores: str = "1"


def steady(server: Server, load: Load, seconds: float, work: pathlib.Path) -> Sample:
    """Loads the server and looks at the middle of that: handshakes, the first requests and the last ones do not count."""
    log = work / "requests.log"
    # Ended from outside: with a duration of its own (-D), h2load 1.52 sometimes never ends when it has a thousand connections.
    client = start(server, load, 1_000_000_000, log)
    # Three answers for each connection: their handshakes are done.
    await_answers(server, client, log, 3 * load.connections)
    time.sleep(WARM_UP)
    server.reset_peak()
    began, cpu, before = time.time(), server.cpu_seconds(), count(log)
    time.sleep(seconds)
    # On a busy machine it may take longer until there is something to look at.
    await_answers(server, client, log, before + 100)
    ended, cpu = time.time(), server.cpu_seconds() - cpu
    resident, peak = server.resident_bytes(), server.peak_bytes()
    client.terminate()
    client.communicate()
    server.require_life()
    latencies = [latency for end, latency in answers(server, log) if began <= end / 1e6 < ended]
    return sample(latencies, ended - began, cpu, resident, peak)


def counted(server: Server, load: Load, requests: int, work: pathlib.Path) -> Sample:
    """As many requests as were asked for, and all of them count: for those that take long."""
    log = work / "requests.log"
    server.reset_peak()
    cpu = server.cpu_seconds()
    client = start(server, load, requests, log)
    output = client.communicate()[0]
    cpu = server.cpu_seconds() - cpu
    server.require_life()
    rows = list(answers(server, log))
    if len(rows) != requests:
        raise SystemExit(f"error: {server.name} has not answered every request:\n{output}")
    latencies = [latency for _, latency in rows]
    began = min(end - latency for end, latency in rows)
    seconds = (max(end for end, _ in rows) - began) / 1e6
    return sample(latencies, seconds, cpu, server.resident_bytes(), server.peak_bytes())


def start(server: Server, load: Load, requests: int, log: pathlib.Path) -> subprocess.Popen:
    protocol = ["--h1"] if load.protocol == HTTP1 else ["--max-concurrent-streams", str(load.streams)]
    rate = ["--rps", f"{load.rate / load.connections:.1f}"] if load.rate else []
    log.unlink(missing_ok=True)
    return subprocess.Popen(
        ["taskset", "--cpu-list", load.cores, "h2load", *protocol, *rate, "--requests", str(requests), "--clients", str(load.connections),
         "--tls13-ciphers", "TLS_AES_128_GCM_SHA256", "--groups", "X25519", "--log-file", log, "--data", load.body,
         "--header", "content-type: application/json", server.url(load.path)],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def count(log: pathlib.Path) -> int:
    return log.read_bytes().count(b"\n") if log.exists() else 0


def await_answers(server: Server, client: subprocess.Popen, log: pathlib.Path, wanted: int):
    deadline = time.monotonic() + 60
    while count(log) < wanted:
        if client.poll() is not None or time.monotonic() > deadline:
            client.kill()
            raise SystemExit(f"error: {server.name} does not answer:\n{client.communicate()[0]}")
        time.sleep(0.01)


def answers(server: Server, log: pathlib.Path):
    """(end, latency) of each answer, in microseconds; the end since the epoch. The last line may be cut off."""
    lines = log.read_text() if log.exists() else ""
    for line in lines.splitlines(keepends=True):
        if not line.endswith("\n"):
            return
        start_time, status, latency = line.split("\t")[:3]
        if status != "200":
            raise SystemExit(f"error: {server.name} has answered {status}")
        yield int(start_time) + int(latency), int(latency)


def sample(latencies: list, seconds: float, cpu: float, resident: int, peak: int) -> Sample:
    latencies.sort()
    total = len(latencies)
    return Sample(
        requests_per_second=total / seconds, cpu=cpu / total * 1e6, busy=cpu / seconds, p50=statistics.median(latencies),
        p99=latencies[min(total - 1, total * 99 // 100)], resident=resident, peak=peak)


@dataclasses.dataclass
class Handshakes:
    per_second: float
    # Microseconds.
    cpu: float
    busy: float


def handshakes(server: Server, program: pathlib.Path, version: str, resumed: bool, seconds: float) -> Handshakes:
    """New connections, one after the other on each of four threads, closed after the handshake."""
    arguments = [str(server.port), version, "resumed" if resumed else "full", str(seconds)]
    cpu = server.cpu_seconds()
    run = subprocess.run(["taskset", "--cpu-list", "1", program, *arguments], capture_output=True, text=True)
    # The last ones may not have been cleared away yet.
    time.sleep(0.05)
    cpu = server.cpu_seconds() - cpu
    if run.returncode:
        raise SystemExit(f"error: handshakes with {server.name}: {run.stderr}")
    count, elapsed = run.stdout.split()
    return Handshakes(per_second=int(count) / float(elapsed), cpu=cpu / int(count) * 1e6, busy=cpu / float(elapsed))
