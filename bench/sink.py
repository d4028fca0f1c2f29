"""The sink over real sockets: `kinesink write` and the C++ API (kinesink_throughput) into `kinesink local --discard`.

One thing is varied at a time from a base point, 175 bytes of JSON a row and 16 requests in flight, over HTTP and HTTPS,
answers at once: the size of rows (others than 175 are copied as they are), requests in flight, latency, throttled
shards. --full measures every combination. The API's part is timed with rows in memory, after a first request;
the program's is all of it, start and file included, and its allocations and system calls are not counted. System calls
of a request are the difference of a longer and a shorter run under strace. A run that fails ends everything.
"""

import argparse
import collections
import itertools
import json
import os
import platform
import random
import shutil
import statistics
import subprocess
import sys
import tempfile

from local_server import BIN, ENVIRONMENT, PROGRAM, Server, finished, rows_file, run

THROUGHPUT = os.path.join(BIN, "kinesink_throughput")
MIB = 1 << 20
KEY = 8                   # bytes of a random partition key, which count in a record's 1 MiB
EVENTS = 175              # bytes of JSON, on average, of gen_events.py's rows
# Bytes of a row: rows of the file that `kinesink write` reads.
SIZES = {20: 4_000_000, EVENTS: 2_000_000, 1024: 262_144, 51_200: 5_000, MIB - KEY: 256}
IN_FLIGHT = [1, 4, 16, 64, 0]
LATENCIES = [0, 20, 100]
SHARDS_THAT_THROTTLE = 256  # of 1,000 records and 1 MiB a second
TRACED_REQUESTS = (100, 400)
BATCH_ROWS, BATCH_BYTES = 16_384, 4 << 20  # at most, as kinesink_throughput makes them

# in_flight 0: automatic. throttled: the server keeps to its shards' limits.
Point = collections.namedtuple("Point", "program row_bytes in_flight link latency_ms throttled")
BASE = Point("api", EVENTS, 16, "plain", 0, False)


def star():
    """The base with each other value of each axis, and the combinations that belong together."""
    for link in ("plain", "TLS"):
        base = BASE._replace(link=link)
        yield from (base._replace(row_bytes=size) for size in SIZES)
        yield from (base._replace(in_flight=number) for number in IN_FLIGHT if number != base.in_flight)
        yield from (base._replace(latency_ms=latency, in_flight=number) for latency in LATENCIES[1:] for number in (16, 0))
        yield base._replace(in_flight=0, throttled=True)
        program = base._replace(program="write")
        yield from (program._replace(row_bytes=size) for size in SIZES)
        yield from (program._replace(in_flight=0, latency_ms=latency) for latency in LATENCIES)


def cross():
    yield from itertools.starmap(Point, itertools.product(
        ("api", "write"), SIZES, IN_FLIGHT, ("plain", "TLS"), LATENCIES, (False, True)))


class Servers:
    """One for each kind of endpoint that a point wants."""

    def __init__(self, folder):
        self.folder, self.running = folder, {}

    def arguments(self, point):
        kind = (point.link, point.latency_ms, point.throttled)
        if kind not in self.running:
            limits = ["--enforce-limits"] if point.throttled else []
            self.running[kind] = Server(point.link == "TLS", self.folder, "--latency-ms", str(point.latency_ms), *limits,
                                        stream=f"events:{SHARDS_THAT_THROTTLE if point.throttled else 4}")
        return self.running[kind].arguments

    def stop(self):
        for server in self.running.values():
            server.stop()


def api_command(point, arguments, *amount):
    rows = [rows_file(SIZES[EVENTS])] if point.row_bytes == EVENTS else ["--payload", str(point.row_bytes)]
    return [THROUGHPUT, *arguments, "--in-flight", str(point.in_flight), *amount, *rows]


