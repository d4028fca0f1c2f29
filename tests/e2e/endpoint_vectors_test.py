"""The vectors of the endpoint test are what the installed botocore says today."""

import os
import subprocess
import sys
import unittest

VECTORS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "vectors")


class EndpointVectors(unittest.TestCase):
    def test_are_those_of_botocore(self):
        script = os.path.join(VECTORS, "endpoints.py")
        header = os.path.join(VECTORS, "endpoints.h")
        done = subprocess.run([sys.executable, "-B", script, "--check", header], cwd=VECTORS, timeout=120, check=False)
        self.assertEqual(done.returncode, 0, f"run {script} > {header}")


if __name__ == "__main__":
    unittest.main()
