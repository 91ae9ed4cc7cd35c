#!/usr/bin/env python3
"""Every row of what the web page may be sent by those who mean it ill; after each the next good request works."""
import http.client
import os
import random
import select
import socket
import threading
import time

from lib_campaign import PHRASE, SEED, carry, check, commune, done, folder, hamlet, path, same
from lib_counter import Browser, multipart, quoted, upload
from lib_forms import copy_request, new_id

rng = random.Random(SEED)
MIB = 1 << 20


def anonymous_kib(node):
    with open("/proc/%d/status" % node.service.pid) as status:
        return int([line for line in status if line.startswith("RssAnon")][0].split()[1])


def raw(node, octets, seconds=20):
    """Sends octets as they are; the answer's first line, empty when the connection is closed without one."""
    host, port = node.address("http").rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=seconds) as link:
        try:
            link.sendall(octets)
            return link.recv(65536).split(b"\r\n")[0].decode("latin-1")
        except (ConnectionResetError, BrokenPipeError):
            return ""


def still_well(node):
    page = Browser(node)
    page.look()
    page.submit(copy_request(new_id(rng)))
    check(anonymous_kib(node) < 48 * 1024, "the service grew to %d KiB" % anonymous_kib(node))


def forged(node, page):
    """Another site in the same browser (CSRF), and a name that was pointed here (DNS rebinding)."""
    xml = copy_request(new_id(rng))
    kind, body = multipart([("xml_submission_file", "s.xml", xml)])
    for token, origin, code in (("", None, "token"), ("0" * 32, None, "token"), (page.token, "http://evil.example", "denied"),
                                (page.token, "null", "denied")):
        headers = {"Content-Type": kind, "X-Khuoi": token}
        if origin:
            headers["Origin"] = origin
        answer = page.ask("POST", "/api/submissions", body, headers, token=False)
        same("a forged post", (answer.status, answer.error), (403, code))
    without = Browser(node)
    same("a token without its cookie", without.ask("POST", "/api/submissions", body,
                                                   {"Content-Type": kind, "X-Khuoi": page.token}).status, 403)
    for host in ("evil.example", "khuoi.local.evil.example", "127.0.0.1.evil.example", "", "localhost:x", "[::1"):
        check(page.ask("GET", "/", host=host or "evil").status in (400, 421), "the name '%s' was answered" % host)
    for host in ("localhost", "khuoi.local:8080", "192.168.1.2", "[fe80::1]:80"):
        page.get("/healthz", host=host)
    own = page.ask("POST", "/api/submissions", body, {"Content-Type": kind, "Origin": "http://" + page.address})
    same("our own origin", own.status, 201)


def scripts(node, page):
    """What is handed in never runs: strict policy, no sniffing, and nothing that a browser could take for a page."""
    answer = page.get("/")
    policy = answer.headers["Content-Security-Policy"]
    check(policy.startswith("default-src 'self'; script-src 'self' 'wasm-unsafe-eval';") and "unsafe-inline" not in policy, policy)
    same("sniffing", answer.headers["X-Content-Type-Options"], "nosniff")
    name = "<script>alert(1)</script>.html"
    instance = new_id(rng)
    photo = name.replace("<", "&lt;").replace("/", "_")
    page.submit(copy_request(instance, photo="x.html", name="&lt;img src=x onerror=alert(1)&gt;"),
                [("x.html", b"<html><script>alert(1)</script>")])
    found = page.get("/api/dossiers/" + page.get("/api/dossiers").json()["rows"][0]["id"])
    check(found.headers["Content-Type"].startswith("application/json"), "values are given as something else than JSON")
    for row in page.get("/api/dossiers").json()["rows"]:
        for file in page.get("/api/dossiers/" + row["id"]).json()["attachments"]:
            same("the type of a page handed in", page.get(file["url"]).headers["Content-Type"], "application/octet-stream")
    check(photo != name, "the test's own name")


