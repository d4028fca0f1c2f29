"""The program under test, and the local server it serves."""

import json
import os
import re
import signal
import subprocess
import tempfile
import unittest

import boto3
import botocore.config

PROGRAM = os.environ["KINESINK_PROGRAM"]
FLIGHTS = os.environ.get("KINESINK_FLIGHTS", "")
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if not name.startswith("AWS_")},
    "AWS_EC2_METADATA_DISABLED": "true", "AWS_REGION": "us-east-1", "AWS_CONFIG_FILE": "/dev/null",
    "AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x"}


# Retries that do not take long.
SOON = [word for name in ("retry", "checkpoint_retry") for word in (
    "--set", f"{name}_base_delay=1ms", "--set", f"{name}_max_delay=2ms")]


class LocalServer:
    """`kinesink local` on any free port (or the one given), as a context manager."""

    def __init__(self, *options, port="0", environment=None):
        self.process = subprocess.Popen([PROGRAM, "local", "--port", port, *options],
                                        env={**ENVIRONMENT, **(environment or {})},
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.lines = []
        for line in self.process.stdout:
            self.lines.append(line.strip())
            if line.strip() == "":
                break
        self.endpoint = re.search(r"https?://\S+", self.lines[0]).group()
        self.ca_bundle = next((line.split(": ")[1] for line in self.lines if line.startswith("CA bundle")), None)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=30)
        self.process.stdout.close()


class ProgramCase(unittest.TestCase):
    """A folder, and a server that ends with the test."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def path(self, name):
        return os.path.join(self.folder, name)

    def serve(self, *options):
        server = LocalServer("--stream", "events:2", *options)
        self.addCleanup(server.__exit__)
        return server


def write(server, *arguments, stream="events", **options):
    """Runs `kinesink write`; the finished process, with .stats if --stats json was given."""
    command = [PROGRAM, "write", "--endpoint-url", server.endpoint, "--stream", stream, *arguments]
    run = subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=options.get("text", True),
                         input=options.get("input"), timeout=240, check=False)
    run.stats = json.loads(run.stdout) if "json" in arguments and run.stdout else None
    return run


def client(endpoint, verify=None):
    return boto3.client(
        "kinesis", endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="x", aws_secret_access_key="x",
        verify=verify, config=botocore.config.Config(retries={"max_attempts": 3}))


def read_all(endpoint, stream="events", verify=None):
    """Payloads of every record of the stream, by boto3; `verify` is the authority of a server with TLS."""
    kinesis = client(endpoint, verify)
    payloads = []
    for shard in kinesis.list_shards(StreamName=stream)["Shards"]:
        iterator = kinesis.get_shard_iterator(
            StreamName=stream, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
        while iterator:
            page = kinesis.get_records(ShardIterator=iterator, Limit=10000)
            payloads += [record["Data"] for record in page["Records"]]
            if not page["Records"] and page["MillisBehindLatest"] == 0:
                break
            iterator = page.get("NextShardIterator")
    return payloads
