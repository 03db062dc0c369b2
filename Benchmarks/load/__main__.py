"""Measures the release build against nginx on this machine. scripts/bench builds what it needs and calls it."""

import argparse
import pathlib
import resource
import subprocess
import tempfile

import cases
import report
from servers import NginxFiles


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__.splitlines()[0])
    parser.add_argument("case", nargs="*", metavar="CASE", help=f"one of {', '.join(cases.CASES)} (default: all)")
    parser.add_argument("--json", action="store_true", help="one JSON object a line instead of tables")
    parser.add_argument("--seconds", type=float, default=1, help=argparse.SUPPRESS)
    parser.add_argument("--runs", type=int, default=5, help=argparse.SUPPRESS)
    parser.add_argument("--dbmmo", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--handshakes", type=pathlib.Path, required=True, help=argparse.SUPPRESS)
    parser.add_argument("--nginx-root", type=pathlib.Path, default=pathlib.Path("/"), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    for name in chosen.case:
        if name not in cases.CASES:
            parser.error(f"no case {name}; there are {', '.join(cases.CASES)}")
    return chosen


def main():
    chosen = arguments()
    hard_limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard_limit, 16384), hard_limit))
    with tempfile.TemporaryDirectory(prefix="dbmmo-bench-") as folder:
        work = pathlib.Path(folder)
        # nginx started by root gives its worker another user.
        work.chmod(0o755)
        subprocess.run([chosen.dbmmo, "certs", "--dir", work / "certs"], check=True, stdout=subprocess.DEVNULL)
        bench = cases.Bench(
            dbmmo=chosen.dbmmo, nginx=NginxFiles(chosen.nginx_root), handshakes=chosen.handshakes, work=work, seconds=chosen.seconds,
            runs=chosen.runs)
        output = report.JSONLines() if chosen.json else report.Tables()
        for name in chosen.case or cases.CASES:
            for row in cases.CASES[name](bench):
                output.add(row)


main()
