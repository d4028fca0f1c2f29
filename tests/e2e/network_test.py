"""The program behind a network that cuts, stalls, resets and refuses, in ways that a seed decides.

KINESINK_NETWORK_SEEDS takes other seeds than the gate's: 1-200, or 3,17,100-120.
"""

import collections
import os
import re
import tempfile
import time
import unittest
import warnings

import pyarrow as pa
import pyarrow.parquet as parquet

from fault_proxy import FaultProxy
from program import LocalServer, read_all, write

ROWS = 20_000
SECONDS = 60  # far more than a run needs; a hang takes all of it
OPTIONS = [
    word for option in (
        "connect_timeout=400ms", "request_timeout=400ms", "max_retries=200", "checkpoint_max_retries=200",
        "retry_base_delay=2ms", "retry_max_delay=20ms", "checkpoint_retry_base_delay=2ms",
        "checkpoint_retry_max_delay=20ms", "max_record_count=100") for word in ("--set", option)]


def seeds():
    for part in os.environ.get("KINESINK_NETWORK_SEEDS", "1-12").split(","):
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)


class Behind:
    """What `write` takes for a server: the proxy's address under the server's scheme."""

    def __init__(self, server, proxy):
        self.endpoint = re.sub(r":\d+$", f":{proxy.port}", server.endpoint)


class Network(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.path = os.path.join(folder.name, "rows.parquet")
        pad = "some text that makes a request of a hundred rows fill a few segments of TCP " * 2
        parquet.write_table(pa.table({"id": range(ROWS), "pad": [pad] * ROWS}), cls.path)

    def setUp(self):
        # asyncio warns of connections that came in while its server was being closed.
        warnings.simplefilter("ignore", ResourceWarning)

    def check(self, seed, *server_options):
        """What the proxy did, and the statistics of the run."""
        with LocalServer("--stream", "events:4", *server_options) as server:
            port = int(server.endpoint.rsplit(":", 1)[1])
            trust = ["--ca-bundle", server.ca_bundle] if server.ca_bundle else []
            with FaultProxy("127.0.0.1", port, seed) as proxy:
                begun = time.monotonic()
                run = write(Behind(server, proxy), self.path, "--stats", "json", *trust, *OPTIONS, "--set",
                            f"seed={seed}", "--set", "wire=" + ("auto", "json")[seed % 2])
                seconds = time.monotonic() - begun
            self.assertEqual(run.returncode, 0, run.stderr)
            stored = read_all(server.endpoint, verify=server.ca_bundle)
        stats = run.stats
        self.assertEqual((stats["received"], stats["acknowledged"]), (ROWS, ROWS))
        self.assertEqual([stats[name] for name in ("rejected", "skipped", "abandoned", "pending")], [0] * 4)
        copies = collections.Counter(stored)
        self.assertEqual(len(copies), ROWS, "rows are missing")
        self.assertLessEqual(len(stored) - ROWS, stats["possible_duplicates"], "duplicates that nobody counted")
        self.assertLess(seconds, SECONDS)
        return proxy.struck, stats

    def check_all(self, chosen, *server_options):
        struck = collections.Counter()
        retries = 0
        for seed in chosen:
            replay = f"replay: KINESINK_NETWORK_SEEDS={seed} KINESINK_PROGRAM=... network_test.py Network.{self._testMethodName}"
            with self.subTest(seed=seed, replay=replay):
                done, stats = self.check(seed, *server_options)
                struck += done
                retries += stats["retries"]
        return struck, retries

    def test_every_row_is_stored_and_every_duplicate_counted(self):
        struck, retries = self.check_all(seeds())
        if "KINESINK_NETWORK_SEEDS" not in os.environ:
            self.assertGreater(len(struck), 6, struck)  # the proxy does what its name says
            self.assertGreater(retries, 0)

    def test_every_row_is_stored_and_every_duplicate_counted_over_tls(self):
        struck, retries = self.check_all(seeds(), "--tls")
        if "KINESINK_NETWORK_SEEDS" not in os.environ:
            self.assertGreater(len(struck), 6, struck)
            self.assertGreater(retries, 0)


if __name__ == "__main__":
    unittest.main()
