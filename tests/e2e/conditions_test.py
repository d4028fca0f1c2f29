"""The program and a service in odd conditions: exit code, one line of plain words, no row lost or miscounted."""

import unittest

from fake_endpoint import REQUEST_ID, Answer, describe, error
from program import LocalServer, client, read_all, write
from service_case import FEW, ROWS, SOON, ServiceCase, on_puts


class Conditions(ServiceCase):
    # ---- streams that change

    def test_a_stream_deleted_while_writing(self):
        with LocalServer("--stream", "events:2") as server:
            run, batches = self.start(server, "--max-record-count", "100", "--max-age", "20ms")
            self.feed(batches, 0, 5_000)
            self.until_stored(server, 1_000)
            client(server.endpoint).delete_stream(StreamName="events")
            try:
                self.feed(batches, 5_000, 5_000)
            except OSError:  # it does not read on after the error
                pass
            stats, errors = self.finish(run)
        self.assertEqual(run.returncode, 2)
        self.assertGreater(stats["abandoned"], 0)
        self.assertEqual(stats["received"], stats["acknowledged"] + stats["abandoned"])
        self.assertEqual(errors.count("\n"), 1, errors)
        for word in ("PutRecords", "stream events", "ResourceNotFoundException", "request id"):
            self.assertIn(word, errors)

    def test_a_stream_split_and_merged_while_writing(self):
        with LocalServer("--stream", "events:2") as server:
            kinesis = client(server.endpoint)
            run, batches = self.start(server, "--max-record-count", "100", "--max-age", "20ms")
            self.feed(batches, 0, 5_000)
            self.until_stored(server, 1_000)
            kinesis.split_shard(StreamName="events", ShardToSplit="shardId-000000000000",
                                NewStartingHashKey=str(2**126))
            self.feed(batches, 5_000, 5_000)
            self.until_stored(server, 5_100)
            shards = [shard["ShardId"] for shard in kinesis.list_shards(StreamName="events")["Shards"]
                      if "EndingSequenceNumber" not in shard["SequenceNumberRange"]]
            kinesis.merge_shards(StreamName="events", ShardToMerge=shards[-2], AdjacentShardToMerge=shards[-1])
            self.feed(batches, 10_000, 5_000)
            batches.close()
            stats, errors = self.finish(run)
            self.assertEqual((run.returncode, errors), (0, ""))
            self.assertEqual(stats["acknowledged"], 15_000)
            stored = read_all(server.endpoint)
            self.assertEqual((len(stored), len(set(stored))), (15_000, 15_000))

    def test_a_stream_that_is_being_created_is_waited_for(self):
        fake = self.serve(lambda call: describe(StreamStatus="CREATING")
                          if call.operation == "DescribeStreamSummary" and call.number <= 2 else None)
        self.all_arrive(fake)
        self.assertEqual([call.operation for call in fake.calls[:4]], ["DescribeStreamSummary"] * 3 + ["PutRecords"])
        # One that never is ready is not waited for for ever.
        never = self.serve(lambda call: describe(StreamStatus="CREATING"))
        self.fails(never, "--set", "stream_active_timeout=1s", code=1, says=["stream events"])
        gone = self.serve(lambda call: describe(StreamStatus="DELETING"))
        self.fails(gone, code=1, says=["stream events", "is being deleted"])

    def test_a_stream_that_is_updated_takes_rows(self):
        self.all_arrive(self.serve(lambda call: describe(StreamStatus="UPDATING")
                                   if call.operation == "DescribeStreamSummary" else None))

    # ---- keys, permissions, credentials, clocks

    def test_a_key_that_cannot_be_used_fails_at_once_and_is_named(self):
        for code, advice in (("KMSDisabledException", "disabled"), ("KMSInvalidStateException", "state"),
                             ("KMSAccessDeniedException", "kms:GenerateDataKey"),
                             ("KMSNotFoundException", "does not exist"), ("KMSOptInRequired", "subscription")):
            with self.subTest(code):
                fake = self.serve(on_puts(lambda call, code=code: error(code, "as the service says it"), first=3))
                self.fails(fake, says=[code, "stream events", "PutRecords", "as the service says it", REQUEST_ID,
                                       "KMS key", advice])
                self.assertLess(len(fake.puts()), 20, "it went on")

    def test_a_key_that_is_throttled_is_tried_again(self):
        fake = self.serve(on_puts(lambda call: error("KMSThrottlingException", "slow down"), last=5))
        self.assertGreater(self.all_arrive(fake).stats["throttled"], 0)
        self.assertEqual(len(fake.stored), ROWS)

    def test_a_missing_permission_is_named(self):
        fake = self.serve(on_puts(lambda call: error("AccessDeniedException", "User: arn:aws:iam::123456789012:user/x "
                                                     "is not authorized")))
        self.fails(fake, says=["AccessDeniedException", "kinesis:PutRecords", "stream events", REQUEST_ID])
        self.assertLess(len(fake.puts()), 20)

    def test_an_input_that_is_left_in_the_middle_ends_cleanly(self):
        # The reader is far ahead when the error comes; its threads must not outlive what they use.
        rows = '{"a":1}\n' * 800_000
        for good in range(0, 100, 4):
            fake = self.serve(on_puts(lambda call: error("AccessDeniedException", "no"), first=good))
            run = write(fake, "-", *SOON, "--max-record-count", "500", input=rows)
            self.assertEqual(run.returncode, 2, run.stderr)

    def test_a_description_that_is_denied_costs_a_warning_only(self):
        fake = self.serve(lambda call: error("AccessDeniedException", "no")
                          if call.operation == "DescribeStreamSummary" else None)
        run = self.all_arrive(fake, warnings=1)
        self.assertIn("warning: DescribeStreamSummary is denied", run.stderr)

    def test_a_description_that_is_rate_limited_is_asked_for_again(self):
        fake = self.serve(lambda call: error("LimitExceededException", "Rate exceeded")
                          if call.operation == "DescribeStreamSummary" and call.number <= 3 else None)
        self.all_arrive(fake)
        always = self.serve(lambda call: error("LimitExceededException", "Rate exceeded for stream"))
        self.fails(always, "--set", "stream_active_timeout=1s", code=1,
                   says=["DescribeStreamSummary", "stream events", "LimitExceededException", REQUEST_ID])

    def test_expired_credentials_are_renewed(self):
        oldest = [1]

        def script(call):
            if call.operation != "PutRecords":
                return None
            if call.number in (5, 12, 20):
                oldest[0] += 1
            if int(call.headers["X-Amz-Security-Token"][1:]) < oldest[0]:
                return error("ExpiredTokenException", "The security token included in the request is expired")
            return None
        fake = self.serve(script)
        with self.credential_process():
            self.all_arrive(fake)
        self.assertEqual(oldest, [4])
        self.assertEqual(len(fake.stored), ROWS)

    def test_credentials_that_stay_expired_end_the_run(self):
        fake = self.serve(on_puts(lambda call: error("ExpiredTokenException", "The security token is expired")))
        with self.credential_process():
            self.fails(fake, says=["ExpiredTokenException", "stream events", "credentials", REQUEST_ID])

    def test_a_clock_that_is_wrong_is_corrected(self):
        for offset in (600, -600):
            for code in ("InvalidSignatureException", "RequestExpired", "RequestTimeTooSkewed"):
                with self.subTest(offset=offset, code=code):
                    def script(call, code=code):
                        if abs(call.endpoint.signed_at(call) - call.endpoint.now()) > 300:
                            return error(code, "Signature not yet current or expired")
                        return None
                    run = self.all_arrive(self.serve(script, clock_offset=offset), warnings=1)
                    self.assertIn("the clock is corrected", run.stderr)

    def test_a_wrong_secret_is_not_taken_for_a_wrong_clock(self):
        fake = self.serve(on_puts(lambda call: error("InvalidSignatureException", "The signature does not match")))
        self.fails(fake, says=["InvalidSignatureException", "check the secret access key", "stream events", REQUEST_ID])
        self.assertLess(len(fake.puts()), 40)

    # ---- answers that are not the service's

    def test_a_request_that_is_too_large_for_the_way_is_halved(self):
        fake = self.serve(on_puts(lambda call: Answer(413, b"<html>too large</html>") if len(call.records) > 30 else None))
        self.all_arrive(fake)
        self.assertEqual(len(fake.stored), ROWS)
        none = self.serve(on_puts(lambda call: Answer(413, b"<html>too large</html>")))
        self.fails(none, says=["413", "stream events", REQUEST_ID, "row"])

    ODD = {
        # name: (answer, whether the rows are stored before it, what the error says when it never ends)
        "503_html": (lambda call: Answer(503, b"<html>Service Unavailable</html>", Content_Type="text/html"), "503"),
        "500_empty": (lambda call: Answer(500), "500"),
        "503_after_storing": (lambda call: call.store() and Answer(503, b"<html>", Content_Type="text/html"), "503"),
        "200_empty": (lambda call: call.store() and Answer(200), "unreadable"),
        "200_html": (lambda call: call.store() and Answer(200, b"<html>hello</html>", Content_Type="text/html"),
                     "unreadable"),
        "204": (lambda call: call.store() and Answer(204), "204"),
        "200_too_few_entries": (lambda call: Answer(200, {"FailedRecordCount": 0, "Records": call.store()[1:]}), "entries"),
        "200_too_many_entries": (lambda call: Answer(200, {"FailedRecordCount": 0, "Records": call.store() + [
            {"SequenceNumber": "1", "ShardId": "s"}]}), "entries"),
        "200_no_entries": (lambda call: call.store() and Answer(200, {"FailedRecordCount": 0, "Records": []}), "entries"),
        "200_entries_of_nothing": (lambda call: Answer(200, {"FailedRecordCount": 0, "Records": [{} for _ in call.store()]}),
                                   "sequence number"),
        "length_too_long": (lambda call: Answer(200, {"Records": call.store()}, hang_up=True, Content_Length="9999"),
                            "closed"),
        "length_absurd": (lambda call: Answer(200, {"Records": call.store()}, hang_up=True, Content_Length="99999999"),
                          "limit"),
        "length_too_short": (lambda call: Answer(200, {"Records": call.store()}, hang_up=True, Content_Length="20"),
                             "unreadable"),
        "length_no_number": (lambda call: Answer(200, {"Records": call.store()}, hang_up=True, Content_Length="many"),
                             "HTTP"),
        "gzip_that_is_none": (lambda call: call.store() and Answer(200, b"\x1f\x8b\x08 not", Content_Encoding="gzip"),
                              "unreadable"),
        "redirect": (lambda call: Answer(301, Location="http://127.0.0.1:9/"), "http://127.0.0.1:9/"),
        "hangs_up": (lambda call: call.store() and Answer(None, hang_up=True), "127.0.0.1"),
        "408": (lambda call: Answer(408, b"<html>"), "408"),
        "429": (lambda call: Answer(429, b"slow down"), "429"),
    }

    def test_an_endpoint_that_knows_no_cbor_gets_json(self):
        fake = self.serve()
        self.all_arrive(fake, "--set", "wire=auto")
        self.assertEqual(fake.probes, 1)

    def test_an_endpoint_that_is_something_else_is_an_error(self):
        for name, answer, says in (
                ("a web page", Answer(200, b"<html>hello</html>", Content_Type="text/html"), "unreadable"),
                ("nothing", Answer(200), "describes no stream"),
                ("an object", Answer(200, {"hello": "world"}), "describes no stream"),
                ("a redirect", Answer(302, Location="https://login.example/"), "https://login.example/"),
                ("not found", Answer(404, b"<html>", Content_Type="text/html"), "404"),
                ("a login", Answer(401, b"<html>", Content_Type="text/html"), "401"),
                ("nobody", Answer(None, hang_up=True), "127.0.0.1")):
            with self.subTest(name):
                fake = self.serve(lambda call, answer=answer: answer)
                run = self.fails(fake, code=1, says=[says, "DescribeStreamSummary on stream events"])
                self.assertEqual(run.stats["received"], 0)

    def test_an_odd_answer_is_tried_again(self):
        for name, (answer, _) in self.ODD.items():
            with self.subTest(name):
                fake = self.serve(on_puts(answer, first=2, last=6))
                run = self.all_arrive(fake)
                self.assertGreater(run.stats["retries"], 0)

    def test_an_odd_answer_for_ever_is_an_error_that_says_what_came(self):
        for name, (answer, says) in self.ODD.items():
            with self.subTest(name):
                fake = self.serve(on_puts(answer, first=2))
                run = self.fails(fake, *FEW, says=[says, "PutRecords", "stream events"])
                self.assertEqual(run.stats["acknowledged"], 100)


if __name__ == "__main__":
    unittest.main()
