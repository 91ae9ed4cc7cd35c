"""ODK Collect, as far as a server sees it: Digest that is sent again and again with a counted nonce, HEAD before POST,
multipart with the XML first, large sends split."""
import base64
import hashlib
import http.client
import json
import re
import secrets
import threading
import urllib.parse
import uuid
import xml.etree.ElementTree as ET
import zlib

from lib_campaign import PHRASE, check, same
from lib_counter import Answer, Browser, new_person

LIST = "{http://openrosa.org/xforms/xformsList}"
MANIFEST = "{http://openrosa.org/xforms/xformsManifest}"
RESPONSE = "{http://openrosa.org/http/response}"
NURSE_PHRASE = "lúa nương trăng rằm"

MEDIA_FORM = """<?xml version="1.0"?>
<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"
xmlns:jr="http://openrosa.org/javarosa">
<h:head><h:title>Cây &amp; con &lt;giống&gt;</h:title>
<model><instance><data id="giong/cay&amp;con" version="1"><xa/>
<meta><instanceID/></meta></data></instance>
<itext><translation lang="vi"><text id="a"><value form="image">jr://images/%s</value></text></translation></itext>
<instance id="xa" src="jr://file-csv/xã.csv"/><bind nodeset="/data/xa" type="string"/>
</model></h:head>
<h:body><input ref="/data/xa"><label ref="jr:itext('a')"/></input></h:body></h:html>
"""
MANY_PHOTOS = """<?xml version="1.0"?>
<h:html xmlns="http://www.w3.org/2002/xforms" xmlns:h="http://www.w3.org/1999/xhtml"
xmlns:jr="http://openrosa.org/javarosa">
<h:head><h:title>Nhiều ảnh</h:title><model><instance><data id="nhieu_anh" version="1"><giay jr:template=""><anh/></giay>
<meta><instanceID/></meta></data></instance><bind nodeset="/data/giay/anh" type="binary"/></model></h:head>
<h:body><group><repeat nodeset="/data/giay"><upload ref="/data/giay/anh" mediatype="image/*"/></repeat></group>
</h:body></h:html>
"""


def md5(data):
    return hashlib.md5(data if isinstance(data, bytes) else data.encode()).hexdigest()


def settings_of(qr):
    """What Collect makes of a QR code."""
    return json.loads(zlib.decompress(base64.b64decode(qr, validate=True)))


