"""No secret and no payload is in what the program says, however it is run and however it fails."""

import contextlib
import os
import subprocess
import unittest

import pyarrow as pa
import pyarrow.parquet as parquet

from program import SOON, ENVIRONMENT, PROGRAM, LocalServer, ProgramCase

SECRETS = {"secret key": "sEcReTkEyMaRk", "token": "sEsSiOnToKeNmArK", "password": "pRoXyPaSsWoRdMaRk",
           "payload": "pAyLoAdMaRk", "key": "pArTiTiOnKeYmArK"}
FEW = [*SOON, "--set", "max_retries=2", "--set", "checkpoint_max_retries=2"]


class Secrets(ProgramCase):
    def setUp(self):
        super().setUp()
        mark = SECRETS["payload"]
        parquet.write_table(
            pa.table({"id": [1, 2, 3, 4], "text": [mark, mark * 120_000, None, mark],
                      "key": [SECRETS["key"], SECRETS["key"] * 40, None, "k"],
                      "value": pa.array([mark.encode(), None, b"\xff" + mark.encode(), b""], pa.binary())}),
            self.path("rows.parquet"))
        with open(self.path("rows.ndjson"), "w", encoding="utf-8") as file:
            file.write('{"a":"%s"}\n{"a":%s\n' % (mark, mark))
        with open(self.path("rows.csv"), "w", encoding="utf-8") as file:
            file.write(f"a,b\n{mark},1\n{mark},{mark}\n{mark}\n")

    def environment(self, **more):
        return {**ENVIRONMENT, "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": SECRETS["secret key"],
                "AWS_SESSION_TOKEN": SECRETS["token"], **more}

    def said(self, *arguments, environment=None, about=""):
        run = subprocess.run([PROGRAM, *arguments], env=environment or self.environment(), capture_output=True,
                             text=True, errors="replace", timeout=120, check=False)
        for what, mark in SECRETS.items():
            for stream, text in (("stdout", run.stdout), ("stderr", run.stderr)):
                self.assertNotIn(mark.lower(), text.lower(), f"{what} in {stream} of {about or arguments}: {text[:2000]}")
        return run

    def write(self, server, *arguments, environment=None, name="rows.parquet"):
        return self.said("write", "-v", "--endpoint-url", server.endpoint, "--stream", "events", "--stats", "json",
                         *FEW, *arguments, self.path(name), environment=environment)

    def test_rows_that_cannot_be_stored(self):
        with LocalServer("--stream", "events:2") as server:
            for arguments in ([], ["--partition-key", "key"], ["--format", "raw_bytes", "--set", "null_value=error"],
                              ["--partition-key", "key", "--dead-letter", self.path("letters")],
                              ["--explicit-hash-key", "text"], ["--format", "raw_string"],
                              ["--partition-key", SECRETS["key"].lower()[:-2]]):
                self.write(server, *arguments)
            for name in ("rows.ndjson", "rows.csv"):
                self.write(server, name=name)

    def test_a_service_that_fails(self):
        for fault in ("throttle=1", "error=1", "server_error=1", "lost_answer=1", "cut=1", "expired_token=1", "wrong_count=1"):
            with LocalServer("--stream", "events:2", "--fault", fault) as server:
                self.write(server)
        with LocalServer("--stream", "other:2") as server:
            self.write(server)

    def test_signatures_that_are_refused(self):
        keys = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "other"}
        with LocalServer("--stream", "events:1", "--verify-signatures", environment=keys) as server:
            run = self.write(server)
            self.assertEqual(run.returncode, 1)

    def test_proxies_and_places_of_credentials(self):
        with LocalServer("--stream", "events:1") as server:
            for proxy in ("http://user:{}@127.0.0.1:1", "user:{}@127.0.0.1:x", "socks5://user:{}@h:1"):
                proxy = proxy.format(SECRETS["password"])
                self.said("write", "-v", "--endpoint-url", "http://example.invalid", "--stream", "events", *FEW,
                          "--set", "connect_timeout=300ms", self.path("rows.parquet"),
                          environment=self.environment(http_proxy=proxy, https_proxy=proxy))
            self.said("write", "-v", "--endpoint-url", f"http://user:{SECRETS['password']}@127.0.0.1:1", "--stream", "e",
                      self.path("rows.parquet"))
            for text in ("[default]\naws_access_key_id = A\naws_secret_access_key = {}\n",
                         "[default]\naws_access_key_id = A\naws_secret_access_key = {}\naws_session_token\n[x\n",
                         "[default]\ncredential_process = echo {} && false\n",
                         "[default]\ncredential_process = echo '{}'\n"):
                config = self.path("config")
                with open(config, "w", encoding="utf-8") as file:
                    file.write(text.format(SECRETS["secret key"]))
                environment = self.environment(AWS_CONFIG_FILE=config, AWS_SHARED_CREDENTIALS_FILE=config)
                for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
                    del environment[name]
                self.write(server, "--set", "stream_active_timeout=2s", environment=environment)

    def test_every_help(self):
        for command in ([], ["write"], ["tail"], ["local"], ["inspect"], ["options"]):
            self.said(*command, "--help")
        self.said("write", "--set", f"max_age={SECRETS['payload'][:0]}x", "x.csv")

    def test_dead_letters_and_states_are_for_their_owner(self):
        with LocalServer("--stream", "events:1") as server:
            command = [PROGRAM, "write", "--endpoint-url", server.endpoint, "--stream", "events", "--dead-letter",
                       self.path("letters"), "--state", self.path("state"), self.path("rows.parquet")]
            run = subprocess.run(command, env=self.environment(), capture_output=True, text=True, timeout=60,
                                 preexec_fn=lambda: os.umask(0), check=False)
        self.assertEqual(run.returncode, 2, run.stderr)
        for name in ("letters", "state", "state.lock"):
            self.assertEqual(os.stat(self.path(name)).st_mode & 0o777, 0o600, name)
        with contextlib.suppress(FileNotFoundError), open(self.path("letters"), encoding="utf-8") as file:
            self.assertNotIn(SECRETS["secret key"], file.read())


if __name__ == "__main__":
    unittest.main()
