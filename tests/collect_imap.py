"""A mail server on loopback that speaks just enough IMAP4rev1 for the mailbox tests."""

from __future__ import annotations

import re
import socketserver
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field


@dataclass
class Mailbox:
    """`with Mailbox({1: b"letter"}) as box`. `fault`: what goes wrong: login, folder, hang, garbage, close.

    `says`: what it answers to a command of that name instead, before its OK; `drips`: the command at which it begins
    to send that again and again, without end; `breaks`: the letter at which it hangs up.
    """

    letters: dict[int, bytes] = field(default_factory=dict)
    validity: int = 7
    fault: str = ""
    says: dict[str, bytes] = field(default_factory=dict)
    drips: tuple[str, bytes, float] | None = None
    breaks: int | None = None
    said: list[str] = field(default_factory=list)

    def __enter__(self) -> Mailbox:
        box = self

        class Talk(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                box.talk(self)

        socketserver.ThreadingTCPServer.allow_reuse_address = True
        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Talk)
        self._server.daemon_threads = True
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def talk(self, peer: socketserver.StreamRequestHandler) -> None:
        def say(text: str) -> None:
            peer.wfile.write(text.encode() + b"\r\n")

        say("* OK ready")
        for raw in peer.rfile:
            line = raw.decode().rstrip("\r\n")
            tag, _, rest = line.partition(" ")
            self.said.append(rest)
            verb = rest.split(" ")[0].upper()
            name = "SIZE" if "RFC822.SIZE" in rest else rest.split(" ")[1].upper() if verb == "UID" else verb
            if self.drips and name == self.drips[0]:
                with suppress(OSError):
                    while True:
                        peer.wfile.write(self.drips[1])
                        time.sleep(self.drips[2])
            if name in self.says:
                peer.wfile.write(self.says[name])
                say(f"{tag} OK done")
                continue
            if self.fault == "hang" and verb == "LOGIN":
                time.sleep(3)
                return
            if self.fault == "garbage" and verb == "UID":
                say("\x00\x01 what?")
                return
            if self.fault == "close" and verb == "UID":
                return
            if rest == f"UID FETCH {self.breaks} (BODY.PEEK[])":
                return
            if verb == "CAPABILITY":
                say("* CAPABILITY IMAP4rev1")
            elif verb == "LOGIN" and self.fault == "login":
                say(f"{tag} NO [AUTHENTICATIONFAILED] no")
                continue
            elif verb in ("EXAMINE", "SELECT"):
                if self.fault == "folder":
                    say(f"{tag} NO no such folder")
                    continue
                say(f"* {len(self.letters)} EXISTS")
                say(f"* OK [UIDVALIDITY {self.validity}] valid")
            elif verb == "UID":
                self.uid(rest, peer)
            elif verb == "LOGOUT":
                say("* BYE")
            say(f"{tag} OK done")
            if verb == "LOGOUT":
                return

    def uid(self, rest: str, peer: socketserver.StreamRequestHandler) -> None:
        if match := re.fullmatch(r"UID SEARCH UID (\d+):\*", rest):
            first, uids = int(match[1]), sorted(self.letters)
            found = [uid for uid in uids if uid >= first] or uids[-1:]  # n:* always names the last one (RFC 3501)
            peer.wfile.write(f"* SEARCH {' '.join(map(str, found))}\r\n".encode())
        elif match := re.fullmatch(r"UID FETCH (\d+) \(RFC822\.SIZE\)", rest):
            uid = int(match[1])
            size = 99_000_000 if self.letters[uid] == b"huge" else len(self.letters[uid])
            peer.wfile.write(f"* {uid} FETCH (UID {uid} RFC822.SIZE {size})\r\n".encode())
        elif match := re.fullmatch(r"UID FETCH (\d+) \(BODY\.PEEK\[\]\)", rest):
            uid = int(match[1])
            letter = self.letters[uid]
            peer.wfile.write(f"* {uid} FETCH (UID {uid} BODY[] {{{len(letter)}}}\r\n".encode() + letter + b")\r\n")
