"""Avro through the program into its local server, read back by fastavro and by Apache's own library."""

import datetime
import decimal
import io
import json
import math
import random
import re
import struct
import subprocess
import unittest
import uuid
import warnings

import avro.datafile
import avro.errors
import avro.io
import avro.schema
import fastavro
import pyarrow as pa
import pyarrow.types as types

from nasty_values import nasty_table
from program import ENVIRONMENT, PROGRAM, ProgramCase, read_all, write

PER_MILLI = {"s": 1000, "ms": 1, "us": 1, "ns": 1}  # seconds become milliseconds, the rest stays as it is


def avro_name(name):
    return re.sub("[^A-Za-z0-9_]", "_", name)


def unscaled(scalar):
    """Of a decimal whose negative scale was made zero."""
    _, digits, exponent = scalar.as_py().as_tuple()
    number = int("".join(map(str, digits))) * 10 ** (exponent + max(scalar.type.scale, 0))
    return -number if scalar.as_py().is_signed() else number


def shortest(number):
    return number.to_bytes((number if number >= 0 else ~number).bit_length() // 8 + 1, "big", signed=True)


def raw_of(scalar):
    """What a reader that knows no logical types finds, by docs/formats/avro.md."""
    kind = scalar.type
    if not scalar.is_valid:
        return None
    if types.is_uint64(kind):
        return shortest(scalar.as_py())  # with avro.uint64 = decimal
    if types.is_decimal(kind):
        return shortest(unscaled(scalar))
    if types.is_date64(kind):
        return scalar.value // 86_400_000
    if types.is_time(kind) or types.is_timestamp(kind):
        return scalar.value * PER_MILLI[kind.unit]
    if types.is_temporal(kind):
        return scalar.value
    if types.is_dictionary(kind):
        return raw_of(scalar.value)
    if types.is_map(kind):
        keys, items = scalar.values.flatten()
        pairs = [(raw_of(key), raw_of(item)) for key, item in zip(keys, items)]
        return dict(pairs) if types.is_string(kind.key_type) else [{"key": key, "value": item} for key, item in pairs]
    if types.is_struct(kind):
        return {avro_name(kind[i].name): raw_of(scalar[i]) for i in range(kind.num_fields)}
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind):
        return [raw_of(item) for item in scalar.values]
    return scalar.as_py()


def is_same(found, wanted):
    if isinstance(wanted, float):
        return isinstance(found, float) and struct.pack("d", found) == struct.pack("d", wanted) or (
            math.isnan(found) and math.isnan(wanted))
    if isinstance(wanted, dict):
        return isinstance(found, dict) and found.keys() == wanted.keys() and all(
            is_same(found[key], wanted[key]) for key in wanted)
    if isinstance(wanted, list):
        return isinstance(found, list) and len(found) == len(wanted) and all(map(is_same, found, wanted))
    return type(found) is type(wanted) and found == wanted


def without_logical_types(schema):
    if isinstance(schema, dict):
        return {key: without_logical_types(value) for key, value in schema.items() if key != "logicalType"}
    return [without_logical_types(item) for item in schema] if isinstance(schema, list) else schema


def read_datum(payload, schema):
    stream = io.BytesIO(payload)
    value = fastavro.schemaless_reader(stream, schema)
    assert stream.tell() == len(payload), "bytes are left over"
    return value


def ordinary_table():
    when = datetime.datetime(2024, 2, 29, 12, 30, 0, 123000)
    zoned = when.replace(tzinfo=datetime.timezone.utc)
    early = datetime.datetime(1931, 5, 6, 7, 8, 9, 10)
    return pa.table({
        "row": pa.array([0, 1, 2], pa.int64()),
        "day": pa.array([datetime.date(1969, 12, 31), None, datetime.date(2024, 2, 29)]),
        "instant": pa.array([zoned, early.replace(tzinfo=datetime.timezone.utc), None], pa.timestamp("us", "Europe/Paris")),
        "local": pa.array([when, early, None], pa.timestamp("us")),
        "millis": pa.array([zoned, None, zoned], pa.timestamp("s", "UTC")),
        "time": pa.array([datetime.time(23, 59, 59), None, datetime.time(0, 0, 0)], pa.time32("s")),
        "micros": pa.array([datetime.time(23, 59, 59, 999999), None, datetime.time(0, 0, 0)], pa.time64("us")),
        "price": pa.array([decimal.Decimal("-1.10"), None, decimal.Decimal("99999.99")], pa.decimal128(7, 2)),
        "large": pa.array([decimal.Decimal(-1000), None, decimal.Decimal(99000)], pa.decimal128(2, -3)),
        "id": pa.ExtensionArray.from_storage(pa.uuid(), pa.array([uuid.UUID(int=5).bytes, None, b"\xff" * 16], pa.binary(16))),
        "word": pa.array(["a", None, "b"]).dictionary_encode()})


