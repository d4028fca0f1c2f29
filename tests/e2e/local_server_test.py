"""The local server as others see it: boto3 speaks JSON to it, cbor2 and botocore's signer CBOR."""

import datetime
import hashlib
import os
import re
import subprocess
import unittest
import urllib.error
import urllib.request

import boto3
import cbor2
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from botocore.exceptions import ClientError

KEY, SECRET, REGION = "AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "us-east-1"
LAST_HASH_KEY = 2**128 - 1


class Server:
    """`kinesink local` on any free port; its first line of output names the endpoint."""

    def __init__(self, *options):
        self.process = subprocess.Popen(
            [os.environ["KINESINK_PROGRAM"], "local", "--port", "0", *options],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        for line in self.process.stdout:
            found = re.search(r"https?://[\d.:\[\]a-f]+:\d+", line)
            if found:
                self.url = found.group()
                return
        raise RuntimeError("the server named no endpoint")

    def client(self):
        return boto3.client(
            "kinesis", endpoint_url=self.url, region_name=REGION, aws_access_key_id=KEY,
            aws_secret_access_key=SECRET, config=Config(retries={"total_max_attempts": 1}))

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()

    def cbor(self, operation, body):
        """(status, content type, decoded answer) of one signed request."""
        request = AWSRequest("POST", self.url + "/", data=body, headers={
            "X-Amz-Target": "Kinesis_20131202." + operation,
            "Content-Type": "application/x-amz-cbor-1.1"})
        SigV4Auth(Credentials(KEY, SECRET), "kinesis", REGION).add_auth(request)
        prepared = urllib.request.Request(
            request.url, data=body, headers=dict(request.headers), method="POST")
        try:
            answer = urllib.request.urlopen(prepared, timeout=30)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            content = answer.read()
            kind = answer.headers["Content-Type"]
        return answer.status, kind, decode_cbor(content) if content else None


def decode_cbor(content):
    """Times as the numbers they are: tag 1 holds milliseconds, which cbor2 would take for seconds."""
    return cbor2.loads(content.replace(b"\xc1\x1b", b"\x1b"))


def hash_key(partition_key):
    return int.from_bytes(hashlib.md5(partition_key.encode()).digest(), "big")


class LocalServerTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server("--stream", "ready:4")
        cls.kinesis = cls.server.client()

    @classmethod
    def tearDownClass(cls):
        cls.kinesis.close()
        cls.server.stop()

    def make_stream(self, shards=1, **more):
        name = self.id().rsplit(".", 1)[1]
        self.kinesis.create_stream(StreamName=name, ShardCount=shards, **more)
        self.kinesis.get_waiter("stream_exists").wait(StreamName=name)
        return name

    def read_shard(self, stream, shard, kind="TRIM_HORIZON", **more):
        """All records of a shard, and the children its end names."""
        at = self.kinesis.get_shard_iterator(
            StreamName=stream, ShardId=shard, ShardIteratorType=kind, **more)["ShardIterator"]
        records = []
        while True:
            answer = self.kinesis.get_records(ShardIterator=at)
            records += answer["Records"]
            at = answer.get("NextShardIterator")
            if at is None or answer["MillisBehindLatest"] == 0:
                return records, [child["ShardId"] for child in answer.get("ChildShards", [])]

    def refused(self, code, operation, **arguments):
        with self.assertRaises(ClientError) as caught:
            getattr(self.kinesis, operation)(**arguments)
        error = caught.exception.response["Error"]
        self.assertEqual(error["Code"], code, error["Message"])
        # boto3 knows the error as one of the service.
        self.assertTrue(error["Message"])
        return error["Message"]

    def test_stream_of_the_command_line_is_there(self):
        summary = self.kinesis.describe_stream_summary(StreamName="ready")
        description = summary["StreamDescriptionSummary"]
        self.assertEqual(description["OpenShardCount"], 4)
        self.assertEqual(description["StreamStatus"], "ACTIVE")
        self.assertEqual(description["MaxRecordSizeInKiB"], 1024)
        age = datetime.datetime.now(datetime.timezone.utc) - description["StreamCreationTimestamp"]
        self.assertLess(abs(age.total_seconds()), 600)
        self.assertTrue(summary["ResponseMetadata"]["RequestId"])

    def test_streams_come_and_go(self):
        name = self.make_stream(2)
        described = self.kinesis.describe_stream(StreamName=name)["StreamDescription"]
        ranges = [shard["HashKeyRange"] for shard in described["Shards"]]
        self.assertEqual(ranges, [
            {"StartingHashKey": "0", "EndingHashKey": str(2**127 - 1)},
            {"StartingHashKey": str(2**127), "EndingHashKey": str(LAST_HASH_KEY)}])
        by_arn = self.kinesis.describe_stream(StreamARN=described["StreamARN"])
        self.assertEqual(by_arn["StreamDescription"]["StreamName"], name)
        listed = self.kinesis.list_streams()
        self.assertIn(name, listed["StreamNames"])
        self.assertIn(described["StreamARN"],
                      [one["StreamARN"] for one in listed["StreamSummaries"]])
        pages = self.kinesis.get_paginator("list_streams").paginate(PaginationConfig={"PageSize": 1})
        self.assertIn(name, [one for page in pages for one in page["StreamNames"]])
        self.kinesis.delete_stream(StreamName=name)
        self.kinesis.get_waiter("stream_not_exists").wait(StreamName=name)

    def test_records_go_where_their_hash_says_and_come_back_equal(self):
        name = self.make_stream(4)
        sent = [{"Data": os.urandom(index % 700), "PartitionKey": f"ключ {index}"}
                for index in range(500)]
        answer = self.kinesis.put_records(StreamName=name, Records=sent)
        self.assertEqual(answer["FailedRecordCount"], 0)
        stored = {}
        for shard in self.kinesis.list_shards(StreamName=name)["Shards"]:
            records, children = self.read_shard(name, shard["ShardId"])
            self.assertEqual(children, [])
            numbers = [int(record["SequenceNumber"]) for record in records]
            self.assertEqual(numbers, sorted(set(numbers)))
            span = shard["HashKeyRange"]
            for record in records:
                self.assertLessEqual(int(span["StartingHashKey"]), hash_key(record["PartitionKey"]))
                self.assertGreaterEqual(int(span["EndingHashKey"]),
                                        hash_key(record["PartitionKey"]))
                stored[record["SequenceNumber"]] = (shard["ShardId"], record)
        for entry, result in zip(sent, answer["Records"], strict=True):
            shard, record = stored[result["SequenceNumber"]]
            self.assertEqual(shard, result["ShardId"])
            self.assertEqual((record["Data"], record["PartitionKey"]),
                             (entry["Data"], entry["PartitionKey"]))
        self.assertEqual(len(stored), len(sent))

    def test_explicit_hash_keys_reach_both_ends(self):
        name = self.make_stream(3)
        shards = self.kinesis.list_shards(StreamName=name)["Shards"]
        for shard in shards:
            for end in shard["HashKeyRange"].values():
                answer = self.kinesis.put_record(
                    StreamName=name, Data=b"x", PartitionKey="k", ExplicitHashKey=end)
                self.assertEqual(answer["ShardId"], shard["ShardId"])
        self.refused("InvalidArgumentException", "put_record", StreamName=name, Data=b"x",
                     PartitionKey="k", ExplicitHashKey=str(LAST_HASH_KEY + 1))
        self.refused("ValidationException", "put_record", StreamName=name, Data=b"x",
                     PartitionKey="k", ExplicitHashKey="01")

    def test_every_iterator(self):
        name = self.make_stream()
        shard = "shardId-000000000000"
        numbers = [self.kinesis.put_record(StreamName=name, Data=bytes([index]), PartitionKey="k")
                   ["SequenceNumber"] for index in range(4)]
        data = lambda kind, **more: b"".join(
            record["Data"] for record in self.read_shard(name, shard, kind, **more)[0])
        self.assertEqual(data("TRIM_HORIZON"), b"\0\1\2\3")
        self.assertEqual(data("LATEST"), b"")
        self.assertEqual(data("AT_SEQUENCE_NUMBER", StartingSequenceNumber=numbers[2]), b"\2\3")
        self.assertEqual(data("AFTER_SEQUENCE_NUMBER", StartingSequenceNumber=numbers[2]), b"\3")
        now = datetime.datetime.now(datetime.timezone.utc)
        self.assertEqual(data("AT_TIMESTAMP", Timestamp=now - datetime.timedelta(hours=1)),
                         b"\0\1\2\3")
        arrival = self.read_shard(name, shard)[0][0]["ApproximateArrivalTimestamp"]
        self.assertLess(abs((now - arrival).total_seconds()), 60)
        for arguments in ({"ShardIteratorType": "AT_SEQUENCE_NUMBER"},
                          {"ShardIteratorType": "LATEST", "StartingSequenceNumber": numbers[0]},
                          {"ShardIteratorType": "AT_TIMESTAMP"}):
            self.refused("InvalidArgumentException", "get_shard_iterator", StreamName=name,
                         ShardId=shard, **arguments)
        self.refused("InvalidArgumentException", "get_records", ShardIterator="AAAA")

    def test_split_and_merge(self):
        name = self.make_stream()
        arn = self.kinesis.describe_stream_summary(
            StreamName=name)["StreamDescriptionSummary"]["StreamARN"]
        self.kinesis.put_record(StreamARN=arn, Data=b"before", PartitionKey="k")
        self.kinesis.split_shard(StreamName=name, ShardToSplit="shardId-000000000000",
                                 NewStartingHashKey=str(2**127))
        records, children = self.read_shard(name, "shardId-000000000000")
        self.assertEqual([record["Data"] for record in records], [b"before"])
        self.assertEqual(children, ["shardId-000000000001", "shardId-000000000002"])
        self.kinesis.merge_shards(StreamARN=arn, ShardToMerge="shardId-000000000001",
                                  AdjacentShardToMerge="shardId-000000000002")
        shards = self.kinesis.list_shards(StreamName=name)["Shards"]
        self.assertEqual(shards[3]["ParentShardId"], "shardId-000000000001")
        self.assertEqual(shards[3]["AdjacentParentShardId"], "shardId-000000000002")
        self.assertEqual(
            ["EndingSequenceNumber" in shard["SequenceNumberRange"] for shard in shards],
            [True, True, True, False])
        latest = self.kinesis.list_shards(StreamName=name, ShardFilter={"Type": "AT_LATEST"})
        self.assertEqual([shard["ShardId"] for shard in latest["Shards"]], ["shardId-000000000003"])
        page = self.kinesis.list_shards(StreamName=name, MaxResults=3)
        rest = self.kinesis.list_shards(NextToken=page["NextToken"])
        self.assertEqual(page["Shards"] + rest["Shards"], shards)
        self.assertNotIn("NextToken", rest)
        # As the service does, though boto3's own paginator falls into it.
        self.refused("InvalidArgumentException", "list_shards", StreamName=name,
                     NextToken=page["NextToken"])
        self.refused("InvalidArgumentException", "merge_shards", StreamName=name,
                     ShardToMerge="shardId-000000000001",
                     AdjacentShardToMerge="shardId-000000000002")
        self.refused("InvalidArgumentException", "split_shard", StreamName=name,
                     ShardToSplit="shardId-000000000003", NewStartingHashKey="0")
        self.refused("ResourceNotFoundException", "split_shard", StreamName=name,
                     ShardToSplit="shardId-000000000009", NewStartingHashKey="9")

    def test_limits_of_a_request(self):
        name = self.make_stream()
        entry = {"Data": b"x", "PartitionKey": "k"}
        put = lambda records: self.kinesis.put_records(StreamName=name, Records=records)
        self.assertEqual(put([entry] * 500)["FailedRecordCount"], 0)
        self.refused("ValidationException", "put_records", StreamName=name, Records=[entry] * 501)
        largest = {"Data": bytes(2**20 - 1), "PartitionKey": "k"}
        self.assertEqual(put([largest] * 10)["FailedRecordCount"], 0)
        self.refused("InvalidArgumentException", "put_records", StreamName=name,
                     Records=[largest] * 10 + [{"Data": b"", "PartitionKey": "k"}])
        larger = {"Data": bytes(2**20), "PartitionKey": "k"}
        self.refused("InvalidArgumentException", "put_records", StreamName=name, Records=[larger])
        arn = self.kinesis.describe_stream(StreamName=name)["StreamDescription"]["StreamARN"]
        self.kinesis.update_max_record_size(StreamARN=arn, MaxRecordSizeInKiB=2048)
        self.assertEqual(put([larger])["FailedRecordCount"], 0)
        self.refused("ValidationException", "put_records", StreamName=name,
                     Records=[{"Data": b"", "PartitionKey": "k" * 257}])

    def test_what_is_wrong_has_the_code_of_the_service(self):
        name = self.make_stream()
        self.refused("ResourceInUseException", "create_stream", StreamName=name, ShardCount=1)
        for operation, arguments in (
                ("describe_stream", {}), ("describe_stream_summary", {}), ("list_shards", {}),
                ("delete_stream", {}), ("put_record", {"Data": b"", "PartitionKey": "k"}),
                ("put_records", {"Records": [{"Data": b"", "PartitionKey": "k"}]}),
                ("get_shard_iterator",
                 {"ShardId": "shardId-000000000000", "ShardIteratorType": "LATEST"})):
            message = self.refused("ResourceNotFoundException", operation, StreamName="absent",
                                   **arguments)
            self.assertEqual(message, "Stream absent under account 000000000000 not found.")
        self.refused("ValidationException", "describe_stream", StreamName="a b")
        self.refused("ValidationException", "create_stream", StreamName="n" * 129, ShardCount=1)
        self.refused("InvalidArgumentException", "describe_stream_summary")
        self.refused("UnknownOperationException", "list_tags_for_stream", StreamName=name)
        self.assertGreaterEqual(self.kinesis.describe_limits()["OpenShardCount"], 1)

    def test_cbor_of_definite_and_indefinite_length(self):
        name = self.make_stream()
        definite = cbor2.dumps({"StreamName": name, "Records": [
            {"Data": b"\0\xff", "PartitionKey": "k"}]})
        indefinite = (b"\xbf" + cbor2.dumps("StreamName") + cbor2.dumps(name) +
                      cbor2.dumps("Records") + b"\x9f\xbf" + cbor2.dumps("Data") +
                      b"\x5f\x41\x00\x41\xff\xff" + cbor2.dumps("PartitionKey") + cbor2.dumps("k") +
                      b"\xff\xff\xff")
        for body in (definite, indefinite):
            status, kind, answer = self.server.cbor("PutRecords", body)
            self.assertEqual((status, kind), (200, "application/x-amz-cbor-1.1"))
            self.assertEqual(answer["FailedRecordCount"], 0)
            self.assertEqual(answer["Records"][0]["ShardId"], "shardId-000000000000")
        records, _ = self.read_shard(name, "shardId-000000000000")
        self.assertEqual([record["Data"] for record in records], [b"\0\xff"] * 2)

    def test_cbor_times_are_milliseconds_both_ways(self):
        name = self.make_stream()
        self.kinesis.put_record(StreamName=name, Data=b"x", PartitionKey="k")
        arrival = self.read_shard(name, "shardId-000000000000")[0][0]["ApproximateArrivalTimestamp"]
        milliseconds = round(arrival.timestamp() * 1000)
        ask = {"StreamName": name, "ShardId": "shardId-000000000000",
               "ShardIteratorType": "AT_TIMESTAMP"}
        for at, count in ((milliseconds, 1), (milliseconds + 1, 0)):
            body = cbor2.dumps(ask | {"Timestamp": cbor2.CBORTag(1, at)})
            status, _, answer = self.server.cbor("GetShardIterator", body)
            self.assertEqual(status, 200, answer)
            body = cbor2.dumps({"ShardIterator": answer["ShardIterator"]})
            status, _, answer = self.server.cbor("GetRecords", body)
            self.assertEqual(len(answer["Records"]), count)
            if count:
                self.assertEqual(answer["Records"][0]["Data"], b"x")
                self.assertEqual(answer["Records"][0]["ApproximateArrivalTimestamp"], milliseconds)

    def test_cbor_errors(self):
        status, kind, answer = self.server.cbor("DescribeStream", cbor2.dumps({"StreamName": "no"}))
        self.assertEqual((status, kind), (400, "application/x-amz-cbor-1.1"))
        self.assertEqual(answer, {
            "__type": "ResourceNotFoundException",
            "message": "Stream no under account 000000000000 not found."})

    def test_an_unsigned_request_is_refused(self):
        request = urllib.request.Request(self.server.url + "/", data=b"{}", headers={
            "X-Amz-Target": "Kinesis_20131202.ListStreams",
            "Content-Type": "application/x-amz-json-1.1"})
        with self.assertRaises(urllib.error.HTTPError) as caught:
            urllib.request.urlopen(request, timeout=30)
        with caught.exception as answer:
            self.assertEqual(answer.status, 400)
            self.assertIn(b"MissingAuthenticationTokenException", answer.read())


class LimitsTest(unittest.TestCase):
    def test_a_shard_takes_a_thousand_records_a_second(self):
        server = Server("--stream", "s:1", "--enforce-limits")
        self.addCleanup(server.stop)
        kinesis = server.client()
        self.addCleanup(kinesis.close)
        entries = [{"Data": b"x", "PartitionKey": "k"}] * 500
        answers = [kinesis.put_records(StreamName="s", Records=entries) for _ in range(6)]
        failed = [record for answer in answers for record in answer["Records"]
                  if "ErrorCode" in record]
        self.assertEqual(len(failed), sum(answer["FailedRecordCount"] for answer in answers))
        self.assertGreater(len(failed), 0)
        self.assertEqual(failed[0], {
            "ErrorCode": "ProvisionedThroughputExceededException",
            "ErrorMessage": "Rate exceeded for shard shardId-000000000000 in stream s under account "
                            "000000000000."})


if __name__ == "__main__":
    unittest.main()
