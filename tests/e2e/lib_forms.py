"""Submissions written by hand, for scripts about the command line."""
import os
import uuid

from lib_campaign import folder

COPY = "ban_sao_ho_tich"  # the form the program ships: has an upload-bound node, <anh>
COPY_VERSION = "2026112101"


def write(name, text):
    path = os.path.join(folder("filled"), name)
    with open(path, "wb") as file:
        file.write(text if isinstance(text, bytes) else text.encode())
    return path


def new_id(rng):
    return "uuid:" + str(uuid.UUID(int=rng.getrandbits(128), version=4))


def copy_request(instance, photo="", name="Nông Thị Mỷ", replaces="", form=COPY):
    """A filled ban_sao_ho_tich."""
    older = "<deprecatedID>%s</deprecatedID>" % replaces if replaces else ""
    return ('<?xml version="1.0" encoding="UTF-8"?>\n<data id="%s" version="%s"><loai>ks</loai><ho_ten>%s</ho_ten>'
            "<cccd>004185000001</cccd><anh>%s</anh><meta><instanceID>%s</instanceID>%s</meta></data>\n"
            % (form, COPY_VERSION, name, photo, instance, older))


def health_visit(rng):
    from lib_campaign import submissions
    files = submissions("visits-%x" % rng.getrandbits(32), 40, rng.getrandbits(16))
    for file in files:
        with open(file, encoding="utf-8") as text:
            if "kham_suc_khoe_ho" in text.read():
                return file
    raise SystemExit("the generator gave no health visit")