def system_calls(point, arguments):
    """Of a request; None without strace."""
    if shutil.which("strace") is None:
        return None
    rows = BATCH_ROWS if point.row_bytes == EVENTS else min(BATCH_ROWS, BATCH_BYTES // point.row_bytes)
    seen = []
    for requests in TRACED_REQUESTS:
        batches = -(-requests * min(500, 4_000_000 // point.row_bytes) // rows)
        with tempfile.NamedTemporaryFile("r") as counts:
            told = run(["strace", "-f", "-c", "-U", "name,calls", "-o", counts.name,
                        *api_command(point, arguments, "--batches", str(batches))], "sink: strace")
            calls = [line.split()[1] for line in counts if line.split()[:1] == ["total"]]
        seen.append((int(calls[0]), told["requests"]))
    (calls, requests), (more_calls, more_requests) = seen
    return (more_calls - calls) / (more_requests - requests)


def api(point, arguments, seconds):
    told = run(api_command(point, arguments, "--seconds", str(seconds)), f"sink: {point}")
    calls = system_calls(point, arguments)
    return {**told, "system_calls_per_request": None if calls is None else round(calls, 2)}


def write(point, arguments):
    rows = SIZES[point.row_bytes]
    command = [PROGRAM, "write", "--stream", "events", "--stats", "json", *arguments,
               "--set", f"max_in_flight={point.in_flight}"]
    command += [rows_file(rows)] if point.row_bytes == EVENTS else \
        ["--format", "raw_bytes", rows_file(rows, point.row_bytes)]
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(command, env=ENVIRONMENT, stdout=output)
        code, cpu, peak = finished(process)
        output.seek(0)
        text = output.read()
    told = json.loads(text) if text else {}
    if code != 0 or told.get("acknowledged") != rows:
        sys.exit(f"sink: exit code {code}: {text}\n{' '.join(command)}")
    return {"rows": rows, "seconds": told["seconds"], "cpu_seconds": cpu, "rows_per_second": rows / told["seconds"],
            "cpu_seconds_per_million_rows": cpu / rows * 1e6, "cpu_seconds_per_gb": cpu / told["payload_bytes"] * 1e9,
            "payload_bytes": told["payload_bytes"], "wire_bytes": told["wire_bytes"], "requests": told["requests"],
            "retries": told["retries"], "throttled": told["throttled"], "peak_rss_bytes": peak,
            "allocations_per_row": None, "system_calls_per_request": None, "stored_after_ms": told["stored_after_ms"]}


def measure(points, arguments, note):
    order = random.Random(arguments.seed)
    with tempfile.TemporaryDirectory() as folder:
        servers = Servers(folder)
        for repeat in range(arguments.repeats):
            for point in order.sample(points, len(points)):
                endpoint = servers.arguments(point)
                told = api(point, endpoint, arguments.seconds) if point.program == "api" else write(point, endpoint)
                measured = {name: value for name, value in told.items() if name not in Point._fields + ("program",)}
                note({"round": repeat, **point._asdict(), "entries_throttled": told["throttled"], **measured})
        servers.stop()


def column(runs, value):
    values = [value(one) for one in runs]
    return None if None in values else statistics.median(values)


def cell(value, text):
    return "" if value is None else text.format(value)


def tables(points, notes):
    """One for each program and link, in the points' own order."""
    runs = collections.defaultdict(list)
    for note in notes:
        runs[Point(*(note[name] for name in Point._fields))].append(note)
    for program, link in itertools.product(("api", "write"), ("plain", "TLS")):
        name = "the C++ API" if program == "api" else "`kinesink write`"
        yield f"\n{name}, {'HTTPS' if link == 'TLS' else 'HTTP'}\n"
        yield ("| bytes a row | in flight | latency | rows/s | CPU s per million rows | CPU s per GB | memory, MB "
               "| allocations per row | system calls per request | stored after, ms: p50 / p99 / p999 |")
        yield "|---|---|---|---|---|---|---|---|---|---|"
        for point in points:
            if (point.program, point.link) == (program, link):
                yield row(point, runs[point])


def row(point, runs):
    latency = f"{point.latency_ms} ms" + (", throttled" if point.throttled else "")
    # The rows in memory are not what the sink takes.
    memory = column(runs, lambda one: (one["peak_rss_bytes"] - one.get("rss_before_bytes", 0)) / 1e6)
    cells = [
        f"{point.row_bytes:,}", str(point.in_flight or "auto"), latency,
        cell(column(runs, lambda one: one["rows_per_second"]), "{:,.0f}"),
        cell(column(runs, lambda one: one["cpu_seconds_per_million_rows"]), "{:,.2f}"),
        cell(column(runs, lambda one: one["cpu_seconds_per_gb"]), "{:.2f}"), cell(memory, "{:.0f}"),
        cell(column(runs, lambda one: one["allocations_per_row"]), "{:.3f}"),
        cell(column(runs, lambda one: one["system_calls_per_request"]), "{:.1f}"),
        " / ".join(cell(column(runs, lambda one: one["stored_after_ms"][share]), "{:.1f}")
                   for share in ("p50", "p99", "p999"))]
    return "| " + " | ".join(cells) + " |"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--full", action="store_true", help="every combination, for an hour")
    parser.add_argument("--repeats", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=1.0, help="of each run of the API")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32), help="of the order")
    parser.add_argument("--json", metavar="FILE", help="takes every run, a line each")
    arguments = parser.parse_args()
    points = list(cross() if arguments.full else dict.fromkeys(star()))
    print(f"\n{os.cpu_count()} cores, {platform.machine()}; {len(points)} points, {arguments.repeats} runs each, in an order "
          f"by --seed {arguments.seed}; throttled: {SHARDS_THAT_THROTTLE} shards of 1,000 records a second", flush=True)
    if shutil.which("strace") is None:
        print("System calls are left out: there is no strace.")
    notes = []
    with open(arguments.json or os.devnull, "w", encoding="utf-8") as lines:
        def note(what):
            notes.append(what)
            print(json.dumps(what), file=lines, flush=True)
        measure(points, arguments, note)
    print("\n".join(tables(points, notes)))


if __name__ == "__main__":
    main()
