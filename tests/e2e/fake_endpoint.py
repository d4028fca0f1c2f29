"""A Kinesis endpoint in JSON that a test scripts answer by answer, and what it saw and stored."""

import base64
import datetime
import email.utils
import http.server
import json
import socket
import struct
import threading
import time

TYPE = "application/x-amz-json-1.1"
REQUEST_ID = "11111111-2222-3333-4444-555555555555"
ACTIVE = {"StreamStatus": "ACTIVE", "OpenShardCount": 2, "StreamName": "events", "StreamARN": "",
          "RetentionPeriodHours": 24, "EnhancedMonitoring": [], "StreamCreationTimestamp": 1}


class Answer:
    """What goes back. `hang_up`: the connection ends after it (or, without a status, instead of it)."""

    def __init__(self, status, body=b"", hang_up=False, **headers):
        self.status = status
        self.body = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.hang_up = hang_up
        self.headers = {"Content-Type": TYPE, "x-amzn-RequestId": REQUEST_ID, "Content-Length": str(len(self.body)),
                        **{name.replace("_", "-"): value for name, value in headers.items()}}


def error(code, message="", status=400):
    return Answer(status, {"__type": code, "message": message})


def describe(**said):
    return Answer(200, {"StreamDescriptionSummary": {**ACTIVE, **said}})


class Call:
    """One request: `number` counts the requests of its operation from 1."""

    def __init__(self, endpoint, operation, number, headers, raw):
        self.endpoint = endpoint
        self.operation = operation
        self.number = number
        self.headers = headers
        self.size = len(raw)
        self.at = time.monotonic()
        self.body = json.loads(raw)
        self.records = [(record["PartitionKey"], base64.b64decode(record["Data"]))
                        for record in self.body.get("Records", [])]

    def store(self, refused=()):
        """The answer's entries; `refused` maps an entry's index to (code, message)."""
        refused = dict(refused)
        entries = []
        for index, (_, data) in enumerate(self.records):
            if index in refused:
                code, message = refused[index]
                entries.append({"ErrorCode": code, "ErrorMessage": message})
            else:
                self.endpoint.stored.append(data)
                entries.append({"SequenceNumber": str(len(self.endpoint.stored)), "ShardId": "shardId-000000000000"})
        return entries

    def accept(self, refused=()):
        entries = self.store(refused)
        failed = sum("ErrorCode" in entry for entry in entries)
        return Answer(200, {"FailedRecordCount": failed, "Records": entries})


class FakeEndpoint:
    """Serves while in its `with` block. `script(call)` gives an Answer, or nothing for the usual one."""

    def __init__(self, script=lambda call: None, clock_offset=0.0, idle_seconds=None):
        self.script = script
        self.clock_offset = clock_offset
        self.open = 0  # connections
        self.probes = 0  # requests in CBOR, which it does not know
        self.lock = threading.Lock()
        self.calls = []
        self.stored = []
        fake = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True
            timeout = idle_seconds

            def do_POST(self):
                fake.serve(self)

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 256  # with five, a sixth connection at once waits a second

            def process_request(self, request, client_address):
                with fake.lock:
                    fake.open += 1
                super().process_request(request, client_address)

            def shutdown_request(self, request):
                super().shutdown_request(request)  # its end is sent before it counts as closed
                with fake.lock:
                    fake.open -= 1

            def handle_error(self, *_):  # a client that has gone
                pass
        self.server = Server(("127.0.0.1", 0), Handler)
        self.endpoint = f"http://127.0.0.1:{self.server.server_port}"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def puts(self):
        return [call for call in self.calls if call.operation == "PutRecords"]

    def now(self):
        return time.time() + self.clock_offset

    def signed_at(self, call):
        text = call.headers["X-Amz-Date"]
        return datetime.datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=datetime.timezone.utc).timestamp()

    def serve(self, handler):
        raw = handler.rfile.read(int(handler.headers["Content-Length"]))
        if handler.headers["Content-Type"] != TYPE:
            self.probes += 1
            return self.send(handler, Answer(415, b"<html>what is CBOR?</html>", Content_Type="text/html"))
        with self.lock:
            operation = handler.headers["X-Amz-Target"].split(".")[1]
            number = sum(call.operation == operation for call in self.calls) + 1
            call = Call(self, operation, number, handler.headers, raw)
            self.calls.append(call)
            answer = self.script(call) or (describe() if operation == "DescribeStreamSummary" else call.accept())
        if callable(answer):  # it takes its time, without the lock
            answer = answer()
        return self.send(handler, answer)

    def send(self, handler, answer):
        if answer.status is not None:
            handler.send_response_only(answer.status)
            handler.send_header("Date", email.utils.formatdate(self.now(), usegmt=True))
            for name, value in answer.headers.items():
                if value is not None:
                    handler.send_header(name, value)
            handler.end_headers()
            handler.wfile.write(answer.body)
            handler.wfile.flush()
        if answer.hang_up:
            if answer.status is None:
                handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            handler.close_connection = True
