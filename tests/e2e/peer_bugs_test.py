"""Faults that other sinks of Kinesis have or had, each a test by what it protects from: rows that are lost or doubled."""

import json
import os
import unittest

import pyarrow as pa

from fake_endpoint import Answer, error
from program import LocalServer, client, read_all, write
from service_case import FEW, ROWS, SOON, ServiceCase, on_puts, options

THROTTLE = ("ProvisionedThroughputExceededException", "Rate exceeded for shard shardId-000000000000")
INTERNAL = ("InternalFailure", "Internal service failure.")


def refusing(chosen, why=THROTTLE):
    """A script: the entries whose (number of the request, index) `chosen` says are refused."""
    return on_puts(lambda call: call.accept({
        index: why for index in range(len(call.records)) if chosen(call.number, index)}))


class PeerBugs(ServiceCase):
    # ---- one bad record among good ones

    def test_one_oversized_record_does_not_stop_the_others(self):
        rows = ["small"] * 700
        rows[350] = "x" * 1_100_000
        path = self.table(pa.table({"id": range(700), "text": rows}))
        letters = os.path.join(self.folder, "rejected.jsonl")
        fake = self.serve()
        run = self.write(fake, "--dead-letter", letters, path=path)
        self.assertEqual((run.returncode, run.stats["acknowledged"], run.stats["rejected"]), (2, 699, 1))
        self.assertEqual(len(fake.stored), 699)
        with open(letters, encoding="utf-8") as file:
            self.assertEqual([json.loads(line)["row"] for line in file], [350])
        # Without a dead letter the others go as well, and the error names the row.
        fake = self.serve()
        run = self.write(fake, path=path)
        self.assertEqual((run.returncode, run.stats["acknowledged"], run.stats["abandoned"]), (2, 699, 1))
        self.assertIn("row 350", run.stderr)

    def test_one_record_that_only_the_service_refuses_is_found_and_the_others_stored(self):
        def script(call):
            bad = any(b'{"id":1234}' == data for _, data in call.records)
            return error("InvalidArgumentException", "Record too large") if bad else None
        fake = self.serve(on_puts(script))
        letters = os.path.join(self.folder, "rejected.jsonl")
        run = self.write(fake, "--dead-letter", letters)
        self.assertEqual((run.returncode, run.stats["acknowledged"], run.stats["rejected"]), (2, ROWS - 1, 1))
        self.assertEqual(sorted(fake.stored), [row for row in self.expected if row != b'{"id":1234}'])
        with open(letters, encoding="utf-8") as file:
            (letter,) = [json.loads(line) for line in file]
        self.assertEqual((letter["row"], letter["code"]), (1234, "InvalidArgumentException"))
        self.assertLess(len(fake.puts()), 60, "more than halving needs")

    # ---- entries refused inside a 200

    def test_a_200_with_failures_is_not_success(self):
        fake = self.serve(refusing(lambda number, index: index == 0, INTERNAL))
        run = self.write(fake, *FEW)
        self.assertEqual(run.returncode, 2)
        self.assertGreater(run.stats["abandoned"], 0)

    def test_a_refused_entry_is_never_acknowledged(self):
        for why in (THROTTLE, INTERNAL):
            # Row 0 alone is refused for ever: all others are stored, and it is said that one is not.
            fake = self.serve(on_puts(lambda call, why=why: call.accept({
                index: why for index, (_, data) in enumerate(call.records) if data == b'{"id":0}'})))
            letters = os.path.join(self.folder, "rejected-" + why[0])
            run = self.write(fake, "--dead-letter", letters, *FEW, *options("on_exhausted=dead_letter"))
            self.assertEqual((run.returncode, run.stats["acknowledged"], run.stats["rejected"]), (2, ROWS - 1, 1))
            self.assertEqual(sorted(fake.stored), [row for row in self.expected if row != b'{"id":0}'])
            with open(letters, encoding="utf-8") as file:
                (letter,) = [json.loads(line) for line in file]
            self.assertEqual((letter["row"], letter["code"]), (0, why[0]))

    def test_exhausted_retries_are_not_acknowledged(self):
        fake = self.serve(refusing(lambda number, index: True, INTERNAL))
        run = self.fails(fake, *FEW, says=["InternalFailure", "sent 5 times", "Internal service failure"])
        self.assertEqual((run.stats["acknowledged"], run.stats["abandoned"]), (0, run.stats["received"]))

    def test_only_failed_entries_are_sent_again(self):
        for why in (THROTTLE, INTERNAL):
            refused = []

            def script(call, why=why, refused=refused):
                bad = {index: why for index in range(len(call.records)) if (call.number * 7 + index) % 13 == 0}
                refused.extend(bad)
                return call.accept(bad)
            fake = self.serve(on_puts(script, last=30))
            run = self.all_arrive(fake)
            sent = sum(len(call.records) for call in fake.puts())
            self.assertGreater(len(refused), 100)
            self.assertEqual(sent, ROWS + len(refused), "entries were sent again that were stored")
            self.assertEqual((run.stats["possible_duplicates"], len(fake.stored)), (0, ROWS))
            self.assertEqual(run.stats["retries"], len(refused))

    def test_entries_after_the_first_failed_one_are_not_sent_again(self):
        fake = self.serve(refusing(lambda number, index: number <= 5 and index == 0))
        self.all_arrive(fake)
        self.assertEqual(sum(len(call.records) for call in fake.puts()), ROWS + 5)

    def test_some_progress_is_enough_to_go_on(self):
        # Nine in ten are throttled, for far longer than max_retries would allow if each try counted.
        fake = self.serve(refusing(lambda number, index: index % 10 != 0))
        run = self.all_arrive(fake, *FEW)
        self.assertGreater(run.stats["throttled"], 10 * ROWS / 2)

    # ---- retries

    def rate(self, fake, *more):
        """Attempts, and how many seconds they took."""
        run = write(fake, self.path, "--stats", "json", *options("wire=json", "max_in_flight=1", *more))
        self.adds_up(run.stats)
        calls = fake.puts()
        return run, len(calls), calls[-1].at - calls[0].at

    def test_retries_are_bounded_and_not_hot(self):
        answers = {"throttled entries": refusing(lambda number, index: True),
                   "the first entry": refusing(lambda number, index: index == 0, INTERNAL),
                   "a throttled request": on_puts(lambda call: error(*THROTTLE)),
                   "a failing service": on_puts(lambda call: Answer(500)),
                   "a lost connection": on_puts(lambda call: Answer(None, hang_up=True))}
        delays = ("max_retries=8", "retry_base_delay=40ms", "retry_max_delay=200ms",
                  "checkpoint_max_retries=8", "checkpoint_retry_base_delay=40ms", "checkpoint_retry_max_delay=200ms")
        for name, script in answers.items():
            with self.subTest(name):
                run, attempts, seconds = self.rate(self.serve(script), *delays, "max_record_count=500")
                self.assertEqual(run.returncode, 2)
                self.assertLess(attempts, 100)
                # Delays are at least half of 40, 80, 160, 200, 200, ... ms: together 0.6 s, for six requests.
                self.assertGreater(seconds, 0.5)
                self.assertLess(attempts / seconds, 6 * 25)

    def test_an_endless_throttle_ends_with_an_error_that_says_so(self):
        with LocalServer("--stream", "events:2", "--fault", "throttle=1") as server:
            run = write(server, self.path, "--stats", "json", *SOON, *FEW)
            self.assertEqual(read_all(server.endpoint), [])
        self.assertEqual((run.returncode, run.stats["acknowledged"]), (2, 0))
        self.assertEqual(run.stderr.count("\n"), 1)
        for word in ("ProvisionedThroughputExceededException", "not stored", "Rate exceeded"):
            self.assertIn(word, run.stderr)

    def test_a_slow_stream_drains_without_rows_that_expire(self):
        rows = 4_000
        path = self.table(pa.table({"id": range(rows)}))
        with LocalServer("--stream", "events:1", "--enforce-limits") as server:  # 1,000 records a second
            run = write(server, path, "--stats", "json", *FEW, *options("retry_base_delay=20ms", "retry_max_delay=100ms"))
            self.assertEqual(run.returncode, 0, run.stderr)
            stored = read_all(server.endpoint)
        self.assertEqual((len(stored), len(set(stored))), (rows, rows))
        self.assertGreater(run.stats["throttled"], 0)

    def test_an_error_that_does_not_pass_is_not_tried_again(self):
        for code in ("AccessDeniedException", "ResourceNotFoundException", "KMSDisabledException", "NoSuchError"):
            fake = self.serve(on_puts(lambda call, code=code: error(code, "no")))
            self.fails(fake, *options("max_in_flight=1"), says=[code])
            self.assertEqual(len(fake.puts()), 1)

    # ---- answers and connections

    def test_an_unparsable_answer_is_not_success(self):
        fake = self.serve(on_puts(lambda call: Answer(200, b'{"FailedRecordCount":0,"Rec')))
        run = self.fails(fake, *FEW, says=["unreadable", "stream events"])
        self.assertEqual(run.stats["acknowledged"], 0)

    def test_a_server_that_closes_idle_connections_costs_no_row(self):
        fake = self.serve(idle_seconds=0.3)
        run, batches = self.start(fake, *SOON, *options("max_age=5ms"))
        for at in range(0, 800, 100):
            self.feed(batches, at, 100, size=100)
            self.until(lambda at=at: len(fake.stored) >= at + 100, "the rows do not arrive")
            self.until(lambda: fake.open == 0, "the server keeps its connections")
        batches.close()
        stats, errors = self.finish(run)
        self.assertEqual((run.returncode, errors), (0, ""))
        self.assertEqual((stats["acknowledged"], stats["retries"], stats["possible_duplicates"]), (800, 0, 0))
        # One that closes without a word right after each answer may meet a request on its way.
        fake = self.serve(on_puts(lambda call: setattr(answer := call.accept(), "hang_up", True) or answer))
        self.all_arrive(fake)
        self.assertEqual(len(fake.stored), ROWS)

    def test_credentials_expiring_mid_run(self):
        # Each token is taken for twenty requests; one is known to end soon, the other only refused.
        for lives in ("+3 seconds", "2099-01-01"):
            uses = {}

            def script(call, uses=uses):
                token = call.headers["X-Amz-Security-Token"]
                uses[token] = uses.get(token, 0) + 1
                return error("ExpiredTokenException", "The token is expired") if uses[token] > 20 else None
            with self.subTest(lives), self.credential_process(lives):
                fake = self.serve(on_puts(script))
                self.all_arrive(fake)
                self.assertEqual(len(fake.stored), ROWS)
                self.assertGreater(len(uses), 1)
                os.remove(os.path.join(self.folder, "count"))

    def test_resharding_does_not_stall(self):
        with LocalServer("--stream", "events:2") as server:
            kinesis = client(server.endpoint)
            run, batches = self.start(server, "--max-record-count", "500", "--max-age", "1s")
            for at in range(0, 40_000, 10_000):
                self.feed(batches, at, 10_000)
                kinesis.split_shard(StreamName="events", ShardToSplit=f"shardId-00000000000{2 * (at // 10_000)}",
                                    NewStartingHashKey=str(2**(126 - at // 10_000)))
            batches.close()
            stats, errors = self.finish(run)
            self.assertEqual((run.returncode, errors, stats["acknowledged"]), (0, "", 40_000))
            self.assertEqual(stats["requests"], 80, "requests are not full while the stream changes")
            self.assertLess(stats["seconds"], 20)
            self.assertEqual(len(set(read_all(server.endpoint))), 40_000)

    def test_a_failure_in_the_last_flush_is_an_error(self):
        fake = self.serve(on_puts(lambda call: Answer(500), first=ROWS // 100))
        self.fails(fake, *FEW, *options("max_in_flight=1"), says=["500", "not stored"])

    def test_no_payload_is_shown(self):
        path = self.table(pa.table({"secret": ["hunter2"] * 50}))
        for script in (refusing(lambda number, index: True), on_puts(lambda call: error("ValidationException", "no")),
                       on_puts(lambda call: Answer(500)), on_puts(lambda call: error("AccessDeniedException", "no"))):
            run = self.write(self.serve(script), *FEW, "--verbose", path=path)
            self.assertEqual(run.returncode, 2)
            self.assertNotIn("hunter2", run.stderr + run.stdout)


if __name__ == "__main__":
    unittest.main()
