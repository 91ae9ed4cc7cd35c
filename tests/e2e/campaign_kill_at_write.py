"""The program is killed at every single write of a submit, a stick export and an import, before it and in its middle.
Afterwards the store verifies, every id that was printed is there, a rerun completes, the stick has no litter after its
next sync, and everything reaches the commune octet for octet.

usage: campaign_kill_at_write.py smoke|full      smoke: a spread of the writes; full: each of them, both ways
"""
from lib_kill import *

class Scene:
    """A commune, a hamlet and a stick at one moment; each trial works on copies of them."""

    def __init__(self, xa, meo, stick):
        self.xa, self.meo, self.stick = xa, meo, stick

    def copy(self, to):
        shutil.rmtree(to, ignore_errors=True)
        os.makedirs(to)
        stick = os.path.join(to, "stick")
        shutil.copytree(self.stick, stick)
        return Scene(self.xa.copy(os.path.join(to, "xa")), self.meo.copy(os.path.join(to, "meo")), stick)


def writes_of(scene, act):
    trial = scene.copy(path("count-scene"))
    _, count = act(trial, 0, False, 0)
    check(count > 3, "only %d writes were seen: is %s in force?" % (count, SHIM))
    return count


def everything_arrives(trial, ids, files, attachments):
    """Whatever happened: the usual rounds bring everything over, and no litter is left."""
    carry(trial.stick, trial.meo, trial.xa, trial.meo, trial.xa, trial.meo)
    check_no_litter(trial.stick)
    all_received(trial.meo, ids)
    for node in (trial.meo, trial.xa):
        node.verify()
        same("litter in the data folder of " + node.name, [name for name in os.listdir(node.data) if "new" in name], [])
    check_export(trial.xa, files, attachments)


def campaign(name, scene, act, after):
    count = writes_of(scene, act)
    tried = 0
    for at, half in moments(count):
        trial = scene.copy(path("trial"))
        try:
            printed, _ = act(trial, at, half, None)
            after(trial, printed)
        except SystemExit as failed:
            fail("%s killed %s write %d of %d: %s" % (name, "in the middle of" if half else "before", at, count, failed))
        tried += 1
    shutil.rmtree(path("trial"))
    note("%s: %d of its %d writes, %d kills" % (name, len({at for at, _ in moments(count)}), count, tried))
    return tried


def main():
    check_shim()
    rng = seeded()
    xa = commune()
    meo = hamlet(xa, "meo")
    stick = folder("stick")
    carry(stick, xa, meo)
    scene = Scene(xa, meo, stick)
    plain = submissions("filled", 12, SEED)
    xml, photo = photo_submission(folder("photos"), rng, 150_000)
    files = plain + [xml]
    ids = [id_of(file) for file in files]
    attachments = {xml: [photo]}
    kills = 0

    def submit(trial, at, half, code):
        return killed_at(trial.meo, "submit", files + ["--attach", photo], [trial.meo.data], at, half, code)

    def after_submit(trial, printed):
        trial.meo.verify()
        known = {row["id"] for row in trial.meo.list()}
        for one in printed.split():
            check(one in known, "the id %s was printed and is gone" % one)
        same("ids of the second submit", trial.meo.submit(files, [photo]), ids)
        everything_arrives(trial, ids, files, attachments)

    kills += campaign("submit", scene, submit, after_submit)

    same("ids", meo.submit(files, [photo]), ids)

    def sync_at(which):
        def act(trial, at, half, code):
            node = getattr(trial, which)
            return killed_at(node, "stick sync", [trial.stick], [node.data, trial.stick], at, half, code)
        return act

    def after_sync(trial, _):
        for node in (trial.meo, trial.xa):
            node.verify()
        known = {row["id"] for row in trial.meo.list()}
        same("ids at the hamlet", known, set(ids))
        everything_arrives(trial, ids, files, attachments)

    kills += campaign("stick export", scene, sync_at("meo"), after_sync)
    meo.sync(stick)
    kills += campaign("stick import", scene, sync_at("xa"), after_sync)
    xa.sync(stick)
    kills += campaign("receipts' import", scene, sync_at("meo"), after_sync)
    done("%d kills; nothing printed was lost, every store verified, everything arrived, no litter" % kills)


main()
