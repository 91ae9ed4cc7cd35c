#!/usr/bin/env python3
"""A stand-in for udisks2 on the bus of DBUS_SYSTEM_BUS_ADDRESS: the interfaces that khuoi uses, with real mounts.

Obeys a line of JSON at a time from stdin and answers each with a line. Needs python3-dbus and python3-gi, so it is
started with Debian's own python3. Every call of a method that would change a disk is written to the file of its first
argument.
"""
import getpass
import json
import os
import signal
import subprocess
import sys

import dbus
import dbus.mainloop.glib
import dbus.service
from gi.repository import GLib

ROOT = "/org/freedesktop/UDisks2"
BLOCK = "org.freedesktop.UDisks2.Block"
DRIVE = "org.freedesktop.UDisks2.Drive"
FILES = "org.freedesktop.UDisks2.Filesystem"
MANAGER = "org.freedesktop.DBus.ObjectManager"
PROPERTIES = "org.freedesktop.DBus.Properties"


def octets(text):
    return dbus.ByteArray(text.encode("utf-8", "surrogateescape") + b"\0")


class Error(dbus.DBusException):
    def __init__(self, name, sentence):
        super().__init__(sentence)
        self._dbus_error_name = "org.freedesktop.UDisks2.Error." + name


class Drive(dbus.service.Object):
    def __init__(self, disks, name, about):
        self.path = "%s/drives/%s" % (ROOT, name)
        self.about = about
        super().__init__(disks.bus, self.path)

    def interfaces(self):
        return {DRIVE: dbus.Dictionary(
            {"Removable": dbus.Boolean(self.about.get("removable", True)), "MediaRemovable": dbus.Boolean(False),
             "ConnectionBus": self.about.get("bus", "usb"), "Optical": dbus.Boolean(False), "SortKey": "x",
             "RotationRate": dbus.Int32(0), "Seat": "seat0"}, signature="sv")}


class Partition(dbus.service.Object):
    """about: name, drive, device (a loop device) or folder (bound instead), label, and what is to go wrong."""

    def __init__(self, disks, about):
        self.disks = disks
        self.about = about
        self.points = list(about.get("points", []))
        self.path = "%s/block_devices/%s" % (ROOT, about["name"])
        super().__init__(disks.bus, self.path)

    def number(self):
        if "device" in self.about:
            return os.stat(self.about["device"]).st_rdev
        return os.stat(self.about["folder"]).st_dev

    def interfaces(self):
        about = self.about
        block = {"Device": octets("/dev/" + about["name"]), "DeviceNumber": dbus.UInt64(self.number()),
                 "Drive": dbus.ObjectPath("%s/drives/%s" % (ROOT, about["drive"])),
                 "IdUsage": about.get("usage", "filesystem"), "IdType": about.get("type", "ext4"), "IdUUID": about["uuid"],
                 "IdLabel": about.get("label", ""), "Size": dbus.UInt64(1 << 26),
                 "HintIgnore": dbus.Boolean(about.get("ignore", False)),
                 "HintSystem": dbus.Boolean(about.get("system", False)), "ReadOnly": dbus.Boolean(about.get("ro", False)),
                 "Configuration": dbus.Array([], signature="(sa{sv})")}
        return {BLOCK: dbus.Dictionary(block, signature="sv"),
                FILES: dbus.Dictionary({"MountPoints": dbus.Array([octets(one) for one in self.points], signature="ay")},
                                       signature="sv")}

    def changed(self):
        self.PropertiesChanged(FILES, self.interfaces()[FILES], [])

    @dbus.service.signal(PROPERTIES, signature="sa{sv}as")
    def PropertiesChanged(self, interface, properties, gone):
        pass

    @dbus.service.method(FILES, in_signature="a{sv}", out_signature="s")
    def Mount(self, options):
        self.disks.note("Mount", self, options)
        if self.about.get("hang"):
            os.kill(os.getpid(), signal.SIGSTOP)
        if self.about.get("deny"):
            raise Error(*self.about["deny"])
        if self.points:
            raise Error("AlreadyMounted", "already mounted")
        wanted = str(options["options"]).split(",")
        wanted = [one for one in wanted if one not in self.about.get("without", [])]
        point = os.path.join("/media", getpass.getuser(), self.about.get("label") or self.about["uuid"])
        os.makedirs(point, exist_ok=True)
        self.mount(point, wanted)
        self.points = [point]
        self.changed()
        return point

    def mount(self, point, options):
        if "device" in self.about:
            run("mount", "-t", "ext4", "-o", ",".join(options), self.about["device"], point)
            return
        run("mount", "--bind", self.about["folder"], point)
        run("mount", "-o", "remount,bind," + ",".join(options), point)

    @dbus.service.method(FILES, in_signature="a{sv}")
    def Unmount(self, options):
        self.disks.note("Unmount", self, options)
        if not self.points:
            raise Error("NotMounted", "not mounted")
        run("umount", self.points[0])
        self.points = []
        self.changed()

    @dbus.service.method(FILES, in_signature="a{sv}", out_signature="b")
    def Check(self, options):
        self.disks.note("Check", self, options)
        return True

    @dbus.service.method(FILES, in_signature="a{sv}", out_signature="b")
    def Repair(self, options):
        self.disks.note("Repair", self, options)
        return True


