"""What tests of the program against a scripted service share."""

import json
import os
import stat
import subprocess
import tempfile
import time
import unittest
import unittest.mock

import pyarrow as pa
import pyarrow.parquet as parquet

import program
from fake_endpoint import FakeEndpoint

ROWS = 3_000
RETRY_SOON = ("retry_base_delay=2ms", "retry_max_delay=10ms", "checkpoint_retry_base_delay=2ms",
              "checkpoint_retry_max_delay=10ms")


def options(*assignments):
    return [word for assignment in assignments for word in ("--set", assignment)]


SOON = options("wire=json", "max_record_count=100", *RETRY_SOON)
FEW = options("max_retries=4", "checkpoint_max_retries=4")


def on_puts(answer, first=1, last=10**9):
    """A script: `answer(call)` for PutRecords number first to last."""
    return lambda call: answer(call) if call.operation == "PutRecords" and first <= call.number <= last else None


class ServiceCase(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.path = self.table(pa.table({"id": range(ROWS)}))
        self.expected = sorted(f'{{"id":{i}}}'.encode() for i in range(ROWS))

    def table(self, rows, name="rows.parquet"):
        path = os.path.join(self.folder, name)
        parquet.write_table(rows, path)
        return path

    def serve(self, script=lambda call: None, **more):
        fake = FakeEndpoint(script, **more)
        fake.__enter__()
        self.addCleanup(fake.__exit__)
        return fake

    def adds_up(self, stats):
        self.assertEqual(stats["received"], sum(stats[name] for name in (
            "acknowledged", "rejected", "skipped", "abandoned", "pending")), stats)

    def write(self, fake, *more, path=None):
        run = program.write(fake, path or self.path, "--stats", "json", *SOON, *more)
        self.adds_up(run.stats)
        self.assertLessEqual(run.stats["acknowledged"], len(set(fake.stored)), "acknowledged, and not stored")
        return run

    def all_arrive(self, fake, *more, warnings=0):
        """Every row is stored, no more often than was said."""
        run = self.write(fake, *more)
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(run.stderr.count("\n"), warnings, run.stderr)
        self.assertEqual(run.stats["acknowledged"], ROWS)
        self.assertEqual(sorted(set(fake.stored)), self.expected)
        self.assertLessEqual(len(fake.stored) - ROWS, run.stats["possible_duplicates"])
        return run

    def fails(self, fake, *more, code=2, says=()):
        """One line that says all of `says`; what is not stored is counted."""
        run = self.write(fake, *more)
        self.assertEqual(run.returncode, code, run.stderr)
        self.assertEqual(run.stderr.count("\n"), 1, run.stderr)
        for word in says:
            self.assertIn(word, run.stderr)
        self.assertEqual((run.stats["rejected"], run.stats["pending"]), (0, 0))
        return run

    # ---- the program as it reads batches from a pipe

    def start(self, server, *more):
        """`kinesink write` of batches on stdin: the process, and the writer of its batches."""
        run = subprocess.Popen(
            [program.PROGRAM, "write", "--endpoint-url", server.endpoint, "--stream", "events", "--stats", "json",
             *more, "-"],
            bufsize=0, env=program.ENVIRONMENT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.addCleanup(lambda: (run.kill(), run.wait(), run.stdin.close(), run.stdout.close(), run.stderr.close()))
        return run, pa.ipc.new_stream(run.stdin, pa.schema([("id", pa.int64())]))

    @staticmethod
    def feed(batches, begin, count, size=1_000):
        for at in range(begin, begin + count, size):
            batches.write_table(pa.table({"id": pa.array(range(at, at + size), pa.int64())}))

    def finish(self, run):
        """Its statistics and errors."""
        try:
            run.stdin.close()
        except BrokenPipeError:
            pass
        run.wait(timeout=60)
        stats = json.loads(run.stdout.read())
        self.adds_up(stats)
        return stats, run.stderr.read().decode()

    def until(self, holds, what, seconds=60.0):
        """How long it took."""
        begun = time.monotonic()
        while not holds():
            self.assertLess(time.monotonic() - begun, seconds, what)
            time.sleep(0.002)
        return time.monotonic() - begun

    def until_stored(self, server, at_least):
        self.until(lambda: len(program.read_all(server.endpoint)) >= at_least, "the rows do not arrive")

    # ---- credentials

    def credential_process(self, lives="2099-01-01T00:00:00Z"):
        """Credentials by a process: each call of it gives a new token, t1, t2, ... `lives`: until when, for date(1)."""
        script = os.path.join(self.folder, "credentials.sh")
        count = os.path.join(self.folder, "count")
        with open(script, "w", encoding="utf-8") as file:
            file.write(f'#!/bin/sh\nn=$(($(cat {count} 2>/dev/null || echo 0) + 1))\necho $n > {count}\n'
                       f'until=$(date -u -d "{lives}" +%Y-%m-%dT%H:%M:%SZ)\n'
                       'echo "{\\"Version\\":1,\\"AccessKeyId\\":\\"K\\",\\"SecretAccessKey\\":\\"s\\",'
                       '\\"SessionToken\\":\\"t$n\\",\\"Expiration\\":\\"$until\\"}"\n')
        os.chmod(script, stat.S_IRWXU)
        config = os.path.join(self.folder, "config")
        with open(config, "w", encoding="utf-8") as file:
            file.write(f"[default]\ncredential_process = {script}\n")
        keys = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
        given = {name: value for name, value in program.ENVIRONMENT.items() if name not in keys}
        return unittest.mock.patch.object(program, "ENVIRONMENT", {**given, "AWS_CONFIG_FILE": config})
