"""Memory stays within its bound while the service is slow or stalled, the schema wide, the rows huge.

KINESINK_SOAK_SECONDS: how long the slow service is written to (5)."""

import json
import os
import re
import signal
import subprocess
import threading
import time
import unittest

import pyarrow as pa
import pyarrow.parquet as parquet

from program import ENVIRONMENT, PROGRAM, LocalServer, ProgramCase, client, read_all

SOAK_SECONDS = float(os.environ.get("KINESINK_SOAK_SECONDS", "5"))
BOUND = 64 << 20  # max_buffered_bytes
STREAM_ARN = "arn:aws:kinesis:us-east-1:000000000000:stream/events"


def resident(pid):
    """Resident memory now and at most, in bytes."""
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        text = file.read()
    return [1024 * int(re.search(rf"{name}:\s+(\d+) kB", text).group(1)) for name in ("VmRSS", "VmHWM")]


class Memory(ProgramCase):
    def setUp(self):
        super().setUp()
        self.baseline = self.without_rows()

    def command(self, server, *arguments):
        return [PROGRAM, "write", "--endpoint-url", server.endpoint, "--stream", "events", "--stats", "json", *arguments]

    def peak(self, server, *arguments):
        """Exit code, statistics, and the most memory it had, measured as it ran."""
        most = [0]
        with subprocess.Popen(self.command(server, *arguments), env=ENVIRONMENT, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE) as run:
            def watch():
                while run.poll() is None:
                    try:
                        most[0] = max(most[0], resident(run.pid)[1])
                    except (FileNotFoundError, AttributeError, ProcessLookupError):
                        return
                    time.sleep(0.005)
            watcher = threading.Thread(target=watch)
            watcher.start()
            out, errors = run.communicate(timeout=240)
            watcher.join()
        return run.returncode, json.loads(out) if out else errors.decode(), most[0]

    def without_rows(self):
        parquet.write_table(pa.table({"id": pa.array([1])}), self.path("one.parquet"))
        with LocalServer("--stream", "events:2", "--discard", "--latency-ms", "50") as server:
            code, _, most = self.peak(server, self.path("one.parquet"))
        self.assertEqual(code, 0)
        return most

    def rows_without_end(self, run, stop):
        """An Arrow stream, which the program reads a batch at a time."""
        batch = pa.record_batch({"id": list(range(5000)), "text": ["x" * 200] * 5000})
        try:
            with pa.ipc.new_stream(run.stdin, batch.schema) as writer:
                while not stop.is_set():
                    writer.write_batch(batch)
        except (BrokenPipeError, ValueError):
            pass

    def watched(self, server, seconds, *arguments):
        """Samples of the memory of a writer that is given more than it can send."""
        samples = []
        with subprocess.Popen(self.command(server, *arguments, "-"), env=ENVIRONMENT, stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as run:
            stop = threading.Event()
            feeder = threading.Thread(target=self.rows_without_end, args=(run, stop))
            feeder.start()
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                time.sleep(0.1)
                samples.append(resident(run.pid)[0])
            stop.set()
            run.send_signal(signal.SIGKILL)
            run.wait()
            feeder.join(timeout=10)
            try:
                run.stdin.close()
            except BrokenPipeError:
                pass
        return samples

    def check_flat(self, samples):
        # The batch that is being read, and the allocator's slack, are not the sink's.
        self.assertLess(max(samples), self.baseline + BOUND + (24 << 20))
        half = len(samples) // 2
        self.assertLess(max(samples[half:]), max(samples[:half]) + (16 << 20), "it still grows")
        print(f"{len(samples) / 10:.0f} s: {self.baseline >> 20} MiB at rest, at most {max(samples) >> 20} MiB, bound "
              f"{BOUND >> 20} MiB")

    def test_a_service_slower_than_the_source(self):
        self.check_flat(self.watched(self.serve("--discard", "--latency-ms", "300"), SOAK_SECONDS,
                                     "--set", "max_in_flight=2"))

    def test_a_stalled_service(self):
        self.check_flat(self.watched(self.serve("--fault", "stall=1,stall_ms=600000"), SOAK_SECONDS,
                                     "--set", "request_timeout=10m"))

    def test_a_throttled_service(self):
        self.check_flat(self.watched(self.serve("--enforce-limits"), SOAK_SECONDS))

    def test_ten_thousand_columns(self):
        columns = {f"column_{i}": pa.array(range(200), pa.int32()) for i in range(10_000)}
        table = pa.table(columns)
        with pa.OSFile(self.path("wide.arrow"), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table)
        server = self.serve()
        code, stats, most = self.peak(server, self.path("wide.arrow"))
        self.assertEqual((code, stats["acknowledged"]), (0, 200), stats)
        self.assertEqual(len(json.loads(read_all(server.endpoint)[0])), 10_000)
        print(f"10,000 columns: at most {most >> 20} MiB")
        self.assertLess(most, self.baseline + BOUND + (200 << 20))

    def test_records_of_ten_mebibytes_where_the_stream_allows_them(self):
        server = self.serve()
        client(server.endpoint).update_max_record_size(StreamARN=STREAM_ARN, MaxRecordSizeInKiB=10240)
        size = (10 << 20) - 100
        table = pa.table({"id": list(range(12)), "text": ["x" * size] * 12})
        with pa.OSFile(self.path("huge.arrow"), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
            writer.write_table(table, max_chunksize=1)
        code, stats, most = self.peak(server, self.path("huge.arrow"))
        self.assertEqual((code, stats["acknowledged"]), (0, 12), stats)
        self.assertEqual(len(read_all(server.endpoint)), 12)
        print(f"12 records of 10 MiB: at most {most >> 20} MiB")
        self.assertLess(most, self.baseline + BOUND + (80 << 20))


if __name__ == "__main__":
    unittest.main()