class Collect:
    def __init__(self, made):
        general = settings_of(made["settings"])["general"]
        self.base = general["server_url"]
        self.user, self.password = general["username"], general["password"]
        self.challenge, self.count = None, 0
        self.challenges = 0
        self.lock = threading.Lock()
        self.source = None

    @classmethod
    def at(cls, url):
        """A phone whose account nobody made."""
        settings = {"general": {"server_url": url, "username": "x", "password": "y"}, "admin": {}}
        return cls({"settings": base64.b64encode(zlib.compress(json.dumps(settings).encode())).decode()})

    def authorization(self, method, target, challenge=None, count=None, user=None, password=None):
        with self.lock:
            challenge = challenge or self.challenge
            if count is None:
                self.count += 1
                count = self.count
        user, password = user or self.user, password or self.password
        cnonce, text = secrets.token_hex(8), "%08x" % count
        ha1 = md5("%s:%s:%s" % (user, challenge["realm"], password))
        response = md5(":".join((ha1, challenge["nonce"], text, cnonce, "auth", md5(method + ":" + target))))
        return ('Digest username="%s", realm="%s", nonce="%s", uri="%s", response="%s", qop=auth, nc=%s, cnonce="%s", '
                'algorithm=MD5' % (user, challenge["realm"], challenge["nonce"], target, response, text, cnonce))

    def plain(self, method, target, body=None, headers=None, chunked=False):
        """One request as it is; what every answer of OpenRosa has is checked here."""
        where = urllib.parse.urlsplit(self.base)
        link = http.client.HTTPConnection(where.hostname, where.port, timeout=60,
                                          source_address=self.source)
        sent = {"Host": where.netloc, "X-OpenRosa-Version": "1.0", "User-Agent": "org.odk.collect.android/v2025",
                "Date": "Wed, 25 Nov 2026 24:70:00 GMT"}
        sent.update(headers or {})
        link.request(method, target, body=body, headers=sent, encode_chunked=chunked)
        got = link.getresponse()
        answer = Answer(got.status, got.headers, got.read())
        link.close()
        same("X-OpenRosa-Version of %s %s (%d)" % (method, target, answer.status),
             answer.headers.get_all("X-OpenRosa-Version"), ["1.0"])
        check(re.fullmatch(r"\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT", answer.headers["Date"] or ""), "no Date")
        if answer.status >= 400 and method != "HEAD":
            check(message_of(answer), "a refusal without words")
        return answer

    def ask(self, method, target, body=None, headers=None, **options):
        """With the nonce at hand; a challenge is answered once, unless the password was just refused."""
        headers = dict(headers or {})
        if self.challenge:
            headers["Authorization"] = self.authorization(method, target)
        answer = self.plain(method, target, body() if callable(body) else body, headers, **options)
        if answer.status != 401:
            return answer
        challenge = challenge_of(answer)
        if "Authorization" in headers and challenge.get("stale") != "true":
            return answer
        with self.lock:
            self.challenge, self.count = challenge, 0
            self.challenges += 1
        headers["Authorization"] = self.authorization(method, target)
        return self.plain(method, target, body() if callable(body) else body, headers, **options)

    def get(self, target, status=200):
        answer = self.ask("GET", target)
        same("GET %s (%s)" % (target, answer.body[:300]), answer.status, status)
        return answer

    def fetch(self, url):
        check(url.startswith(self.base + "/"), "an address elsewhere: " + url)
        return self.get(url[len(self.base):]).body

    def forms(self, query=""):
        answer = self.get("/formList" + query)
        same("the list's type", answer.headers["Content-Type"], "text/xml; charset=utf-8")
        root = ET.fromstring(answer.body)
        same("the list's root", root.tag, LIST + "xforms")
        return [{child.tag[len(LIST):]: child.text or "" for child in form} for form in root]

    def send(self, xml, files=(), status=201, limit=None, chunked=False, **options):
        """HEAD, then as many POSTs as the limit asks for. Gives the last answer."""
        ready = self.ask("HEAD", "/submission?deviceID=collect%3Atest")
        same("HEAD /submission", (ready.status, ready.body, ready.headers.get("Location")), (204, b"", None))
        limit = limit or int(ready.headers["X-OpenRosa-Accept-Content-Length"])
        groups, size = [[]], len(xml)
        for name, data in files:
            if groups[-1] and size + len(data) > limit:
                groups.append([])
                size = len(xml)
            groups[-1].append((name, data))
            size += len(data)
        for at, group in enumerate(groups):
            more = at + 1 < len(groups)
            kind, body = self.body(xml, group, more)
            headers = {"Content-Type": kind, **({"Transfer-Encoding": "chunked"} if chunked else {})}
            answer = self.ask("POST", "/submission?deviceID=collect%3Atest",
                              (lambda whole=body: pieces(whole)) if chunked else body, headers, chunked=chunked)
            wanted = status if isinstance(status, tuple) else (202 if more and status < 300 else status,)
            check(answer.status in wanted, "POST /submission: %d instead of %s (%s)" %
                  (answer.status, wanted, answer.body.decode()))
            check(answer.status in (201, 202) or answer.status >= 400, "Collect takes %d for a failure" % answer.status)
            check(message_of(answer), "an answer without words")
        return answer

    @staticmethod
    def body(xml, files, more=False):
        boundary = str(uuid.uuid4())
        parts = [("xml_submission_file", "2026-11-25_10-00-00.xml", "text/xml", xml.encode())]
        parts += [(name, name, "application/octet-stream", data) for name, data in files]
        if more:
            parts.append(("*isIncomplete*", None, None, b"yes"))
        out = b""
        for name, file_name, kind, data in parts:
            out += ('--%s\r\nContent-Disposition: form-data; name="%s"' % (boundary, name)).encode()
            out += ('; filename="%s"\r\nContent-Type: %s' % (file_name, kind)).encode() if file_name else b""
            out += b"\r\nContent-Length: %d\r\n\r\n%s\r\n" % (len(data), data)
        return "multipart/form-data; boundary=" + boundary, out + ("--%s--\r\n" % boundary).encode()


def many_photos(instance, names):
    """A filled form whose repeat has one photo each."""
    photos = "".join("<giay><anh>%s</anh></giay>" % name for name in names)
    return ('<?xml version="1.0"?><data id="nhieu_anh" version="1">%s<meta><instanceID>%s</instanceID></meta></data>'
            % (photos, instance))


def phones_of(meo):
    """Three people and a phone of each: the head's, the health worker's, and that of who reads both. Gives the browser
    of the last one, and the phones."""
    both = Browser(meo)
    both.login(meo.json("slot list")[0]["person"], phrase=PHRASE)
    new_person(both, meo, "trưởng xóm", ["general"], PHRASE)
    new_person(both, meo, "y tế", ["health"], NURSE_PHRASE)
    head, nurse = Browser(meo), Browser(meo)
    head.login("trưởng xóm", phrase=PHRASE)
    nurse.login("y tế", phrase=NURSE_PHRASE)
    made = [page.post("/api/phones", {"name": name}, 201).json()
            for page, name in ((head, "Máy trưởng xóm"), (nurse, "Máy chị Mỷ"), (both, "Máy chung"))]
    same("names", [one["name"] for one in made], ["may-truong-xom", "may-chi-my", "may-chung"])
    return (head, nurse, both), made


def pieces(body):
    for at in range(0, len(body), 1000):
        yield body[at:at + 1000]


def message_of(answer):
    same("the answer's type", answer.headers["Content-Type"], "text/xml; charset=utf-8")
    root = ET.fromstring(answer.body)
    same("the answer's root", root.tag, RESPONSE + "OpenRosaResponse")
    return root.find(RESPONSE + "message").text


def challenge_of(answer):
    same("the status of a challenge", answer.status, 401)
    offered = answer.headers.get_all("WWW-Authenticate")
    check(len(offered) == 1 and offered[0].startswith("Digest "), "offered: %r" % (offered,))
    out = {name: quoted or bare for name, quoted, bare in re.findall(r'(\w+)=(?:"([^"]*)"|(\w+))', offered[0])}
    same("qop and algorithm", (out["qop"], out["algorithm"]), ("auth", "MD5"))
    return out
