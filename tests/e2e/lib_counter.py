"""A browser, as far as the counter's API is concerned: one cookie jar, one token, http.client."""
import http.client
import json
import os
import urllib.parse
import uuid

from lib_campaign import check, same


class Answer:
    def __init__(self, status, headers, body):
        self.status, self.headers, self.body = status, headers, body

    def json(self):
        return json.loads(self.body)

    @property
    def error(self):
        return self.json().get("error")


class Browser:
    def __init__(self, node, source=None):
        self.address = node.address("http")
        self.source = (source, 0) if source else None  # the client's address
        self.cookies = {}
        self.token = ""

    def ask(self, method, path, body=None, headers=None, token=True, host=None):
        host_name, port = self.address.rsplit(":", 1)
        link = http.client.HTTPConnection(host_name, int(port), timeout=60, source_address=self.source)
        sent = {"Host": host or self.address}
        if self.cookies:
            sent["Cookie"] = "; ".join("%s=%s" % one for one in self.cookies.items())
        if token and method not in ("GET", "HEAD"):
            sent["X-Khuoi"] = self.token
        if isinstance(body, dict):
            body = json.dumps(body).encode()
            sent["Content-Type"] = "application/json"
        sent.update(headers or {})
        link.request(method, path, body=body, headers=sent)
        answer = link.getresponse()
        out = Answer(answer.status, answer.headers, answer.read())
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            check("HttpOnly" in cookie and "SameSite=Strict" in cookie, "a cookie is too loose: " + cookie)
            name, value = cookie.split(";")[0].split("=", 1)
            self.cookies[name] = value
        link.close()
        return out

    def get(self, path, status=200, **options):
        answer = self.ask("GET", path, **options)
        same("GET %s (%s)" % (path, answer.body[:200]), answer.status, status)
        return answer

    def post(self, path, body=None, status=200, **options):
        answer = self.ask("POST", path, body if body is not None else {}, **options)
        same("POST %s (%s)" % (path, answer.body[:200]), answer.status, status)
        return answer

    def put(self, path, body, status=200, **options):
        answer = self.ask("PUT", path, body, **options)
        same("PUT %s (%s)" % (path, answer.body[:200]), answer.status, status)
        return answer

    def look(self):
        session = self.get("/api/session").json()
        self.token = session["token"]
        return session

    def login(self, person, phrase=None, pin=None, status=200):
        self.look()
        answer = self.post("/api/login", {"person": person, **({"phrase": phrase} if phrase else {"pin": pin})}, status)
        if status == 200:
            self.token = answer.json()["token"]
        return answer

    def logout(self):
        self.post("/api/logout")
        self.look()

    def submit(self, xml, files=(), path="/api/submissions", status=201, **fields):
        kind, body = multipart([("xml_submission_file", "s.xml", xml)] + [(name, name, data) for name, data in files] +
                               [(name, None, value) for name, value in fields.items()])
        return self.post(path, body, status, headers={"Content-Type": kind})


GIVEN_PHRASE = "sương núi phủ nương"


def new_person(by, node, name, domains, phrase):
    """Somebody logged in adds a person, who makes the phrase their own at once."""
    by.post("/api/people", {"name": name, "domains": domains, "phrase": GIVEN_PHRASE}, 201)
    page = Browser(node)
    page.login(name, phrase=GIVEN_PHRASE)
    page.put("/api/people/phrase", {"phrase": phrase})


def multipart(parts):
    boundary = uuid.uuid4().hex
    out = []
    for name, file_name, data in parts:
        file_part = '; filename="%s"' % file_name if file_name else ""
        out.append(('--%s\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n' % (boundary, name, file_part)).encode())
        out += [data.encode() if isinstance(data, str) else data, b"\r\n"]
    out.append(("--%s--\r\n" % boundary).encode())
    return "multipart/form-data; boundary=" + boundary, b"".join(out)


def upload(node, page, xml, place):
    """Hands in a form with one file, piece by piece as a page does; the status and the answer. Raises OSError when the box
    hangs up."""
    name = os.path.basename(place)
    head = ('--b\r\nContent-Disposition: form-data; name="xml_submission_file"; filename="s.xml"\r\n\r\n%s\r\n'
            '--b\r\nContent-Disposition: form-data; name="%s"; filename="%s"\r\n\r\n' % (xml, name, name)).encode()
    tail = b"\r\n--b--\r\n"

    def octets():
        yield head
        with open(place, "rb") as file:
            while piece := file.read(1 << 20):
                yield piece
        yield tail

    host = node.address("http")
    link = http.client.HTTPConnection(host, timeout=600)
    link.request("POST", "/api/submissions", body=octets(), headers={
        "Host": host, "Cookie": "khuoi=" + page.cookies["khuoi"], "X-Khuoi": page.token,
        "Content-Type": "multipart/form-data; boundary=b",
        "Content-Length": str(len(head) + os.path.getsize(place) + len(tail))})
    answer = link.getresponse()
    return answer.status, answer.read()


def quoted(text):
    return urllib.parse.quote(text, safe="")
