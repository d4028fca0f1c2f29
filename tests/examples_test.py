"""The example programs run against the local server: `examples_test.py KINESINK EXAMPLES_FOLDER`."""

import os
import re
import subprocess
import sys
import unittest

PROGRAM, EXAMPLES = sys.argv[1:3]


class Examples(unittest.TestCase):
    def setUp(self):
        self.server = subprocess.Popen([PROGRAM, "local", "--port", "0", "--stream", "flights:1"],
                                       stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.addCleanup(self.stop)
        found = (re.search(r"http://[\d.]+:\d+", line) for line in self.server.stdout)
        self.endpoint = next(match.group() for match in found if match)
        self.environment = {**os.environ, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "x",
                            "AWS_SECRET_ACCESS_KEY": "x", "AWS_EC2_METADATA_DISABLED": "true"}

    def stop(self):
        self.server.terminate()
        self.server.wait(timeout=20)
        self.server.stdout.close()

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
