"""Intervals, unions, run ends, list views and extension types, as pyarrow makes them, through the program into its
local server: each value must be the one that pyarrow's to_pylist() gives for the same cell."""

import decimal
import json
import random
import subprocess
import unittest
import uuid

import pyarrow as pa

from program import ENVIRONMENT, PROGRAM, ProgramCase, read_all, write

ROWS = 20_000  # the program hands batches on in slices of 16,384 rows
INT_EXTREMES = [2**31 - 1, -2**31, 1, 0, -1]


def interval_text(value):
    """ISO 8601 as docs/formats.md says, from whole numbers by Python's own division."""
    years, months = divmod(abs(value.months), 12)
    nanoseconds = decimal.Decimal(abs(value.nanoseconds)).scaleb(-9, decimal.Context(prec=40))
    seconds = format(nanoseconds, "f")
    seconds = seconds.rstrip("0").rstrip(".") if "." in seconds else seconds
    parts = [(years, "Y", value.months), (months, "M", value.months), (abs(value.days), "D", value.days)]
    time = [(seconds, "S", value.nanoseconds)] if value.nanoseconds else []
    used = [part for part in parts if part[0]]
    one_sign = all(sign <= 0 for _, _, sign in parts + time) and (used or time)

    def text(pieces):
        return "".join(("-" if sign < 0 and not one_sign else "") + f"{number}{letter}" for number, letter, sign in pieces)

    if not used and not time:
        return "PT0S"
    return ("-" if one_sign else "") + "P" + text(used) + ("T" + text(time) if time else "")


def expected(value):
    """What json.loads() makes of the text of one of pyarrow's values."""
    if isinstance(value, pa.MonthDayNano):
        return interval_text(value)
    if isinstance(value, uuid.UUID):
        return str(value)
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {name: expected(member) for name, member in value.items()}
    if isinstance(value, list):
        return [expected(item) for item in value]
    return value


def intervals(rng, count):
    def part(bits):
        return rng.choice([0, 0, 1, -1, rng.getrandbits(bits) - 2 ** (bits - 1), 2 ** (bits - 1) - 1, -2 ** (bits - 1)])

    return pa.array([None if rng.random() < 0.2 else pa.MonthDayNano([part(32), part(32), part(64)]) for _ in range(count)],
                    pa.month_day_nano_interval())


def runs(rng, values, kind):
    ends, end = [], 0
    for _ in range(len(values)):
        end += rng.randint(1, 3)
        ends.append(end)
    return pa.RunEndEncodedArray.from_arrays(pa.array(ends, kind), values)


def texts(rng, count):
    return pa.array([None if rng.random() < 0.2 else rng.choice(["", "a", "\"\n", "ä" * 20]) for _ in range(count)])


def integers(rng, count):
    return pa.array([None if rng.random() < 0.2 else rng.choice(INT_EXTREMES) for _ in range(count)], pa.int64())


def sparse(rng, members):
    ids = pa.array([rng.randrange(len(members)) * 3 + 1 for _ in range(len(members[0]))], pa.int8())
    return pa.UnionArray.from_sparse(ids, members, [f"m{i}" for i in range(len(members))],
                                     [3 * i + 1 for i in range(len(members))])


def dense(rng, count, members):
    chosen = [rng.randrange(len(members)) for _ in range(count)]
    offsets = [rng.randrange(len(members[i])) for i in chosen]
    for i in range(len(members)):  # rising, as most producers have them
        rows = [row for row in range(count) if chosen[row] == i]
        for row, offset in zip(rows, sorted(offsets[row] for row in rows)):
            offsets[row] = offset
    return pa.UnionArray.from_dense(pa.array(chosen, pa.int8()), pa.array(offsets, pa.int32()), members,
                                    [f"m{i}" for i in range(len(members))], list(range(len(members))))


