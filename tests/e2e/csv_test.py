"""Values of every type as CSV rows, read back by Python's csv module and by pyarrow."""

import csv
import io
import os
import re
import tempfile
import unittest

import pyarrow as pa
import pyarrow.csv
import pyarrow.types as types

from nasty_values import TEXTS, nasty_table
from program import LocalServer, read_all, write
from rendering import value_of

NOT_FINITE = {"nan": "NaN", "inf": "Infinity", "-inf": "-Infinity"}


def cell_of(scalar):
    """What a reader must see; None for a null."""
    text = value_of(scalar)
    if types.is_dictionary(scalar.type) and scalar.is_valid:
        return cell_of(scalar.value)
    if not scalar.is_valid:
        return None
    if types.is_floating(scalar.type) and text == "null":
        return NOT_FINITE[str(scalar.as_py())]
    if types.is_nested(scalar.type):
        return text
    if types.is_string(scalar.type) or types.is_large_string(scalar.type) or types.is_string_view(scalar.type):
        return scalar.as_py()
    return text.strip('"')


class Csv(unittest.TestCase):
    def stored(self, table, *options):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "values.arrow")
            with pa.OSFile(path, "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
                writer.write_table(table.combine_chunks())
            with LocalServer("--stream", "events:2") as server:
                run = write(server, path, "--stats", "json", "--format", "csv", *options)
                self.assertEqual(run.returncode, 0, run.stderr)
                self.assertEqual(run.stats["acknowledged"], table.num_rows)
                return [payload.decode() for payload in read_all(server.endpoint)]

    def test_every_type_comes_back(self):
        table = nasty_table()
        wanted = [[cell_of(column[row]) for column in table.columns] for row in range(table.num_rows)]
        for delimiter in (",", ";", "\t"):
            found = []
            for line in self.stored(table, "--set", "csv.null=~null~", "--set", f"csv.delimiter={delimiter}"):
                [cells] = csv.reader(io.StringIO(line, newline=""), delimiter=delimiter, strict=True)
                found.append([None if cell == "~null~" else cell for cell in cells])
            self.assertEqual(sorted(found, key=repr), sorted(wanted, key=repr))

    def test_the_worked_example_of_the_page(self):
        page = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "formats", "csv.md")
        with open(page, encoding="utf-8") as file:
            [wanted] = re.findall(r"```csv\n(.*?)\n```", file.read(), re.DOTALL)
        table = pa.table({
            "id": [7], "user": ["ann"], "amount": [1.5], "flag": [True], "note": pa.array([None], pa.utf8()),
            "says": ['"hi", twice'], "at": pa.array([1_700_000_000_500], pa.timestamp("ms", "UTC")), "tags": [["a", "b"]]})
        self.assertEqual(self.stored(table), [wanted])

    def test_pyarrow_tells_an_empty_text_from_a_null(self):
        texts = [text for text in TEXTS if "\0" not in text] + [None]
        table = pa.table({"id": range(len(texts)), "text": texts,
                          "number": [None if i % 3 == 0 else i / 7 for i in range(len(texts))]})
        for options in ([], ["--set", "csv.quote_all=true"], ["--set", "csv.null=NULL"]):
            lines = self.stored(table, *options)
            read = pyarrow.csv.read_csv(
                io.BytesIO("".join(line + "\n" for line in lines).encode()),
                read_options=pyarrow.csv.ReadOptions(column_names=table.column_names),
                parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True),
                convert_options=pyarrow.csv.ConvertOptions(
                    column_types=table.schema, null_values=["", "NULL"], strings_can_be_null=True,
                    quoted_strings_can_be_null=False))
            self.assertEqual(read.sort_by("id"), table)


if __name__ == "__main__":
    unittest.main()
