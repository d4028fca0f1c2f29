"""`kinesink local --data-dir`: what it acknowledged outlives kill -9, and writers go on by themselves.

KINESINK_SERVER_KILLS: how often (5)."""

import collections
import json
import os
import random
import re
import signal
import subprocess
import time
import unittest

import pyarrow as pa
import pyarrow.parquet as parquet

from program import ENVIRONMENT, PROGRAM, LocalServer, ProgramCase, client, read_all, write

KILLS = int(os.environ.get("KINESINK_SERVER_KILLS", "5"))
ROWS = 150_000
PATIENT = [word for name in ("retry", "checkpoint_retry") for word in (
    "--set", f"{name}_base_delay=20ms", "--set", f"{name}_max_delay=200ms")] + [
        "--set", "max_retries=1000", "--set", "checkpoint_max_retries=1000"]


class DurableServer(ProgramCase):
    def setUp(self):
        super().setUp()
        self.data = self.path("data")

    def serve(self, *options, port="0"):
        return LocalServer("--stream", "events:3", "--data-dir", self.data, *options, port=port)

    def test_a_killed_server_keeps_what_it_acknowledged_and_the_writer_goes_on(self):
        rows = self.path("rows.parquet")
        parquet.write_table(pa.table({"id": list(range(ROWS))}), rows)
        chance = random.Random(1)
        server = self.serve("--latency-ms", "10")
        port = re.search(r":(\d+)$", server.endpoint).group(1)
        with subprocess.Popen([PROGRAM, "write", "--endpoint-url", server.endpoint, "--stream", "events", "--stats",
                               "json", "--set", "max_in_flight=4", *PATIENT, rows], env=ENVIRONMENT,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
            killed = 0
            while killed < KILLS and run.poll() is None:
                time.sleep(chance.uniform(0.05, 0.25))
                server.process.kill()
                server.process.wait()
                server.process.stdout.close()
                killed += 1
                server = self.serve("--latency-ms", "10", port=port)
            out, errors = run.communicate(timeout=120)
        with server:
            self.assertEqual(run.returncode, 0, errors)
            stats = json.loads(out)
            counts = collections.Counter(json.loads(row)["id"] for row in read_all(server.endpoint))
        self.assertEqual(len(counts), ROWS)
        twice = sum(counts.values()) - ROWS
        self.assertLessEqual(twice, stats["possible_duplicates"])
        print(f"{killed} kills of the server, {ROWS} rows: 0 lost, {twice} stored twice of "
              f"{stats['possible_duplicates']} possible")

    def test_readers_go_on_where_they_were(self):
        with self.serve() as server:
            kinesis = client(server.endpoint)
            first = [kinesis.put_record(StreamName="events", PartitionKey="a", Data=str(i).encode()) for i in range(5)]
            shard = first[0]["ShardId"]
            kinesis.create_stream(StreamName="other", ShardCount=1)
            server.process.kill()
            server.process.wait()
        with self.serve() as server:
            kinesis = client(server.endpoint)
            self.assertEqual(kinesis.list_streams()["StreamNames"], ["events", "other"])
            last = kinesis.put_record(StreamName="events", PartitionKey="a", Data=b"5")
            self.assertGreater(int(last["SequenceNumber"]), int(first[-1]["SequenceNumber"]))
            iterator = kinesis.get_shard_iterator(
                StreamName="events", ShardId=shard, ShardIteratorType="AFTER_SEQUENCE_NUMBER",
                StartingSequenceNumber=first[2]["SequenceNumber"])["ShardIterator"]
            records = kinesis.get_records(ShardIterator=iterator)["Records"]
            self.assertEqual([record["Data"] for record in records], [b"3", b"4", b"5"])
            self.assertEqual([record["SequenceNumber"] for record in records],
                             [first[3]["SequenceNumber"], first[4]["SequenceNumber"], last["SequenceNumber"]])

    def test_a_second_server_and_a_useless_choice_are_refused(self):
        with self.serve("--data-dir-sync") as server:
            self.assertEqual(write(server, "-", input='{"a":1}\n').returncode, 0)
            run = subprocess.run([PROGRAM, "local", "--port", "0", "--data-dir", self.data], env=ENVIRONMENT,
                                 capture_output=True, text=True, timeout=30, check=False)
            self.assertEqual((run.returncode, run.stderr.count("\n")), (1, 1), run.stderr)
            self.assertIn("is in use by another server", run.stderr)
            server.process.send_signal(signal.SIGTERM)
            server.process.wait()
        run = subprocess.run([PROGRAM, "local", "--port", "0", "--data-dir", self.data, "--discard"], env=ENVIRONMENT,
                             capture_output=True, text=True, timeout=30, check=False)
        self.assertEqual(run.returncode, 1)
        self.assertIn("--discard", run.stderr)


if __name__ == "__main__":
    unittest.main()