def run(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        raise Error("Failed", done.stdout.decode("utf-8", "replace").strip())


class Disks(dbus.service.Object):
    def __init__(self, bus, calls):
        self.bus = bus
        self.calls = calls
        self.parts = {}
        super().__init__(bus, ROOT)

    def note(self, method, part, options):
        self.calls.write(json.dumps({"method": method, "name": part.about["name"],
                                     "options": str(options.get("options", "")),
                                     "quiet": bool(options.get("auth.no_user_interaction", False))}) + "\n")
        self.calls.flush()

    @dbus.service.method(MANAGER, out_signature="a{oa{sa{sv}}}")
    def GetManagedObjects(self):
        out = {ROOT + "/Manager": {"org.freedesktop.UDisks2.Manager": dbus.Dictionary({"Version": "2"}, signature="sv")}}
        for part, drive in self.parts.values():
            out[part.path] = part.interfaces()
            out[drive.path] = drive.interfaces()
        return out

    @dbus.service.signal(MANAGER, signature="oa{sa{sv}}")
    def InterfacesAdded(self, path, interfaces):
        pass

    @dbus.service.signal(MANAGER, signature="oas")
    def InterfacesRemoved(self, path, interfaces):
        pass

    def plug(self, about):
        drive = next((drive for part, drive in self.parts.values() if part.about["drive"] == about["drive"]), None)
        if drive is None:
            drive = Drive(self, about["drive"], about)
            self.InterfacesAdded(drive.path, drive.interfaces())
        part = Partition(self, about)
        self.parts[about["name"]] = (part, drive)
        self.InterfacesAdded(part.path, part.interfaces())

    def pull(self, name):
        part, drive = self.parts.pop(name)
        points = part.points
        part.points = []
        part.remove_from_connection()
        self.InterfacesRemoved(part.path, [BLOCK, FILES])
        if all(other is not drive for _, other in self.parts.values()):
            drive.remove_from_connection()
            self.InterfacesRemoved(drive.path, [DRIVE])
        for point in points:
            subprocess.run(["umount", "-l", point], check=False)

    def points(self, name, points):
        part = self.parts[name][0]
        part.points = points
        part.changed()


def main():
    dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
    bus = dbus.SystemBus()
    with open(sys.argv[1], "a") as calls:
        disks = Disks(bus, calls)
        name = dbus.service.BusName("org.freedesktop.UDisks2", bus)  # once everything answers
        loop = GLib.MainLoop()

        def command(*_):
            line = sys.stdin.readline()
            if not line:
                loop.quit()
                return False
            do, *rest = json.loads(line)
            getattr(disks, do)(*rest)
            print("done", flush=True)
            return True

        GLib.io_add_watch(0, GLib.IO_IN | GLib.IO_HUP, command)
        print("ready", flush=True)
        loop.run()
        del name


if __name__ == "__main__":
    main()
