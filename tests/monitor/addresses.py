#!/usr/bin/env python3
"""mproc-monitor --connect: a process that is reached by the address of its socket, of this user or another one, here or
as if it were elsewhere.

usage: addresses.py MONITOR MONITORED
MONITORED: the program to be watched (tests/helpers/monitored.c).
"""
import contextlib
import os
import shutil
import socket
import subprocess
import sys
import threading

sys.dont_write_bytecode = True
from monitoring import LIMIT_S, NOBODY, OTHER, REFUSED, Skipped, Test, Watched, resolved, run_all  # noqa: E402


def socket_of(test, program):
    path, = (test.folder / "mproc").glob(f"{program.pid}-*.sock*")
    return path


def a_process_is_reached_by_its_address(test):
    with Watched(test, "work") as program:
        found = test.document("--connect", socket_of(test, program))
        assert found["process"]["pid"] == program.pid and found["pools"][0]["counts"]["succeeded"] == 100, found


class Relay:
    """Passes on what comes to a socket to another one and back, as ssh does for one of another machine."""

    def __init__(self, path, target):
        self.path, self.target = path, str(target)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        self.listener.listen()
        self.threads = [threading.Thread(target=self.serve)]
        self.threads[0].start()

    def serve(self):
        while True:
            here, _ = self.listener.accept()
            there = socket.socket(socket.AF_UNIX)
            if not self.target:
                return
            there.connect(self.target)
            for ends in [(here, there), (there, here)]:
                self.threads.append(threading.Thread(target=self.copy, args=ends))
                self.threads[-1].start()

    @staticmethod
    def copy(source, target):
        with contextlib.suppress(OSError):
            while got := source.recv(65536):
                target.sendall(got)
        for end in [source, target]:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.target = ""
        with socket.socket(socket.AF_UNIX) as last:
            last.connect(str(self.path))
            for thread in self.threads:
                thread.join()
        self.listener.close()


def a_forwarded_address_leads_to_a_process(test):
    with Watched(test, "work") as program, Relay(test.folder / "here", socket_of(test, program)):
        assert test.document("--connect", "here")["process"]["pid"] == program.pid
        process = test.start("--text", "--connect", "here")
        test.wait_for_line(process, "100 succeeded")
        program.process.kill()
        done = test.finish(process)
        # Of a process elsewhere nobody knows whether it goes on.
        assert done.returncode == OTHER and "the connection was lost" in done.stderr, done


def an_address_that_leads_nowhere_is_told(test):
    (test.folder / "file").write_text("text")
    for name in ["none", "file", "none/there"]:
        test.refused(NOBODY, f"{name}: ", "--json", "--connect", name)
    test.refused(OTHER, "too long", "--json", "--connect", "x" * 200)


def what_another_user_may_not_reach_is_refused(test):
    if os.getuid() != 0 or shutil.which("setpriv") is None:
        raise Skipped("needs root and setpriv, to be another user as well")
    with Watched(test, "work") as program:
        path = socket_of(test, program)
        other = ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups",
                 *test.command("--json", "--connect", path)]
        done = subprocess.run(other, capture_output=True, text=True, cwd="/", env=test.environment, timeout=LIMIT_S)
        assert done.returncode == REFUSED and "ermission denied" in done.stderr and done.stdout == "", done
        # The directory's rights alone do not protect it.
        for each, mode in [(test.folder, 0o711), (path.parent, 0o711), (path, 0o666)]:
            os.chmod(each, mode)
        done = subprocess.run(other, capture_output=True, text=True, cwd="/", env=test.environment, timeout=LIMIT_S)
        assert done.returncode == REFUSED and "user 0 is at the other end" in done.stderr and done.stdout == "", done
        assert test.document("--connect", path)["process"]["pid"] == program.pid


TESTS = [a_process_is_reached_by_its_address, a_forwarded_address_leads_to_a_process,
         an_address_that_leads_nowhere_is_told, what_another_user_may_not_reach_is_refused]


if __name__ == "__main__":
    monitor, monitored = resolved(sys.argv[1:3])
    sys.exit(run_all(TESTS, lambda folder: Test(monitor, folder, {"monitored": monitored})))
