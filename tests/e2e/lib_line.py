"""A bad line: a proxy between two nodes with a rate, a delay and cuts, in a process of its own.

usage: lib_line.py PORT KBIT_PER_S DELAY_MS CUT_EVERY_S [DOWN_S]      prints its own port; KHUOI_SEED varies the cuts
"""
import asyncio
import os
import random
import socket
import struct
import sys

PIECE = 1024          # octets moved at once
BUFFER = 8 * 1024     # of the proxy's sockets: what a slow modem would hold


class Line:
    def __init__(self, port, kbit_per_s, delay_ms, cut_every_s, down_s):
        self.port = port
        self.octets_per_s = kbit_per_s * 1000 / 8
        self.delay = delay_ms / 2000        # one way
        self.cut_every = cut_every_s
        self.down = down_s
        self.is_down = False
        self.open = set()
        self.rng = random.Random(int(os.environ.get("KHUOI_SEED", "1")))

    async def carry(self, source, target):
        """One direction. What is under way when the line is cut is lost, as on a real one."""
        loop = asyncio.get_running_loop()
        under_way = asyncio.Queue(maxsize=max(8, int(self.octets_per_s * self.delay / PIECE) + 1))

        async def deliver():
            while True:
                at, octets = await under_way.get()
                await asyncio.sleep(max(0.0, at - loop.time()))
                if not octets:
                    target.shutdown(socket.SHUT_WR)
                    return
                await loop.sock_sendall(target, octets)

        delivering = asyncio.ensure_future(deliver())
        free_at = loop.time()
        try:
            while True:
                octets = await loop.sock_recv(source, PIECE)
                free_at = max(free_at, loop.time()) + len(octets) / self.octets_per_s
                await asyncio.sleep(max(0.0, free_at - loop.time()))
                await under_way.put((loop.time() + self.delay, octets))
                if not octets:
                    break
            await delivering
        finally:
            delivering.cancel()

    async def connect(self, near):
        loop = asyncio.get_running_loop()
        far = socket.socket()
        far.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        far.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
        far.setblocking(False)
        near.setblocking(False)
        both = (near, far)
        self.open.add(both)
        try:
            await asyncio.sleep(2 * self.delay)
            await loop.sock_connect(far, ("127.0.0.1", self.port))
            await asyncio.gather(self.carry(near, far), self.carry(far, near))
        except OSError:
            pass
        finally:
            self.open.discard(both)
            near.close()
            far.close()

    async def cut_now_and_then(self):
        while self.cut_every > 0:
            await asyncio.sleep(self.cut_every * self.rng.uniform(0.7, 1.3))
            self.is_down = True
            for both in list(self.open):
                for one in both:
                    try:
                        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                        one.shutdown(socket.SHUT_RDWR)
                    except OSError:
                        pass
            await asyncio.sleep(self.down)
            self.is_down = False

    async def run(self):
        loop = asyncio.get_running_loop()
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, BUFFER)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 1400)  # loopback's 64 KiB would dwarf the buffers
        listener.bind(("127.0.0.1", 0))
        listener.listen(64)
        listener.setblocking(False)
        print(listener.getsockname()[1], flush=True)
        cutting = asyncio.ensure_future(self.cut_now_and_then())
        serving = set()
        while not cutting.done() or self.cut_every <= 0:
            near, _ = await loop.sock_accept(listener)
            if self.is_down:
                near.close()
                continue
            task = asyncio.ensure_future(self.connect(near))
            serving.add(task)
            task.add_done_callback(serving.discard)


if __name__ == "__main__":
    port, rate, delay, cut_every = (float(word) for word in sys.argv[1:5])
    down = float(sys.argv[5]) if len(sys.argv) > 5 else 0.5
    asyncio.run(Line(int(port), rate, delay, cut_every, down).run())