def too_large(node, page):
    """10 GiB are refused at once; what tells no length is cut off at the cap; a draft, too."""
    host = node.address("http")
    head = "POST /api/submissions HTTP/1.1\r\nHost: %s\r\nCookie: khuoi=%s\r\nX-Khuoi: %s\r\nContent-Type: %s\r\n" % (
        host, page.cookies["khuoi"], page.token, "multipart/form-data; boundary=b")
    started = time.monotonic()
    check(" 413 " in raw(node, (head + "Content-Length: %d\r\n\r\n" % (10 << 30)).encode()), "10 GiB were not refused")
    check(" 413 " in raw(node, (head + "Expect: 100-continue\r\nContent-Length: %d\r\n\r\n" % (10 << 30)).encode()),
          "10 GiB were let go on")
    check(time.monotonic() - started < 5, "the refusal took long")
    draft = "/api/drafts/" + "0" * 31 + "1"
    chunks = (b'{"form":"' + b"x" * (MIB - 9) if i == 0 else b"x" * MIB for i in range(8))
    link = http.client.HTTPConnection(host, timeout=20)
    try:
        link.request("PUT", draft, body=chunks, encode_chunked=True, headers={
            "Host": host, "Cookie": "khuoi=" + page.cookies["khuoi"], "X-Khuoi": page.token, "Transfer-Encoding": "chunked"})
        same("a body past its cap that tells no length", link.getresponse().status, 413)
    except (ConnectionResetError, BrokenPipeError):
        pass  # cut off while it was still sending
    kind, body = multipart([("a", None, b"x" * 100000)])
    page.post("/api/submissions", body, 413, headers={"Content-Type": kind})


def parts(node, page):
    """Multiparts of 100,000 parts, without a boundary, nested, cut off, without their XML."""
    kind, body = multipart([("a", None, b"")] * 100000)
    same("100,000 parts", page.ask("POST", "/api/submissions", body, {"Content-Type": kind}).status, 400)
    same("no boundary", page.ask("POST", "/api/submissions", b"x", {"Content-Type": "multipart/form-data"}).status, 400)
    same("no multipart", page.ask("POST", "/api/submissions", {"a": 1}).status, 400)
    same("no body", page.ask("POST", "/api/submissions", None, {"Content-Length": "0"}).status, 400)
    inner = b"--b\r\nContent-Disposition: form-data; name=\"a\"\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c--\r\n--b--\r\n"
    same("nested", page.ask("POST", "/api/submissions", inner, {"Content-Type": "multipart/form-data; boundary=b"}).status, 400)
    kind, body = multipart([("xml_submission_file", "s.xml", copy_request(new_id(rng)))])
    before = page.get("/api/home").json()["waiting"]
    for cut in range(0, len(body) - 4, 37):
        same("cut off after %d octets" % cut, page.ask("POST", "/api/submissions", body[:cut], {"Content-Type": kind}).status, 400)
    same("what was cut off left nothing", page.get("/api/home").json()["waiting"], before)
    kind, body = multipart([("other", "s.xml", copy_request(new_id(rng)))])
    same("without its XML", page.ask("POST", "/api/submissions", body, {"Content-Type": kind}).status, 400)
    kind, body = multipart([("xml_submission_file", "s.xml", copy_request(new_id(rng)))] * 2)
    same("two of them", page.ask("POST", "/api/submissions", body, {"Content-Type": kind}).status, 400)


