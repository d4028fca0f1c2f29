"""Faults that other sinks of Kinesis have or had, each a test by what it protects from: limits, keys, time and memory."""

import threading
import time
import unittest

import pyarrow as pa

import program
from fake_endpoint import describe
from program import LocalServer, client, read_all
from service_case import SOON, ServiceCase, on_puts, options

MEBIBYTE = 1024 * 1024


class PeerLimits(ServiceCase):
    # ---- what a request holds

    def test_partition_key_bytes_count_towards_the_limits(self):
        # 256 characters of 4 bytes: the keys are three quarters of what a record weighs.
        rows = 2_000
        keys = [chr(0x1F600 + i % 50) * 256 for i in range(rows)]
        path = self.table(pa.table({"key": keys, "id": range(rows), "text": ["x" * 300] * rows}))
        fake = self.serve()
        run = self.write(fake, "--partition-key", "key", *options(
            "max_record_count=500", "max_data_size=200kB", "exclude_columns=key"), path=path)
        self.assertEqual((run.returncode, run.stats["acknowledged"]), (0, rows), run.stderr)
        for call in fake.puts():
            self.assertLessEqual(sum(len(key.encode()) + len(data) for key, data in call.records), 200_000)
        self.assertGreater(len(fake.puts()), 10)
        # And towards the record's: 1 MiB of payload and key together.
        def record(size):
            fixed = len('{"text":""}')
            return self.table(pa.table({"key": [keys[0]], "text": ["x" * (size - fixed - 1024)]}))
        for size, code in ((MEBIBYTE, 0), (MEBIBYTE + 1, 2)):
            fake = self.serve()
            run = self.write(fake, "--partition-key", "key", *options("exclude_columns=key"), path=record(size))
            self.assertEqual((run.returncode, len(fake.stored)), (code, 1 - code // 2), run.stderr)

    def test_large_rows_never_make_a_request_over_the_limit(self):
        rows = 60
        path = self.table(pa.table({"id": range(rows), "text": ["x" * 1_000_000] * rows}))
        with LocalServer("--stream", "events:2", "--discard") as server:  # it refuses what is over 10 MiB
            run = program.write(server, path, "--stats", "json", *options("max_data_size=10MiB"))
        self.assertEqual((run.returncode, run.stats["acknowledged"]), (0, rows), run.stderr)
        self.assertEqual(run.stats["requests"], 6)

    def test_a_request_is_filled_by_raw_bytes(self):
        # Base64 adds a third, which the service does not count: four megabytes of rows make one request.
        path = self.table(pa.table({"id": range(400), "text": ["x" * 9_900] * 400}))
        fake = self.serve()
        run = self.write(fake, *options("max_record_count=500"), path=path)
        self.assertEqual((run.returncode, run.stats["requests"]), (0, 1), run.stderr)

    def test_the_record_limit_is_the_stream_s_own(self):
        path = self.table(pa.table({"text": ["x" * 3_000_000, "y"]}))
        fake = self.serve(lambda call: describe(MaxRecordSizeInKiB=10_240)
                          if call.operation == "DescribeStreamSummary" else None)
        run = self.write(fake, path=path)
        self.assertEqual((run.returncode, len(fake.stored)), (0, 2), run.stderr)

    def test_more_than_500_records_are_never_asked_for(self):
        fake = self.serve()
        run = program.write(fake, self.path, "--set", "sink.max_records_per_batch=501")
        self.assertEqual((run.returncode, fake.calls), (1, []))
        self.assertIn("1 to 500", run.stderr)

    # ---- keys

    def test_random_keys_are_short_and_reach_every_shard(self):
        with LocalServer("--stream", "events:8") as server:
            run = program.write(server, self.path, "--stats", "json")
            self.assertEqual(run.returncode, 0, run.stderr)
            kinesis = client(server.endpoint)
            for shard in kinesis.list_shards(StreamName="events")["Shards"]:
                iterator = kinesis.get_shard_iterator(StreamName="events", ShardId=shard["ShardId"],
                                                      ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
                records = kinesis.get_records(ShardIterator=iterator)["Records"]
                self.assertGreater(len(records), 3_000 / 8 / 2, shard["ShardId"])
                self.assertLessEqual(max(len(record["PartitionKey"].encode()) for record in records), 16)

    def test_keys_and_hash_keys_survive_a_retry(self):
        keys = [f"schlüssel-{i}-日本-\N{GRINNING FACE}" for i in range(300)]
        hashes = [str(i * 2**119) for i in range(300)]
        path = self.table(pa.table({"key": keys, "hash": hashes}))
        seen = []

        def script(call):
            refused = {index: ("InternalFailure", "") for index in range(len(call.records)) if call.number <= 3 and index % 2}
            seen.extend((record["PartitionKey"], record["ExplicitHashKey"], data)
                        for index, (record, (_, data)) in enumerate(zip(call.body["Records"], call.records))
                        if index not in refused)
            return call.accept(refused)
        run = self.write(self.serve(on_puts(script)), "--partition-key", "key", "--explicit-hash-key", "hash", path=path)
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertGreater(run.stats["retries"], 0)
        self.assertEqual(sorted((key, number) for key, number, _ in seen), sorted(zip(keys, hashes)))
        self.assertTrue(all(key in data.decode() for key, _, data in seen), "a key went with another row")

    # ---- values

    def test_a_column_is_chosen_by_its_whole_name(self):
        path = self.table(pa.table({"log": ["a"], "log_level": ["b"], "lo": ["c"]}))
        fake = self.serve()
        self.write(fake, *options("include_columns=log"), path=path)
        self.assertEqual(fake.stored, [b'{"log":"a"}'])

    def test_no_kind_of_value_becomes_an_empty_record(self):
        columns = {"number": [7], "real": [0.5], "truth": [False], "list": [[1, 2]], "struct": [{"a": 1}], "text": ["t"]}
        for name, value in columns.items():
            fake = self.serve()
            self.write(fake, path=self.table(pa.table({name: value})))
            self.assertEqual([program.json.loads(data) for data in fake.stored], [{name: value[0]}])

    # ---- time

    def test_the_tail_of_a_quiet_stream_leaves_in_max_age(self):
        fake = self.serve()
        run, batches = self.start(fake, *options("wire=json", "max_age=200ms"))
        for row in range(3):
            self.feed(batches, row, 1, size=1)
            # Stdin stays open, and nothing else comes: a timer of the sink's own must send the row.
            seconds = self.until(lambda row=row: len(fake.stored) == row + 1, "the row waits for another one", 20)
            self.assertGreater(seconds, 0.1)
            self.assertLess(seconds, 5)
        batches.close()
        self.assertEqual(self.finish(run)[0]["acknowledged"], 3)

    def test_the_first_row_after_a_pause_waits_for_its_company(self):
        fake = self.serve()
        run, batches = self.start(fake, *options("wire=json", "max_age=500ms"))
        self.feed(batches, 0, 1, size=1)
        self.until(lambda: len(fake.stored) == 1, "the first row does not leave")
        time.sleep(0.7)  # longer than max_age since the last request
        self.feed(batches, 1, 50, size=1)
        self.until(lambda: len(fake.stored) == 51, "the rows do not leave")
        batches.close()
        self.assertEqual(self.finish(run)[0]["acknowledged"], 51)
        self.assertGreater(len(fake.puts()[1].records), 1)

    def test_the_last_rows_of_an_ended_input_are_stored(self):
        fake = self.serve()
        run, batches = self.start(fake, *options("wire=json", "max_age=1h"))
        self.feed(batches, 0, 7, size=7)
        batches.close()
        self.assertEqual((self.finish(run)[0]["acknowledged"], len(fake.stored)), (7, 7))

    def test_a_slow_service_has_several_requests_at_work(self):
        most = [0, 0]
        lock = threading.Lock()

        def script(call):
            answer = call.accept()

            def slowly():
                with lock:
                    most[0] += 1
                    most[1] = max(most)
                time.sleep(0.1)
                with lock:
                    most[0] -= 1
                return answer
            return slowly
        run = self.all_arrive(self.serve(on_puts(script)))
        self.assertGreater(most[1], 3)
        self.assertLess(run.stats["seconds"], 0.1 * 30)

    # ---- memory

    def stuck(self, fake, *more):
        """The program with far more on stdin than it may hold, at a service that does not answer."""
        run, batches = self.start(fake, *SOON, *options("max_record_count=500", "max_buffered_bytes=8MiB", "max_in_flight=4",
                                                        "max_data_size=1MB"), *more)
        feeding = threading.Thread(target=self.pour, args=(batches,), daemon=True)
        feeding.start()
        return run, feeding

    @staticmethod
    def pour(batches):
        rows = pa.table({"id": pa.array(range(100_000), pa.int64())})
        try:
            for _ in range(200):  # 20 million rows
                batches.write_table(rows)
        except OSError:
            pass

    def test_memory_is_bounded_while_nothing_is_stored(self):
        release = threading.Event()
        self.addCleanup(release.set)

        def script(call):
            return lambda: (release.wait(60), call.accept())[1]
        run, _ = self.stuck(self.serve(on_puts(script)))
        sizes = []
        for _ in range(6):
            time.sleep(0.3)
            with open(f"/proc/{run.pid}/status", encoding="utf-8") as file:
                sizes.append(next(int(line.split()[1]) // 1024 for line in file if line.startswith("VmRSS")))
        self.assertLess(sizes[-1], 600, sizes)  # MiB; a sanitizer takes most of it
        self.assertLess(sizes[-1] - sizes[1], 64, sizes)
        run.kill()

    def test_a_full_sink_ends_with_an_error_and_does_not_wait_for_ever(self):
        release = threading.Event()
        self.addCleanup(release.set)

        def script(call):
            return lambda: (release.wait(60), call.accept())[1]
        run, _ = self.stuck(self.serve(on_puts(script)), *options("block_timeout=500ms", "close_timeout=1s"))
        self.assertEqual(run.wait(timeout=30), 2)
        self.assertIn(b"max_buffered_bytes", run.stderr.read())


if __name__ == "__main__":
    unittest.main()
