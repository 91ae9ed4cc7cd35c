"""The stores of earlier programs in tests/data/stores: a commune and a hamlet each, with what that program said was in
them."""
import tarfile

from lib_campaign import *

STORES = os.path.join(ROOT, "tests/data/stores")
FACTS = ("id", "number", "form", "version", "instanceID", "state", "pending", "conflict", "code", "attachments")


def facts(node):
    rows = node.list(phrase=PHRASE)
    return sorted(({key: row[key] for key in FACTS} for row in rows), key=lambda row: row["id"])


def exported(node):
    """Every file of an export and its digest."""
    out = path("export")
    shutil.rmtree(out, ignore_errors=True)
    node.run("export", out, phrase=PHRASE)
    digests = {name: about[3] for name, about in tree(out).items()}
    shutil.rmtree(out)
    return digests


def told(node):
    return {"list": facts(node), "export": exported(node), "announcements": len(node.json("announce list", phrase=PHRASE)),
            "documents": len(node.json("document list", phrase=PHRASE)),
            "messages": len(node.json("message list", phrase=PHRASE)),
            "waiting": node.status()["waiting"]}


def golden_stores():
    names = sorted(name for name in os.listdir(STORES) if name.endswith(".tar.xz"))
    check(names, "there is no store in tests/data/stores")
    return names


def unpacked(name):
    """By role the node, and what is expected of it."""
    place = folder(name)
    with tarfile.open(os.path.join(STORES, name), "r:xz") as tar:
        for member in tar.getmembers():
            check(member.isreg() and not member.name.startswith(("/", "..")), "an odd archive: " + member.name)
        tar.extractall(place)
    with open(os.path.join(place, "expected.json"), encoding="utf-8") as file:
        expected = json.load(file)
    nodes = {role: Node(os.path.join(place, role), name + "-" + role) for role in ("commune", "hamlet")}
    return nodes, expected
