"""bench/gen_events.py FILE.arrows [ROWS [PAYLOAD]]: the rows of docs/benchmarks.md as an Arrow IPC stream.

Eight columns, about 175 bytes of JSON a row; the same file for the same number of rows. With PAYLOAD: one column
`value` of so many random letters.
"""

import itertools
import math
import random
import sys
from array import array

import pyarrow as pa

ROWS_OF_A_BATCH = 65536
BYTES_OF_A_BATCH = 8 << 20  # at most, of payloads
COUNTRIES = ["US", "DE", "France", "Brazil", "Japan", "India", "Canada", "Norway", "Australia", "UK", "Spain",
             "Argentina", "Kenya", "Luxembourg", "Chile", "Peru"]
LETTERS = b"abcdefghijklmnopqrstuvwxyz0123456789"
NOTE_LETTERS = b"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz      .,-ABCDEF0123456789"


def numbers(kind, values, arrow_type):
    return pa.Array.from_buffers(arrow_type, len(values), [None, pa.py_buffer(array(kind, values))])


def text_of(rng, letters, size):
    return bytearray(rng.randbytes(size).translate((letters * 256)[:256]))


def strings(lengths, text):
    offsets = array("i", itertools.accumulate(lengths, initial=0))
    return pa.Array.from_buffers(pa.utf8(), len(lengths), [None, pa.py_buffer(offsets), pa.py_buffer(text)])


def users(rng, rows):
    lengths = [8 + byte % 9 for byte in rng.randbytes(rows)]
    return strings(lengths, text_of(rng, LETTERS, sum(lengths)))


def notes(rng, rows):
    """Of 20 to 60 characters; one in five is null and one in twenty holds a quote."""
    present = [rng.random() >= 0.2 for _ in range(rows)]
    lengths = [20 + byte % 41 if there else 0 for byte, there in zip(rng.randbytes(rows), present)]
    text = text_of(rng, NOTE_LETTERS, sum(lengths))
    end = 0
    for length in lengths:
        end += length
        if length and rng.random() < 0.05 / 0.8:
            text[end - rng.randint(1, length)] = ord('"')
    valid = pa.array(present).buffers()[1]
    _, offsets, data = strings(lengths, text).buffers()
    return pa.Array.from_buffers(pa.utf8(), rows, [valid, offsets, data])


def times(rng, rows):
    """Irregular steps through the year 2025, in nanoseconds."""
    mean_step = 364 * 86400e9 / rows
    steps = (int(-math.log(1 - rng.random()) * mean_step) for _ in range(rows))
    return list(itertools.accumulate(steps, initial=1_735_689_600_000_000_000))[1:]


def events(rows):
    rng = random.Random(20250101)
    return pa.record_batch({
        "id": numbers("q", range(1_000_000_007, 1_000_000_007 + 7 * rows, 7), pa.int64()),
        "ts": numbers("q", times(rng, rows), pa.timestamp("ns")),
        "user": users(rng, rows),
        "country": pa.array(COUNTRIES).take(pa.array(byte % 16 for byte in rng.randbytes(rows))),
        "amount": numbers("d", [round(rng.gammavariate(2, 60), 2) for _ in range(rows)], pa.float64()),
        "qty": numbers("i", [rng.randrange(1, 1000) for _ in range(rows)], pa.int32()),
        "flag": pa.array([byte < 128 for byte in rng.randbytes(rows)]),
        "note": notes(rng, rows)})


def payloads(rows, size):
    rng = random.Random(1)
    pool = text_of(rng, LETTERS, (1 << 20) + size)
    starts = [rng.randrange(1 << 20) for _ in range(rows)]
    text = b"".join(pool[start:start + size] for start in starts)
    offsets = array("q", range(0, rows * size + 1, size))
    return pa.record_batch({"value": pa.Array.from_buffers(pa.large_binary(), rows,
                                                           [None, pa.py_buffer(offsets), pa.py_buffer(text)])})


def main(path, rows=2_000_000, payload=0):
    batch = payloads(rows, payload) if payload else events(rows)
    batch.validate(full=True)
    rows_of_a_batch = min(ROWS_OF_A_BATCH, max(1, BYTES_OF_A_BATCH // payload)) if payload else ROWS_OF_A_BATCH
    with pa.OSFile(path, "wb") as file, pa.ipc.new_stream(file, batch.schema) as writer:
        for start in range(0, rows, rows_of_a_batch):
            writer.write_batch(batch.slice(start, rows_of_a_batch))


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