def list_views(rng, count, items, kind):
    large = kind is pa.LargeListViewArray
    offsets = [rng.randrange(len(items) + 1) for _ in range(count)]
    sizes = [rng.randint(0, min(4, len(items) - offset)) for offset in offsets]
    number = pa.int64() if large else pa.int32()
    mask = pa.array([rng.random() < 0.2 for _ in range(count)])
    return kind.from_arrays(pa.array(offsets, number), pa.array(sizes, number), items, mask=mask)


def lists(rng, count, items):
    offsets = sorted(rng.randrange(len(items) + 1) for _ in range(count + 1))
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), items)


def uuids(rng, count):
    return pa.ExtensionArray.from_storage(pa.uuid(), pa.array(
        [None if rng.random() < 0.2 else rng.randbytes(16) for _ in range(count)], pa.binary(16)))


def flags(rng, count):
    return pa.ExtensionArray.from_storage(pa.bool8(), pa.array(
        [rng.choice([None, 0, 1, -1, 127]) for _ in range(count)], pa.int8()))


def decimals(rng, count, kind):
    most = 10**kind.precision - 1
    context = decimal.Context(prec=40)
    return pa.array([rng.choice([None, *(decimal.Decimal(n).scaleb(-kind.scale, context) for n in (0, 1, -1, most, -most))])
                     for _ in range(count)], kind)


def columns(rng, count):
    """Arrays of `count` rows or more, by name."""
    yield "interval", intervals(rng, count)
    yield "uuid", uuids(rng, count)
    yield "bool8", flags(rng, count)
    yield "decimal32", decimals(rng, count, pa.decimal32(9, 4))
    yield "decimal64", decimals(rng, count, pa.decimal64(18, 0))
    for kind in (pa.int16(), pa.int32(), pa.int64()):
        some = count if kind != pa.int16() else min(count, 9_000)  # run ends of 16 bits reach 32,767
        yield f"runs {kind}", runs(rng, texts(rng, some), kind)
    yield "runs of intervals", runs(rng, intervals(rng, count), pa.int32())
    yield "sparse", sparse(rng, [texts(rng, count), integers(rng, count), intervals(rng, count)])
    yield "dense", dense(rng, count, [texts(rng, 40), uuids(rng, 30), flags(rng, 50), pa.nulls(2)])
    for kind in (pa.ListViewArray, pa.LargeListViewArray):
        yield kind.__name__, list_views(rng, count, texts(rng, 300), kind)
    members = [sparse(rng, [texts(rng, count), integers(rng, count)]), dense(rng, count, [flags(rng, 9), texts(rng, 9)]),
               list_views(rng, count, intervals(rng, 50), pa.ListViewArray)]
    mask = pa.array([rng.random() < 0.3 for _ in range(count)])
    yield "struct", pa.StructArray.from_arrays(members, ["s", "d", "v"], mask=mask)
    yield "list of unions", lists(rng, count, dense(rng, 2 * count, [texts(rng, 40), integers(rng, 30)]))
    yield "list of sparse unions", lists(rng, count, sparse(rng, [texts(rng, count), uuids(rng, count)]))
    yield "list of runs", lists(rng, count, runs(rng, uuids(rng, count), pa.int32()).slice(3))
    yield "union of lists", sparse(rng, [lists(rng, count, texts(rng, count)), list_views(
        rng, count, runs(rng, texts(rng, 40), pa.int32()), pa.ListViewArray)])


