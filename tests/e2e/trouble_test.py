"""What the program does when the service never takes the rows, goes away, or nobody reads its output."""

import json
import os
import signal
import subprocess
import tempfile
import unittest

import pyarrow as pa
import pyarrow.parquet as parquet

from program import ENVIRONMENT, PROGRAM, LocalServer, ProgramCase, write

BLOCK = b'{"a":1}\n' * 400_000  # far more than a pipe holds: who has written it knows that rows were taken


class Trouble(ProgramCase):
    def start(self, server, *options):
        """`kinesink write` of stdin, with the first rows taken."""
        run = subprocess.Popen(
            [PROGRAM, "write", "--endpoint-url", server.endpoint, "--stream", "events", "--stats", "json", *options, "-"],
            env=ENVIRONMENT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(lambda: (run.kill(), run.wait(), run.stdout.close(), run.stderr.close()))
        run.stdin.write(BLOCK)
        run.stdin.flush()
        return run

    def test_a_second_signal_leaves_at_once_and_says_what_is_not_stored(self):
        run = self.start(self.serve("--fault", "throttle=1"), "--set", "max_retries=1000",
                         "--set", "checkpoint_max_retries=1000")
        run.send_signal(signal.SIGINT)
        run.send_signal(signal.SIGTERM)
        self.assertEqual(run.wait(timeout=20), 128 + signal.SIGTERM)
        self.assertRegex(run.stderr.read().decode(), r"interrupted again: [\d,]+ rows were NOT stored\n$")
        run.stdin.close()

    def test_a_server_that_goes_away_is_exit_2_with_every_row_accounted_for(self):
        server = self.serve("--discard")
        run = self.start(server, *(word for name in ("retry", "checkpoint_retry") for word in (
            "--set", f"{name}_base_delay=1ms", "--set", f"{name}_max_delay=5ms")),
            "--set", "max_retries=3", "--set", "checkpoint_max_retries=3")
        server.process.kill()
        try:
            run.stdin.write(BLOCK)
            run.stdin.close()
        except BrokenPipeError:
            pass
        self.assertEqual(run.wait(timeout=60), 2)
        stats = json.loads(run.stdout.read())
        self.assertGreater(stats["abandoned"], 0)
        self.assertEqual(stats["received"], stats["acknowledged"] + stats["abandoned"])
        self.assertEqual((stats["rejected"], stats["skipped"], stats["pending"]), (0, 0, 0))
        self.assertIn(server.endpoint.removeprefix("http://").split(":")[0], run.stderr.read().decode())

    def test_no_server_at_all_is_exit_1(self):
        server = LocalServer()
        server.__exit__()
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "rows.parquet")
            parquet.write_table(pa.table({"a": [1]}), path)
            run = write(server, path, "--set", "connect_timeout=2s")
        self.assertEqual(run.returncode, 1)
        self.assertEqual(run.stderr.count("\n"), 1, run.stderr)

    def test_tail_ends_quietly_when_nobody_reads_it(self):
        server = self.serve()
        stored = subprocess.run(
            [PROGRAM, "write", "--endpoint-url", server.endpoint, "--stream", "events", "-"], input=BLOCK[:800_000],
            env=ENVIRONMENT, capture_output=True, timeout=60, check=True)
        self.assertEqual(stored.stderr, b"")
        tail = subprocess.Popen([PROGRAM, "tail", "--endpoint-url", server.endpoint, "--stream", "events"],
                                env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.assertEqual(tail.stdout.readline(), b'{"a":1}\n')
        tail.stdout.close()
        self.assertEqual(tail.wait(timeout=20), 0)
        self.assertEqual(tail.stderr.read(), b"")
        tail.stderr.close()


if __name__ == "__main__":
    unittest.main()
