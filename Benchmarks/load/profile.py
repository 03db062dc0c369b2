"""Shows in which functions the release build spends its time, with perf (Debian: linux-perf)."""

import argparse
import collections
import pathlib
import re
import subprocess
import tempfile
import time

import bodies
import clients
from clients import HTTP1, HTTP2, Load
from servers import Dbmmo

LOADS = {
    "validate-http1": (bodies.update, lambda file: Load("/validate", file, HTTP1)),
    "validate-http2": (bodies.update, lambda file: Load("/validate", file, HTTP2)),
    "mutate-http1": (bodies.create, lambda file: Load("/mutate", file, HTTP1)),
    "convert": (lambda: bodies.conversion(10_000), lambda file: Load("/convert", file, HTTP1, connections=1)),
}

# Below these every sample looks alike.
NOT_TOLD = re.compile(r"start_thread|NIOThread|ThreadOpsPosix|EventLoopGroup|SelectableEventLoop|Selector|thunk for|^k:entry_|^k:do_syscall|^k:x64_sys_call")


def record(binary: pathlib.Path, name: str, seconds: float, work: pathlib.Path) -> list:
    """The stacks that were seen, each from the innermost function outwards."""
    body, load = LOADS[name]
    file = work / "body"
    file.write_bytes(body())
    with Dbmmo(binary, work) as dbmmo:
        log = work / "requests.log"
        client = clients.start(dbmmo, load(file), 1_000_000_000, log)
        clients.await_answers(dbmmo, client, log, 3)
        # The stacks of frame pointers, which Swift keeps; a clock, since virtual machines seldom have counters.
        subprocess.run(
            ["perf", "record", "--quiet", "--event", "cpu-clock", "--freq", "4999", "--call-graph", "fp", "--pid", str(dbmmo.process_id),
             "--output", work / "perf.data", "--", "sleep", str(seconds)], check=True)
        client.terminate()
        client.communicate()
    script = subprocess.run(["perf", "script", "--input", work / "perf.data", "--fields", "ip,sym,dso", "--no-demangle"], check=True,
                            capture_output=True, text=True, errors="replace").stdout
    stacks = [re.findall(r"^\s+[0-9a-f]+ (\S+) \((.*)\)$", stack, re.MULTILINE) for stack in script.split("\n\n")]
    names = demangled({symbol for stack in stacks for symbol, _ in stack})
    return [[function(names[symbol], file) for symbol, file in stack] for stack in stacks if stack]


def demangled(symbols: set) -> dict:
    """The names of Swift and C++ functions in words."""
    ordered = sorted(symbols)
    names = "\n".join(ordered)
    for tool in (["swift", "demangle", "--simplified", "--compact"], ["c++filt", "--no-params"]):
        names = subprocess.run(tool, input=names, check=True, capture_output=True, text=True).stdout
    return dict(zip(ordered, names.splitlines()))


def function(name: str, file: str) -> str:
    if "kernel" in file:
        return f"k:{name}"
    return f"({pathlib.Path(file).name})" if name == "[unknown]" else name


def main():
    parser = argparse.ArgumentParser(prog="Benchmarks/profile", description=__doc__)
    parser.add_argument("load", nargs="*", metavar="LOAD", help=f"one of {', '.join(LOADS)} (default: all)")
    parser.add_argument("--seconds", type=float, default=5, help="how long to look (default: 5)")
    parser.add_argument("--lines", type=int, default=30, help="how many functions to print (default: 30)")
    parser.add_argument("--dbmmo", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="dbmmo-profile-") as folder:
        work = pathlib.Path(folder)
        subprocess.run([chosen.dbmmo, "certs", "--dir", work / "certs"], check=True, stdout=subprocess.DEVNULL)
        for name in chosen.load or LOADS:
            stacks = record(chosen.dbmmo, name, chosen.seconds, work)
            own = collections.Counter(stack[0] for stack in stacks)
            inclusive = collections.Counter(entry for stack in stacks for entry in set(stack) if not NOT_TOLD.search(entry))
            for title, counter in (("by itself", own), ("with what it calls", inclusive)):
                print(f"\n{name}, {title}")
                for entry, count in counter.most_common(chosen.lines):
                    print(f"{100 * count / len(stacks):5.1f} %  {entry[:120]}")


main()
