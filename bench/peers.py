"""What people use today to write Arrow rows to Kinesis as JSON, beside kinesink, into the same local server.

The programs of bench/peers (bench/peers/build builds them) and kinesink_throughput take the same rows from memory,
in an order that is shuffled anew in each round, so that a busy moment of the machine falls on all. Each measures
itself: CPU and wall time from the first row to the last acknowledgement. What is not built is left out, and said.
"""

import argparse
import collections
import json
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import threading
import time

from local_server import BIN, ENVIRONMENT, ROOT, Server, finished, rows_file

sys.path.insert(0, os.path.join(ROOT, "bench", "peers"))
import chart

PEERS = os.path.join(ROOT, "build", "peers", "bin")
FLOOR = os.path.join(BIN, "kinesink_floor")
FILE_ROWS = 2_000_000
RUN_SECONDS = 600     # after that a program is ended
QUIET = 0.08          # of one core: what else may run without a word

# max_rows: of a run; slow programs take fewer. delayed_rows: the same where each answer waits.
Peer = collections.namedtuple("Peer", "name label command max_rows delayed_rows tls_only")


def peer(name, label, max_rows=FILE_ROWS, delayed_rows=FILE_ROWS, tls_only=False):
    return Peer(name, label, [os.path.join(PEERS, name)], max_rows, min(max_rows, delayed_rows), tls_only)


KINESINK = Peer("kinesink", "kinesink", [os.path.join(BIN, "kinesink_throughput"), "--in-flight", "16"],
                FILE_ROWS, FILE_ROWS, False)
PROGRAMS = [
    KINESINK,
    peer("arroyo", "Arroyo's sink (Rust)", delayed_rows=400_000),
    peer("go", "AWS SDK for Go"),
    peer("java", "AWS SDK for Java", 1_000_000),
    peer("boto3", "boto3 (Python)", 200_000),
    peer("boto3-8t", "boto3, 8 threads", 200_000),
    peer("kpl", "KPL (Java)", 300_000, tls_only=True),
    peer("kpl-noagg", "KPL, no aggregation", 300_000, tls_only=True)]
# How many times the CPU of kinesink arroyo is meant to take, without latency.
TARGETS = {"TLS": 9, "plain": 14}

Case = collections.namedtuple("Case", "link latency")


def busy_seconds():
    """Of all processes and processors since the machine started."""
    with open("/proc/stat", encoding="ascii") as stat:
        user, nice, system, _, _, interrupts, soft_interrupts = map(int, stat.readline().split()[1:8])
    return (user + nice + system + interrupts + soft_interrupts) / os.sysconf("SC_CLK_TCK")


def run(program, server, rows, path):
    """What the program says of itself, and how much of a core anything else took meanwhile; or its last words."""
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as errors:
        busy, served, start = busy_seconds(), server.cpu_seconds(), time.monotonic()
        command = [*program.command, *server.arguments, "--stream", "events", "--rows", str(rows), path]
        process = subprocess.Popen(command, env=ENVIRONMENT, stdout=output, stderr=errors)
        end = threading.Timer(RUN_SECONDS, process.kill)
        end.start()
        code, used, _ = finished(process)
        end.cancel()
        served = server.cpu_seconds() - served
        elsewhere = (busy_seconds() - busy - used - served) / (time.monotonic() - start)
        output.seek(0)
        errors.seek(0)
        lines, words = output.read().splitlines(), errors.read().strip()[-400:]
    if code != 0 or not lines:
        return {"program": program.name, "failed": f"exit code {code}: {words}"}
    return {**json.loads(lines[-1]), "program": program.name, "server_cpu_seconds": round(served, 2),
            "elsewhere": round(max(0.0, elsewhere), 3)}


def floor_of(rows, path):
    """{"plain": CPU seconds per million rows, "TLS": the same}; empty without the program."""
    if not os.path.exists(FLOOR):
        return {}
    output = subprocess.run([FLOOR, "--rows", str(rows), path], env=ENVIRONMENT, check=True, capture_output=True,
                            text=True).stdout
    lines = [json.loads(line) for line in output.splitlines()]
    return {{"plain": "plain", "tls": "TLS"}[line["floor"]]: line["ns_per_row"] / 1000
            for line in lines if line.get("floor") in ("plain", "tls")}


