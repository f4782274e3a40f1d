"""A real Dovecot on high loopback ports, without root: IMAP (TLS, STARTTLS, plain) and LMTP delivery.

Its own certificate is made at each start. Started as root it steps down to ``nobody``; everything lies in one temporary
folder. ``deliver`` hands a mail to LMTP, so INTERNALDATE is the moment of delivery;
``append`` sets INTERNALDATE itself.
"""

from __future__ import annotations

import grp
import os
import pwd
import shutil
import smtplib
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from imapclient import IMAPClient

PASSWORD = "only-for-tests"
NEEDED = "Dovecot is needed for these tests: apt-get install dovecot-imapd dovecot-lmtpd"
_STARTING = 20.0  # seconds a start may take on a busy machine

_CONFIGURATION = """
base_dir = {home}/run
state_dir = {home}/state
log_path = {home}/log
protocols = imap lmtp
listen = 127.0.0.1
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = {uid}
first_valid_gid = 0
ssl = yes
ssl_cert = <{home}/cert.pem
ssl_key = <{home}/key.pem
ssl_dh =
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
auth_verbose = yes
auth_username_format =
mail_location = maildir:{home}/mail/%u
mail_fsync = never
mail_max_userip_connections = 50
imap_idle_notify_interval = 2 mins
imap_capability = {capability}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={home}/home/%u
}}
namespace inbox {{
  inbox = yes
  separator = {separator}
  prefix = {prefix}
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {plain}
  }}
  inet_listener imaps {{
    port = {tls}
    ssl = yes
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
service lmtp {{
  inet_listener lmtp {{
    port = {lmtp}
  }}
}}
"""


@dataclass(frozen=True)
class Dovecot:
    """A running server; any user name is a mailbox, all with the same password."""

    home: Path
    plain: int  # port: cleartext and STARTTLS
    tls: int  # port: implicit TLS
    lmtp: int  # port
    certificate: Path  # self-signed, for localhost and 127.0.0.1
    process: subprocess.Popen[bytes]
    password: str = PASSWORD

    def client(self, user: str) -> IMAPClient:
        client = IMAPClient("127.0.0.1", port=self.plain, ssl=False, timeout=20)
        client.normalise_times = False
        client.login(user, self.password)
        return client

    def deliver(self, user: str, raw: bytes, sender: str = "sender@example.org") -> None:
        """By LMTP, as a mail server would."""
        with smtplib.LMTP("127.0.0.1", self.lmtp) as line:
            line.sendmail(sender, [user], raw)

    def append(self, user: str, raw: bytes, at: datetime | None = None, folder: str = "INBOX") -> int:
        """By IMAP APPEND with its own INTERNALDATE; answers the UID."""
        with self.client(user) as client:
            if not client.folder_exists(folder):
                client.create_folder(folder)
            reply = client.append(folder, raw, msg_time=at)
        return int(reply.split(b"]")[0].split()[-1])

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.home, ignore_errors=True)

    def kick(self, user: str) -> None:
        """Close every open session of a user, as an administrator would."""
        subprocess.run(
            ["doveadm", "-c", str(self.home / "conf"), "kick", user],
            check=False,
            capture_output=True,
        )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def self_signed(home: Path, names: str = "DNS:localhost,IP:127.0.0.1") -> tuple[Path, Path]:
    """Answer (certificate, key), good for these names for a day."""
    certificate, key = home / "cert.pem", home / "key.pem"
    request = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    request += ["-keyout", str(key), "-out", str(certificate), "-days", "1", "-subj", "/CN=localhost"]
    request += ["-addext", f"subjectAltName={names}"]
    subprocess.run(request, check=True, capture_output=True)
    return certificate, key


_OAUTH2 = """
auth_mechanisms = xoauth2 oauthbearer
passdb {{
  driver = oauth2
  mechanisms = xoauth2 oauthbearer
  args = {home}/oauth2
}}
"""
_INTROSPECTION = """
introspection_mode = post
introspection_url = {url}
username_attribute = username
active_attribute = active
active_value = true
"""


def start(capability: str = "", separator: str = "/", prefix: str = "", introspection: str = "") -> Dovecot:
    """Start one and wait until it answers; ``capability`` replaces what it advertises after login.

    ``introspection``: where it asks about access tokens; passwords are then not known to it (its oauth2 passdb).
    """
    program = shutil.which("dovecot") or "/usr/sbin/dovecot"
    assert Path(program).exists(), NEEDED
    home = Path(tempfile.mkdtemp(prefix="dovecot-"))
    as_root = os.geteuid() == 0
    uid, gid = (65534, 65534) if as_root else (os.getuid(), os.getgid())
    ports = {"plain": free_port(), "tls": free_port(), "lmtp": free_port()}
    certificate, _key = self_signed(home)
    owner, group = _names(uid, gid)
    (home / "conf").write_text(
        _CONFIGURATION.format(
            home=home,
            uid=uid,
            gid=gid,
            user=owner,
            group=group,
            password=PASSWORD,
            capability=capability,
            separator=separator,
            prefix=prefix,
            **ports,
        ),
        encoding="utf-8",
    )
    if introspection:
        conf = (home / "conf").read_text(encoding="utf-8")
        static = f"passdb {{\n  driver = static\n  args = password={PASSWORD}\n}}\n"
        assert static in conf
        conf = conf.replace(static, _OAUTH2.format(home=home)).replace("auth_mechanisms = plain login\n", "", 1)
        (home / "conf").write_text(conf, encoding="utf-8")
        (home / "oauth2").write_text(_INTROSPECTION.format(url=introspection), encoding="utf-8")
    for path in (home, *home.iterdir()):
        os.chown(path, uid, gid)
    identity = {"user": uid, "group": gid, "extra_groups": []} if as_root else {}
    process = subprocess.Popen(
        [program, "-F", "-c", str(home / "conf")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=home,
        **identity,
    )
    server = Dovecot(home, ports["plain"], ports["tls"], ports["lmtp"], certificate, process)
    _wait_for(server)
    return server


def _names(uid: int, gid: int) -> tuple[str, str]:
    return pwd.getpwuid(uid).pw_name, grp.getgrgid(gid).gr_name


def _wait_for(server: Dovecot) -> None:
    until = time.monotonic() + _STARTING
    while time.monotonic() < until:
        try:
            with socket.create_connection(("127.0.0.1", server.plain), 1) as probe:
                probe.settimeout(5)
                if probe.recv(4) == b"* OK":
                    return
        except OSError:
            time.sleep(0.05)
    log = server.home / "log"
    raise AssertionError("Dovecot did not start: " + (log.read_text("utf-8") if log.exists() else "no log"))