class Avro(ProgramCase):
    def save(self, table):
        path = self.path("rows.arrow")
        with pa.OSFile(path, "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
            writer.write_table(table.combine_chunks())
        return path

    def schema(self, path, *options):
        """As the program prints it."""
        command = [PROGRAM, "inspect", path, "--format", "avro", "--schema", *options]
        run = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(run.returncode, 0, run.stderr)
        return run.stdout

    def payloads(self, path, *options):
        server = self.serve()
        run = write(server, path, "--format", "avro", "--stats", "json", *options)
        self.assertEqual(run.returncode, 0, run.stderr)
        return read_all(server.endpoint)

    def compare(self, table, *options):
        path = self.save(table)
        schema = fastavro.parse_schema(without_logical_types(json.loads(self.schema(path, *options))))
        found = sorted((read_datum(payload, schema) for payload in self.payloads(path, *options)),
                       key=lambda value: value["row"])
        self.assertEqual(len(found), table.num_rows)
        for name in table.column_names:
            for row, (value, scalar) in enumerate(zip(found, table.column(name))):
                wanted = raw_of(scalar)
                if not is_same(value[avro_name(name)], wanted):
                    self.fail(f"{name}, row {row}: {value[avro_name(name)]!r:.300}, not {wanted!r:.300}")

    def test_every_type_in_both_wires(self):
        table = nasty_table()
        table = table.add_column(0, "row", [pa.array(range(table.num_rows), pa.int64())])
        for wire in ("cbor", "json"):
            self.compare(table, "--set", "avro.uint64=decimal", "--set", f"wire={wire}")

    def test_slices_of_a_large_batch(self):
        rows = 17_000
        rng = random.Random(3)
        nested = [None if rng.random() < 0.2 else [{"x": rng.randrange(-2**40, 2**40), "y": "é" * rng.randrange(40)}
                                                   for _ in range(rng.randrange(4))] for _ in range(rows)]
        self.compare(pa.table({"row": pa.array(range(rows), pa.int64()), "points": nested,
                               "word": pa.array(rng.choices(["a", "bc", None], k=rows)).dictionary_encode()}))

    def test_logical_types_read_as_what_they_mean(self):
        table = ordinary_table()
        path = self.save(table)
        text = self.schema(path)
        warnings.simplefilter("ignore", avro.errors.IgnoredLogicalType)
        schema, apache = fastavro.parse_schema(json.loads(text)), avro.io.DatumReader(avro.schema.parse(text))
        wanted = table.to_pylist()
        for value in wanted:
            value["large"] = None if value["large"] is None else int(value["large"])
        for payload in self.payloads(path):
            found = read_datum(payload, schema)
            by_apache = apache.read(avro.io.BinaryDecoder(io.BytesIO(payload)))
            by_apache["local"] = found["local"]  # which that library does not know
            for value in (found, by_apache):
                if value["id"] is not None:
                    value["id"] = uuid.UUID(str(value["id"]))
                value["large"] = None if value["large"] is None else int(value["large"])
                self.assertEqual(value, wanted[value["row"]])

    def test_envelopes(self):
        table = ordinary_table().select(["row", "price", "word"])
        path = self.save(table)
        text = self.schema(path)
        schema = fastavro.parse_schema(json.loads(text))
        wanted = table.to_pylist()
        confluent = self.payloads(path, "--set", "avro.encoding=confluent", "--set", "schema_id=70000")
        single = self.payloads(path, "--set", "avro.encoding=single_object")
        files = self.payloads(path, "--set", "avro.encoding=container")
        self.assertEqual([len(payloads) for payloads in (confluent, single, files)], [3, 3, 3])
        fingerprint = fastavro.schema.fingerprint(fastavro.schema.to_parsing_canonical_form(schema), "CRC-64-AVRO")
        for payload in confluent:
            self.assertEqual(payload[:5], b"\0" + (70000).to_bytes(4, "big"))
            value = read_datum(payload[5:], schema)
            self.assertEqual(value, wanted[value["row"]])
        for payload in single:
            self.assertEqual(payload[:10], b"\xc3\x01" + bytes.fromhex(fingerprint))
            value = read_datum(payload[10:], schema)
            self.assertEqual(value, wanted[value["row"]])
        for payload in files:
            for values in (list(fastavro.reader(io.BytesIO(payload))),
                           list(avro.datafile.DataFileReader(io.BytesIO(payload), avro.io.DatumReader()))):
                self.assertEqual(values, [wanted[values[0]["row"]]])

    def test_enums_and_fixed_by_option(self):
        table = ordinary_table()
        path = self.save(table)
        options = ("--set", "avro.dictionary=enum", "--set", "avro.decimal=fixed", "--set", "avro.uuid=fixed",
                   "--set", "avro.record_name=Order", "--set", "avro.namespace=com.example")
        schema = json.loads(self.schema(path, *options))
        self.assertEqual((schema["name"], schema["namespace"]), ("Order", "com.example"))
        parsed = fastavro.parse_schema(schema)
        by_row = {value["row"]: value for value in (read_datum(p, parsed) for p in self.payloads(path, *options))}
        for row, wanted in enumerate(table.to_pylist()):
            found = by_row[row]
            self.assertEqual((found["word"], found["price"]), (wanted["word"], wanted["price"]))
            self.assertEqual(found["id"] and uuid.UUID(bytes=bytes(found["id"]) if isinstance(found["id"], bytes) else
                                                       found["id"].bytes), wanted["id"])

    def test_a_schema_of_the_user(self):
        schema = {"type": "record", "name": "Order", "namespace": "com.example", "fields": [
            {"name": "note", "type": ["string", "null"], "default": "none"},
            {"name": "number", "type": "double", "aliases": ["row"]},
            {"name": "kind", "type": {"type": "enum", "name": "Kind", "symbols": ["x", "b", "a"]}},
            {"name": "price", "type": ["null", {"type": "bytes", "logicalType": "decimal", "precision": 12, "scale": 4}]},
            {"name": "tags", "type": {"type": "map", "values": "long"}, "default": {"q": 7}}]}
        with open(self.path("order.avsc"), "w", encoding="utf-8") as file:
            json.dump(schema, file)
        table = pa.table({"row": pa.array([0, 1], pa.int32()), "kind": ["a", "b"],
                          "price": pa.array([decimal.Decimal("1.25"), None], pa.decimal128(5, 2))})
        option = ("--set", "avro.schema_file=" + self.path("order.avsc"))
        path = self.save(table)
        parsed = fastavro.parse_schema(schema)
        found = sorted((read_datum(p, parsed) for p in self.payloads(path, *option)), key=lambda value: value["number"])
        common = {"note": "none", "tags": {"q": 7}}
        self.assertEqual(found, [{**common, "number": 0.0, "kind": "a", "price": decimal.Decimal("1.2500")},
                                 {**common, "number": 1.0, "kind": "b", "price": None}])
        self.assertEqual(json.loads(self.schema(path, *option)), schema)

    def test_what_is_refused_at_start(self):
        cases = [(pa.table({"a-b": [1], "a.b": [2]}), (), "`a-b` and `a.b` would both be named `a_b`"),
                 (pa.table({"a": [1]}), ("avro.encoding=confluent",), "needs schema_id"),
                 (pa.table({"a": [1]}), ('avro.schema={"type":"record","name":"R","fields":[]}',), "has no field for the column"),
                 (pa.table({"a": [1]}), ("avro.schema_file=" + self.path("none"),), "cannot be read"),
                 (pa.table({"a": [1]}), ("avro.schema={",), "is not JSON"),
                 (pa.table({"a": ["x"]}),
                  ('avro.schema={"type":"record","name":"R","fields":[{"name":"a","type":"long"}]}',), "as Avro's `long`")]
        server = self.serve()
        for table, options, words in cases:
            sets = [word for option in options for word in ("--set", option)]
            run = write(server, self.save(table), "--format", "avro", *sets)
            self.assertNotEqual(run.returncode, 0)
            self.assertIn(words, run.stderr)
        self.assertEqual(read_all(server.endpoint), [])

    def test_a_value_out_of_range_is_an_error_of_its_row(self):
        path = self.save(pa.table({"n": pa.array([2**63 - 1, 2**63], pa.uint64())}))
        server = self.serve()
        run = write(server, path, "--format", "avro", "--dead-letter", self.path("dead.ndjson"))
        self.assertEqual(run.returncode, 2, run.stderr)
        self.assertEqual(len(read_all(server.endpoint)), 1)
        with open(self.path("dead.ndjson"), encoding="utf-8") as file:
            letter = json.loads(file.readline())
        self.assertIn("9223372036854775808", json.dumps(letter))


if __name__ == "__main__":
    unittest.main()
