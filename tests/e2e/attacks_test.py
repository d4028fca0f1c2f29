"""`kinesink local` under attack: after each, a good request is answered within a second; after all, its memory and
descriptors are where they were.

KINESINK_ATTACK_SEED: of the garbage (1)."""

import contextlib
import os
import random
import socket
import ssl
import struct
import time
import unittest

from botocore.exceptions import ClientError

from program import LocalServer, client

SEED = int(os.environ.get("KINESINK_ATTACK_SEED", "1"))
HEAD = ("POST / HTTP/1.1\r\nHost: h\r\nX-Amz-Target: Kinesis_20131202.{operation}\r\nContent-Type: {type}\r\n"
        "Authorization: AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=0\r\n"
        "X-Amz-Date: 20260101T000000Z\r\n")
JSON, CBOR = "application/x-amz-json-1.1", "application/x-amz-cbor-1.1"


def request(operation, body, kind=JSON, length=None):
    head = HEAD.format(operation=operation, type=kind)
    return (head + f"Content-Length: {len(body) if length is None else length}\r\n\r\n").encode() + body


class Attacker:
    """Connections to the server, and what can be done with them."""

    def __init__(self, server, seed):
        self.host, self.port = "127.0.0.1", int(server.endpoint.rsplit(":", 1)[1])
        self.tls = None
        if server.ca_bundle:
            self.tls = ssl.create_default_context(cafile=server.ca_bundle)
        self.random = random.Random(seed)

    def plain(self):
        connection = socket.create_connection((self.host, self.port), timeout=5)
        connection.settimeout(3)
        return connection

    def connect(self):
        return self.tls.wrap_socket(self.plain(), server_hostname="localhost") if self.tls else self.plain()

    def say(self, *parts, wait=True, reset=False):
        """Sends, and reads what comes until the server ends or is silent."""
        answer = b""
        with contextlib.suppress(OSError), self.connect() as connection:
            for part in parts:
                connection.sendall(part)
            while wait and (more := connection.recv(65536)):
                answer += more
                if b"\r\n\r\n" in answer:
                    break
            if reset:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return answer

    # --- attacks, each a method

    def garbage(self):
        for _ in range(30):
            self.say(self.random.randbytes(self.random.randrange(1, 5000)), wait=False)

    def garbage_after_a_good_head(self):
        for kind in (JSON, CBOR):
            for operation in ("PutRecords", "PutRecord", "GetRecords", "CreateStream"):
                self.say(request(operation, self.random.randbytes(500), kind))

    def half_a_request_then_silence(self):
        whole = request("PutRecords", b"{}" * 100)
        kept = [self.connect() for _ in range(20)]
        for connection in kept:
            connection.sendall(whole[:self.random.randrange(1, len(whole))])
        time.sleep(0.1)
        for connection in kept:
            connection.close()

    def cut_anywhere(self):
        whole = request("PutRecords", b'{"StreamName":"events","Records":[{"Data":"AAAA","PartitionKey":"k"}]}')
        for at in range(0, len(whole), 7):
            self.say(whole[:at], wait=False, reset=at % 2 == 0)

    def a_byte_at_a_time(self):
        for byte in request("ListStreams", b"{}"):
            pass
        with self.connect() as connection:
            for byte in request("ListStreams", b"{}"):
                connection.send(bytes([byte]))
            assert b"200 OK" in connection.recv(65536)

    def giant_heads(self):
        self.say(b"POST / HTTP/1.1\r\nX: " + b"a" * 10_000_000)
        self.say(b"POST / HTTP/1.1\r\n" + b"".join(b"X-%d: y\r\n" % i for i in range(100_000)))
        self.say(b"POST " + b"/" * 1_000_000 + b" HTTP/1.1\r\n\r\n")

    def lying_lengths(self):
        for length in (-1, "", "x", 10**30, "5, 6", "0x10", " 7", "+3", 2**63, 2**64 + 5):
            self.say(request("PutRecords", b"{}", length=length), wait=False)
        head = HEAD.format(operation="PutRecords", type=JSON).encode()
        self.say(head + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}")
        self.say(head + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n")
        self.say(head + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n")
        self.say(head + b"Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n")
        self.say(head + b"Transfer-Encoding: chunked\r\n\r\n-5\r\nabcde\r\n")

    def bodies_over_the_bound(self):
        assert b"413" in self.say(request("PutRecords", b"", length=10**9))
        self.say(HEAD.format(operation="PutRecords", type=JSON).encode() + b"Transfer-Encoding: chunked\r\n\r\n",
                 *[b"100000\r\n" + b"x" * 0x100000 + b"\r\n" for _ in range(20)])

    def bodies_that_never_come(self):
        kept = [self.connect() for _ in range(50)]
        for connection in kept:
            connection.sendall(request("PutRecords", b"", length=10_000_000))
        time.sleep(0.1)
        for connection in kept:
            connection.close()

    def more_connections_than_there_may_be(self):
        kept = []
        with contextlib.suppress(OSError):
            for _ in range(1200):
                kept.append(self.plain())
        for connection in kept:
            connection.close()

    def handshakes_cut(self):
        for size in (0, 1, 5, 11, 50, 200):
            with contextlib.suppress(OSError), self.plain() as connection:
                connection.sendall(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" [:size] + b"\0" * max(0, size - 11))
        with contextlib.suppress(OSError), self.plain() as connection:
            connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
            connection.recv(1000)

    def deep_nesting(self):
        deep = 100_000
        for operation in ("PutRecords", "ListStreams"):
            self.say(request(operation, b"[" * deep))
            self.say(request(operation, b'{"a":' * deep + b"1" + b"}" * deep))
            self.say(request(operation, b"\x81" * deep, CBOR))
            self.say(request(operation, b"\xbf\x61a" * deep, CBOR))
            self.say(request(operation, b"\xc1" * deep, CBOR))

    def lying_cbor(self):
        for body in (b"\x9b" + b"\xff" * 8, b"\xbb" + b"\xff" * 8, b"\x5b" + b"\x7f" * 8, b"\x5f", b"\x7b" + b"\0" * 7,
                     b"\xa2\x6aStreamName\x66events\x67Records\x9a\xff\xff\xff\xff", b"\x5a\xff\xff\xff\xffabc"):
            self.say(request("PutRecords", body, CBOR))

    def not_utf_8(self):
        self.say(request("PutRecords", b'{"StreamName":"\xff\xfe","Records":[{"Data":"AA==","PartitionKey":"\xc0\x80"}]}'))
        self.say(request("CreateStream", b'{"StreamName":"a\\u0000b\\ud800","ShardCount":1}'))
        self.say(request("PutRecords", b"\xa2\x6aStreamName\x62\xff\xfe\x67Records\x80", CBOR))

    def huge_batches(self):
        entry = b'{"Data":"AAAA","PartitionKey":"k"}'
        self.say(request("PutRecords", b'{"StreamName":"events","Records":[' + b",".join([entry] * 501) + b"]}"))
        self.say(request("PutRecords", b'{"StreamName":"events","Records":[' + b",".join([entry] * 200_000) + b"]}"))
        big = b'{"Data":"' + b"A" * 1_398_100 + b'","PartitionKey":"k"}'
        self.say(request("PutRecords", b'{"StreamName":"events","Records":[' + b",".join([big] * 11) + b"]}"))
        self.say(request("CreateStream", b'{"StreamName":"many","ShardCount":100000000}'))

    def smuggling(self):
        self.say(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length : 5\r\n\r\nabcde", wait=False)
        self.say(b"POST / HTTP/1.1\r\nHost: a\r\n Content-Length: 5\r\n\r\nabcde", wait=False)
        self.say(b"POST / HTTP/1.1\nHost: a\nContent-Length: 0\n\n", wait=False)
        self.say(b"POST / HTTP/1.1\r\nHost: a\r\nX: \r\n\r\0\r\n\r\n", wait=False)
        self.say(b"POST / HTTP/9.9\r\n\r\n")
        self.say(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")

    def pipelining(self):
        self.say(request("ListStreams", b"{}") * 2000, reset=True)
        self.say(request("PutRecord", b'{"StreamName":"events","Data":"AA==","PartitionKey":"k"}') * 500, reset=True)

    def unknown_and_unsigned(self):
        for operation in ("", "Nothing", "PutRecords\x00", "a" * 5000):
            self.say(request(operation, b"{}"))
        self.say(b"POST / HTTP/1.1\r\nHost: h\r\nX-Amz-Target: Kinesis_20131202.ListStreams\r\nContent-Length: 2\r\n\r\n{}")
        for method in (b"GET", b"PUT", b"CONNECT", b"TRACE", b"\xff"):
            self.say(method + b" / HTTP/1.1\r\nHost: h\r\n\r\n", wait=False)

    def answers_nobody_takes(self):
        for _ in range(10):
            connection = self.connect()
            connection.sendall(request("ListStreams", b"{}") * 300)
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()


ATTACKS = [name for name, value in vars(Attacker).items()
           if callable(value) and name not in ("__init__", "plain", "connect", "say")]


def measure(pid):
    with open(f"/proc/{pid}/status", encoding="utf-8") as file:
        resident = next(int(line.split()[1]) for line in file if line.startswith("VmRSS"))
    return resident / 1024, len(os.listdir(f"/proc/{pid}/fd"))


class Attacks(unittest.TestCase):
    def good_request(self, server, after):
        kinesis = client(server.endpoint)
        if server.ca_bundle:
            import boto3
            kinesis = boto3.client("kinesis", endpoint_url=server.endpoint, region_name="us-east-1",
                                   aws_access_key_id="x", aws_secret_access_key="x", verify=server.ca_bundle)
        begin = time.monotonic()
        put = kinesis.put_records(StreamName="events", Records=[{"Data": b"good", "PartitionKey": "k"}])
        iterator = kinesis.get_shard_iterator(
            StreamName="events", ShardId=put["Records"][0]["ShardId"], ShardIteratorType="AT_SEQUENCE_NUMBER",
            StartingSequenceNumber=put["Records"][0]["SequenceNumber"])["ShardIterator"]
        self.assertEqual(kinesis.get_records(ShardIterator=iterator)["Records"][0]["Data"], b"good", after)
        self.assertLess(time.monotonic() - begin, 1, after)
        kinesis.close()

    def settled(self, server):
        """What it has when the connections that are gone have been noticed."""
        time.sleep(2.5)
        return measure(server.process.pid)

    def attack(self, *options):
        with LocalServer("--stream", "events:2", *options) as server:
            attacker = Attacker(server, SEED)
            self.good_request(server, "at first")
            for name in ATTACKS:  # once to warm the allocator
                getattr(attacker, name)()
                self.good_request(server, name)
            before = self.settled(server)
            for name in ATTACKS:
                getattr(attacker, name)()
                self.good_request(server, name)
            self.assertIsNone(server.process.poll())
            after = self.settled(server)
        print(f"{len(ATTACKS)} attacks {' '.join(options)}: {before[0]:.0f} MiB and {before[1]} descriptors, then "
              f"{after[0]:.0f} MiB and {after[1]}")
        self.assertLess(after[0], before[0] + 12)
        self.assertLessEqual(after[1], before[1] + 2)

    def test_a_plain_server_stands(self):
        self.attack()

    def test_a_tls_server_stands(self):
        self.attack("--tls")

    def test_only_the_right_signature_is_served(self):
        keys = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "right"}
        with LocalServer("--stream", "events:1", "--verify-signatures", environment=keys) as server:
            import boto3

            def ask(key, secret, spoil=None):
                kinesis = boto3.client("kinesis", endpoint_url=server.endpoint, region_name="us-east-1",
                                       aws_access_key_id=key, aws_secret_access_key=secret)
                if spoil:
                    kinesis.meta.events.register("before-send.kinesis.ListStreams", spoil)
                try:
                    kinesis.list_streams()
                    return "OK"
                except ClientError as error:
                    return error.response["Error"]["Code"]

            def flip(request, **_):
                request.body = b'{"Limit":1}'
                request.headers["Content-Length"] = str(len(request.body))

            def flip_signature(request, **_):
                text = request.headers["Authorization"]
                text = text.decode() if isinstance(text, bytes) else text
                request.headers["Authorization"] = text[:-1] + ("0" if text[-1] != "0" else "1")

            def other_time(request, **_):
                request.headers["X-Amz-Date"] = "20200101T000000Z"

            self.assertEqual(ask("AKIDEXAMPLE", "right"), "OK")
            self.assertEqual(ask("AKIDEXAMPLE", "wrong"), "InvalidSignatureException")
            self.assertEqual(ask("AKIDOTHER", "right"), "UnrecognizedClientException")
            for spoil in (flip, flip_signature, other_time):
                self.assertEqual(ask("AKIDEXAMPLE", "right", spoil), "InvalidSignatureException", spoil.__name__)


if __name__ == "__main__":
    unittest.main()
