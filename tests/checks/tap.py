"""What the checks of what is installed have in common: commands, and TAP of functions that raise what went wrong."""
import pathlib
import shlex
import subprocess


class Failed(Exception):
    """With what a command printed, or what else there is to know."""


class Skipped(Exception):
    """With the reason."""


def run(command, environment=None, directory=None, status=0):
    """What it prints on stdout. status: what it has to end with."""
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, env=environment,
                          cwd=directory, stdin=subprocess.DEVNULL, check=False)
    if done.returncode != status:
        raise Failed(f"{shlex.join(str(part) for part in command)}: exit status {done.returncode}\n"
                     + done.stdout[-8000:] + done.stderr[-8000:])
    return done.stdout


def expect(condition, text):
    if not condition:
        raise Failed(text)


def check_all(checks, *arguments):
    """Runs functions, whose documentation says what they check. Returns the exit status."""
    print(f"1..{len(checks)}", flush=True)
    failed = 0
    for number, check in enumerate(checks, 1):
        what = (check.__doc__ or "").strip().split("\n", 1)[0].rstrip(".")
        problem = ""
        try:
            check(*arguments)
            print(f"ok {number} - {what}", flush=True)
        except Skipped as reason:
            print(f"ok {number} - {what} # SKIP {reason}", flush=True)
        except (Failed, OSError) as error:
            problem = str(error) or type(error).__name__
            failed += 1
            print(f"not ok {number} - {what}")
            for line in problem.splitlines():
                print("#", line, flush=True)
    return 1 if failed else 0


def installed(build, scratch):
    """Installs a build below a folder and returns where its prefix has gone, which is another place than it was
    configured for."""
    run(["meson", "install", "-C", build, "--no-rebuild", "--quiet", "--destdir", scratch])
    return next(pathlib.Path(scratch).rglob("include/mproc.h")).parent.parent
