"""A proxy that counts what a contact puts on the line."""
import socket
import threading

from lib_campaign import wait_until


class CountingProxy:
    """Counts what goes through a TCP connection, both ways, TCP and IP headers not counted."""

    def __init__(self, to):
        self.octets = 0
        self.pumps = []
        self.listener = socket.socket()
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen()
        self.address = "127.0.0.1:%d" % self.listener.getsockname()[1]
        host, port = to.rsplit(":", 1)
        self.to = (host, int(port))
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            far = socket.create_connection(self.to)
            for source, target in ((near, far), (far, near)):
                pump = threading.Thread(target=self.pump, args=(source, target), daemon=True)
                self.pumps.append(pump)
                pump.start()

    def pump(self, source, target):
        try:
            while octets := source.recv(65536):
                self.octets += len(octets)
                target.sendall(octets)
            target.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def close(self):
        """Once both directions have ended, so that all octets are counted."""
        wait_until(lambda: self.pumps and not any(pump.is_alive() for pump in self.pumps), "the connection's end")
        self.listener.close()
