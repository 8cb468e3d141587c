#!/usr/bin/env python3
"""Checks the zip for Windows: packs it, unpacks it into a folder with blanks and foreign letters, and runs from there a
demo, mproc-monitor, and its window beside a demo that it watches.

usage: zip.py [--wrapper wine] -- COMMAND-THAT-PACKS ARGUMENT...; the file to make is added
MPROC_TEST_PICTURES: a folder where a picture of the window is left.
"""
import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import zipfile

sys.dont_write_bytecode = True
import tap  # noqa: E402
import wine  # noqa: E402

# Of letters alone, which have soft edges, there are more.
COLOURS = 100
FOLDER = "Programme für Łukasz"
HELLO = "map: 1 4 9 apply_async: 9"
SQUARES = "squares: 1 4 9 16"
PROMISED = [
    "START.txt", "LICENSE.txt", "README.md", "docs/building.md", "include/mproc.h", "lib/libmproc.a",
    "lib/libmproc.dll.a", "lib/pkgconfig/mproc.pc", "lib/cmake/mproc/mprocConfig.cmake", "bin/libmproc-*.dll",
    "bin/mproc-worker-*.exe", "bin/mproc-monitor.exe", "demos/hello.exe", "demos/hello.c", "licences/README.txt",
    "demos/plugin_host.exe", "demos/plugin.dll",
]
WINDOW = ["bin/mproc-monitor-gtk.exe", "bin/libgtk-4-1.dll", "share/glib-2.0/schemas/gschemas.compiled",
          "licences/gtk4/copyright.txt", "licences/common/LGPL-2*.txt"]


class Place:
    """The unpacked zip on a system where its programs run."""

    def __init__(self, folder, system):
        self.folder, self.system = folder, system

    def start(self, program, *arguments, **variables):
        return self.system.start(next(self.folder.glob(program)), *arguments, folder=self.folder, **variables)

    def run(self, program, *arguments, status=0):
        code, text = self.system.finish(self.start(program, *arguments))
        tap.expect(code == status, f"{program} {' '.join(map(str, arguments))}: exit status {code}\n{text}")
        return text

    def has_window(self):
        return (self.folder / WINDOW[0]).exists()

    def watched(self, pool):
        """The pids of processes with such a pool."""
        _, text = self.system.finish(self.start("bin/mproc-monitor.exe", "--list"))
        return [line.split()[0] for line in text.splitlines() if pool in line.split()]

    def clients(self, pid):
        """How many watch it, this question included; 0 if it has not told of that yet."""
        told = json.loads(self.run("bin/mproc-monitor.exe", "--json", "--once", "--pid", pid))
        return told.get("cost", {"clients": 0})["clients"]

    def end(self, program, *arguments):
        self.system.finish(self.system.start("taskkill", *arguments, "/im", program))


def check_files(place):
    """the zip has the library, programs, documents and licences."""
    for pattern in PROMISED + (WINDOW if place.has_window() else []):
        tap.expect(any(place.folder.glob(pattern)), f"there is no {pattern}")


def check_demo(place):
    """a demo runs from where it was unpacked."""
    printed = place.run("demos/hello.exe")
    tap.expect(printed.split() == HELLO.split(), printed)


def check_plugin(place):
    """a plug-in, in a host without mproc, starts its workers from there."""
    worker, = place.folder.glob("bin/mproc-worker-*.exe")
    printed = place.run("demos/plugin_host.exe", "demos/plugin.dll", worker)
    tap.expect(printed.split() == SQUARES.split(), printed)


def check_worker(place):
    """mproc-worker finds its DLL."""
    place.run("bin/mproc-worker-*.exe", status=2)


def check_recording(place):
    """a program is started, recorded and replayed by names that no code page has all letters of."""
    name = "Läufe ✓ Łódź.mproc"
    printed = place.run("bin/mproc-monitor.exe", "--record", name, "--", str(place.folder / "demos/hello.exe"))
    tap.expect("apply_async: 9" in printed, printed)
    tap.expect((place.folder / name).exists(), f"there is no {name}: {os.listdir(place.folder)}")
    replayed = json.loads(place.run("bin/mproc-monitor.exe", "--json", "--once", name))
    tap.expect(FOLDER in replayed["process"]["program"], replayed["process"])


def picture_of(place):
    """How many colours the screen has: a window that is not drawn yet, or without letters, has a few."""
    file = pathlib.Path(os.environ.get("MPROC_TEST_PICTURES") or place.system.scratch, "windows.png")
    subprocess.run(["import", "-window", "root", file], check=True, env=place.system.environment)
    return int(subprocess.run(["identify", "-format", "%k", file], check=True, capture_output=True).stdout)


def check_picture(place):
    if place.system.screen and shutil.which("import"):
        wine.wait_until(lambda: picture_of(place) > COLOURS, "a picture of the window with its letters")


def check_settings(place):
    if place.system.wrapper:
        users = pathlib.Path(place.system.environment["WINEPREFIX"], "drive_c/users")
        found = [*users.glob("*/AppData/Local/mproc-monitor/window.conf")]
        tap.expect(len(found) == 1, f"the settings are not in the user's directory: {found}")


def watch_in_window(place, pid):
    window = place.start("bin/mproc-monitor.exe", "--pid", pid)
    wine.wait_until(lambda: window.poll() is not None or place.clients(pid) >= 2, "the window")
    tap.expect(window.poll() is None, f"the window has ended: {window.output.read_text(errors='replace')}")
    check_picture(place)
    place.end("mproc-monitor-gtk.exe")
    code, text = place.system.finish(window)
    tap.expect(code == 0, f"the window's exit status is {code}\n{text}")


def check_window(place):
    """mproc-monitor opens its window, which watches a demo by its named pipe, and ends when it is closed."""
    if not place.has_window():
        raise tap.Skipped("the window was not built: bash platform/win32/gtk-sysroot makes its GTK in ten minutes")
    if not place.system.can_show:
        raise tap.Skipped("there is no display: Xvfb is not installed")
    demo = place.start("demos/deadlock.exe", "spawn", "600", MPROC_MONITOR="1")
    pid, = wine.wait_until(lambda: place.watched("bank"), "the demo")
    watch_in_window(place, pid)
    place.end("deadlock.exe", "/f")
    place.system.finish(demo)
    check_settings(place)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--wrapper", default="")
    parser.add_argument("command", nargs="+")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mproc-zip-") as directory:
        directory = pathlib.Path(directory)
        tap.run([*options.command, directory / "mproc.zip"])
        with zipfile.ZipFile(directory / "mproc.zip") as archive:
            archive.extractall(directory / FOLDER)
        folder, = (directory / FOLDER).iterdir()
        with wine.system(options.wrapper, directory) as system:
            return tap.check_all([check_files, check_demo, check_plugin, check_worker, check_recording, check_window],
                                 Place(folder, system))


if __name__ == "__main__":
    sys.exit(main())
