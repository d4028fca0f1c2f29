"""What kinesink is meant to reach, and whether it does: one line for each target, but for those against other programs,
which are bench/peers.py's.

Everything that is compared is measured in turn, in each round; the figures are medians.
"""

import argparse
import os
import platform
import statistics
import tempfile

import floor
import sink
from local_server import Server, rows_file, run

ROWS = 2_000_000
LINKS = {"plain": "HTTP", "tls": "HTTPS"}
SHARE_OF_FULL_LOAD = 0.5
ROWS_OF_A_SMALL_BATCH = 500  # as they come from a stream, not in bursts


def throughput(*arguments):
    return run([sink.THROUGHPUT, *arguments], "targets")


def from_file(server, *arguments):
    return throughput(*server.arguments, *arguments, rows_file(ROWS))


def verdict(met):
    return "met" if met else "MISSED"


def line(what, target, figures, met):
    print(f"| {what} | {target} | {figures} | {verdict(met)} |", flush=True)


def distances(repeats, _):
    measured = floor.measure(repeats, [0, 51_200])
    for link, name in LINKS.items():
        least, ours, times, _ = floor.distance(measured[0], link)
        line(f"CPU a row against the floor, 175 bytes, {name}", "at most 1.15 times",
             f"{times:.2f} times ({ours:.0f} : {least:.0f} ns)", times <= 1.15)
    for link, name in LINKS.items():
        _, _, times, speed = floor.distance(measured[51_200], link)
        wanted = {"plain": 1.4, "tls": 0.85}[link]
        line(f"50 KiB rows, {name}", f"{wanted} GB per CPU second, or at most 1.15 times the floor",
             f"{speed:.2f} GB, {times:.2f} times", speed >= wanted or times <= 1.15)


def latency(repeats, folder):
    for link, name in LINKS.items():
        at_once, late = Server(link == "tls", folder), Server(link == "tls", folder, "--latency-ms", "20")
        rounds = [(from_file(at_once, "--in-flight", "0"), from_file(late, "--in-flight", "0")) for _ in range(repeats)]
        rate = statistics.median(slow["rows_per_second"] for _, slow in rounds)
        times = statistics.median(slow["cpu_seconds_per_million_rows"] / fast["cpu_seconds_per_million_rows"]
                                  for fast, slow in rounds)
        line(f"answers after 20 ms, in flight auto, {name}", "1,200,000 rows/s; CPU a row at most 1.5 times that of 0 ms",
             f"{rate:,.0f} rows/s; {times:.2f} times", rate >= 1_200_000 and times <= 1.5)
        at_once.stop()
        late.stop()


def memory(repeats, folder):
    for link, name in LINKS.items():
        peaks = {}
        for milliseconds in (0, 20):
            server = Server(link == "tls", folder, "--latency-ms", str(milliseconds))
            point = sink.BASE._replace(program="write", in_flight=0)
            peaks[milliseconds] = max(sink.write(point, server.arguments)["peak_rss_bytes"] for _ in range(repeats)) / 1e6
            server.stop()
        line(f"peak memory of `kinesink write`, file of 2,000,000 rows, {name}", "120 MB",
             ", ".join(f"{peak:.0f} MB at {milliseconds} ms" for milliseconds, peak in peaks.items()),
             max(peaks.values()) <= 120)


def two_sinks(repeats, _):
    ratios = []
    for _ in range(max(5, repeats)):
        one, two = (throughput("--discard", "--threads", threads, rows_file(ROWS)) for threads in ("1", "2"))
        ratios.append(two["cpu_seconds_per_million_rows"] / one["cpu_seconds_per_million_rows"])
    times = statistics.median(ratios)
    line("two sinks on two threads, one client, nothing sent", "CPU a row at most 1.05 times that of one",
         f"{times:.3f} times", times <= 1.05)


def half_load(repeats, folder):
    for link, name in LINKS.items():
        server = Server(link == "tls", folder)
        full = from_file(server, "--in-flight", "16", "--seconds", "2")["rows_per_second"]
        p99 = statistics.median(
            from_file(server, "--in-flight", "16", "--set", "max_age=2", "--batch-rows", str(ROWS_OF_A_SMALL_BATCH),
                      "--rate", str(SHARE_OF_FULL_LOAD * full), "--seconds", "2")["stored_after_ms"]["p99"]
            for _ in range(repeats))
        line(f"accepted to stored, p99, at half load, max_age 2 ms, {name}", "5 ms",
             f"{p99:.1f} ms at {SHARE_OF_FULL_LOAD * full:,.0f} rows/s", p99 <= 5)
        server.stop()


def local_server(repeats, folder):
    for link, name in LINKS.items():
        server = Server(link == "tls", folder)
        speeds = []
        for _ in range(repeats):
            before = server.cpu_seconds()
            told = throughput(*server.arguments, "--payload", "1024", "--in-flight", "16", "--seconds", "2")
            speeds.append(told["payload_bytes"] / 1e9 / (server.cpu_seconds() - before))
        speed, wanted = statistics.median(speeds), {"plain": 1.0, "tls": 0.7}[link]
        line(f"local server, CBOR, 500 x 1 KiB, `--discard`, {name}", f"{wanted} GB per CPU second", f"{speed:.2f} GB",
             speed >= wanted)
        server.stop()


PARTS = {"distances": distances, "latency": latency, "memory": memory, "two_sinks": two_sinks, "half_load": half_load,
         "local_server": local_server}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all without")
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()
    for name in arguments.parts:
        if name not in PARTS:
            parser.error(f"no part is called {name}")
    print(f"\nTargets; {os.cpu_count()} cores, {platform.machine()}; medians of {arguments.repeats} rounds\n")
    print("| what | target | measured | |\n|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder:
        for name in arguments.parts or PARTS:
            PARTS[name](arguments.repeats, folder)


if __name__ == "__main__":
    main()
