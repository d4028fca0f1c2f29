"""The example programs run against the local server: `examples_test.py KINESINK EXAMPLES_FOLDER`."""

import os
import socket
import subprocess
import sys
import time
import unittest

PROGRAM, EXAMPLES = sys.argv[1:3]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_it_listens(port, server):
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and server.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.02)
    raise AssertionError("kinesink local does not listen")


class Examples(unittest.TestCase):
    def setUp(self):
        self.port = free_port()
        self.server = subprocess.Popen(
            [PROGRAM, "local", "--port", str(self.port), "--stream", "flights:1"], stdout=subprocess.DEVNULL)
        self.addCleanup(self.stop)
        wait_until_it_listens(self.port, self.server)
        self.endpoint = f"http://127.0.0.1:{self.port}"
        self.environment = {**os.environ, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "x",
                            "AWS_SECRET_ACCESS_KEY": "x", "AWS_EC2_METADATA_DISABLED": "true"}

    def stop(self):
        self.server.terminate()
        self.server.wait(timeout=20)

    def run_program(self, *command):
        run = subprocess.run(command, capture_output=True, text=True, env=self.environment, timeout=60, check=False)
        self.assertEqual(run.returncode, 0, run.stderr)
        return run.stdout

    def test_write_batch_stores_its_rows(self):
        printed = self.run_program(os.path.join(EXAMPLES, "example_write_batch"), "flights", self.endpoint)
        self.assertEqual(printed.strip(), "3 rows stored")
        rows = self.run_program(PROGRAM, "tail", "--stream", "flights", "--endpoint-url", self.endpoint,
                                "--max-records", "3")
        self.assertEqual(sorted(rows.split()), ['{"name":"Ada"}', '{"name":"Edsger"}', '{"name":"Grace"}'])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
