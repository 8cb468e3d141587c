"""Programs for Windows on a system that is none: under wine, in a prefix and on a display without a screen that are
theirs alone; on Windows as they are."""
import contextlib
import os
import pathlib
import shutil
import subprocess
import time

LIMIT_S = 60 * float(os.environ.get("MPROC_TEST_TIMEOUT_FACTOR", "1"))
# Wine's own font for windows, which Debian's wine does not tell DirectWrite of, and without which there are boxes.
FONTS = {"Tahoma (TrueType)": "tahoma.ttf", "Tahoma Bold (TrueType)": "tahomabd.ttf"}
FONT_FOLDER = pathlib.Path("/usr/share/wine/fonts")
FONT_KEY = r"HKLM\Software\Microsoft\Windows NT\CurrentVersion\Fonts"


def wait_until(condition, what):
    """Until it is true, or rather what it is then."""
    end = time.monotonic() + LIMIT_S
    while not (found := condition()):
        if time.monotonic() > end:
            raise OSError(f"waited in vain for {what}")
        time.sleep(0.1)
    return found


class System:
    """How programs run here. screen: of X, where windows are shown; "" if there is none."""

    def __init__(self, wrapper, environment, scratch, screen):
        self.wrapper, self.environment, self.scratch, self.screen = wrapper, environment, scratch, screen
        self.outputs = 0

    @property
    def can_show(self):
        return not self.wrapper or self.screen != ""

    def start(self, program, *arguments, folder=None, **variables):
        """Its output goes to a file, the member output: a pipe would be kept open by wine's own services."""
        self.outputs += 1
        output = self.scratch / f"output-{self.outputs}"
        with output.open("wb") as file:
            process = subprocess.Popen([*self.wrapper, program, *arguments], env={**self.environment, **variables},
                                       cwd=folder or self.scratch, stdin=subprocess.DEVNULL, stdout=file, stderr=file)
        process.output = output
        return process

    def finish(self, process, limit_s=LIMIT_S):
        """Exit status and output."""
        code = process.wait(limit_s)
        return code, process.output.read_text(encoding="utf-8", errors="replace")


# ---- Wine ----

@contextlib.contextmanager
def display():
    """A display without a screen; "" if there can be none."""
    if shutil.which("Xvfb") is None:
        yield ""
        return
    reader, writer = os.pipe()
    command = ["Xvfb", "-displayfd", str(writer), "-screen", "0", "1400x900x24", "-nolisten", "tcp", "-noreset"]
    with subprocess.Popen(command, pass_fds=[writer], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        os.close(writer)
        try:
            yield ":" + os.read(reader, 20).decode().strip()
        finally:
            os.close(reader)
            server.terminate()


def environment_of(prefix, screen):
    own = {"WINEPREFIX": str(prefix), "WINEDEBUG": "-all", "WINEDLLOVERRIDES": "mscoree,mshtml,winemenubuilder.exe=",
           "DISPLAY": screen, "LC_ALL": "C.UTF-8", "GSK_RENDERER": "cairo"}
    return {**{name: value for name, value in os.environ.items() if name != "WAYLAND_DISPLAY"}, **own}


def kill_leftovers(prefix):
    """What wine had not finished to start outlives its server; it is known by the prefix."""
    mark = f"WINEPREFIX={prefix}".encode()
    for file in pathlib.Path("/proc").glob("[0-9]*/environ"):
        with contextlib.suppress(OSError):
            if mark in file.read_bytes().split(b"\0"):
                os.kill(int(file.parent.name), 9)


@contextlib.contextmanager
def server(environment):
    """Wine's server; one that found no display when it began shows no window ever after."""
    prefix = pathlib.Path(environment["WINEPREFIX"])
    prefix.mkdir()
    with subprocess.Popen(["wineserver", "-f", "-p"], env=environment, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as process:
        try:
            wait_until((prefix / "wineserver").exists, "wine's server")
            yield
        finally:
            subprocess.run(["wineserver", "-k"], env=environment, check=False, stderr=subprocess.DEVNULL)
            process.wait(LIMIT_S)
            kill_leftovers(prefix)


def prepare(system):
    system.finish(system.start("wineboot", "--init"))
    fonts = pathlib.Path(system.environment["WINEPREFIX"], "drive_c/windows/Fonts")
    for name, file in FONTS.items():
        if (FONT_FOLDER / file).exists() and fonts.is_dir():
            shutil.copy(FONT_FOLDER / file, fonts)
            system.finish(system.start("reg", "add", FONT_KEY, "/v", name, "/d", file, "/f"))


@contextlib.contextmanager
def system(wrapper, scratch):
    """wrapper: wine's program, or "" on Windows. scratch: an empty folder."""
    if not wrapper:
        yield System([], dict(os.environ), scratch, "")
        return
    with display() as screen:
        environment = environment_of(scratch / "wine", screen)
        with server(environment):
            found = System([wrapper], environment, scratch, screen)
            prepare(found)
            yield found
