"""Values of every type as MessagePack and CBOR, read back by msgpack and cbor2 and compared with what went in."""

import datetime
import decimal
import io
import os
import re
import subprocess
import tempfile
import unittest
import unittest.mock
import uuid

import cbor2
import cbor2._decoder
import msgpack
import pyarrow as pa
import pyarrow.types as types

from nasty_values import nasty_table
from program import ENVIRONMENT, LocalServer, PROGRAM, read_all, write
from rendering import date_of, duration_of, time_of, timestamp_of, UNITS

PLAIN_DECODERS = {number: decode for number, decode in cbor2._decoder.semantic_decoders.items() if number not in (0, 1004)}


class Expected:
    """The values that a reader must see. Maps are lists of pairs, so that their order counts."""

    def __init__(self, form, decimals_are_numbers=False, millis=False):
        self.form = form
        self.decimals_are_numbers = decimals_are_numbers
        self.millis = millis

    def tagged(self, number, text):
        return cbor2.CBORTag(number, text) if self.form == "cbor" else text

    def timestamp(self, scalar):
        kind = scalar.type
        if self.millis:
            return scalar.value * 1000 // UNITS[kind.unit]
        if kind.tz is None:
            return timestamp_of(scalar.value, kind.unit, None)
        if self.form == "cbor":
            return self.tagged(0, timestamp_of(scalar.value, kind.unit, "+00:00"))
        seconds, part = divmod(scalar.value, UNITS[kind.unit])
        return msgpack.Timestamp(seconds, part * (UNITS["ns"] // UNITS[kind.unit]))

    def temporal(self, scalar):
        kind = scalar.type
        if types.is_date32(kind):
            return scalar.value * 86_400_000 if self.millis else self.tagged(1004, date_of(scalar.value))
        if types.is_date64(kind):
            return scalar.value if self.millis else timestamp_of(scalar.value, "ms", None)
        if types.is_time(kind):
            return time_of(scalar.value, kind.unit)
        if types.is_duration(kind):
            return duration_of(scalar.value, kind.unit)
        return self.timestamp(scalar)

    def value(self, scalar):
        kind = scalar.type
        if not scalar.is_valid:
            return None
        if types.is_dictionary(kind):
            return self.value(scalar.value)
        if types.is_decimal(kind):
            return scalar.as_py() if self.decimals_are_numbers else format(scalar.as_py(), "f")
        if types.is_temporal(kind):
            return self.temporal(scalar)
        if types.is_map(kind):
            keys, items = scalar.values.flatten()
            return [(self.value(key), self.value(item)) for key, item in zip(keys, items)]
        if types.is_struct(kind):
            return [(kind[i].name, self.value(scalar[i])) for i in range(kind.num_fields)]
        if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
            return list(map(self.value, scalar.values))
        return scalar.as_py()

    def rows(self, table):
        columns = [column.combine_chunks() for column in table.columns]
        return [[(name, self.value(column[row])) for name, column in zip(table.column_names, columns)]
                for row in range(table.num_rows)]


def pairs(value):
    """Maps of cbor2 as lists of pairs."""
    if isinstance(value, dict):
        return [(key, pairs(item)) for key, item in value.items()]
    return list(map(pairs, value)) if isinstance(value, list) else value


def read_msgpack(payload):
    return msgpack.unpackb(payload, strict_map_key=False, object_pairs_hook=list)


def read_cbor(payload):
    """Times keep their text: Python's have no nanoseconds and no year 0."""
    stream = io.BytesIO(payload)
    with unittest.mock.patch.object(cbor2._decoder, "semantic_decoders", PLAIN_DECODERS):
        value = cbor2._decoder.CBORDecoder(stream).decode()
    assert stream.read() == b""
    return pairs(value)


READ = {"msgpack": read_msgpack, "cbor": read_cbor}


class BinaryFormats(unittest.TestCase):
    def stored(self, form, table, *options):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "values.arrow")
            with pa.OSFile(path, "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
                writer.write_table(table.combine_chunks())
            with LocalServer("--stream", "events:2") as server:
                run = write(server, path, "--stats", "json", "--format", form, *options)
                self.assertEqual(run.returncode, 0, run.stderr)
                self.assertEqual(run.stats["acknowledged"], table.num_rows)
                return read_all(server.endpoint)

    def check(self, form, table, expected, *options):
        found = sorted(repr(READ[form](payload)) for payload in self.stored(form, table, *options))
        wanted = sorted(map(repr, expected.rows(table)))
        self.assertEqual(len(found), len(wanted))
        for one, other in zip(found, wanted):
            if one != other:  # assertEqual would take long over such lines
                at = len(os.path.commonprefix([one, other]))
                self.fail(f"stored {one[max(0, at - 80):at + 40]}, not {other[max(0, at - 80):at + 40]}")

    def test_every_type_comes_back(self):
        table = nasty_table()
        for form in ("msgpack", "cbor"):
            with self.subTest(form):
                self.check(form, table, Expected(form))

    def test_every_type_with_the_other_options(self):
        table = nasty_table()
        self.check("cbor", table, Expected("cbor", decimals_are_numbers=True), "--set", "cbor.decimal=decimal_fraction")
        # In seconds, the last years have no milliseconds in 64 bits; such rows are errors.
        for form in ("msgpack", "cbor"):
            with self.subTest(form):
                self.check(form, table, Expected(form, millis=True), "--set", "timestamp_format=unix_millis")

    def test_cbor2_sees_python_s_own_types(self):
        when = datetime.datetime(2023, 11, 14, 22, 13, 20, 123456, tzinfo=datetime.timezone.utc)
        one = uuid.UUID("01234567-89ab-cdef-0123-456789abcdef")
        table = pa.table({
            "when": pa.array([when], pa.timestamp("us", "America/New_York")),
            "day": pa.array([when.date()], pa.date32()),
            "amount": pa.array([decimal.Decimal("-12.50")], pa.decimal128(10, 2)),
            "id": pa.array([one.bytes], pa.uuid()),
        })
        [payload] = self.stored("cbor", table, "--set", "cbor.decimal=decimal_fraction")
        self.assertEqual(cbor2.loads(payload),
                         {"when": when, "day": when.date(), "amount": decimal.Decimal("-12.50"), "id": one})

    def test_the_worked_examples_of_the_pages(self):
        table = pa.table({
            "id": pa.array([7], pa.int64()), "user": ["ann"], "amount": [1.5], "flag": [True],
            "note": pa.array([None], pa.utf8()), "at": pa.array([1_700_000_000_500], pa.timestamp("ms", "UTC"))})
        for form in ("msgpack", "cbor"):
            page = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs", "formats", f"{form}.md")
            with open(page, encoding="utf-8") as file:
                [block] = re.findall(r"```hex\n(.*?)```", file.read(), re.DOTALL)
            digits = "".join(line.split("#")[0] for line in block.splitlines())
            with self.subTest(form):
                self.assertEqual(self.stored(form, table), [bytes.fromhex(digits)])

    def test_inspect_says_how_columns_are_written(self):
        table = pa.table({"id": pa.array([7], pa.int64()), "at": pa.array([0], pa.timestamp("ms", "UTC")),
                          "day": pa.array([0], pa.date64()), "half": pa.array([1.0], pa.float16()), "b": [b"x"],
                          "left": [1]})
        said = {
            ("msgpack",): ("integer", "timestamp extension", "ISO 8601 text", "float 32", "bin"),
            ("cbor",): ("integer", "tag 0, RFC 3339 text", "ISO 8601 text", "half", "byte string"),
            ("cbor", "timestamp_format=unix_millis"): ("integer", "milliseconds since 1970", "milliseconds since 1970",
                                                       "half", "byte string"),
            ("csv", "timestamp_format=unix_micros"): ("number", "microseconds since 1970", "microseconds since 1970",
                                                      "number", "base64 text"),
        }
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "values.arrow")
            with pa.OSFile(path, "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
                writer.write_table(table)
            for (form, *options), texts in said.items():
                settings = [part for option in [*options, "exclude_columns=left"] for part in ("--set", option)]
                shown = subprocess.run([PROGRAM, "inspect", path, "--format", form, *settings], env=ENVIRONMENT,
                                       capture_output=True, text=True, timeout=60, check=True).stdout
                for name, text in zip(table.column_names, [*texts, "left out"]):
                    self.assertRegex(shown, rf"(?m)^  {name} .* {text}$")

    def test_msgpack_timestamps_are_python_s_on_request(self):
        when = datetime.datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=datetime.timezone.utc)
        table = pa.table({"when": pa.array([when], pa.timestamp("us", "UTC"))})
        [payload] = self.stored("msgpack", table)
        self.assertEqual(msgpack.unpackb(payload, timestamp=3), {"when": when})
        [payload] = self.stored("msgpack", table, "--set", "msgpack.timestamp=text")
        self.assertEqual(msgpack.unpackb(payload), {"when": "1969-12-31T23:59:59.999999Z"})


if __name__ == "__main__":
    unittest.main()
