"""A real Slurm on one host: controller, nodes and authentication of its own, on loopback, in one temporary folder.

It needs Debian's ``slurm-wlm`` and ``munge`` (the programs, not their services) and no root. Each node is a ``slurmd``
with a name and a port of its own. What ran, where and how it ended stands in the job-completion record, a file that
Slurm writes itself (``jobcomp/filetxt``).
"""

from __future__ import annotations

import contextlib
import getpass
import os
import re
import secrets
import shutil
import signal
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

PROGRAMS = ("munged", "munge", "slurmctld", "slurmd", "sbatch", "srun", "squeue", "scancel", "scontrol", "sinfo")
PACKAGES = ("slurm-wlm", "munge")
PATH = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])

CONFIG = """
ClusterName=whylstm
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={port}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool-%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd-%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/filetxt
JobCompLoc={folder}/completed.txt
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
SchedulerType=sched/backfill
SchedulerParameters=bf_interval=2,sched_interval=2,batch_sched_delay=0
SlurmdParameters=config_overrides
MpiDefault=none
ReturnToService=2
SlurmdTimeout={timeout}
MessageTimeout=30
UnkillableStepTimeout=10
KillWait=2
MinJobAge=300
InactiveLimit=0
{nodes}
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


def missing_programs() -> list[str]:
    """Return the programs of Slurm and munge that are not there."""
    return [name for name in PROGRAMS if shutil.which(name, path=PATH) is None]


@dataclass(frozen=True)
class Completed:
    """One line of the job-completion record: the job, how it ended, and on which node."""

    job: int
    run: str
    state: str
    node: str
    limit_minutes: int


class Cluster:
    """A Slurm that is up between ``start`` and ``stop``; a context manager does both.

    Args:
        folder: where everything is written; short, since the path of a socket has at most 107 letters.
        nodes: names of the nodes.
        cpus: cores that each node says it has.
        memory_mib: memory that each node says it has.
        timeout: seconds after which a node that is silent counts as lost.
    """

    def __init__(
        self, folder: Path, nodes: tuple[str, ...] = ("n1", "n2"), cpus: int = 1, memory_mib: int = 9000, timeout=6
    ) -> None:
        self.folder = folder
        self.nodes = nodes
        self.shape = f"CPUs={cpus} RealMemory={memory_mib}"
        self.timeout = timeout
        self.munged: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Cluster:
        try:
            self.start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def environment(self) -> dict[str, str]:
        """The environment of somebody who works on this cluster."""
        return os.environ | {"SLURM_CONF": str(self.folder / "slurm.conf"), "PATH": PATH}

    def start(self) -> None:
        """Start munge, the controller and all nodes, and wait until the nodes are idle."""
        for name in ("state", *(f"spool-{node}" for node in self.nodes)):
            (self.folder / name).mkdir(parents=True)
        self.folder.chmod(0o755)
        self._write_config()
        self._start_munge()
        self.run("slurmctld")
        for node in self.nodes:
            self.start_node(node)
        wait_for(lambda: self.states() == dict.fromkeys(self.nodes, "idle"), 30, "the nodes are not idle", self.logs)

    def start_node(self, node: str) -> None:
        """Start, or start again, one node."""
        self.run("slurmd", "-N", node)

    def kill_node(self, node: str, seconds: float = 120) -> None:
        """End a node as a power cut does, its daemon and all processes of the jobs on it, until it is found lost.

        A step that was being started at that moment carries no title yet by which it could be found. It would run on,
        and its job would fail on its own, for want of the daemon, instead of being lost; so steps are looked for until
        the controller has missed the node.
        """
        daemon = int((self.folder / f"slurmd-{node}.pid").read_text())
        os.kill(daemon, signal.SIGKILL)

        def lost() -> bool:
            for step in self._steps(node):
                kill_tree(step)
            return self.states()[node].startswith("down")

        wait_for(lost, seconds, f"{node} is not found lost", self.logs)

    def states(self) -> dict[str, str]:
        """Return the state of each node."""
        lines = self.run("sinfo", "--Node", "--noheader", "--format", "%N %T").split("\n")
        return dict(line.split() for line in lines if line.strip())

    def queue(self) -> list[tuple[int, str, str, str]]:
        """Return the jobs that wait or run: id, state, node, and the comment that names rule and wildcards."""
        lines = self.run("squeue", "--noheader", "--states=PD,R", "--format", "%i|%T|%N|%k").splitlines()
        parts = [line.strip().split("|") for line in lines if line.strip()]
        return [(int(job), state, node, comment) for job, state, node, comment in parts]

    def completed(self) -> list[Completed]:
        """Return the job-completion record."""
        path = self.folder / "completed.txt"
        lines = path.read_text().splitlines() if path.exists() else []
        return [completed_of(line) for line in lines]

    def run(self, *words: str) -> str:
        """Run a command of Slurm on this cluster and return what it says."""
        done = subprocess.run(words, env=self.environment, capture_output=True, text=True, timeout=60)
        if done.returncode:
            raise RuntimeError(f"{' '.join(words)} failed: {done.stderr.strip()}\n{self.logs()}")
        return done.stdout

    def logs(self) -> str:
        """Return the ends of all logs, for the message of a failure."""
        ends = (f"{path.name}:\n{path.read_text(errors='replace')[-2000:]}" for path in self.folder.glob("*.log"))
        return "\n".join(ends)

    def stop(self) -> None:
        """End everything that was started, however far it came."""
        with contextlib.suppress(Exception):
            self.run("scancel", "--user", getpass.getuser())
        with contextlib.suppress(Exception):
            wait_for(lambda: not any(self._steps(node) for node in self.nodes), 5, "")
        for node in self.nodes:
            for step in self._steps(node):
                kill_tree(step)
        for path in [self.folder / "slurmctld.pid", *self.folder.glob("slurmd-*.pid")]:
            with contextlib.suppress(OSError, ValueError):
                end(int(path.read_text()))
        if self.munged is not None:
            self.munged.terminate()
            self.munged.wait(10)

    def _write_config(self) -> None:
        host = socket.gethostname().partition(".")[0]
        controller, *ports = free_ports(1 + len(self.nodes))
        nodes = "\n".join(
            f"NodeName={node} NodeHostname={host} NodeAddr=127.0.0.1 Port={port} {self.shape} State=UNKNOWN"
            for node, port in zip(self.nodes, ports, strict=True)
        )
        fields = {"host": host, "port": controller, "user": getpass.getuser(), "folder": self.folder}
        text = CONFIG.format(**fields, nodes=nodes, timeout=self.timeout)
        (self.folder / "slurm.conf").write_text(text)
        if self.version() >= 24:  # it looks for control groups even where none are used; older ones know no such word
            (self.folder / "cgroup.conf").write_text("CgroupPlugin=disabled\n")

    def version(self) -> int:
        """Return the year in the version of Slurm."""
        said = subprocess.run(["slurmd", "-V"], env=self.environment, capture_output=True, text=True, check=True).stdout
        return int(re.search(r"(\d+)\.", said)[1])

    def _start_munge(self) -> None:
        key = self.folder / "munge.key"
        key.write_bytes(secrets.token_bytes(1024))
        key.chmod(0o400)
        places = {name: self.folder / f"munge.{name}" for name in ("socket", "pid", "seed", "log")}
        words = ["munged", "--foreground", "--force", f"--key-file={key}", f"--socket={places['socket']}"]
        words += [f"--pid-file={places['pid']}", f"--seed-file={places['seed']}", f"--log-file={places['log']}"]
        said = (self.folder / "munged.log").open("wb")
        self.munged = subprocess.Popen(words, env=self.environment, stdout=said, stderr=said)
        said.close()
        wait_for(places["socket"].exists, 10, "munged did not start", self.logs)

    def _steps(self, node: str) -> list[int]:
        """Return the processes that look after the job steps of a node; each carries its job in its title."""
        with contextlib.suppress(Exception):
            lines = self.run("squeue", "--noheader", "--states=all", "--nodelist", node, "--format", "%i").split()
            titles = re.compile(rf"slurmstepd: \[(?:{'|'.join(lines)})\.") if lines else None
            return [pid for pid, title in processes() if titles and titles.match(title)]
        return []


def completed_of(line: str) -> Completed:
    """Return one line of the record; a value may hold blanks, a key does not."""
    fields = dict(re.findall(r"(\w+)=(.*?)(?= \w+=|$)", line))
    limit = int(fields["TimeLimit"]) if fields["TimeLimit"].isdigit() else 0
    return Completed(int(fields["JobId"]), fields["Name"], fields["JobState"], fields["NodeList"], limit)


def processes() -> list[tuple[int, str]]:
    """Return all processes of this machine with their command lines."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError):
                words = (folder / "cmdline").read_bytes().replace(b"\0", b" ")
                found.append((int(folder.name), words.decode(errors="replace")))
    return found


def kill_tree(pid: int) -> None:
    """Kill a process and all that it started, parents first, so that none starts another."""
    with contextlib.suppress(OSError):
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        os.kill(pid, signal.SIGKILL)
        for child in children:
            kill_tree(int(child))


def end(pid: int) -> None:
    """Ask a daemon to end; kill it if it does not within five seconds."""
    os.kill(pid, signal.SIGTERM)
    try:
        wait_for(lambda: not alive(pid), 5, f"process {pid} does not end")
    except TimeoutError:
        os.kill(pid, signal.SIGKILL)


def alive(pid: int) -> bool:
    """Return whether a process is there and no zombie."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return False


def free_ports(count: int) -> list[int]:
    """Return ports of loopback that nobody listens on."""
    sockets = [socket.socket() for _ in range(count)]
    try:
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()


def wait_for(condition, seconds: float, what: str, more=lambda: "") -> None:
    """Wait until a condition holds.

    Raises:
        TimeoutError: if it does not within the time.
    """
    last = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > last:
            raise TimeoutError(f"{what} after {seconds:.0f} s\n{more()}")
        time.sleep(0.2)
