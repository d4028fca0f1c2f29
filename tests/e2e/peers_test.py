"""The program against servers that others wrote: moto, which speaks JSON, and kinesis-local, both."""

import functools
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import unittest

import pyarrow as pa

from nasty_values import nasty_table
from program import client, read_all, write
from rendering import rows_of

PEERS = os.path.join(os.environ["KINESINK_DEPS"], "peers")
MOTO = os.path.join(PEERS, "venv/bin/python")
KINESIS_LOCAL = os.path.join(PEERS, "node/node_modules/kinesis-local")
GEN_EVENTS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../bench/gen_events.py")
SECONDS_TO_START = 60
ROWS = 20000
# kinesis-local hashes all that a stream holds with each request, so that large streams take minutes.
STREAMS = 10
JSON_VALUES = [
    ('{ "a" : [ 1 , 2.50 , "x  y" ] ,\n"a" : 1e400 }', '{"a":[1,2.50,"x  y"],"a":1e400}'),
    (" null ", "null"), ('"\\u00e9\\/"', '"\\u00e9\\/"'), ("-0", "-0"), ("\t[ ]", "[]"), (None, "null"),
    ("123456789012345678901234567890", "123456789012345678901234567890")]


@functools.cache
def every_type():
    """A table of every type with the text of each row; that of JSON columns stands above by hand."""
    table = nasty_table()
    rows = rows_of(table)
    json = [JSON_VALUES[index % len(JSON_VALUES)] for index in range(len(rows))]
    for name in ("arrow.json", "arroyo.json"):
        field = pa.field(name, pa.utf8(), metadata={
            "ARROW:extension:name": name, "ARROW:extension:metadata": ""})
        table = table.append_column(field, [[value for value, _ in json]])
        rows = [row[:-1] + f',"{name}":{text}}}'.encode() for row, (_, text) in zip(rows, json)]
    return table, rows


@functools.cache
def events():
    """Rows as docs/benchmarks.md has them, with their texts."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "events.arrows")
        subprocess.run([sys.executable, "-B", GEN_EVENTS, path, str(ROWS)], check=True,
                       stdout=subprocess.DEVNULL)
        with pa.OSFile(path) as file, pa.ipc.open_stream(file) as reader:
            table = reader.read_all()
    return table, rows_of(table)


class Peer:
    """A server in a process of its own, as a context manager. Its output is kept for what fails."""

    def __init__(self, command, ready, **options):
        self.output = tempfile.NamedTemporaryFile("w+", errors="replace")
        self.process = subprocess.Popen(
            command, stdout=self.output, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL, **options)
        try:
            self.endpoint = self.wait_for(ready)
        except RuntimeError:
            self.__exit__()
            raise

    def wait_for(self, ready):
        """What `ready` makes of the output, as soon as it makes anything of it."""
        end = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < end and self.process.poll() is None:
            with open(self.output.name, encoding="utf-8", errors="replace") as output:
                endpoint = ready(output.read())
            if endpoint:
                return endpoint
            time.sleep(0.05)
        with open(self.output.name, encoding="utf-8", errors="replace") as output:
            raise RuntimeError(f"{self.process.args[0]} did not start: {output.read()[-2000:]}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        self.output.close()


def moto():
    """moto chooses its port and prints it."""
    address = re.compile(r"Running on (http://\S+:\d+)")
    found = lambda output: (match := address.search(output)) and match.group(1)
    return Peer([MOTO, "-m", "moto.server", "-p", "0"], found)


def listens(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def kinesis_local():
    """kinesis-local is told both its ports; they were free a moment before."""
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
    plain, tls = (one.getsockname()[1] for one in held)
    for one in held:
        one.close()
    environment = os.environ | {
        "KINESIS_MOCK_PLAIN_PORT": str(plain), "KINESIS_MOCK_TLS_PORT": str(tls), "SHARD_LIMIT": "100"}
    ready = lambda _: listens(plain) and f"http://127.0.0.1:{plain}"
    return Peer(["node", "main.js"], ready, cwd=KINESIS_LOCAL, env=environment)


class Checks:
    """What every peer must show; a class below names the peer and how to write to it."""

    peer = None
    options = ()

    @classmethod
    def setUpClass(cls):
        cls.server = cls.enterClassContext(cls.peer())
        cls.folder = cls.enterClassContext(tempfile.TemporaryDirectory())
        cls.kinesis = client(cls.server.endpoint)
        cls.addClassCleanup(cls.kinesis.close)

    def make_stream(self, name):
        self.kinesis.create_stream(StreamName=name, ShardCount=2)
        self.kinesis.get_waiter("stream_exists").wait(StreamName=name, WaiterConfig={"Delay": 1})

    def check(self, table, rows, stream):
        """Writes the table into a new stream and reads it back."""
        self.make_stream(stream)
        path = os.path.join(self.folder, stream + ".arrow")
        with pa.OSFile(path, "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
            writer.write_table(table)
        run = write(self.server, path, "--stats", "json", *self.options, stream=stream)
        self.assertEqual((run.returncode, run.stderr), (0, ""))
        self.assertEqual(run.stats["acknowledged"], len(rows))
        self.assertEqual(run.stats["possible_duplicates"], 0)
        stored = sorted(read_all(self.server.endpoint, stream))
        self.assertEqual(len(stored), len(rows))
        for found, wanted in zip(stored, sorted(rows)):
            if found != wanted:  # assertEqual would take long over such lines
                at = len(os.path.commonprefix([found, wanted]))
                start = max(0, at - 80)
                self.fail(f"stored {found[start:at + 40]}, not {wanted[start:at + 40]}")

    def test_values_of_every_type_arrive_as_documented(self):
        self.check(*every_type(), stream="types")

    def test_many_rows_arrive_once_each(self):
        table, rows = events()
        self.assertEqual(len(rows), ROWS)
        size = ROWS // STREAMS
        for start in range(0, ROWS, size):
            self.check(table.slice(start, size), rows[start:start + size], stream=f"events-{start}")


class Moto(Checks, unittest.TestCase):
    """The program finds out by itself that moto has no CBOR. One request at a time: moto gives
    requests that arrive together the same sequence numbers, and keeps one record for each (its
    Shard.put_record says so: https://github.com/getmoto/moto/blob/master/moto/kinesis/models.py)."""

    peer, options = staticmethod(moto), ("--set", "max_in_flight=1")


class KinesisLocalInJson(Checks, unittest.TestCase):
    peer, options = staticmethod(kinesis_local), ("--set", "wire=json")


class KinesisLocalInCbor(Checks, unittest.TestCase):
    peer, options = staticmethod(kinesis_local), ("--set", "wire=cbor")


def setUpModule():
    if not os.path.isdir(PEERS):
        raise unittest.SkipTest("moto and kinesis-local are not installed: run tools/setup --tests")


if __name__ == "__main__":
    unittest.main()
