"""Runs a command where user namespaces are refused for real, as hosts do; nothing outside of that command changes.

``python refused.py HOW UID COMMAND…``, with UID -1 for the account as it is. HOW is a comma between:

- ``docker``: a seccomp filter as Docker's default profile: no namespaces, no mounts; root keeps Docker's capabilities
- ``ubuntu``: a user namespace can be made and is of no use, since its maps cannot be written (by AppArmor there, by
  Landlock here)
- ``sysctl``: ``user.max_user_namespaces = 0``, in a user namespace of this command's own
- ``no-landlock``: the kernel does not know Landlock
- ``covered``: root's Python stays in the closed folder in which it may lie
- ``open``: nothing is refused: what the others are held against

As root, folders closed to others on the way to this Python are opened first, in a mount namespace of the command's own.
It uses nothing of the package, so that nothing of it is tested by itself. Exit code 77 says that the machine, or the
container, refuses by itself what this needs.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
import sys

LIBC = ctypes.CDLL(None, use_errno=True)
NEW = {"ns": 0x20000, "cgroup": 0x2000000, "uts": 0x4000000, "ipc": 0x8000000, "user": 0x10000000, "pid": 0x20000000}
NEW["net"] = 0x40000000
MS_BIND, MS_REC, MS_PRIVATE = 4096, 16384, 1 << 18
CAPBSET_DROP, NO_NEW_PRIVS = 24, 38
CANNOT = 77
DOCKER = (0, 1, 3, 4, 5, 6, 7, 8, 10, 13, 18, 27, 29, 31)
"""chown, dac_override, fowner, fsetid, kill, setgid, setuid, setpcap, net_bind_service, net_raw, sys_chroot, mknod,
audit_write, setfcap: neither sys_admin nor dac_read_search."""


def done(result: int) -> None:
    """OSError for a call of the C library that failed."""
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def docker() -> None:
    """Namespaces and mounts are refused with EPERM, `clone3` is unknown, as in Docker's default profile."""
    import pyseccomp as seccomp

    refused, arg = seccomp.ERRNO(errno.EPERM), seccomp.Arg
    rules = seccomp.SyscallFilter(seccomp.ALLOW)
    for name in ("unshare", "setns", "mount", "umount2", "pivot_root", "move_mount", "open_tree", "fsopen"):
        rules.add_rule(refused, name)
    for flag in NEW.values():
        rules.add_rule(refused, "clone", arg(0, seccomp.MASKED_EQ, flag, flag))
    rules.add_rule(seccomp.ERRNO(errno.ENOSYS), "clone3")
    rules.load()


def few_capabilities() -> None:
    """Of root's capabilities only those that Docker leaves: the bounding set holds after the next exec."""
    for number in range(64):
        if number not in DOCKER and LIBC.prctl(CAPBSET_DROP, number, 0, 0, 0) < 0:
            break


def ubuntu() -> None:
    """Nothing under /proc can be written: a user namespace stays without maps."""
    write = 1 << 1
    rules = LIBC.syscall(444, struct.pack("Q", write), ctypes.c_size_t(8), ctypes.c_uint32(0))
    done(rules)
    for name in os.listdir("/"):
        if name == "proc" or os.path.islink(f"/{name}"):
            continue
        rule = struct.pack("=Qi", write, fd := os.open(f"/{name}", os.O_PATH))
        done(LIBC.syscall(445, ctypes.c_int(rules), ctypes.c_int(1), rule, ctypes.c_uint32(0)))
        os.close(fd)
    done(LIBC.prctl(NO_NEW_PRIVS, 1, 0, 0, 0))
    done(LIBC.syscall(446, ctypes.c_int(rules), ctypes.c_uint32(0)))
    os.close(rules)


def sysctl() -> None:
    """In a user namespace that maps every account to itself, no more user namespaces are allowed."""
    uid, gid = os.getuid(), os.getgid()
    maps = ("0 0 4294967295",) * 2 if uid == 0 else (f"{uid} {uid} 1", f"{gid} {gid} 1")
    ready, go = os.pipe(), os.pipe()
    me = os.getpid()
    if os.fork() == 0:  # outside of the new namespace, where root may map whom it likes
        os.read(ready[0], 1)
        if uid:
            write(f"/proc/{me}/setgroups", "deny")
        write(f"/proc/{me}/uid_map", maps[0])
        write(f"/proc/{me}/gid_map", maps[1])
        os.write(go[1], b"!")
        os._exit(0)
    done(LIBC.unshare(NEW["user"]))
    os.write(ready[1], b"!")
    os.read(go[0], 1)
    os.wait()
    write("/proc/sys/user/max_user_namespaces", "0")


def no_landlock() -> None:
    """`landlock_create_ruleset` is unknown, as on a kernel before 5.13."""
    import pyseccomp as seccomp

    rules = seccomp.SyscallFilter(seccomp.ALLOW)
    rules.add_rule(seccomp.ERRNO(errno.ENOSYS), 444)
    rules.load()


def write(path: str, text: str) -> None:
    with open(path, "w") as file:
        file.write(text)


def outermost_closed(path: str) -> str | None:
    """The first folder on the way to ``path`` that is closed to others."""
    parts = path.split("/")[1:]
    ways = ["/" + "/".join(parts[:count]) for count in range(1, len(parts))]
    return next((way for way in ways if not os.stat(way).st_mode & 0o001), None)


def uncover(paths: list[str]) -> None:
    """In a mount namespace of our own, put open folders over the closed ones on the way to ``paths``."""
    real = sorted(set(map(os.path.realpath, paths)))
    real = [path for path in real if not any(path.startswith(f"{other}/") for other in real)]
    hidden = {path: closed for path in real if (closed := outermost_closed(path))}
    if not hidden:
        return
    done(LIBC.unshare(NEW["ns"]))
    done(LIBC.mount(b"none", b"/", None, MS_REC | MS_PRIVATE, None))
    opened = {path: os.open(path, os.O_PATH) for path in hidden}
    for closed in sorted(set(hidden.values())):
        done(LIBC.mount(b"tmpfs", closed.encode(), b"tmpfs", 0, b"mode=755"))
    for path, fd in opened.items():
        os.makedirs(path, 0o755, exist_ok=True)
        done(LIBC.mount(f"/proc/self/fd/{fd}".encode(), path.encode(), None, MS_BIND | MS_REC, None))
        os.close(fd)


def main(how: str, uid: int, command: list[str]) -> None:
    """Take away what ``how`` says, become ``uid``, run ``command``."""
    wanted = how.split(",")
    try:
        if os.getuid() == 0 and "covered" not in wanted:
            os.umask(0o022)
            uncover([sys.base_prefix, sys.prefix, os.path.abspath(f"{__file__}/../../..")])
        if "sysctl" in wanted:
            sysctl()
    except OSError as error:
        print(error, file=sys.stderr)
        sys.exit(CANNOT)
    if "docker" in wanted:
        few_capabilities()
    if os.getuid() == 0:
        os.setgroups([0, 4, 27] if uid < 0 else [])  # root is in groups that its workers must leave
    if uid >= 0 and uid != os.getuid():
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
    if "ubuntu" in wanted:
        ubuntu()
    if "no-landlock" in wanted:
        no_landlock()
    if "docker" in wanted:
        docker()
    os.execvp(command[0], command)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3:])