def measure(programs, cases, arguments, path, note):
    """Every round has each program once in each case. Calls note(what was measured) as it goes."""
    order = random.Random(arguments.seed)
    with tempfile.TemporaryDirectory() as folder:
        servers = {case: Server(case.link == "TLS", folder, "--latency-ms", str(case.latency)) for case in cases}
        for repeat in range(arguments.repeats):
            note({"round": repeat, "floor": floor_of(min(arguments.rows, 200_000), path)})
            turns = [(case, program) for case in cases for program in programs
                     if case.link == "TLS" or not program.tls_only]
            order.shuffle(turns)
            for case, program in turns:
                rows = min(arguments.rows, program.delayed_rows if case.latency else program.max_rows)
                note({"round": repeat, **case._asdict(), **run(program, servers[case], rows, path)})
        for server in servers.values():
            server.stop()


def cpu(one):
    return one["cpu_seconds"] / one["rows"] * 1e6


def spread(values, text):
    """The median, with the least and the most."""
    return f"{text(statistics.median(values))} ({text(min(values))} to {text(max(values))})"


def megabytes(runs, name):
    return f"{statistics.median(one[name] for one in runs) / 1e6:,.0f}"


class Results:
    """The notes of a measurement, by program and case; what failed is apart."""

    def __init__(self, notes):
        self.runs = collections.defaultdict(list)
        self.failed = [note for note in notes if "failed" in note]
        for note in notes:
            if "cpu_seconds" in note:
                self.runs[note["program"], Case(note["link"], note["latency"])].append(note)
        self.floors = {note["round"]: note["floor"] for note in notes if note.get("floor")}
        self.cases = sorted({case for _, case in self.runs}, key=lambda case: (case.latency, case.link != "plain"))

    def cpu(self, name, case):
        runs = self.runs.get((name, case))
        return statistics.median(map(cpu, runs)) if runs else None

    def floor(self):
        return {link: statistics.median(floor[link] for floor in self.floors.values()) for link in TARGETS} \
            if self.floors else {}

    def times(self, name, case):
        """kinesink's CPU, in each round: the machine's speed changes, and less so within a round. None without any."""
        ours = {one["round"]: cpu(one) for one in self.runs.get(("kinesink", case), ())}
        ratios = [cpu(one) / ours[one["round"]] for one in self.runs.get((name, case), ()) if one["round"] in ours]
        return statistics.median(ratios) if ratios else None

    def times_floor(self, case):
        """The floor, that kinesink takes, in each round."""
        ratios = [cpu(one) / self.floors[one["round"]][case.link] for one in self.runs.get(("kinesink", case), ())
                  if one["round"] in self.floors]
        return statistics.median(ratios) if ratios else None

    def table(self, case):
        yield f"\n### {case.link}, {case.latency} ms\n"
        yield "| program | rows | rows/s | CPU s per million rows | × kinesink | peak memory, MB | before, MB |"
        yield "|---|---|---|---|---|---|---|"
        for program in PROGRAMS:
            runs = self.runs.get((program.name, case))
            if not runs:
                continue
            times = self.times(program.name, case)
            yield (f"| {program.name} | {runs[0]['rows']:,} "
                   f"| {spread([one['rows'] / one['seconds'] for one in runs], '{:,.0f}'.format)} "
                   f"| {spread(list(map(cpu, runs)), '{:.2f}'.format)} | {f'{times:.1f}' if times else ''} "
                   f"| {megabytes(runs, 'peak_rss_bytes')} | {megabytes(runs, 'rss_before_bytes')} |")

    def versions(self):
        for program in PROGRAMS:
            runs = [one for (name, _), some in self.runs.items() if name == program.name for one in some]
            if runs and runs[0].get("versions"):
                yield f"- {program.name}: " + ", ".join(f"{n} {v}" for n, v in runs[0]["versions"].items())

    def verdicts(self):
        for link, target in TARGETS.items():
            case = Case(link, 0)
            theirs, floor = self.times("arroyo", case), self.times_floor(case)
            if theirs:
                met = "met" if theirs >= target else "MISSED"
                yield f"- {link}, 0 ms: arroyo takes {theirs:.1f} times kinesink's CPU; target {target}: {met}"
            if floor:
                yield (f"- {link}, 0 ms: kinesink takes {floor:.2f} times the floor "
                       f"({self.cpu('kinesink', case):.2f} : {self.floor()[link]:.2f} CPU s per million rows)")

    def noise(self):
        runs = [one for some in self.runs.values() for one in some]
        noisy = sum(one["elsewhere"] > QUIET for one in runs)
        yield (f"In {noisy} of {len(runs)} runs something else took over {QUIET:.0%} of a core; "
               f"at most {max((one['elsewhere'] for one in runs), default=0):.0%}.")

    def svg(self):
        latency = min(case.latency for case in self.cases)
        rows = [("the floor", "floor", {link: (value, None) for link, value in self.floor().items()})] \
            if self.floors else []
        for program in PROGRAMS:
            values = {case.link: (self.cpu(program.name, case), self.times(program.name, case))
                      for case in self.cases if case.latency == latency and (program.name, case) in self.runs}
            if values:
                rows.append((program.label, "ours" if program is KINESINK else "theirs", values))
        rows.sort(key=lambda row: max(row[2].values()))
        repeats = max(len(some) for some in self.runs.values())
        delay = f", answers after {latency} ms" if latency else ""
        return chart.draw(
            rows, "Arrow rows in memory, as JSON, into the same local Kinesis endpoint. Shorter is better; "
            "× is to kinesink.",
            f"Median of {repeats} runs on {os.cpu_count()} cores{delay}. Cut bars are longer than drawn. "
            "The floor: formatting, hashing, encryption and the kernel alone.")


