"""How far the sink is from what no sink can do without: kinesink_floor beside kinesink_throughput, in turn.

For each size of rows and each link: CPU of the floor and of the sink (16 in flight, rows in memory, answers at once),
GB of payload per CPU second, and the median of the ratios of each round. Then the floor's parts.
"""

import argparse
import collections
import os
import platform
import random
import statistics
import subprocess
import json
import sys
import tempfile

from local_server import BIN, ENVIRONMENT, Server, rows_file, run

FLOOR = os.path.join(BIN, "kinesink_floor")
THROUGHPUT = os.path.join(BIN, "kinesink_throughput")
FILE_ROWS = 2_000_000
# Bytes of a row (0: gen_events.py's) and records of a request, which is what 4,000,000 bytes hold.
SHAPES = {0: 500, 1024: 500, 51_200: 78}
LINKS = {"plain": "HTTP", "tls": "HTTPS"}


def amount(payload, rows):
    """Arguments of both programs."""
    return ["--payload", str(payload)] if payload else ["--rows", str(rows), rows_file(FILE_ROWS)]


def floor(payload, neighbour=True):
    """{"plain": ns per row, "tls": the same, ...}, its parts by their own names, and the bytes of a row."""
    command = [FLOOR, "--rounds", "5", *([] if neighbour else ["--no-neighbour"]), "--records", str(SHAPES[payload]),
               *amount(payload, 200_000)]
    done = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"floor: {done.stderr}")
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    return {**{line.get("floor") or line["part"]: line["ns_per_row"] for line in lines},
            "payload_bytes": lines[-1]["payload_bytes"]}


def sink(payload, server):
    told = run([THROUGHPUT, *server.arguments, "--in-flight", "16", *(["--seconds", "1"] if payload else []),
                *amount(payload, FILE_ROWS)], "floor: the sink")
    return told["cpu_seconds_per_million_rows"] * 1000


def measure(repeats, payloads):
    """{payload: rounds of {"plain", "tls", parts..., "payload_bytes", "alone": the floor without a neighbour,
    "sink": {link: ns per row}}}"""
    rounds = collections.defaultdict(list)
    with tempfile.TemporaryDirectory() as folder:
        servers = {link: Server(link == "tls", folder) for link in LINKS}
        for _ in range(repeats):
            for payload in payloads:
                turns = [lambda: floor(payload), lambda: {"alone": floor(payload, False)},
                         lambda: {"sink": {link: sink(payload, servers[link]) for link in LINKS}}]
                random.shuffle(turns)
                one = {}
                for turn in turns:
                    one.update(turn())
                rounds[payload].append(one)
        for server in servers.values():
            server.stop()
    return rounds


def median(rounds, value):
    return statistics.median(map(value, rounds))


def distance(rounds, link):
    """(the floor's ns per row, the sink's, how many times the floor, GB of payload per CPU second of the sink)"""
    size = rounds[0]["payload_bytes"]
    return (median(rounds, lambda one: one[link]), median(rounds, lambda one: one["sink"][link]),
            median(rounds, lambda one: one["sink"][link] / one[link]),
            median(rounds, lambda one: size / one["sink"][link]))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    measured = measure(arguments.repeats, SHAPES)
    print(f"\nThe sink and its floor, CPU ns a row; {os.cpu_count()} cores, {platform.machine()}; "
          f"medians of {arguments.repeats} rounds\n")
    print("| bytes a row | link | floor, alone | floor | sink | times the floor (least to most) "
          "| sink: GB per CPU second | floor: GB per CPU second |")
    print("|---|---|---|---|---|---|---|---|")
    for payload, rounds in measured.items():
        for link, name in LINKS.items():
            least, ours, times, speed = distance(rounds, link)
            alone = median(rounds, lambda one: one["alone"][link])
            all_times = [one["sink"][link] / one[link] for one in rounds]
            print(f"| {rounds[0]['payload_bytes']:,.0f} | {name} | {alone:,.0f} | {least:,.0f} | {ours:,.0f} "
                  f"| {times:.2f} ({min(all_times):.2f} to {max(all_times):.2f}) | {speed:.2f} "
                  f"| {rounds[0]['payload_bytes'] / least:.2f} |")
    print("\nThe floor's parts, CPU ns a row, beside an endpoint at work\n")
    parts = [name for name in measured[0][0] if name not in ("payload_bytes", "alone", "sink", *LINKS, "cipher")]
    print("| part | " + " | ".join(f"{rounds[0]['payload_bytes']:,.0f} bytes a row" for rounds in measured.values()) + " |")
    print("|---|" + "---|" * len(measured))
    for part in parts:
        print(f"| {part} | " + " | ".join(f"{median(rounds, lambda one: one[part]):,.1f}"
                                          for rounds in measured.values()) + " |")


if __name__ == "__main__":
    main()
