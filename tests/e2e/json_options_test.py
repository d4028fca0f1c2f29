"""Options of json and debezium_json through the program and its local server. Rows under a schema are read by a decoder
that knows nothing but Kafka Connect's rules and the schema itself; all others by Python's json."""

import base64
import collections
import datetime
import decimal
import json
import os
import re
import struct
import subprocess
import unittest

import pyarrow as pa

from nasty_values import nasty_table
from program import ENVIRONMENT, PROGRAM, ProgramCase, read_all, write

CONNECT = "org.apache.kafka.connect.data."
DOCS = os.path.join(os.path.dirname(__file__), "..", "..", "docs", "formats")
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
UNITS = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}


# ---- what Kafka Connect's JsonConverter reads

def decode(schema, value):
    """A payload by its schema; fails where JsonConverter would, or where the value is not of the type."""
    if value is None:
        assert schema["optional"], f"null in {schema}"
        return None
    kind, name = schema["type"], schema.get("name", "")
    if name.startswith(CONNECT):
        assert schema["version"] == 1
        return decode_logical(schema, kind, name[len(CONNECT):], value)
    if kind.startswith("int"):
        bits = int(kind[3:])
        assert isinstance(value, int) and not isinstance(value, bool) and -(2 ** (bits - 1)) <= value < 2 ** (bits - 1)
        return value
    if kind in ("float", "double"):
        assert isinstance(value, float)
        return struct.unpack("f", struct.pack("f", value))[0] if kind == "float" else value
    if kind == "bytes":
        return base64.b64decode(value, validate=True)
    if kind == "array":
        return [decode(schema["items"], item) for item in value]
    if kind == "map":
        pairs = value.items() if schema["keys"]["type"] == "string" else value
        return [(decode(schema["keys"], key), decode(schema["values"], item)) for key, item in pairs]
    if kind == "struct":
        assert isinstance(value, dict) and set(value) <= {field["field"] for field in schema["fields"]}
        return {field["field"]: decode(field, value.get(field["field"])) for field in schema["fields"]}
    assert isinstance(value, {"string": str, "boolean": bool}[kind])
    return value


def decode_logical(schema, kind, name, value):
    if name == "Decimal":
        assert kind == "bytes"
        raw = base64.b64decode(value, validate=True)
        number = int.from_bytes(raw, "big", signed=True)
        assert not fits(number, len(raw) - 1), "more bytes than it needs"
        with decimal.localcontext(decimal.Context(prec=200)):
            return decimal.Decimal(number).scaleb(-int(schema["parameters"]["scale"]))
    assert kind == {"Date": "int32", "Time": "int32", "Timestamp": "int64"}[name]
    assert name != "Time" or 0 <= value < 86_400_000
    assert isinstance(value, int)
    return (name, value)


def fits(number, size):
    return size > 0 and -(2 ** (8 * size - 1)) <= number < 2 ** (8 * size - 1)


# ---- what should come out of it

def expected(kind, value):
    """The same for a value as pyarrow has it."""
    if value is None:
        return None
    if pa.types.is_dictionary(kind):
        return expected(kind.value_type, value)
    if pa.types.is_floating(kind):
        return float(value) if abs(value) < float("inf") else None
    if pa.types.is_timestamp(kind):
        return ("Timestamp", (value - EPOCH) // datetime.timedelta(milliseconds=1))
    if pa.types.is_struct(kind):
        return {field.name: expected(field.type, value[field.name]) for field in kind}
    if pa.types.is_map(kind):
        return [(expected(kind.key_type, key), expected(kind.item_type, item)) for key, item in value]
    if pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind):
        return [expected(kind.value_type, item) for item in value]
    return value


