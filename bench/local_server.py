"""What the benches here share: where programs are, their environment, the local server, rows in files, and what the
system counts of a process."""

import atexit
import json
import os
import re
import signal
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BIN = os.path.join(ROOT, "build", "bin")
PROGRAM = os.environ.get("KINESINK_PROGRAM", os.path.join(BIN, "kinesink"))
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
    "AWS_EC2_METADATA_DISABLED": "true", "AWS_REGION": "us-east-1", "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull, "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}


def finished(process):
    """Waits; what the system says the process used: (exit code, CPU seconds, peak resident bytes)."""
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, used.ru_utime + used.ru_stime, used.ru_maxrss * 1024


def cpu_seconds(pid):
    """Of a process so far."""
    with open(f"/proc/{pid}/stat", encoding="ascii") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Server:
    """`kinesink local --discard` on a free port; `arguments` are what a client is given to find it."""

    def __init__(self, tls, folder, *options, stream="events:4"):
        ca_file = os.path.join(folder, f"ca-{tls}-{'-'.join(options)}.pem")
        command = [PROGRAM, "local", "--port", "0", "--stream", stream, "--discard", *options]
        command += ["--tls", "--ca-file", ca_file] if tls else []
        self.process = subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                        text=True)
        atexit.register(self.process.kill)  # whatever ends this program; harmless after stop()
        url = re.search(r"https?://\S+", self.process.stdout.readline())
        if url is None:
            sys.exit("the local server did not start")
        self.arguments = ["--endpoint-url", url.group()]
        self.arguments += ["--ca-bundle", ca_file] if tls else []

    def cpu_seconds(self):
        return cpu_seconds(self.process.pid)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()


def run(command, what):
    """The one line of JSON that the command prints; the end of everything if it fails."""
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{what}: exit code {done.returncode}: {done.stderr.strip()[-1000:]}\n{' '.join(command)}")
    return json.loads(done.stdout)


def rows_file(rows, payload=0):
    """An Arrow IPC stream in build/ of gen_events.py's rows, or of so many bytes each; made once.

    Another process makes it: a child's peak memory, as the system counts it, begins with that of its parent."""
    name = f"payloads-{payload}-{rows}" if payload else f"events-{rows}"
    path = os.path.join(ROOT, "build", name + ".arrows")
    if not os.path.exists(path):
        generator = os.path.join(ROOT, "bench", "gen_events.py")
        subprocess.run([sys.executable, "-B", generator, path + ".part", str(rows), str(payload)], check=True)
        os.rename(path + ".part", path)
    return path
