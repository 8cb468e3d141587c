#!/usr/bin/env python3
"""Packs what a build for Windows has made into one zip that runs wherever it is unpacked: the library, its headers,
mproc-worker, mproc-monitor and its window with the DLLs and data that it needs, their licences, documents and demos.

usage: zip.py --version VERSION [--gtk PREFIX] [--objdump PROGRAM] [--strip PROGRAM] BUILD TOP FILE.zip
BUILD, TOP: the directories of the build and of the sources.
--gtk: where the window's GTK lies, see platform/win32/gtk-sysroot. The build must be complete.
"""
import argparse
import fnmatch
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile

# What every Windows 10 has.
SYSTEM = {
    "advapi32", "bcrypt", "cfgmgr32", "comctl32", "comdlg32", "crypt32", "d2d1", "d3d11", "dcomp", "dnsapi", "dwmapi",
    "dwrite", "dxgi", "gdi32", "gdiplus", "hid", "imm32", "iphlpapi", "kernel32", "msimg32", "msvcrt", "ntdll", "ole32",
    "oleaut32", "opengl32", "rpcrt4", "setupapi", "shell32", "shlwapi", "ucrtbase", "user32", "userenv", "usp10",
    "uuid", "version", "winmm", "winspool.drv", "ws2_32", "wtsapi32",
}
# Of each library that goes along: its source package, its DLLs, the Debian package that has its licence as well, and
# the pkg-config file that has its version.
LIBRARIES = [
    ("cairo", "libcairo*", "libcairo2", "cairo"),
    ("fribidi", "libfribidi-*", "libfribidi0", "fribidi"),
    ("gdk-pixbuf", "libgdk_pixbuf-*", "libgdk-pixbuf-2.0-0", "gdk-pixbuf-2.0"),
    ("gettext", "libintl-*", "gettext-base", None),
    ("glib2.0", "lib[g]*-2.0-0.dll", "libglib2.0-0", "glib-2.0"),
    ("graphene", "libgraphene-*", "libgraphene-1.0-0", "graphene-1.0"),
    ("gtk4", "libgtk-4-*", "libgtk-4-1", "gtk4"),
    ("harfbuzz", "libharfbuzz-*", "libharfbuzz0b", "harfbuzz"),
    ("libepoxy", "libepoxy-*", "libepoxy0", "epoxy"),
    ("libffi", "libffi-*", "libffi8", "libffi"),
    ("libjpeg-turbo", "libjpeg-*", "libjpeg62-turbo", "libjpeg"),
    ("libpng1.6", "libpng16*", "libpng16-16", "libpng16"),
    ("pango1.0", "libpango*", "libpango-1.0-0", "pango"),
    ("pcre2", "libpcre2-*", "libpcre2-8-0", "libpcre2-8"),
    ("pixman", "libpixman-*", "libpixman-1-0", "pixman-1"),
    ("tiff", "libtiff*", "libtiff6", "libtiff-4"),
    ("zlib", "zlib1.dll", "libz-mingw-w64", "zlib"),
]
# What MinGW-w64 puts into each program, and the demo checksum has in it.
COMPILED_IN = [("gcc", "gcc-mingw-w64-base"), ("mingw-w64", "mingw-w64-common")]
CHECKSUM_HAS = [("libgcrypt", "libgcrypt-mingw-w64-dev"), ("libgpg-error", "libgpg-error-mingw-w64-dev")]
COMMON_LICENCE = re.compile(r"/usr/share/common-licenses/(\w[\w.-]*\w)")

README = """mproc {version} for 64-bit Windows 10 and later

bin\\       {worker}.exe, mproc-monitor.exe{window}, and the DLLs they need
include\\   the headers
lib\\       the import library, the static library, files for pkg-config and CMake
demos\\     programs with their sources; demos\\README.md says what each shows
docs\\      what README.md names
licences\\  mproc is under the MIT licence, LICENSE.txt; the other libraries are under their own

Try it, in a command prompt in this folder:

    set MPROC_MONITOR=1
    start demos\\deadlock.exe spawn 60
    bin\\mproc-monitor

The folder may lie anywhere. To remove it, delete it; the monitor's settings are in %LOCALAPPDATA%\\mproc-monitor.
"""
LICENCES = """The libraries whose licences lie here are not part of mproc. Their DLLs in bin\\ are built from the source
packages of Debian with no change of ours, by platform/win32/gtk-sysroot of mproc's sources; the demo checksum has
libgcrypt in it, and is built from demos\\checksum.c and demos\\tree_walk.c. The sources: apt-get source NAME, or
https://snapshot.debian.org/package/NAME/

"""


def run(command):
    return subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True).stdout


def fail(text):
    raise SystemExit("zip.py: " + text)


# ---- What the library installs ----

def add_installed(options, top):
    with tempfile.TemporaryDirectory() as scratch:
        run(["meson", "install", "-C", options.build, "--no-rebuild", "--quiet", "--destdir", scratch])
        prefix = next(pathlib.Path(scratch).rglob("include/mproc.h")).parent.parent
        shutil.copytree(prefix, top)
    package = next(top.rglob("mproc.pc"))
    package.write_text(re.sub("^prefix=.*", "prefix=${pcfiledir}/../..", package.read_text(), flags=re.M))


def add_demos(options, top):
    """Programs beside their sources; beside the plug-in, whose host is started from here, the library that it needs."""
    sources, folder = options.top / "demos", top / "demos"
    shutil.copytree(sources, folder, ignore=shutil.ignore_patterns("meson.build", "check", "run", "*_posix.c"))
    for program in [*(options.build / "demos").glob("*.exe"), *(options.build / "demos").glob("*.dll"),
                    *(top / "bin").glob("libmproc-*.dll")]:
        shutil.copy(program, folder)


