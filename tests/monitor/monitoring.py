"""What the tests of mproc-monitor have in common: programs to be watched, the monitor beside them, a terminal."""
import fcntl
import json
import os
import pathlib
import re
import signal
import struct
import subprocess
import sys
import tempfile
import time

FINE, OTHER, USAGE, NOBODY, REFUSED, PROTOCOL, CORRUPT = range(7)
LIMIT_S = 60 * float(os.environ.get("MPROC_TEST_TIMEOUT_FACTOR", "1"))
WORKER_STATES = ["none", "starting", "idle", "busy", "leaving"]
# What a program of Windows is started by elsewhere.
WINE = ["wine"]
# What Debian's wine says of itself.
WINE_SAYS = re.compile(r"it looks like wine32 is missing(?:.*\n){4}")


# Of a page, which nobody waits for.
STYLES = re.compile(r"\x1b\[[0-9]*m")


class Skipped(Exception):
    """With the reason."""


def strict_json(text):
    """No member twice, and no number that JSON has no word for."""
    def members(pairs):
        assert len(dict(pairs)) == len(pairs), pairs
        return dict(pairs)

    def no_number(word):
        raise AssertionError(word)
    return json.loads(text, object_pairs_hook=members, parse_constant=no_number)


def wait_until(condition, what="waited in vain"):
    end = time.monotonic() + LIMIT_S
    while not (found := condition()):
        assert time.monotonic() < end, what
        time.sleep(0.02)
    return found


def forget_ignored_signals():
    """As shells have it, whoever has started the tests and however: nohup, or a shell for what it leaves to itself."""
    for number in (signal.SIGPIPE, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGTERM, signal.SIGTSTP):
        signal.signal(number, signal.SIG_DFL)


class Watched:
    """A program that says when it is ready to be looked at, and does what it is told; ends with the block. See
    tests/helpers/monitored.c and monitor_false.c."""

    def __init__(self, test, *arguments, program=None, **environment):
        self.process = subprocess.Popen([*test.prefix, program or test.programs["monitored"], *arguments],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                        text=True, env={**test.environment, "MPROC_MONITOR": "1", **environment})

    def __enter__(self):
        self.wait_ready()
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        try:
            self.status = self.process.wait(LIMIT_S)
        finally:
            self.process.kill()
            self.process.stdout.close()

    def wait_ready(self):
        """What it says before that."""
        said = ""
        while (line := self.process.stdout.readline()) != "ready\n":
            assert line, "the program ended"
            said += line
        return said

    def begin(self, command):
        self.process.stdin.write(command + "\n")
        self.process.stdin.flush()

    def do(self, command):
        self.begin(command)
        return self.wait_ready()

    def stats(self):
        """The figures of its pools, once all their workers are there and at rest."""
        def at_rest():
            pools = json.loads(self.do("stats"))
            rest = all(worker["state"] == WORKER_STATES.index("idle") for pool in pools for worker in pool["workers"])
            return pools if rest and all(pool["counts"]["running"] == 0 for pool in pools) else None
        return wait_until(at_rest)

    @property
    def pid(self):
        return self.process.pid


class Test:
    """A folder of its own, in which only its own programs are found, and the monitor."""

    def __init__(self, monitor, folder, programs=None, method=None):
        self.monitor, self.folder, self.programs, self.method = monitor, folder, programs or {}, method
        self.is_wine = monitor.endswith(".exe")
        self.prefix = WINE if self.is_wine else []
        self.environment = {**os.environ, "XDG_RUNTIME_DIR": str(folder), "TMPDIR": str(folder), "TZ": "UTC",
                            "DISPLAY": "", "WAYLAND_DISPLAY": ""}

    def command(self, *arguments):
        return [*self.prefix, self.monitor, *map(str, arguments)]

    def start(self, *arguments, **options):
        return subprocess.Popen(self.command(*arguments), **{
            "stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True,
            "encoding": "utf-8", "env": self.environment, "cwd": self.folder,
            "preexec_fn": forget_ignored_signals, **options})

    def finish(self, process):
        with process:
            try:
                out, err = process.communicate(timeout=LIMIT_S)
            finally:
                process.kill()
        return subprocess.CompletedProcess(process.args, process.returncode, out, WINE_SAYS.sub("", err))

    def run(self, *arguments, **options):
        return self.finish(self.start(*arguments, **options))

    def shown_by_all(self, *commands):
        """What several show that run at a time."""
        all_done = [self.finish(process) for process in [self.start(*arguments) for arguments in commands]]
        for done in all_done:
            assert done.returncode == FINE and done.stderr == "", done
        return [done.stdout for done in all_done]

    def shown(self, *arguments):
        return self.shown_by_all(arguments)[0]

    def shown_bytes(self, *arguments):
        """With the ends of its lines as they are."""
        with self.start(*arguments, text=False, encoding=None) as process:
            try:
                out, _ = process.communicate(timeout=LIMIT_S)
            finally:
                process.kill()
        assert process.returncode == FINE, (arguments, process.returncode)
        return out

    def document(self, *arguments):
        return strict_json(self.shown("--json", "--once", *arguments))

    def refused(self, status, text, *arguments, **options):
        done = self.run(*arguments, **options)
        assert done.returncode == status, (arguments, done.returncode, done.stderr)
        assert done.stderr.startswith("mproc-monitor: ") and text in done.stderr, done.stderr
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", done.stderr), done.stderr
        assert done.stdout == "", done.stdout

    def wait_for_line(self, process, part):
        """Reads what it shows up to a line that has that; returns all those lines."""
        lines = []
        while not lines or part not in lines[-1]:
            lines.append(process.stdout.readline())
            assert lines[-1], (part, lines, process.communicate(timeout=LIMIT_S))
        return lines