def say(lines):
    print("\n".join(lines), flush=True)


def report(results):
    for case in results.cases:
        say(results.table(case))
    say(["\nVersions:\n", *results.versions(), "", *results.noise(), "", *results.verdicts()])
    for one in results.failed:
        print(f"- FAILED: {one['program']}, {one['link']}, {one['latency']} ms: {one['failed']}")


def chosen(only):
    """kinesink, to compare with, and the peers that are wanted and built."""
    for name in only or ():
        if name not in [program.name for program in PROGRAMS]:
            sys.exit(f"peers: no program is called {name}")
    wanted = [program for program in PROGRAMS if not only or program is KINESINK or program.name in only]
    for program in wanted:
        if not os.path.exists(program.command[0]):
            hint = "`make build`" if program is KINESINK else "bench/peers/build"
            print(f"Left out: {program.name}, which is not built ({hint}).", flush=True)
    return [program for program in wanted if os.path.exists(program.command[0])]


def parsed():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=FILE_ROWS, help="of each run; slow programs take fewer")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--only", type=lambda text: text.split(","), metavar="NAME,...",
                        help="these peers; kinesink always")
    parser.add_argument("--links", type=lambda text: text.split(","), default=["plain", "TLS"], metavar="plain,TLS")
    parser.add_argument("--latencies", type=lambda text: [int(ms) for ms in text.split(",")], default=[0, 20],
                        metavar="MS,...", help="what the server waits before each answer")
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32), help="of the order")
    parser.add_argument("--json", metavar="FILE", help="takes every run, a line each")
    parser.add_argument("--svg", metavar="FILE", help="takes the chart")
    parser.add_argument("--again", metavar="FILE", help="measures nothing: reports what --json wrote")
    return parser.parse_args()


def main():
    arguments = parsed()
    if arguments.again:
        with open(arguments.again, encoding="utf-8") as file:
            notes = [json.loads(line) for line in file]
    else:
        notes = []
        path = rows_file(max(arguments.rows, FILE_ROWS))
        cases = [Case(link, latency) for latency in arguments.latencies for link in arguments.links]
        print(f"{os.cpu_count()} cores, {platform.machine()}; order by --seed {arguments.seed}", flush=True)

        def note(what):
            notes.append(what)
            print(json.dumps(what), file=lines, flush=True)
        with open(arguments.json or os.devnull, "w", encoding="utf-8") as lines:
            measure(chosen(arguments.only), cases, arguments, path, note)
    results = Results(notes)
    report(results)
    if arguments.svg:
        with open(arguments.svg, "w", encoding="utf-8") as file:
            file.write(results.svg())
    return 1 if results.failed else 0


if __name__ == "__main__":
    sys.exit(main())
