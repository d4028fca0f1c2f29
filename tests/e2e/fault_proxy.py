"""A TCP proxy that breaks its connections in ways that a seed decides."""

import asyncio
import collections
import dataclasses
import random
import socket
import struct
import threading

# Bytes after which a fault strikes: in a TLS hello or an HTTP head, in a handshake or an answer, in a request body.
PLACES = ((0, 300), (300, 6_000), (6_000, 400_000))
# On an answer's way back there are few bytes: a small figure strikes early, and often.
ANSWER_PLACES = ((0, 300), (300, 3_000), (3_000, 40_000))
CHUNK = 64 * 1024


@dataclasses.dataclass
class Fault:
    kind: str  # pass, reset, cut, half_close, stall, silence, trickle, refuse
    to_server: bool = True  # the direction whose bytes are counted
    after: int = 0
    seconds: float = 0.0


def draw(seed, index):
    """The fault of connection `index`. Every fourth is whole, so that there is a way through."""
    chance = random.Random(f"{seed}:{index}")
    kind = chance.choice(("pass", "reset", "reset", "cut", "half_close", "stall", "silence", "trickle", "refuse"))
    to_server = chance.random() < 0.5
    place = chance.choice(PLACES if to_server else ANSWER_PLACES)
    fault = Fault(kind, to_server, chance.randint(*place), chance.uniform(0.02, 0.3))
    return Fault("pass") if index % 4 == 3 else fault


class Link:
    """One connection and its way on to the server."""

    def __init__(self, fault, near, far):
        self.fault = fault
        self.ends = (near, far)  # each a (reader, writer)

    async def carry(self):
        near, far = self.ends
        tasks = [asyncio.ensure_future(self.pump(near[0], far[1], self.fault.to_server)),
                 asyncio.ensure_future(self.pump(far[0], near[1], not self.fault.to_server))]
        try:
            await asyncio.gather(*tasks)
        except OSError:
            pass
        finally:
            for task in tasks:
                task.cancel()
            self.end(reset=False)

    def end(self, reset):
        for _, writer in self.ends:
            if reset:
                peer = writer.get_extra_info("socket")
                if peer is not None and peer.fileno() >= 0:
                    peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                writer.transport.abort()
            else:
                writer.close()

    async def pump(self, reader, writer, counted):
        """Carries one direction; the fault strikes in the direction where bytes are counted."""
        left = self.fault.after if counted and self.fault.kind != "pass" else None
        while data := await reader.read(CHUNK):
            if left is not None and len(data) >= left:
                writer.write(data[:left])
                await writer.drain()
                if not await self.strike(reader, writer, data[left:]):
                    return
                left = None
                continue
            if left is not None:
                left -= len(data)
            writer.write(data)
            await writer.drain()
        if writer.can_write_eof():
            writer.write_eof()

    async def strike(self, reader, writer, rest):
        """True if the direction goes on."""
        kind = self.fault.kind
        if kind in ("reset", "cut"):
            self.end(reset=kind == "reset")
            return False
        if kind == "half_close":
            writer.write_eof()
        if kind in ("half_close", "silence"):
            while await reader.read(CHUNK):  # taken, and never passed on
                pass
            return False
        if kind == "stall":
            await asyncio.sleep(self.fault.seconds)
        if kind == "trickle":
            for at in range(0, min(len(rest), 300), 3):
                writer.write(rest[at:at + 3])
                await asyncio.sleep(0.002)
            rest = rest[300:]
        writer.write(rest)
        await writer.drain()
        return True


class FaultProxy:
    """Stands before host:port while in its `with` block; `port` is where it listens, `struck` counts what it did."""

    def __init__(self, host, port, seed):
        self.target = (host, port)
        self.seed = seed
        self.port = 0
        self.struck = collections.Counter()
        self.connections = 0
        self.links = set()
        self.writers = []
        self.server = None
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)

    def __enter__(self):
        self.thread.start()
        self.run(self.listen())
        return self

    def __exit__(self, *_):
        self.run(self.stop())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join()
        self.loop.close()

    def run(self, work):
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(timeout=30)

    async def listen(self):
        self.server = await asyncio.start_server(self.serve, "127.0.0.1", self.port, limit=CHUNK)
        self.port = self.server.sockets[0].getsockname()[1]

    async def stop(self):
        self.server.close()
        for task in self.links:
            task.cancel()
        await asyncio.gather(*self.links, return_exceptions=True)
        for writer in self.writers:
            writer.transport.abort()
        await asyncio.sleep(0.01)  # asyncio closes a socket in the next turn of its loop

    async def serve(self, reader, writer):
        task = asyncio.current_task()
        self.links.add(task)
        fault = draw(self.seed, self.connections)
        self.connections += 1
        self.struck[fault.kind] += 1
        try:
            if fault.kind == "refuse":
                await self.refuse(writer, fault.seconds)
            else:
                far = await asyncio.open_connection(*self.target, limit=CHUNK)
                self.writers += [writer, far[1]]
                await Link(fault, (reader, writer), far).carry()
        except (OSError, asyncio.CancelledError):
            pass
        finally:
            writer.close()
            self.links.discard(task)

    async def refuse(self, writer, seconds):
        """Nobody listens for a while."""
        writer.transport.abort()
        self.server.close()
        await asyncio.sleep(seconds)
        if not self.server.is_serving():
            await self.listen()