class Lines:
    """The records that a monitor writes as lines of JSON."""

    def __init__(self, test, *arguments):
        self.process = test.start("--json", *arguments)
        self.records = []

    def read(self):
        line = self.process.stdout.readline()
        assert line, self.process.communicate()
        self.records.append(strict_json(line))
        return self.records[-1]

    def wait_for(self, name, condition=lambda record: True):
        """The first such record that has come or comes."""
        for record in self.records:
            if record["record"] == name and condition(record):
                return record
        while (record := self.read())["record"] != name or not condition(record):
            pass
        return record

    def end(self):
        for line in self.process.stdout:
            self.records.append(strict_json(line))
        err = WINE_SAYS.sub("", self.process.stderr.read())
        assert self.process.wait() == FINE and err == "", (self.process.returncode, err)
        self.process.stdout.close()
        self.process.stderr.close()


def let_one_die(test, program):
    """Of a signal where there are any. Returns the pid, what is said of the cause, and of whose argument it died."""
    if test.is_wine:
        program.do("read crash.html")
        return None, "", "crash.html"
    program.do("stay")

    def busy():
        pool, = json.loads(program.do("stats"))
        return [worker["pid"] for worker in pool["workers"] if worker["state"] == WORKER_STATES.index("busy")]
    pid, = wait_until(busy)
    os.kill(pid, signal.SIGKILL)
    program.do("end")
    return pid, "signal 9", "stay.html"


class Terminal:
    """The monitor in a terminal of its own, and what it has written there since somebody looked."""
    open = []

    def __init__(self, test, *arguments, size=(24, 80), terminal="xterm"):
        environment = {**test.environment, "TERM": terminal}
        if terminal is None:
            del environment["TERM"]
        self.text, self.sent = "", ""
        self.descriptor, slave = os.openpty()
        self.resize(*size)
        self.before = self.settings()
        self.process = os.fork()
        Terminal.open.append(self)
        if self.process == 0:
            try:
                self.enter(slave, test.folder)
                self.begin(test.command(*arguments), environment)
            finally:
                os._exit(99)
        os.close(slave)

    def enter(self, slave, folder):
        """The terminal becomes this process's, which leads its session."""
        import termios
        os.setsid()
        fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
        for number in range(3):
            os.dup2(slave, number)
        # Other terminals' ends would keep them.
        os.closerange(3, 1024)
        os.chdir(folder)
        forget_ignored_signals()

    def begin(self, command, environment):
        """In the first process of the terminal."""
        os.execve(command[0], command, environment)

    def resize(self, rows, columns):
        import termios
        fcntl.ioctl(self.descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def settings(self):
        import termios
        return termios.tcgetattr(self.descriptor)

    def read(self):
        """False at the end."""
        import select
        if select.select([self.descriptor], [], [], 0.02)[0]:
            try:
                got = os.read(self.descriptor, 65536)
            except OSError:
                return False
            self.text += got.decode("utf-8", "replace")
            self.sent += got.decode("utf-8", "replace")
        return True

    def wait_for(self, part):
        end = time.monotonic() + LIMIT_S
        while part not in (text := STYLES.sub("", self.text)):
            assert self.read() and time.monotonic() < end, (part, text[-2000:])
        self.text = text
        self.text = self.text[self.text.index(part) + len(part):]

    def press(self, keys):
        os.write(self.descriptor, keys.encode())

    def signal(self, number):
        os.kill(self.process, number)

    def end(self):
        """Its exit status, once it has ended; and whether the terminal is as before."""
        end = time.monotonic() + LIMIT_S
        done = 0
        while not done:
            self.read()
            done, status = os.waitpid(self.process, os.WNOHANG)
            assert done or time.monotonic() < end, "it does not end"
        settings = self.settings()
        while self.read():
            assert time.monotonic() < end, "its terminal does not end"
        self.hang_up()
        return os.waitstatus_to_exitcode(status), settings == self.before

    def hang_up(self):
        """The terminal is gone, and with it whoever has it in the foreground."""
        Terminal.open.remove(self)
        os.close(self.descriptor)


def run_one(number, each, make):
    """Prints the line of a test. Returns whether it passed."""
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o700)
        try:
            each(make(pathlib.Path(folder)))
            print(f"ok {number} - {each.__name__}", flush=True)
        except Skipped as reason:
            print(f"ok {number} - {each.__name__} # SKIP {reason}", flush=True)
        except (AssertionError, subprocess.SubprocessError, OSError, ValueError, KeyError) as error:
            print(f"not ok {number} - {each.__name__}")
            print("# " + f"{type(error).__name__}: {error}".replace("\n", "\n# "), flush=True)
            return False
        finally:
            for terminal in [*Terminal.open]:
                terminal.hang_up()
    return True


def run_all(tests, make):
    """Runs functions with what make(folder) gives for a folder of their own. Returns the exit status."""
    only = os.environ.get("MPROC_TEST_ONLY", "")
    chosen = [each for each in tests if only in each.__name__]
    print(f"1..{len(chosen)}" + ("" if chosen else " # SKIP no test of this program applies"), flush=True)
    passed = [run_one(number, each, make) for number, each in enumerate(chosen, 1)]
    return 0 if all(passed) else 1


def resolved(arguments):
    return [str(pathlib.Path(argument).resolve()) for argument in arguments]


if __name__ == "__main__":
    sys.exit(__doc__)
