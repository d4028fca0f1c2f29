"""Keys that come from servers, end, and are signed with by a clock that is wrong: the service of these tests checks
every signature with botocore's own code, against its own clock."""

import calendar
import email.utils
import http.server
import json
import os
import subprocess
import tempfile
import threading
import time
import unittest

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from program import ENVIRONMENT, PROGRAM

ROWS = b'{"a":1}\n' * 1000
NO_KEYS = {name: value for name, value in ENVIRONMENT.items()
           if name not in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}
TOLERANCE = 300


class Server:
    """Answers POST and GET with answer(method, path, headers, body) -> (status, body), on a thread."""

    def __init__(self, answer, shift=0):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def reply(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                status, text = answer(self.command, self.path, self.headers, body)
                self.send_response(status)
                self.send_header("Content-Type", "application/x-amz-json-1.1")
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = do_PUT = reply

            def date_time_string(self, timestamp=None):
                return email.utils.formatdate(time.time() + shift, usegmt=True)

            def log_message(self, *_):
                pass

        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        threading.Thread(target=self.http.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.http.server_port}"

    def stop(self):
        self.http.shutdown()
        self.http.server_close()


class Kinesis:
    """One stream. `keys`: access key -> (secret, token, how many PutRecords it is good for)."""

    def __init__(self, keys, shift=0):
        self.keys, self.shift = keys, shift
        self.stored, self.refused, self.uses = 0, [], {}
        self.lock = threading.Lock()
        self.server = Server(self.answer, shift)

    def refuse(self, code, message="why"):
        self.refused.append(code)
        return 400, json.dumps({"__type": code, "message": message}).encode()

    def answer(self, method, path, headers, body):
        with self.lock:
            return self.check(method, path, headers, body) or self.obey(headers["X-Amz-Target"].split(".")[1], body)

    def check(self, method, path, headers, body):
        authorization = dict(part.split("=", 1) for part in headers["Authorization"].split(" ", 1)[1].split(", "))
        key, _, region, _, _ = authorization["Credential"].split("/")
        if key not in self.keys:
            return self.refuse("UnrecognizedClientException")
        secret, token, uses = self.keys[key]
        stamp = headers["X-Amz-Date"]
        late = time.time() + self.shift - calendar.timegm(time.strptime(stamp, "%Y%m%dT%H%M%SZ"))
        if abs(late) > TOLERANCE:
            return self.refuse("InvalidSignatureException", "Signature expired" if late > 0 else "Signature not yet current")
        request = AWSRequest(method, f"http://{headers['Host']}{path}", data=body)
        for name in authorization["SignedHeaders"].split(";"):
            request.headers[name] = headers[name]
        request.context["timestamp"] = stamp
        signer = SigV4Auth(Credentials(key, secret, token), "kinesis", region)
        expected = signer.signature(signer.string_to_sign(request, signer.canonical_request(request)), request)
        if expected != authorization["Signature"] or headers.get("X-Amz-Security-Token") != token:
            return self.refuse("InvalidSignatureException", "The request signature does not match")
        if self.uses.get(key, 0) >= uses:
            return self.refuse("ExpiredTokenException")
        if headers["X-Amz-Target"].endswith(".PutRecords"):
            self.uses[key] = self.uses.get(key, 0) + 1
        return None

    def obey(self, operation, body):
        if operation == "DescribeStreamSummary":
            return 200, json.dumps({"StreamDescriptionSummary": {
                "StreamName": "events", "StreamARN": "arn:aws:kinesis:us-east-1:1:stream/events",
                "StreamStatus": "ACTIVE", "OpenShardCount": 1}}).encode()
        records = json.loads(body)["Records"]
        self.stored += len(records)
        return 200, json.dumps({"FailedRecordCount": 0, "Records": [
            {"SequenceNumber": "1", "ShardId": "shardId-000000000000"} for _ in records]}).encode()


class CredentialsTest(unittest.TestCase):
    def serve(self, what):
        self.addCleanup(getattr(what, "server", what).stop)
        return what

    def write(self, kinesis, environment, *options):
        return subprocess.run(
            [PROGRAM, "write", "--endpoint-url", kinesis.server.url, "--stream", "events", "--stats", "json",
             "--set", "wire=json", "--set", "max_record_count=100", "--set", "max_in_flight=2", *options, "-"],
            env=environment, input=ROWS, capture_output=True, timeout=120, check=False)

    def assert_stored(self, run, kinesis):
        self.assertEqual(run.returncode, 0, run.stderr)
        self.assertEqual(kinesis.stored, 1000)

    def container(self, keys, status=200):
        """A container's server that gives the next of `keys` each time, then the last for ever."""
        given = []

        def answer(*_):
            key = keys[min(len(given), len(keys) - 1)]
            given.append(key)
            return status, json.dumps({"AccessKeyId": key, "SecretAccessKey": "secret of " + key, "Token": "token of " + key,
                                       "Expiration": "2130-01-02T03:04:05Z"}).encode()

        server = self.serve(Server(answer))
        server.given = given
        return server

    def test_keys_that_end_are_replaced_and_nothing_is_lost(self):
        kinesis = self.serve(Kinesis({key: (f"secret of {key}", f"token of {key}", 4) for key in ("A", "B", "C", "D")}))
        container = self.container(["A", "B", "C", "D"])
        run = self.write(kinesis, {**NO_KEYS, "AWS_CONTAINER_CREDENTIALS_FULL_URI": container.url})
        self.assert_stored(run, kinesis)
        self.assertIn("ExpiredTokenException", kinesis.refused)
        self.assertEqual(container.given, ["A", "B", "C"])

    def test_a_clock_that_is_wrong_is_corrected(self):
        for shift in (-600, 600):
            with self.subTest(shift=shift):
                kinesis = self.serve(Kinesis({"x": ("x", None, 1000)}, shift))
                run = self.write(kinesis, ENVIRONMENT)
                self.assert_stored(run, kinesis)
                self.assertIn("clock", run.stderr.decode())
                self.assertLess(len(kinesis.refused), 6, "each request was refused once")

    def test_a_wrong_secret_is_no_clock(self):
        kinesis = self.serve(Kinesis({"x": ("y", None, 1000)}))
        run = self.write(kinesis, ENVIRONMENT)
        self.assertEqual(run.returncode, 1)
        self.assertIn("check the secret access key", run.stderr.decode())

    def test_a_web_identity_is_changed_for_keys_at_the_endpoint_of_the_environment(self):
        asked = []

        def sts(_method, _path, _headers, body):
            asked.append(body.decode())
            return 200, (b"<R><Credentials><AccessKeyId>WEB</AccessKeyId><SecretAccessKey>s</SecretAccessKey>"
                         b"<SessionToken>t</SessionToken><Expiration>2130-01-02T03:04:05Z</Expiration></Credentials></R>")

        kinesis = self.serve(Kinesis({"WEB": ("s", "t", 1000)}))
        server = self.serve(Server(sts))
        with tempfile.NamedTemporaryFile("w") as token:
            token.write("my token")
            token.flush()
            run = self.write(kinesis, {
                **NO_KEYS, "AWS_ENDPOINT_URL_STS": server.url, "AWS_ROLE_ARN": "arn:aws:iam::1:role/r",
                "AWS_WEB_IDENTITY_TOKEN_FILE": token.name})
        self.assert_stored(run, kinesis)
        self.assertEqual(len(asked), 1)
        self.assertIn("WebIdentityToken=my%20token", asked[0])

    def test_a_source_that_fails_is_named_in_one_line(self):
        kinesis = self.serve(Kinesis({}))
        container = self.container(["A"], status=403)
        for environment, words in (
                ({"AWS_CONTAINER_CREDENTIALS_FULL_URI": container.url}, "credentials by container"),
                ({"AWS_ROLE_ARN": "r", "AWS_WEB_IDENTITY_TOKEN_FILE": os.devnull}, f"{os.devnull} is empty"),
                ({}, "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")):
            with self.subTest(words=words):
                began = time.monotonic()
                run = self.write(kinesis, {**NO_KEYS, **environment})
                self.assertEqual(run.returncode, 1)
                self.assertIn(words, run.stderr.decode())
                self.assertEqual(run.stderr.count(b"\n"), 1, run.stderr)
                self.assertLess(time.monotonic() - began, 30)
        self.assertEqual(kinesis.stored, 0)


if __name__ == "__main__":
    unittest.main()
