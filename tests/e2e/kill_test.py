"""`kinesink write --state` killed at random moments: nothing is lost, and little is sent twice.

KINESINK_KILLS: how often (20). KINESINK_KILL_SEED: when."""

import collections
import json
import os
import random
import signal
import subprocess
import time
import unittest

import pyarrow as pa
import pyarrow.parquet as parquet

from program import ENVIRONMENT, PROGRAM, LocalServer, ProgramCase, read_all, write

KILLS = int(os.environ.get("KINESINK_KILLS", "20"))
SEED = int(os.environ.get("KINESINK_KILL_SEED", "1"))
ROWS = 120_000
IN_FLIGHT = 4
INTERVAL_MS = 50
LATENCY_MS = 10
# In flight, what is sent in one interval of the state, and as much again for a machine that lingers.
MOST_TWICE = 2 * IN_FLIGHT * 500 * (1 + INTERVAL_MS / LATENCY_MS)


class Kill(ProgramCase):
    def setUp(self):
        super().setUp()
        self.random = random.Random(SEED)

    def files(self):
        """The rows in three files of two kinds, each number once."""
        ids = list(range(ROWS))
        names = [f"row {i}" for i in ids]
        parts = []
        for name, begin, end in (("a.parquet", 0, 50_000), ("b.arrow", 50_000, 90_000), ("c.parquet", 90_000, ROWS)):
            table = pa.table({"id": ids[begin:end], "name": names[begin:end]})
            parts.append(self.path(name))
            if name.endswith("parquet"):
                parquet.write_table(table, parts[-1], row_group_size=7_000)
            else:
                with pa.OSFile(parts[-1], "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
                    writer.write_table(table, max_chunksize=3_000)
        return parts

    def arguments(self, state):
        return ["--state", state, "--state-interval-ms", str(INTERVAL_MS), "--stats", "json",
                "--set", f"max_in_flight={IN_FLIGHT}"]

    def test_a_killed_writer_loses_nothing_and_repeats_little(self):
        self.kill(KILLS, 1)

    def test_nor_does_a_killed_writer_of_several_threads(self):
        self.kill(KILLS // 2, 3)

    def kill(self, wanted, threads):
        files = self.files()
        kills = life = 0
        twice = []
        while kills < wanted:
            life += 1
            stream = f"life{life}"
            with LocalServer("--stream", f"{stream}:3", "--latency-ms", str(LATENCY_MS)) as server:
                state = self.path(f"state{life}")
                command = [PROGRAM, "write", "--endpoint-url", server.endpoint, "--stream", stream,
                           *self.arguments(state), "--threads", str(threads), *files]
                killed = 0
                while kills < wanted:
                    with subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.DEVNULL,
                                          stderr=subprocess.PIPE) as run:
                        time.sleep(self.random.uniform(0.02, 0.35))
                        run.send_signal(signal.SIGKILL)
                        if run.wait(timeout=60) == 0:
                            break  # it was done before
                        self.assertEqual(run.returncode, -signal.SIGKILL, run.stderr.read())
                        kills += 1
                        killed += 1
                run = write(server, *self.arguments(state), *files, stream=stream)
                self.assertEqual(run.returncode, 0, run.stderr)
                counts = collections.Counter(json.loads(row)["id"] for row in read_all(server.endpoint, stream))
                lost = ROWS - len(counts)
                repeated = sum(counts.values()) - len(counts)
                self.assertEqual(lost, 0, f"replay with KINESINK_KILL_SEED={SEED}")
                self.assertLessEqual(repeated, killed * threads * MOST_TWICE)
                self.assertEqual(run.stats["settled_before"] + run.stats["received"], ROWS)
                twice.append(repeated)
                # Once more: there is nothing to do.
                again = write(server, *self.arguments(state), *files, stream=stream)
                self.assertEqual((again.returncode, again.stats["received"]), (0, 0), again.stderr)
        print(f"{kills} kills of {threads} threads, {life} x {ROWS} rows: 0 lost, {sum(twice)} sent twice, "
              f"at most {threads * MOST_TWICE:.0f} a kill are allowed")

    def test_one_record_in_backoff_does_not_make_its_neighbours_be_sent_again(self):
        files = self.files()
        with LocalServer("--stream", "events:2", "--fault", "throttle=0.01", "--seed", "3") as server:
            state = self.path("state")
            command = [PROGRAM, "write", "--endpoint-url", server.endpoint, "--stream", "events",
                       *self.arguments(state), "--set", "retry_base_delay=20s", "--set", "retry_max_delay=20s", *files]
            with subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.DEVNULL) as run:
                deadline = time.monotonic() + 30
                while time.monotonic() < deadline:  # until all but the throttled records are settled
                    time.sleep(0.2)
                    try:
                        with open(state, encoding="utf-8") as file:
                            inputs = json.load(file)["inputs"]
                    except FileNotFoundError:
                        continue
                    settled = sum(end - begin for each in inputs for begin, end in each["settled"])
                    if settled > 0.98 * ROWS:
                        break
                run.kill()
            self.assertGreater(len(inputs[0]["settled"]), 10)  # intervals above the first gap
            run = write(server, *self.arguments(state), *files)
            self.assertEqual(run.returncode, 0, run.stderr)
            self.assertLess(run.stats["received"], 0.03 * ROWS)
            self.assertEqual(len({json.loads(row)["id"] for row in read_all(server.endpoint)}), ROWS)

    def test_a_changed_input_is_refused(self):
        files = self.files()
        with LocalServer("--stream", "events:1", "--discard") as server:
            state = self.path("state")
            self.assertEqual(write(server, *self.arguments(state), *files).returncode, 0)
            parquet.write_table(pa.table({"id": [1]}), files[0])
            run = write(server, *self.arguments(state), *files)
            self.assertEqual(run.returncode, 1)
            self.assertIn("a.parquet is not the file that --state", run.stderr)

    def test_a_signal_leaves_a_state_to_go_on_from(self):
        files = self.files()
        with LocalServer("--stream", "events:1", "--latency-ms", "20") as server:
            state = self.path("state")
            command = [PROGRAM, "write", "--endpoint-url", server.endpoint, "--stream", "events",
                       *self.arguments(state), *files]
            with subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
                time.sleep(0.3)
                run.send_signal(signal.SIGTERM)
                self.assertEqual(run.wait(timeout=60), 143)
                first = json.loads(run.stdout.read())
            self.assertEqual(first["received"], first["acknowledged"])
            rest = write(server, *self.arguments(state), *files)
            self.assertEqual(rest.returncode, 0, rest.stderr)
            self.assertEqual(first["received"] + rest.stats["received"], ROWS)  # nothing twice
            self.assertEqual(len(read_all(server.endpoint)), ROWS)


if __name__ == "__main__":
    unittest.main()
