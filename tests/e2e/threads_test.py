"""`kinesink write --threads`: the same rows, once each, whatever the inputs are."""

import json
import os
import signal
import subprocess
import time
import unittest

import pyarrow as pa
import pyarrow.csv as csv
import pyarrow.parquet as parquet

from program import ENVIRONMENT, PROGRAM, ProgramCase, client, read_all, write

THREADS = ("--threads", "4")


class Threads(ProgramCase):
    def table(self, begin, end):
        return pa.table({"id": list(range(begin, end)), "name": [f"row {i}" for i in range(begin, end)]})

    def parquet(self, name, begin, end, group=1000):
        parquet.write_table(self.table(begin, end), self.path(name), row_group_size=group)
        return self.path(name)

    def ids(self, server):
        return sorted(json.loads(row)["id"] for row in read_all(server.endpoint))

    def holds_a_record(self, server):
        kinesis = client(server.endpoint)
        shard = kinesis.list_shards(StreamName="events")["Shards"][0]["ShardId"]
        iterator = kinesis.get_shard_iterator(StreamName="events", ShardId=shard, ShardIteratorType="TRIM_HORIZON")
        return kinesis.get_records(ShardIterator=iterator["ShardIterator"], Limit=1)["Records"] != []

    def test_every_row_of_every_kind_of_file_arrives_once(self):
        files = [self.parquet("one_group.parquet", 0, 10_000, 10_000), self.parquet("groups.parquet", 10_000, 25_000, 300)]
        with pa.OSFile(self.path("a.arrow"), "wb") as sink, pa.ipc.new_file(sink, self.table(0, 1).schema) as writer:
            writer.write_table(self.table(25_000, 35_000), max_chunksize=500)
        csv.write_csv(self.table(35_000, 40_000), self.path("a.csv"))
        files += [self.path("a.arrow"), self.path("a.csv"), self.parquet("empty.parquet", 0, 0)]
        server = self.serve()
        run = write(server, *THREADS, "--stats", "json", *files)
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        self.assertEqual(run.stats["acknowledged"], 40_000)
        self.assertEqual(self.ids(server), list(range(40_000)))

    def test_one_thread_keeps_the_order(self):
        server = self.serve()
        files = [self.parquet("a.parquet", 0, 5_000), self.parquet("b.parquet", 5_000, 6_000)]
        run = write(server, "--set", "partition_key=constant", "--set", "partition_key_constant=x",
                    "--set", "max_in_flight=1", *files)
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual([json.loads(row)["id"] for row in read_all(server.endpoint)], list(range(6_000)))

    def test_stdin_is_shared(self):
        server = self.serve()
        lines = "".join(f'{{"id":{i}}}\n' for i in range(20_000))
        run = write(server, *THREADS, "-", input=lines)
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(self.ids(server), list(range(20_000)))

    def test_an_error_names_file_and_row_and_the_other_rows_are_flushed(self):
        table = pa.table({"id": list(range(20_000)), "key": ["k"] * 20_000})
        parquet.write_table(table, self.path("good.parquet"), row_group_size=1000)
        bad = table.set_column(1, "key", [["k"] * 15_123 + [None] + ["k"] * 4_876])
        parquet.write_table(bad, self.path("bad.parquet"), row_group_size=1000)
        server = self.serve()
        run = write(server, *THREADS, "--partition-key", "key", "--stats", "json", self.path("good.parquet"),
                    self.path("bad.parquet"))
        self.assertEqual(run.returncode, 2)
        self.assertEqual(run.stderr.count("error"), 1, run.stderr)
        self.assertIn("bad.parquet", run.stderr)
        self.assertIn("row 15123", run.stderr)
        self.assertEqual(run.stats["acknowledged"], len(read_all(server.endpoint)))
        self.assertEqual(run.stats["received"],
                         sum(run.stats[name] for name in ("acknowledged", "rejected", "skipped", "abandoned", "pending")))

    def test_dead_letters_of_all_threads_are_in_one_file(self):
        keys = [None if i % 100 == 7 else "k" for i in range(20_000)]
        for name in ("a.parquet", "b.parquet"):
            parquet.write_table(pa.table({"id": list(range(20_000)), "key": keys}), self.path(name), row_group_size=1000)
        server = self.serve()
        run = write(server, *THREADS, "--partition-key", "key", "--dead-letter", self.path("letters"), "--stats", "json",
                    self.path("a.parquet"), self.path("b.parquet"))
        self.assertEqual((run.returncode, run.stats["rejected"]), (2, 400), run.stderr)
        with open(self.path("letters"), encoding="utf-8") as file:
            letters = [json.loads(line) for line in file]
        places = sorted((os.path.basename(letter["input"]), letter["input_row"]) for letter in letters)
        self.assertEqual(places, [(name, row) for name in ("a.parquet", "b.parquet") for row in range(7, 20_000, 100)])
        for letter in letters:
            self.assertEqual(json.loads(letter["payload"])["id"], letter["input_row"])

    def test_a_file_that_is_missing_is_told_before_any_row_is_read(self):
        for threads in ("1", "4"):
            server = self.serve()
            run = write(server, "--threads", threads, self.parquet("a.parquet", 0, 10), self.path("missing.csv"))
            self.assertEqual(run.returncode, 1)
            self.assertIn("missing.csv: cannot be opened: No such file or directory", run.stderr)
            self.assertEqual(read_all(server.endpoint), [])

    def test_a_signal_flushes_every_thread(self):
        rows = 40_000  # of more bytes than the sinks may buffer
        table = pa.table({"id": list(range(rows)), "text": ["x" * 1000] * rows})
        parquet.write_table(table, self.path("a.parquet"), row_group_size=1000)
        server = self.serve("--latency-ms", "200")
        command = [PROGRAM, "write", "--endpoint-url", server.endpoint, "--stream", "events", "--stats", "json", "--threads", "2",
                   "--set", "max_in_flight=2", "--set", "max_buffered_bytes=16000000", self.path("a.parquet")]
        with subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
            while run.poll() is None and not self.holds_a_record(server):
                time.sleep(0.05)
            run.send_signal(signal.SIGINT)
            self.assertEqual(run.wait(timeout=60), 130)
            stats = json.loads(run.stdout.read())
        self.assertEqual(stats["received"], stats["acknowledged"])
        self.assertLess(0, stats["received"])
        self.assertLess(stats["received"], rows)
        self.assertEqual(len(self.ids(server)), stats["received"])

    def test_a_number_that_makes_no_sense_is_refused(self):
        server = self.serve()
        run = write(server, "--threads", "0", self.parquet("a.parquet", 0, 1))
        self.assertEqual(run.returncode, 1)
        self.assertIn("--threads", run.stderr)


if __name__ == "__main__":
    unittest.main()