def expected_column(column):
    kind = column.type
    if pa.types.is_date(kind):
        per_day = 1 if kind == pa.date32() else 86_400_000
        days = column.view(pa.int32() if per_day == 1 else pa.int64()).to_pylist()
        return [None if day is None else ("Date", day // per_day) for day in days]
    if pa.types.is_time(kind) or pa.types.is_timestamp(kind):
        name = "Time" if pa.types.is_time(kind) else "Timestamp"
        numbers = column.view(pa.int32() if kind.bit_width == 32 else pa.int64()).to_pylist()
        return [None if number is None else (name, number * 1_000 // UNITS[kind.unit]) for number in numbers]
    return [expected(kind, value) for value in column.to_pylist()]


def meta(rows):
    """`_updating_meta` of (id, is_retract) pairs, as Arroyo has it."""
    kind = pa.struct([("is_retract", pa.bool_()), ("id", pa.binary(16))])
    return pa.array([{"is_retract": retract, "id": name.encode().ljust(16)} for name, retract in rows], kind)


class JsonOptions(ProgramCase):
    def stored(self, table, *settings, skipped=0, form="json"):
        """The records, in any order, of a table that is written with the settings."""
        path = self.path("rows.arrow")
        with pa.OSFile(path, "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
            writer.write_table(table.combine_chunks())
        server = self.serve()
        words = [word for setting in settings for word in ("--set", setting)]
        run = write(server, path, "--stats", "json", "--format", form, *words)
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual((run.stats["skipped"], run.stats["acknowledged"]), (skipped, table.num_rows - skipped))
        return read_all(server.endpoint)

    def refused(self, table, *settings, form="json"):
        path = self.path("refused.arrow")
        with pa.OSFile(path, "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
            writer.write_table(table)
        words = [word for setting in (f"format={form}", *settings) for word in ("--set", setting)]
        run = write(self.serve(), path, *words)
        self.assertNotEqual(run.returncode, 0)
        return run.stderr

    def test_every_type_under_a_schema_as_connect_reads_it(self):
        table = nasty_table().drop(["uint64"])
        names = [name for name in table.column_names if not name.startswith("duration")]
        wanted = list(zip(*(expected_column(table.column(name).combine_chunks()) for name in names)))
        schemas, found = set(), []
        for record in self.stored(table, "json.include_schema=true"):
            envelope = json.loads(record)
            self.assertEqual(list(envelope), ["schema", "payload"])
            schemas.add(json.dumps(envelope["schema"]))
            row = decode(envelope["schema"], envelope["payload"])
            found.append(tuple(row[name] for name in names))
        self.assertEqual(len(schemas), 1)
        self.assertEqual(collections.Counter(map(repr, found)), collections.Counter(map(repr, wanted)))

    def test_unsigned_numbers_too_large_for_connect_are_errors(self):
        text = self.refused(pa.table({"n": pa.array([2**63], pa.uint64())}), "json.include_schema=true")
        self.assertIn("does not fit into 64 bits with a sign", text)

    def test_nulls_left_out_and_names_in_camel_case(self):
        table = pa.table({
            "user_id": [1, None], "HTTP-Status": [None, 200.0],
            "inner": pa.array([{"first_name": None, "keys": [("some_key", None)]}, None],
                              pa.struct([("first_name", pa.utf8()), ("keys", pa.map_(pa.utf8(), pa.int8()))]))})
        self.assertEqual(sorted(self.stored(table, "json.nulls=omit", "json.key_naming=camel_case")),
                         [b'{"httpStatus":200.0}', b'{"userId":1,"inner":{"keys":{"some_key":null}}}'])

    def test_units_digits_and_zones_of_timestamps(self):
        nanos = [-1, 0, 1_700_000_000_002_999_999, -2**62]
        table = pa.table({"t": pa.array(nanos, pa.int64()).view(pa.timestamp("ns"))})
        for name, per_second in (("seconds", 1), ("millis", 10**3), ("micros", 10**6), ("nanos", 10**9)):
            found = [json.loads(row)["t"] for row in self.stored(table, f"json.timestamp_format=unix_{name}")]
            self.assertEqual(sorted(found), sorted(value * per_second // 10**9 for value in nanos))
        for digits in (3, 6):
            found = [json.loads(row)["t"] for row in self.stored(
                table, "json.naive_timestamp=utc", f"json.timestamp_digits={digits}")]
            for text in found:
                self.assertRegex(text, rf"T\d\d:\d\d:\d\d\.\d{{{digits}}}Z$")
            instants = [(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")) - EPOCH)
                        // datetime.timedelta(microseconds=1) for text in found]
            grain = 10 ** (9 - digits)
            self.assertEqual(sorted(instants), sorted(value // grain * grain // 1_000 for value in nanos))

    def test_binaries_and_numbers_that_are_none(self):
        raw = [bytes(range(256)), b"\xfb\xff", b""]
        table = pa.table({"b": pa.array(raw, pa.large_binary()), "f": [float("nan"), float("-inf"), 0.5]})
        found = [json.loads(row) for row in self.stored(table, "json.binary_encoding=base64url",
                                                        "json.non_finite=string")]
        self.assertEqual(sorted(base64.urlsafe_b64decode(row["b"]) for row in found), sorted(raw))
        self.assertEqual(sorted(str(row["f"]) for row in found), ["-Infinity", "0.5", "NaN"])
        self.assertIn("NaN or infinite", self.refused(table, "json.non_finite=error"))

    def test_bare_values(self):
        column = pa.array(['{ "a": [1, 2.50] }', "[]", "7"])
        table = pa.table([column], schema=pa.schema(
            [pa.field("value", pa.utf8(), metadata={"ARROW:extension:name": "arroyo.json"})]))
        self.assertEqual(sorted(self.stored(table, "json.unstructured=true")), [b"7", b"[]", b'{"a":[1,2.50]}'])

    def test_updating_rows_become_changes(self):
        rows = [("a", True, 1), ("b", False, 2), ("c", False, 3), ("a", False, 4), ("c", True, 3), ("d", True, 5)]
        table = pa.table({"v": [value for _, _, value in rows],
                          "_timestamp": pa.array([value * 10**6 for _, _, value in rows], pa.timestamp("ns")),
                          "_updating_meta": meta([(name, retract) for name, retract, _ in rows])})
        self.assertEqual(sorted(self.stored(table, "debezium.ts_ms=true", 'debezium.source={"db": "x"}', skipped=3,
                                            form="debezium_json")), [
            b'{"before":null,"after":{"v":2},"source":{"db":"x"},"op":"c","ts_ms":2}',
            b'{"before":{"v":1},"after":{"v":4},"source":{"db":"x"},"op":"u","ts_ms":4}',
            b'{"before":{"v":5},"after":null,"source":{"db":"x"},"op":"d","ts_ms":5}'])

    def test_many_changes_add_up(self):
        """As a table that the changes are applied to, batch by batch."""
        count = 40_000
        names = [f"{(i * 7919) % 1_000}" for i in range(count)]
        living, rows = set(), []
        for name in names:
            rows.append((name, name in living))
            living ^= {name}
        table = pa.table({"id": names, "v": range(count), "_updating_meta": meta(rows)})
        batches = [table.slice(at, 16_384) for at in range(0, count, 16_384)]
        wanted = collections.Counter()
        for batch in batches:
            first, last = {}, {}
            for (name, retract), value in zip(rows[:batch.num_rows], batch.column("v").to_pylist()):
                first.setdefault(name, (retract, value))
                last[name] = (retract, value)
            rows = rows[batch.num_rows:]
            for name, (retracts, before) in first.items():
                gone, after = last[name]
                if retracts or not gone:
                    wanted[("u" if retracts else "c") if not gone else "d", name, before if retracts else None,
                           None if gone else after] += 1
        found = collections.Counter()
        for record in self.stored(table, form="debezium_json", skipped=count - sum(wanted.values())):
            change = json.loads(record)
            state = change["after"] or change["before"]
            found[change["op"], state["id"], change["before"] and change["before"]["v"],
                  change["after"] and change["after"]["v"]] += 1
        self.assertEqual(found, wanted)

    def test_a_change_under_a_schema(self):
        price = pa.array([decimal.Decimal("-1.50"), decimal.Decimal("300.00")], pa.decimal128(10, 2))
        table = pa.table({"p": price, "_updating_meta": meta([("a", True), ("a", False)])})
        record, = self.stored(table, "json.include_schema=true", form="debezium_json", skipped=1)
        envelope = json.loads(record)
        self.assertTrue(envelope["schema"]["name"].endswith(".Envelope"))
        self.assertEqual(decode(envelope["schema"], envelope["payload"]), {
            "before": {"p": decimal.Decimal("-1.50")}, "after": {"p": decimal.Decimal("300.00")}, "op": "u"})

    def test_contradictions_and_parquet_are_refused_at_start(self):
        table = pa.table({"a": [1]})
        self.assertIn("json.timestamp_format does not fit", self.refused(
            table, "json.include_schema=true", "json.timestamp_format=rfc3339"))
        self.assertIn("makes files, not records", self.refused(table, form="parquet"))

    def test_inspect_says_how_columns_are_written(self):
        path = self.path("rows.arrow")
        table = pa.table({"userId": [1], "at": pa.array([1], pa.timestamp("us")), "raw": pa.array([b"a"]),
                          "_timestamp": pa.array([1], pa.timestamp("ns"))})
        with pa.OSFile(path, "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
            writer.write_table(table)
        run = subprocess.run(
            [PROGRAM, "inspect", path, "--set", "json.timestamp_format=unix_nanos", "--set", "json.key_naming=snake_case",
             "--set", "json.binary_encoding=hex"], env=ENVIRONMENT, capture_output=True, text=True, check=True, timeout=60)
        for column, text in (("userId", 'number, key "user_id"'), ("at", "nanoseconds since 1970"),
                             ("raw", "hexadecimal text"), ("_timestamp", "left out")):
            self.assertRegex(run.stdout, rf"(?m)^  {column} .*  {text}$")

    def test_the_worked_example_of_the_page(self):
        with open(os.path.join(DOCS, "json.md"), encoding="utf-8") as file:
            section = file.read().split("## Worked example")[1].split("\n## ")[0]
        dump = [line.strip() for line in section.splitlines() if re.match(r"    (?:[0-9a-f]{2} ?)+ ", line)]
        shown = b"".join(bytes.fromhex(re.match(r"(?:[0-9a-f]{2} {0,2})+(?= |$)", line).group()) for line in dump)
        line = next(line for line in section.splitlines() if line.startswith('    {"id"')).strip()
        table = pa.table({"id": [7], "name": ['é"'], "at": pa.array([1_700_000_000_500], pa.timestamp("ms")),
                          "raw": [b"\xfb\xff"]})
        record, = self.stored(table)
        self.assertEqual(record, line.encode())
        self.assertEqual(record, shown)


if __name__ == "__main__":
    unittest.main()