def add_documents(options, top):
    """Where they lie in the sources, so that what they name is found."""
    shutil.copytree(options.top / "docs", top / "docs")
    for document in ["README.md", "NEWS.md"]:
        shutil.copy(options.top / document, top)
    shutil.copy(options.top / "LICENSE", top / "LICENSE.txt")
    window = " and its window, mproc-monitor-gtk.exe" if (top / "bin/mproc-monitor-gtk.exe").exists() else ""
    worker = next(top.glob("bin/mproc-worker-*.exe")).stem
    text = README.format(version=options.version, worker=worker, window=window)
    (top / "START.txt").write_text(text, newline="\r\n")


def strip(options, top):
    """Without what is for debuggers only; the names of functions stay, since reports of crashes are made of them."""
    for file in [path for path in top.rglob("*") if path.suffix in {".exe", ".dll", ".a"}]:
        run([options.strip, "--strip-debug", file])


# ---- What the window needs ----

def needed(options, file):
    """The DLLs that a program names which are not the system's."""
    names = re.findall(r"DLL Name: (\S+)", run([options.objdump, "-p", file]))
    return [name for name in names if name.lower().removesuffix(".dll") not in SYSTEM and
            not name.lower().startswith("api-ms-win-")]


def add_libraries(options, folder):
    """Beside the programs: what they need, and what that needs. Returns the names."""
    waiting, added = [*folder.glob("*.exe"), *folder.glob("*.dll")], []
    while waiting:
        for name in needed(options, waiting.pop()):
            if (folder / name).exists():
                continue
            source = options.gtk / "bin" / name if options.gtk else pathlib.Path(name)
            if not source.is_file():
                fail(f"{name}, which a program needs, is not in {source.parent}: name GTK's folder with --gtk")
            shutil.copy(source, folder)
            added.append(name)
            waiting.append(folder / name)
    return sorted(added)


def add_data(options, top):
    """What GTK looks for beside the folder of its DLL, and GLib beside its own."""
    schemas = pathlib.Path("share/glib-2.0/schemas/gschemas.compiled")
    (top / schemas).parent.mkdir(parents=True)
    shutil.copy(options.gtk / schemas, top / schemas)
    for helper in (options.gtk / "bin").glob("gspawn-win64-helper*.exe"):
        shutil.copy(helper, top / "bin")


# ---- Licences ----

def licence_file(options, source, package):
    candidates = [pathlib.Path("/usr/share/doc", package, "copyright")]
    if options.gtk:
        candidates.insert(0, options.gtk / "share/licenses" / source / "copyright")
    for file in candidates:
        if file.is_file():
            return file
    return fail(f"the licence of {source} is not there: no {' nor '.join(map(str, candidates))}")


def version_of(options, module):
    file = options.gtk / "lib/pkgconfig" / f"{module}.pc" if module else None
    found = re.search(r"^Version: *(\S+)", file.read_text(), re.M) if file and file.is_file() else None
    return found.group(1) if found else ""


def library_of(name):
    for library in LIBRARIES:
        if fnmatch.fnmatchcase(name, library[1]):
            return library
    return fail(f"whose {name} is, and so its licence, is not known: add it to LIBRARIES")


def add_licences(options, top, libraries):
    """One folder for each library that something here has in it or goes with it, and the texts that these refer to."""
    folder, lines = top / "licences", []
    owners = sorted({library_of(name) for name in libraries}, key=lambda owner: owner[0])
    packages = [(source, package, version_of(options, module)) for source, _, package, module in owners]
    packages += [(source, package, "") for source, package in
                 COMPILED_IN + (CHECKSUM_HAS if (top / "demos/checksum.exe").exists() else [])]
    for source, package, version in packages:
        text = licence_file(options, source, package).read_text(encoding="utf-8", errors="replace")
        (folder / source).mkdir(parents=True)
        (folder / source / "copyright.txt").write_text(text, encoding="utf-8")
        lines.append(f"{source} {version}".strip())
        for name in COMMON_LICENCE.findall(text):
            common = pathlib.Path("/usr/share/common-licenses", name)
            if common.is_file():
                (folder / "common").mkdir(exist_ok=True)
                shutil.copy(common, folder / "common" / f"{name}.txt")
    (folder / "README.txt").write_text(LICENCES + "\n".join(lines) + "\n", newline="\r\n")


# ---- The zip ----

def pack(top, file):
    """The same files make the same zip."""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path in sorted(path for path in top.rglob("*") if path.is_file()):
            entry = zipfile.ZipInfo(path.relative_to(top.parent).as_posix(), (2000, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--gtk", type=pathlib.Path)
    parser.add_argument("--objdump", default="objdump")
    parser.add_argument("--strip", default="strip")
    parser.add_argument("--version", required=True)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("top", type=pathlib.Path)
    parser.add_argument("file", type=pathlib.Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        top = pathlib.Path(scratch, f"mproc-{options.version}-windows")
        add_installed(options, top)
        add_demos(options, top)
        add_documents(options, top)
        strip(options, top)
        libraries = add_libraries(options, top / "bin")
        if options.gtk:
            add_data(options, top)
        add_licences(options, top, libraries)
        pack(top, options.file)
    print(f"{options.file}: {options.file.stat().st_size // 1000} kB, {len(libraries)} libraries beside the library")
    return 0


if __name__ == "__main__":
    sys.exit(main())
