"""What the program promises its callers: exit codes, statistics, signals, files, errors of one line."""

import json
import os
import signal
import subprocess
import unittest

import pyarrow as pa
import pyarrow.csv as csv
import pyarrow.feather as feather
import pyarrow.parquet as parquet

from program import ENVIRONMENT, PROGRAM, LocalServer, ProgramCase, read_all, write

FIELDS = ["received", "acknowledged", "rejected", "skipped", "abandoned", "pending", "possible_duplicates", "records",
          "requests", "retries", "throttled", "payload_bytes", "wire_bytes", "stored_after_ms", "settled_before", "seconds",
          "cpu_seconds"]


def adds_up(stats):
    return stats["received"] == sum(stats[name] for name in ("acknowledged", "rejected", "skipped", "abandoned", "pending"))


class Program(ProgramCase):
    def table(self, rows=1000):
        table = pa.table({"id": list(range(rows)), "name": [f"row {i}" for i in range(rows)]})
        parquet.write_table(table, self.path("rows.parquet"))
        return table

    def test_statistics_are_one_object_with_the_documented_fields(self):
        self.table()
        run = write(self.serve(), self.path("rows.parquet"), "--stats", "json")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(list(run.stats), FIELDS)
        self.assertTrue(adds_up(run.stats))
        self.assertEqual(run.stats["acknowledged"], 1000)
        self.assertEqual(run.stderr, "")

    def test_every_kind_of_file_arrives(self):
        server = self.serve()
        table = self.table(10)
        feather.write_feather(table, self.path("a.feather"))
        with pa.OSFile(self.path("a.arrows"), "wb") as sink, pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)
        with pa.OSFile(self.path("a.arrow"), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table)
        csv.write_csv(table, self.path("a.csv"))
        lines = [f'{{"id":{i},"name":"row {i}"}}' for i in range(10)]
        with open(self.path("a.ndjson"), "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
        names = ["rows.parquet", "a.feather", "a.arrows", "a.arrow", "a.csv", "a.ndjson"]
        run = write(server, *[self.path(name) for name in names])
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(sorted(read_all(server.endpoint)), sorted(line.encode() for line in lines * 6))

    def test_stdin_is_arrow_or_ndjson(self):
        server = self.serve()
        buffer = pa.BufferOutputStream()
        with pa.ipc.new_stream(buffer, pa.schema([("a", pa.int32())])) as writer:
            writer.write_table(pa.table({"a": pa.array([1, 2], pa.int32())}))
        run = write(server, "-", input=buffer.getvalue().to_pybytes(), text=False)
        self.assertEqual(run.returncode, 0, run.stderr)
        run = write(server, "-", input='{"a":3}\n')
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(sorted(read_all(server.endpoint)), [b'{"a":1}', b'{"a":2}', b'{"a":3}'])

    def test_usage_and_configuration_errors_are_one_line_and_exit_1(self):
        server = self.serve()
        self.table()
        good = self.path("rows.parquet")
        config = self.path("bad.toml")
        with open(config, "w", encoding="utf-8") as file:
            file.write('[sink]\nmax_age = "1s"\nmax_record_cuont = 5\n')
        cases = [
            ([self.path("none.parquet")], "none.parquet"),
            ([self.path("rows.xyz")], "unknown ending"),
            ([good, "--max-record-count", "501"], "it must be 1 to 500"),
            ([good, "--set", "nonsense=1"], "there is no option 'nonsense'"),
            ([good, "--set", "max_age"], "NAME=VALUE"),
            ([good, "--partition-key", "nowhere"], "nowhere"),
            ([good, "--config", config], "bad.toml:3: there is no option 'max_record_cuont'; did you mean max_record_count?"),
            ([good, "--format", "raw_string"], "value"),
        ]
        for arguments, expected in cases:
            run = write(server, *arguments)
            self.assertEqual(run.returncode, 1, (arguments, run.stderr))
            self.assertIn(expected, run.stderr)
            self.assertEqual(run.stderr.count("\n"), 1, run.stderr)
        run = write(server, good, stream="missing")
        self.assertEqual((run.returncode, run.stderr.count("\n")), (1, 1), run.stderr)
        self.assertIn("stream missing", run.stderr)
        self.assertEqual(read_all(server.endpoint), [])

    def test_flags_win_over_set_and_set_over_the_file(self):
        server = self.serve()
        self.table()
        config = self.path("good.toml")
        with open(config, "w", encoding="utf-8") as file:
            file.write('[sink]\nmax_record_count = 10\nexclude_columns = ["name"]\n')
        def requests(*arguments):
            return write(server, self.path("rows.parquet"), "--stats", "json", "--config", config, *arguments).stats["requests"]
        self.assertEqual(requests(), 100)
        self.assertEqual(requests("--set", "max_record_count=100"), 10)
        self.assertEqual(requests("--set", "max_record_count=100", "--max-record-count", "500"), 2)
        self.assertIn(b'{"id":7}', read_all(server.endpoint))

    def test_dry_run_sends_nothing(self):
        server = self.serve()
        self.table()
        run = write(server, self.path("rows.parquet"), "--dry-run", "--stats", "json")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual((run.stats["acknowledged"], run.stats["requests"]), (1000, 2))
        self.assertEqual(read_all(server.endpoint), [])

    def test_bad_rows_go_to_the_dead_letter_file_and_exit_2(self):
        server = self.serve()
        big = "x" * 1_100_000
        parquet.write_table(pa.table({"id": [1, 2, 3], "text": ["a", big, "c"]}), self.path("rows.parquet"))
        letters = self.path("rejected.jsonl")
        run = write(server, self.path("rows.parquet"), "--dead-letter", letters, "--stats", "json")
        self.assertEqual(run.returncode, 2, run.stderr)
        self.assertEqual((run.stats["acknowledged"], run.stats["rejected"]), (2, 1))
        with open(letters, encoding="utf-8") as file:
            (letter,) = [json.loads(line) for line in file]
        self.assertEqual((letter["row"], letter["code"]), (1, "invalid_data"))
        self.assertEqual(len(read_all(server.endpoint)), 2)
        # Without a dead letter such a row is an error that names it; the others still go.
        run = write(server, self.path("rows.parquet"), "--stats", "json")
        self.assertEqual(run.returncode, 2)
        self.assertIn("row 1", run.stderr)
        self.assertEqual((run.stats["acknowledged"], run.stats["abandoned"]), (2, 1))

    def test_faults_lose_nothing(self):
        server = self.serve("--fault", "throttle=0.1,error=0.01,lost_answer=0.05,server_error=0.05", "--seed", "7")
        self.table(20_000)
        run = write(server, self.path("rows.parquet"), "--stats", "json", "--set", "retry_base_delay=5ms",
                    "--set", "checkpoint_retry_base_delay=5ms")
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertTrue(adds_up(run.stats))
        stored = read_all(server.endpoint)
        self.assertEqual(len(set(stored)), 20_000)
        self.assertLessEqual(len(stored) - 20_000, run.stats["possible_duplicates"])
        self.assertGreater(run.stats["retries"], 0)

    def test_tls_is_verified(self):
        server = self.serve("--tls")
        self.table(10)
        run = write(server, self.path("rows.parquet"), "--ca-bundle", server.ca_bundle)
        self.assertEqual(run.returncode, 0, run.stderr)
        run = write(server, self.path("rows.parquet"))
        self.assertEqual(run.returncode, 1)
        self.assertIn("not trusted", run.stderr)
        run = write(server, self.path("rows.parquet"), "--no-verify-ssl")
        self.assertEqual(run.returncode, 0)
        self.assertIn("NOT verified", run.stderr)

    def interrupted(self, number):
        server = self.serve("--discard")
        command = [PROGRAM, "write", "--endpoint-url", server.endpoint, "--stream", "events", "--stats", "json", "-"]
        with subprocess.Popen(command, env=ENVIRONMENT, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE) as run:
            run.stdin.write(b'{"a":1}\n' * 400_000)  # several blocks of what the reader takes at once
            run.stdin.flush()
            # Stdin stays open and silent: the program must not wait for more.
            run.send_signal(number)
            returned = run.wait(timeout=60)
            return returned, json.loads(run.stdout.read()), run.stderr.read().decode()

    def test_signals_end_it_after_a_flush(self):
        for number, code in ((signal.SIGINT, 130), (signal.SIGTERM, 143)):
            returned, stats, errors = self.interrupted(number)
            self.assertEqual(returned, code)
            self.assertEqual(stats["received"], stats["acknowledged"])
            self.assertIn("interrupted", errors)

    def test_options_page_is_up_to_date(self):
        page = os.path.join(os.path.dirname(__file__), "..", "..", "docs", "options.md")
        with open(page, encoding="utf-8") as file:
            printed = subprocess.run([PROGRAM, "options"], capture_output=True, text=True, check=True).stdout
            self.assertEqual(file.read(), printed, "run: build/bin/kinesink options > docs/options.md")

    def test_tail_prints_payloads_or_objects(self):
        server = self.serve()
        self.table(5)
        write(server, self.path("rows.parquet"), "--partition-key", "name")
        tail = [PROGRAM, "tail", "--endpoint-url", server.endpoint, "--stream", "events", "--until-caught-up"]
        raw = subprocess.run(tail, env=ENVIRONMENT, capture_output=True, text=True, check=True, timeout=60).stdout
        self.assertEqual(sorted(raw.splitlines()), sorted(f'{{"id":{i},"name":"row {i}"}}' for i in range(5)))
        lines = subprocess.run([*tail, "--output", "json", "--max-records", "2"], env=ENVIRONMENT, capture_output=True,
                               text=True, check=True, timeout=60).stdout.splitlines()
        self.assertEqual(len(lines), 2)
        self.assertEqual(set(json.loads(lines[0])),
                         {"shard_id", "sequence_number", "partition_key", "arrival_milliseconds", "data"})

    def test_a_command_line_that_is_not_understood_is_told_in_one_line_that_helps(self):
        commands = "write tail local inspect options (see kinesink --help)"
        for arguments, expected in [
                ([], "the commands are " + commands),
                (["wriet", "rows.parquet"], "there is no command 'wriet'; the commands are " + commands),
                (["write", "--bogus", "rows.parquet"], "--bogus (see kinesink write --help)"),
                (["inspect"], "INPUT is required (see kinesink inspect --help)"),
                (["local", "--port", "65536"], "65536"),
                (["inspect", "none.csv"], "none.csv"),
                (["inspect", "none.csv"], "No such file or directory"),
                (["inspect", "rows.csv", "--config", "none.toml"], "none.toml: cannot be read")]:
            run = subprocess.run([PROGRAM, *arguments], env=ENVIRONMENT, capture_output=True, text=True, check=False,
                                 timeout=60)
            self.assertEqual((run.returncode, run.stdout, run.stderr.count("\n")), (1, "", 1), (arguments, run.stderr))
            self.assertTrue(run.stderr.startswith("kinesink: error: "), run.stderr)
            self.assertIn(expected, run.stderr)

    def test_help_of_inspect_asks_for_no_stream_but_takes_one(self):
        self.table(5)
        inspect = [PROGRAM, "inspect", self.path("rows.parquet")]
        text = subprocess.run([*inspect, "--help"], env=ENVIRONMENT, capture_output=True, text=True, check=True,
                              timeout=60).stdout
        self.assertNotIn("--stream TEXT", text)
        self.assertIn("--partition-key TEXT", text)
        subprocess.run([*inspect, "--stream", "events"], env=ENVIRONMENT, capture_output=True, check=True, timeout=60)

    def test_inspect_shows_columns_and_samples(self):
        self.table(5)
        run = subprocess.run([PROGRAM, "inspect", self.path("rows.parquet"), "--partition-key", "name"], env=ENVIRONMENT,
                             capture_output=True, text=True, check=True, timeout=60)
        self.assertIn("int64", run.stdout)
        self.assertIn('key row 0, 23 bytes: {"id":0,"name":"row 0"}', run.stdout)


if __name__ == "__main__":
    unittest.main()
