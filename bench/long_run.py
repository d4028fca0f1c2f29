"""Does a sink that has run for long still cost what it did? Full speed into `kinesink local --discard`; ends with 1 if
CPU a row in the last minute is more than 3 % above that of the first, or resident memory has grown by more than 2 MB.

A machine changes its speed by more than that. So in the last minute a new program of the same kind takes turns with the
old one, one of them stopped while the other works: the median over pairs of turns says what age costs, whatever
the machine does. It decides where the minutes themselves differ. Less than three minutes have shorter "minutes".
Request bodies are kept up to max_buffered_bytes once a slow endpoint made them necessary: the server pauses at the start,
so that what memory grows by later is not that.
"""

import argparse
import json
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time

from local_server import BIN, ENVIRONMENT, Server, rows_file

THROUGHPUT = os.path.join(BIN, "kinesink_throughput")
MINUTE = 60
TURN = 1.0        # seconds
LINE = 0.05       # seconds between what a program says of itself
PAUSE = 1.0       # seconds in which a sink fills its 64 MiB
SETTLED = 5       # seconds after which lines count
MOST_GROWTH = 2_000_000
TOLERANCE = 1.03


class Sink:
    """kinesink_throughput, and what it says of itself meanwhile."""

    def __init__(self, server, seconds):
        self.lines = []
        command = [THROUGHPUT, *server.arguments, "--seconds", str(seconds), "--report-every", str(LINE),
                   rows_file(2_000_000)]
        self.process = subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True)
        threading.Thread(target=self.listen, daemon=True).start()
        self.wait(0)

    def listen(self):
        for line in self.process.stdout:
            told = json.loads(line)
            if "rss_bytes" in told:
                self.lines.append({**told, "at": time.monotonic()})

    def wait(self, lines):
        """Until there are more lines than so many."""
        while len(self.lines) <= lines:
            if self.process.poll() is not None:
                sys.exit("long_run: kinesink_throughput ended before its time")
            time.sleep(LINE / 5)

    def turn(self):
        """CPU a row of one turn of a program that is stopped before and after."""
        first = len(self.lines)
        self.process.send_signal(signal.SIGCONT)
        self.wait(first + 1)  # the first line may have been due before
        begin = self.lines[-1]
        time.sleep(TURN)
        end = self.lines[-1]
        self.process.send_signal(signal.SIGSTOP)
        return cost(begin, end)


def cost(begin, end):
    """CPU microseconds a row between two lines."""
    return (end["cpu_seconds"] - begin["cpu_seconds"]) / (end["rows"] - begin["rows"]) * 1e6


def between(lines, begin, end):
    return [line for line in lines if begin <= line["seconds"] <= end]


def pairs(old, server, seconds):
    """(the old one's CPU a row, a new one's), in turns."""
    new = Sink(server, seconds * 2)
    time.sleep(SETTLED / 2)
    new.process.send_signal(signal.SIGSTOP)
    old.process.send_signal(signal.SIGSTOP)
    end, turns = time.monotonic() + seconds, []
    while time.monotonic() < end:
        order = (old, new) if len(turns) % 2 == 0 else (new, old)
        costs = {sink: sink.turn() for sink in order}
        turns.append((costs[old], costs[new]))
    new.process.kill()
    new.process.wait()
    old.process.send_signal(signal.SIGCONT)
    return turns


def judge(link, seconds, folder):
    """Prints what was seen; False if it does not hold."""
    minute = min(MINUTE, seconds / 3)
    server = Server(link == "HTTPS", folder)
    old = Sink(server, seconds * 2 + 2 * MINUTE)
    for _ in range(2):
        server.process.send_signal(signal.SIGSTOP)
        time.sleep(PAUSE)
        server.process.send_signal(signal.SIGCONT)
        time.sleep(PAUSE / 2)
    time.sleep(max(0.0, seconds - 3 * PAUSE))
    lines = list(old.lines)
    turns = pairs(old, server, minute)
    after = old.lines[len(lines):]
    old.process.kill()
    old.process.wait()
    server.stop()
    end = lines[-1]["seconds"]
    first, last = between(lines, SETTLED, minute), between(lines, end - minute, end)
    early, late = cost(first[0], first[-1]), cost(last[0], last[-1])
    aged = statistics.median(one / other for one, other in turns)
    growth = max(line["rss_bytes"] for line in last + after) - max(line["rss_bytes"] for line in first)
    print(f"{link}: {lines[-1]['rows']:,} rows in {end:,.0f} s. CPU a row: first {minute:.0f} s {early:.4f} us, last {late:.4f} us "
          f"({late / early - 1:+.1%}); beside a new program, {len(turns)} pairs of turns: {aged - 1:+.1%}. "
          f"Resident memory: {max(line['rss_bytes'] for line in first) / 1e6:.1f} MB, {growth / 1e6:+.2f} MB.", flush=True)
    good = min(late / early, aged) <= TOLERANCE and growth <= MOST_GROWTH
    if not good:
        print(f"{link}: it costs more than at the start" if growth <= MOST_GROWTH else f"{link}: memory grows")
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("seconds", type=float, nargs="?", default=600, help="of each link, before the turns")
    parser.add_argument("--links", type=lambda text: text.split(","), default=["HTTPS"], metavar="HTTP,HTTPS")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        good = [judge(link, arguments.seconds, folder) for link in arguments.links]
    return 0 if all(good) else 1


if __name__ == "__main__":
    sys.exit(main())
