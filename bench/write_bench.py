"""`kinesink write` of 2,000,000 rows into `kinesink local --discard`, measured from outside the program.

Runs of all cases are interleaved, so that a busy moment of the machine does not fall on one of them; the medians
are printed as a Markdown table.
"""

import argparse
import json
import os
import platform
import signal
import statistics
import subprocess
import sys
import tempfile

from local_server import ENVIRONMENT, PROGRAM, Server, finished, rows_file

CASES = [(tls, latency) for tls in (False, True) for latency in (0, 20)]


class CountedServer(Server):
    def __init__(self, tls, latency, folder):
        super().__init__(tls, folder, "--latency-ms", str(latency))
        self.wire_bytes = 0

    def stop(self):
        """Megabytes taken per second of CPU."""
        self.process.send_signal(signal.SIGTERM)
        _, cpu, _ = finished(self.process)
        return self.wire_bytes / 1e6 / cpu


def write(path, rows, arguments):
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen([PROGRAM, "write", "--stream", "events", "--stats", "json", *arguments, path],
                                   env=ENVIRONMENT, stdout=output)
        code, cpu, peak = finished(process)
        output.seek(0)
        stats = json.load(output)
    if code != 0 or stats["acknowledged"] != rows:
        sys.exit(f"write_bench: exit code {code}, {stats}")
    return {"rows/s": rows / stats["seconds"], "cpu": cpu / rows * 1e6, "peak": peak, "wire": stats["wire_bytes"],
            "payload": stats["payload_bytes"]}


def measure(path, rows, repeats):
    runs = {case: [] for case in CASES}
    with tempfile.TemporaryDirectory() as folder:
        servers = {case: CountedServer(*case, folder) for case in CASES}
        for repeat in range(repeats + 1):
            for case, server in servers.items():
                run = write(path, rows, server.arguments)
                server.wire_bytes += run["wire"]
                if repeat > 0:  # the first one warms the caches
                    runs[case].append(run)
        taken = {case: server.stop() for case, server in servers.items()}
    return runs, taken


def spread(runs, name, text):
    """The median, with the least and the most."""
    values = [run[name] for run in runs]
    return f"{text(statistics.median(values))} ({text(min(values))} to {text(max(values))})"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    path = rows_file(arguments.rows)
    print(f"\n{arguments.rows:,} rows into `kinesink local --discard` on the same machine "
          f"({os.cpu_count()} cores, {platform.machine()}); median (least to most) of {arguments.repeats} runs\n")
    runs, taken = measure(path, arguments.rows, arguments.repeats)
    print("| transport | latency | rows/s | CPU s per million rows | peak memory, MB | server: MB per CPU second |")
    print("|---|---|---|---|---|---|")
    for case in CASES:
        tls, latency = case
        print(f"| {'TLS' if tls else 'plain'} | {latency} ms | {spread(runs[case], 'rows/s', '{:,.0f}'.format)} "
              f"| {spread(runs[case], 'cpu', '{:.2f}'.format)} | {spread(runs[case], 'peak', lambda b: f'{b / 1e6:.0f}')} "
              f"| {taken[case]:,.0f} |")
    one = runs[CASES[0]][0]
    print(f"\n{one['payload'] / arguments.rows:.0f} bytes of JSON a row, {one['wire'] / arguments.rows:.0f} on the wire.")


if __name__ == "__main__":
    main()
