"""Values of every type through the program into its local server, compared with an independent rendering."""

import os
import random
import tempfile
import unittest

import pyarrow as pa

from nasty_values import nasty_table
from program import LocalServer, read_all, write
from rendering import rows_of

# A column of each layout: rendering is slow in Python.
LAYOUTS = ("nothing", "flag", "int8", "uint64", "half", "decimal256 76 20", "string_view", "large_binary", "fixed",
           "time64 ns", "timestamp us Europe/Paris", "list", "fixed list", "struct", "map", "dictionary", "deep")


class Values(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = os.path.join(folder.name, "values.arrow")

    def save(self, table):
        with pa.OSFile(self.path, "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
            writer.write_table(table.combine_chunks())

    def check(self, table, expected, *options):
        self.save(table)
        with LocalServer("--stream", "events:2") as server:
            run = write(server, self.path, "--stats", "json", *options)
            self.assertEqual(run.returncode, 0, run.stderr)
            stored = sorted(read_all(server.endpoint))
        self.assertEqual(run.stats["acknowledged"], len(expected))
        self.assertEqual(len(stored), len(expected))
        for found, wanted in zip(stored, sorted(expected)):
            if found != wanted:  # assertEqual would take long over such lines
                at = len(os.path.commonprefix([found, wanted]))
                self.fail(f"stored {found[max(0, at - 80):at + 40]}, not {wanted[max(0, at - 80):at + 40]}")

    def test_every_type_in_both_wires(self):
        table = nasty_table()
        expected = rows_of(table)
        for wire in ("cbor", "json"):
            self.check(table, expected, "--set", f"wire={wire}")

    def test_slices_of_a_large_batch(self):
        rows = 17_000  # the program hands a batch of so many on in slices of 16,384
        small = nasty_table()
        columns = {name: small.column(name).combine_chunks() for name in LAYOUTS}
        table = pa.table({name: pa.concat_arrays([column] * (rows // 64 + 1)).slice(3, rows)
                          for name, column in columns.items()})
        distinct = rows_of(small.select(LAYOUTS))
        self.check(table, [distinct[(3 + row) % 64] for row in range(rows)])

    def test_raw_bytes_in_both_wires(self):
        rng = random.Random(5)
        values = [rng.randbytes(rng.randint(1, 300)) for _ in range(1000)] + [bytes(range(256)), b"\0", b"\xff" * 50_000]
        for wire in ("cbor", "json"):
            self.check(pa.table({"value": values}), values, "--format", "raw_bytes", "--set", f"wire={wire}")


if __name__ == "__main__":
    unittest.main()
