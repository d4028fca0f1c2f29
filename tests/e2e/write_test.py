"""All flights, through the program into its local server, read back by boto3 and compared with Python's own rendering."""

import json
import unittest

import pyarrow.parquet as parquet

from program import FLIGHTS, LocalServer, read_all, write


def rendered(table):
    """The rows as JSON text, by Python's json module."""
    columns = {name: table.column(name).to_pylist() for name in table.column_names}
    columns["time_hour"] = [time.strftime("%Y-%m-%dT%H:%M:%SZ") for time in columns["time_hour"]]
    names = list(columns)
    return [json.dumps(dict(zip(names, row)), separators=(",", ":"), ensure_ascii=False).encode()
            for row in zip(*columns.values())]


class Flights(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.expected = sorted(rendered(parquet.read_table(FLIGHTS)))

    def check(self, *options, server=()):
        with LocalServer("--stream", "events:4", *server) as local:
            run = write(local, FLIGHTS, "--stats", "json", *options)
            self.assertEqual(run.returncode, 0, run.stderr)
            self.assertEqual(run.stats["acknowledged"], 336776)
            self.assertEqual(run.stats["requests"], 674)
            stored = sorted(read_all(local.endpoint))
        self.assertEqual(len(stored), 336776)
        self.assertTrue(stored == self.expected, "the records differ from Python's rendering of the rows")

    def test_arrive_unchanged_in_cbor(self):
        self.check("--set", "wire=cbor")

    def test_arrive_unchanged_in_json(self):
        self.check("--set", "wire=json", "--partition-key", "tailnum", "--set", "on_bad_key=random")


if __name__ == "__main__":
    unittest.main()