class Types(ProgramCase):
    def save(self, batch):
        path = self.path("types.arrow")
        with pa.OSFile(path, "wb") as file, pa.ipc.new_file(file, batch.schema) as writer:
            writer.write_batch(batch)
        return path

    def check(self, batch, *options):
        path = self.save(batch)
        server = self.serve()
        run = write(server, path, "--stats", "json", *options)
        self.assertEqual(run.returncode, 0, run.stderr)
        found = sorted((json.loads(payload, parse_float=decimal.Decimal) for payload in read_all(server.endpoint)),
                       key=lambda row: row["row"])
        wanted = [expected(row) for row in batch.to_pylist()]
        self.assertEqual(len(found), len(wanted))
        for found_row, wanted_row in zip(found, wanted):
            if found_row != wanted_row:
                names = [name for name in wanted_row if found_row.get(name) != wanted_row[name]]
                self.fail(f"{names}: stored {[found_row.get(name) for name in names]}, "
                          f"not {[wanted_row[name] for name in names]}")
        return run

    def batch(self, count, rows, first=0):
        rng = random.Random(count)
        arrays = {name: array.slice(first) for name, array in columns(rng, count)}
        rows = min([rows, *map(len, arrays.values())])
        arrays = {name: array.slice(0, rows) for name, array in arrays.items()}
        return pa.RecordBatch.from_arrays([pa.array(range(rows), pa.int32()), *arrays.values()], ["row", *arrays])

    def test_every_layout(self):
        self.check(self.batch(150, 150))

    def test_slices_that_pyarrow_makes(self):
        self.check(self.batch(120, 70, first=37))

    def test_slices_that_the_program_makes(self):
        names = ["row", "interval", "bool8", "runs int16", "runs of intervals", "sparse", "dense", "ListViewArray",
                 "list of runs"]
        self.check(self.batch(ROWS, ROWS).select(names))

    def test_json_inside_lists_and_maps(self):
        values = pa.ExtensionArray.from_storage(pa.json_(), pa.array(['{"a": [1, 2]}', None, " 5 ", '"x"']))
        keys = pa.array(["k", "l", "m", "n"])
        arrays = {"lists": pa.ListArray.from_arrays(pa.array([0, 2, 4], pa.int32()), values),
                  "map": pa.MapArray.from_arrays(pa.array([0, 1, 4], pa.int32()), keys, values)}
        batch = pa.RecordBatch.from_arrays([pa.array([0, 1]), *arrays.values()], ["row", *arrays])
        path = self.save(batch)
        server = self.serve()
        self.assertEqual(write(server, path).returncode, 0)
        self.assertEqual(sorted(read_all(server.endpoint)), [
            b'{"row":0,"lists":[{"a":[1,2]},null],"map":{"k":{"a":[1,2]}}}',
            b'{"row":1,"lists":[5,"x"],"map":{"l":null,"m":5,"n":"x"}}'])

    def test_inspect_says_how_they_are_written(self):
        path = self.save(self.batch(20, 5))
        shown = subprocess.run([PROGRAM, "inspect", path, "--records", "1"], env=ENVIRONMENT, capture_output=True,
                               text=True, timeout=60, check=True).stdout
        for name, text in (("interval", "ISO 8601 duration text"), ("uuid", "UUID text"), ("bool8", "true or false"),
                           ("decimal32", "number, scale kept"), ("runs of intervals", "ISO 8601 duration text"),
                           ("sparse", "the chosen member's value"), ("LargeListViewArray", "array")):
            self.assertRegex(shown, rf"(?m)^  {name} .* {text}$")
        self.assertIn("sample records\n", shown)

    def test_types_that_say_nothing_are_refused_by_name(self):
        tensor = pa.ExtensionArray.from_storage(pa.fixed_shape_tensor(pa.int32(), [2]),
                                                pa.array([[1, 2]], pa.list_(pa.int32(), 2)))
        opaque = pa.ExtensionArray.from_storage(pa.opaque(pa.binary(), "geometry", "someone"), pa.array([b"x"]))
        for name, array in (("arrow.fixed_shape_tensor", tensor), ("arrow.opaque", opaque)):
            batch = pa.RecordBatch.from_arrays([array, pa.array([7])], ["c", "row"])
            path = self.save(batch)
            server = self.serve()
            run = write(server, path)
            self.assertNotEqual(run.returncode, 0)
            self.assertIn(f"extension type {name}", run.stderr)
            self.assertIn("exclude_columns", run.stderr)
            self.assertEqual(read_all(server.endpoint), [])
            self.assertEqual(write(server, path, "--set", "exclude_columns=c").returncode, 0)
            self.assertEqual(read_all(server.endpoint), [b'{"row":7}'])


if __name__ == "__main__":
    unittest.main()