def headers(node):
    """Too much, too many, and what two readers would understand differently."""
    host = node.address("http").encode()
    base = b"POST /api/submissions HTTP/1.1\r\nHost: " + host + b"\r\n"
    for name, octets in (
            ("a header of 20 KiB", b"GET / HTTP/1.1\r\nHost: " + host + b"\r\nA: " + b"b" * 20000 + b"\r\n\r\n"),
            ("10,000 headers", b"GET / HTTP/1.1\r\nHost: " + host + b"\r\n" + b"A: b\r\n" * 10000 + b"\r\n"),
            ("length and chunks", base + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
            ("chunks and length", base + b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n"),
            ("two lengths", base + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nabcdef"),
            ("the same length twice", base + b"Content-Length: 5\r\nContent-Length: 5\r\n\r\nabcde"),
            ("a strange coding", base + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n"),
            ("two codings", base + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\n"),
            ("a coding in HTTP/1.0", base.replace(b"1.1", b"1.0") + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
            ("two hosts", b"GET / HTTP/1.1\r\nHost: " + host + b"\r\nHost: evil\r\n\r\n"),
            ("a negative length", base + b"Content-Length: -1\r\n\r\n"),
            ("a folded header", b"GET / HTTP/1.1\r\nHost: " + host + b"\r\nA: b\r\n c\r\n\r\n"),
            ("junk", bytes(range(256)) * 4)):
        line = raw(node, octets)
        good = line == "" or " 400 " in line or " 431 " in line or (name == "a folded header" and " 200 " in line)
        check(good, "%s: %s" % (name, line))


def paths(page):
    """Nothing outside the pages, however it is written."""
    for target in ("/../../etc/passwd", "/..%2f..%2fetc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/assets/../index.html",
                   "/assets/..%5c..%5cx.js", "//etc/passwd", "/a%00.js", "/%c0%af.js", "/api/forms/..%2f../form.xml",
                   "/api/forms/a%2fb/form.xml", "/x.js", "/%zz", "/api/dossiers/%2e%2e"):
        same("GET " + target, page.ask("GET", target).status, 404)
    same("no such method", page.ask("DELETE", "/api/home").status, 405)
    same("a strange method", page.ask("BREW", "/").status in (400, 405), True)


def slow(node, page):
    """Who sends one octet a second, and would for an hour, is hung up on by the box; meanwhile and after it others are
    served."""
    host, port = node.address("http").rsplit(":", 1)
    head = ("POST /api/submissions HTTP/1.1\r\nHost: %s:%s\r\nCookie: khuoi=%s\r\nX-Khuoi: %s\r\nContent-Length: 5000\r\n"
            "Content-Type: multipart/form-data; boundary=b\r\n\r\n" % (host, port, page.cookies["khuoi"], page.token)).encode()
    links = []
    for first in (head, b"GET / HTTP/1.1\r\n"):
        links.append(socket.create_connection((host, int(port)), timeout=60))
        links[-1].sendall(first)
    open_ones, octets = list(links), 0
    while open_ones:
        # An octet each whenever a second passed without the box hanging up.
        ended = select.select(open_ones, [], [], 1)[0]
        open_ones = [link for link in open_ones if not (link in ended and hung_up(link))]
        for link in open_ones if not ended else ():
            try:
                link.sendall(b"x")
            except OSError:
                pass  # hung up on this moment; the next turn reads so
        octets += 1
        check(octets < 600, "a slow sender was never hung up on")
        page.get("/healthz")
    for link in links:
        link.close()


def hung_up(link):
    """Whether the box ended it; what it may say before is read and forgotten."""
    try:
        return link.recv(65536) == b""
    except ConnectionResetError:
        return True


def large_upload(node, page):
    """200 MB come in while pages are served, within 48 MiB of memory."""
    place = path("large.jpg")
    with open(place, "wb") as file:
        for _ in range(200):
            file.write(rng.randbytes(MIB))
    peak, slowest, ended = [0], [0.0], threading.Event()

    def watch():
        while not ended.is_set():
            peak[0] = max(peak[0], anonymous_kib(node))
            started = time.monotonic()
            Browser(node).get("/api/home")
            slowest[0] = max(slowest[0], time.monotonic() - started)
            time.sleep(0.02)

    watcher = threading.Thread(target=watch)
    watcher.start()
    status, answer = upload(node, page, copy_request(new_id(rng), photo="large.jpg"), place)
    same("the upload (%s)" % answer, status, 201)
    ended.set()
    watcher.join()
    check(peak[0] <= 48 * 1024, "the upload took %d KiB" % peak[0])
    check(slowest[0] < 5, "a page waited %.1f s" % slowest[0])
    same("what an upload leaves in tmp", os.listdir(os.path.join(node.data, "tmp")), [])
    return peak[0], slowest[0]


if __name__ == "__main__":
    xa = commune()
    meo = hamlet(xa, "meo")
    carry(folder("stick"), xa, meo)
    meo.serve()
    page = Browser(meo)
    page.login(meo.json("slot list")[0]["person"], phrase=PHRASE)
    forged(meo, page)
    still_well(meo)
    scripts(meo, page)
    too_large(meo, page)
    still_well(meo)
    parts(meo, page)
    headers(meo)
    still_well(meo)
    paths(page)
    slow(meo, page)
    still_well(meo)
    peak, slowest = large_upload(meo, page)
    still_well(meo)
    meo.stop()
    meo.verify(phrase=PHRASE)
    done("forged, misdirected, oversized, broken, ambiguous and slow requests; 200 MB in %d KiB, pages within %.2f s" %
         (peak, slowest))
