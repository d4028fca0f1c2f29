"""Dead-letter files: what they hold, that they are sent again, and what happens when they cannot be written."""

import json
import os
import stat
import unittest

import pyarrow as pa
import pyarrow.parquet as parquet

from program import SOON, LocalServer, ProgramCase, client, read_all, write

BIG = "x" * 1_100_000


class DeadLetters(ProgramCase):
    def put(self, table, name="rows.parquet"):
        parquet.write_table(pa.table(table), self.path(name))
        return self.path(name)

    def letters(self, name="letters"):
        with open(self.path(name), encoding="utf-8") as file:
            return [json.loads(line) for line in file]

    def test_each_letter_says_where_its_row_came_from(self):
        first = self.put({"id": [1, 2], "text": ["a", "b"]}, "first.parquet")
        second = self.put({"id": [3, 4], "text": ["c", BIG]}, "second.parquet")
        run = write(self.serve(), first, second, "--partition-key", "id", "--dead-letter", self.path("letters"))
        self.assertEqual(run.returncode, 2, run.stderr)
        (letter,) = self.letters()
        self.assertEqual((letter["row"], letter["input"], letter["input_row"]), (3, second, 1))
        self.assertEqual((letter["stream"], letter["code"], letter["attempts"]), ("events", "invalid_data", 0))
        self.assertEqual(letter["partition_key"], "4")
        self.assertEqual(json.loads(letter["payload"]), {"id": 4, "text": BIG})
        self.assertEqual(stat.S_IMODE(os.stat(self.path("letters")).st_mode), 0o600)

    def test_a_row_too_large_then_is_stored_when_the_stream_takes_it(self):
        server = self.serve()
        source = self.put({"id": [1, 2], "text": [BIG, "b"]})
        self.assertEqual(write(server, source, "--dead-letter", self.path("letters")).returncode, 2)
        client(server.endpoint).update_max_record_size(
            StreamARN="arn:aws:kinesis:us-east-1:000000000000:stream/events", MaxRecordSizeInKiB=2048)
        run = write(server, "--format", "dead_letter", self.path("letters"), "--stats", "json")
        self.assertEqual((run.returncode, run.stats["acknowledged"]), (0, 1), run.stderr)
        self.assertEqual(sorted(json.loads(row)["id"] for row in read_all(server.endpoint)), [1, 2])

    def test_exhausted_records_are_sent_again_with_their_own_keys_and_bytes(self):
        values = [b"text", b"\xff\x00\x01", b"", "ü".encode()]
        source = self.put({"value": pa.array(values, pa.binary()), "key": ["a", "b", "c", "d"],
                           "hash": ["0", "1", "2", str(2**127)]})
        down = self.serve("--fault", "error=1")
        arguments = ["--format", "raw_bytes", "--partition-key", "key", "--explicit-hash-key", "hash"]
        run = write(down, source, *arguments, *SOON, "--dead-letter", self.path("letters"), "--stats", "json")
        self.assertEqual((run.returncode, run.stats["rejected"]), (2, 4), run.stderr)
        self.assertEqual({letter["attempts"] for letter in self.letters()}, {31})
        self.assertEqual({letter["code"] for letter in self.letters()}, {"InternalFailure"})
        up = self.serve()
        run = write(up, "--format", "dead_letter", self.path("letters"))
        self.assertEqual(run.returncode, 0, run.stderr)
        records = {}
        kinesis = client(up.endpoint)
        for shard in kinesis.list_shards(StreamName="events")["Shards"]:
            iterator = kinesis.get_shard_iterator(StreamName="events", ShardId=shard["ShardId"],
                                                  ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
            for record in kinesis.get_records(ShardIterator=iterator)["Records"]:
                records[record["PartitionKey"]] = (record["Data"], shard["ShardId"][-1])
        self.assertEqual(records, {"a": (values[0], "0"), "b": (values[1], "0"), "c": (values[2], "0"),
                                   "d": (values[3], "1")})

    def test_a_row_that_could_not_be_expressed_is_kept_as_json_and_told(self):
        source = self.put({"value": ["a", None], "when": pa.array([1, 2], pa.timestamp("s"))})
        server = self.serve()
        run = write(server, source, "--format", "raw_string", "--set", "null_value=error",
                    "--dead-letter", self.path("letters"))
        self.assertEqual(run.returncode, 2, run.stderr)
        (letter,) = self.letters()
        self.assertEqual(letter["columns"], {"value": None, "when": 2000})
        self.assertNotIn("payload", letter)
        run = write(server, "--format", "dead_letter", self.path("letters"))
        self.assertEqual(run.returncode, 2)
        self.assertIn("1 letters have no payload", run.stderr)

    def test_a_file_that_cannot_be_written_is_an_error_and_nothing_is_acknowledged_over_it(self):
        source = self.put({"id": [1, 2, 3], "text": ["a", BIG, "c"]})
        run = write(self.serve(), source, "--dead-letter", "/dev/full", "--stats", "json")
        self.assertEqual(run.returncode, 2)
        self.assertIn("dead_letter_file /dev/full: cannot write: No space left on device", run.stderr)
        self.assertEqual(run.stats["rejected"], 0)
        self.assertGreaterEqual(run.stats["abandoned"], 1)
        run = write(self.serve(), source, "--dead-letter", self.path("no/such/folder"))
        self.assertEqual(run.returncode, 1)
        self.assertIn("cannot open: No such file or directory", run.stderr)

    def test_the_file_has_a_bound(self):
        source = self.put({"id": [1, 2, 3], "text": [BIG, BIG, BIG]})
        run = write(self.serve(), source, "--dead-letter", self.path("letters"), "--set",
                    "dead_letter_max_bytes=2400000", "--stats", "json")
        self.assertEqual(run.returncode, 2)
        self.assertIn("dead_letter_max_bytes", run.stderr)
        self.assertLess(os.path.getsize(self.path("letters")), 2_400_000)
        self.assertEqual(len(self.letters()), run.stats["rejected"])

    def test_a_half_line_is_left_out_and_a_wrong_line_is_refused(self):
        server = self.serve()
        with open(self.path("letters"), "w", encoding="utf-8") as file:
            file.write('{"row":1,"code":"c","payload":"good"}\n{"row":2,"co')
        run = write(server, "--format", "dead_letter", self.path("letters"))
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(read_all(server.endpoint), [b"good"])
        with open(self.path("letters"), "w", encoding="utf-8") as file:
            file.write('{"row":1,"code":"c","payload":"good"}\n{"id":2}\n')
        run = write(server, "--format", "dead_letter", self.path("letters"))
        self.assertEqual(run.returncode, 1)
        self.assertIn("letters: line 2 is no dead letter: it lacks 'row' or 'code'", run.stderr)

    def test_what_makes_no_sense_is_refused(self):
        server = self.serve()
        self.put({"id": [1]})
        with open(self.path("letters"), "w", encoding="utf-8") as file:
            file.write('{"row":1,"code":"c","payload":"good"}\n')
        letters = self.path("letters")
        for arguments, expected in [
                ([letters, "--partition-key", "id"], "the letters bear their keys"),
                ([letters, "--dead-letter", letters], "is the input and the --dead-letter file")]:
            run = write(server, "--format", "dead_letter", *arguments)
            self.assertEqual((run.returncode, run.stderr.count("\n")), (1, 1), run.stderr)
            self.assertIn(expected, run.stderr)


if __name__ == "__main__":
    unittest.main()
