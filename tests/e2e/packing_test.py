"""Several rows in a record: framed, with the keys they would have alone, within packed_record_size."""

import json
import struct
import unittest

import pyarrow as pa
import pyarrow.parquet as parquet

from program import ProgramCase, client, read_all, write

ROWS = 5_000


class Packing(ProgramCase):
    def setUp(self):
        super().setUp()
        self.rows = [{"id": i, "key": f"k{i // 700}", "text": "line\nend" * (i % 7)} for i in range(ROWS)]
        self.file = self.path("rows.parquet")
        parquet.write_table(pa.Table.from_pylist(self.rows), self.file)

    def records(self, server):
        kinesis = client(server.endpoint)
        found = []
        for shard in kinesis.list_shards(StreamName="events")["Shards"]:
            iterator = kinesis.get_shard_iterator(
                StreamName="events", ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
            found += kinesis.get_records(ShardIterator=iterator)["Records"]
        return found

    def test_lines_fill_records_on_both_wires(self):
        for wire in ("cbor", "json"):
            server = self.serve()
            run = write(server, "--set", "framing=newline", "--set", "packed_record_size=10000", "--set", f"wire={wire}",
                        "--stats", "json", self.file)
            self.assertEqual(run.returncode, 0, run.stderr)
            records = [record["Data"] for record in self.records(server)]
            self.assertTrue(all(record.endswith(b"\n") and len(record) <= 10_000 for record in records))
            rows = [json.loads(line) for record in records for line in record.splitlines()]
            self.assertEqual(sorted(rows, key=lambda row: row["id"]), self.rows)
            self.assertEqual((run.stats["acknowledged"], run.stats["records"]), (ROWS, len(records)))
            self.assertLess(len(records), ROWS / 80)

    def test_rows_of_other_keys_are_other_records(self):
        server = self.serve()
        run = write(server, "--set", "framing=newline", "--set", "packed_record_size=1000000", "--partition-key", "key",
                    self.file)
        self.assertEqual(run.returncode, 0, run.stderr)
        records = self.records(server)
        self.assertEqual(len(records), 8)
        for record in records:
            keys = {json.loads(line)["key"] for line in record["Data"].splitlines()}
            self.assertEqual(keys, {record["PartitionKey"]})

    def test_lengths_stand_before_rows(self):
        values = [bytes(range(i % 256)) for i in range(ROWS)]
        parquet.write_table(pa.table({"value": values}), self.file)
        server = self.serve()
        run = write(server, "--format", "raw_bytes", "--set", "framing=length_prefixed", "--set",
                    "packed_record_size=25600", self.file)
        self.assertEqual(run.returncode, 0, run.stderr)
        found = []
        for record in read_all(server.endpoint):
            while record:
                size, = struct.unpack(">I", record[:4])
                found.append(record[4:4 + size])
                record = record[4 + size:]
        self.assertEqual(sorted(found), sorted(values))

    def test_a_row_alone_is_framed_too(self):
        server = self.serve()
        run = write(server, "--set", "framing=newline", self.file)
        self.assertEqual(run.returncode, 0, run.stderr)
        records = read_all(server.endpoint)
        self.assertEqual(len(records), ROWS)
        self.assertTrue(all(record.count(b"\n") == 1 and record.endswith(b"\n") for record in records))

    def test_a_row_larger_than_a_record_should_be_has_one_of_its_own(self):
        sizes = [10, 10, 5_000, 10, 10]
        parquet.write_table(pa.table({"t": ["x" * size for size in sizes]}), self.file)
        server = self.serve()
        run = write(server, "--set", "framing=newline", "--set", "packed_record_size=1000", self.file)
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(sorted(len(record) for record in read_all(server.endpoint)), [38, 38, 5_009])

    def test_rows_that_are_set_aside_end_a_record(self):
        self.rows[100]["key"] = None
        parquet.write_table(pa.Table.from_pylist(self.rows), self.file)
        server = self.serve()
        run = write(server, "--set", "framing=newline", "--set", "packed_record_size=1000000", "--partition-key", "key",
                    "--dead-letter", self.path("letters"), "--stats", "json", self.file)
        self.assertEqual((run.returncode, run.stats["acknowledged"], run.stats["rejected"]), (2, ROWS - 1, 1), run.stderr)
        rows = [json.loads(line)["id"] for record in read_all(server.endpoint) for line in record.splitlines()]
        self.assertEqual(sorted(rows), [i for i in range(ROWS) if i != 100])
        with open(self.path("letters"), encoding="utf-8") as file:
            self.assertEqual([json.loads(line)["input_row"] for line in file], [100])

    def test_what_can_not_be_read_again_is_refused(self):
        server = self.serve()
        for options, words in ((("packed_record_size=1000",), "set framing to newline or length_prefixed"),
                               (("format=raw_bytes", "framing=newline"), "set framing to length_prefixed"),
                               (("format=msgpack", "framing=newline"), "set framing to length_prefixed"),
                               (("format=cbor", "framing=newline"), "set framing to length_prefixed")):
            run = write(server, *[part for option in options for part in ("--set", option)], self.file)
            self.assertEqual(run.returncode, 1)
            self.assertIn(words, run.stderr)


if __name__ == "__main__":
    unittest.main()
