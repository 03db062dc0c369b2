"""The servers that are compared, each pinned to the cores that it is given, and what the system tells of their processes."""

import os
import pathlib
import re
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A running server and its child processes."""

    def __init__(self, name: str, command: list, cores: str, log: pathlib.Path, port: int):
        self.name = name
        self.port = port
        self._log = log
        # "0,1" for two cores.
        self._process = subprocess.Popen(["taskset", "--cpu-list", cores, *map(str, command)], stdin=subprocess.DEVNULL,
                                         stdout=subprocess.DEVNULL, stderr=log.open("wb"))

    def url(self, path: str) -> str:
        return f"https://127.0.0.1:{self.port}{path}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    @property
    def process_id(self) -> int:
        return self._process.pid

    def require_life(self):
        if self._process.poll() is not None:
            raise SystemExit(f"error: {self.name} has ended:\n{self._log.read_text()}")

    def cpu_seconds(self) -> float:
        """CPU time of all threads, in the nanosecond resolution of the scheduler's own count."""
        nanoseconds = 0
        for process in self._processes():
            for task in pathlib.Path(f"/proc/{process}/task").iterdir():
                nanoseconds += int((task / "schedstat").read_text().split()[0])
        return nanoseconds / 1e9

    def resident_bytes(self) -> int:
        return self._status_sum("VmRSS")

    def anonymous_bytes(self) -> int:
        """What is resident and not mapped from a file."""
        return self._status_sum("RssAnon")

    def peak_bytes(self) -> int:
        return self._status_sum("VmHWM")

    def reset_peak(self):
        """Makes the peak of resident memory what is resident now (proc(5), clear_refs)."""
        for process in self._processes():
            pathlib.Path(f"/proc/{process}/clear_refs").write_text("5")

    def _status_sum(self, field: str) -> int:
        kibibytes = 0
        for process in self._processes():
            status = pathlib.Path(f"/proc/{process}/status").read_text()
            kibibytes += int(re.search(rf"^{field}:\s+(\d+) kB", status, re.MULTILINE)[1])
        return kibibytes * 1024

    def _processes(self) -> list:
        main = self.process_id
        children = pathlib.Path(f"/proc/{main}/task/{main}/children").read_text().split()
        return [main, *map(int, children)]


class Dbmmo(Server):
    """The release build; `seconds_until_ready` is from its start until /readyz said so."""

    def __init__(self, binary: pathlib.Path, work: pathlib.Path, cores: str = "0", threads: int = 1):
        self._operations = free_port()
        started = time.monotonic()
        port = free_port()
        super().__init__(
            "dbmmo",
            [binary, "serve", "--cert-dir", work / "certs", "--listen", f"127.0.0.1:{port}", "--ops-listen",
             f"127.0.0.1:{self._operations}", "--threads", threads, "--shutdown-delay", "0s"],
            cores, work / "dbmmo.log", port)
        while not self._is_ready():
            self.require_life()
            time.sleep(0.0005)
        self.seconds_until_ready = time.monotonic() - started

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self._operations}/readyz", timeout=5) as answer:
                return answer.status == 200
        except (urllib.error.URLError, ConnectionError):
            return False


class Nginx(Server):
    """nginx with the same certificate, which reads the whole body of a POST and answers with as many bytes as dbmmo did.

    Debian's module echo reads the body; nginx alone would answer before it came, and then take the rest of it for a flood on HTTP/2.
    """

    # Longer answers stand in files.
    LONGEST_IN_MEMORY = 64 * 1024

    def __init__(self, installation: "NginxFiles", work: pathlib.Path, answer_sizes: dict, cores: str = "0", workers: int = 1):
        folder = work / "nginx"
        (folder / "answers").mkdir(parents=True, exist_ok=True)
        port = free_port()
        locations = [self._location(folder / "answers", path, size) for path, size in answer_sizes.items()]
        (folder / "nginx.conf").write_text(f"""
            load_module {installation.echo_module};
            daemon off; worker_processes {workers}; pid {folder}/pid; error_log stderr crit; worker_rlimit_nofile 8192;
            {'user root;' if os.geteuid() == 0 else ''}
            events {{ worker_connections 4096; }}
            http {{
                access_log off; default_type application/json; keepalive_requests 1000000000;
                client_max_body_size 0; client_body_buffer_size 64m;
                client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
                uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
                server {{
                    listen 127.0.0.1:{port} ssl http2 backlog=4096;
                    ssl_certificate {work}/certs/tls.crt; ssl_certificate_key {work}/certs/tls.key; ssl_protocols TLSv1.2 TLSv1.3;
                    {''.join(locations)}
                }}
            }}
            """)
        command = [installation.program, "-p", folder, "-e", "stderr", "-c", folder / "nginx.conf"]
        super().__init__("nginx", command, cores, work / "nginx.log", port)
        while True:
            self.require_life()
            try:
                socket.create_connection(("127.0.0.1", port), timeout=5).close()
                return
            except ConnectionRefusedError:
                time.sleep(0.01)

    @classmethod
    def _location(cls, answers: pathlib.Path, path: str, size: int) -> str:
        if size <= cls.LONGEST_IN_MEMORY:
            return f"location = {path} {{ echo_read_request_body; echo_duplicate {size} x; }}\n"
        file = answers / path.strip("/")
        file.write_bytes(b"x" * size)
        # A file is not for POST, says nginx; the page for that error is the file.
        return (f"location = {path} {{ echo_read_request_body; echo_exec /answers{path}; }}\n"
                f"location = /answers{path} {{ alias {file}; error_page 405 =200 /answers{path}; }}\n")


class NginxFiles:
    """Where nginx is: installed, or unpacked from Debian's packages below a directory."""

    def __init__(self, root: pathlib.Path):
        self.program = root / "usr/sbin/nginx"
        self.echo_module = root / "usr/lib/nginx/modules/ngx_http_echo_module.so"
        for file in (self.program, self.echo_module):
            if not file.exists():
                raise SystemExit(f"error: {file} is missing")
