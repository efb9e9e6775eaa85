"""Listens on a local datagram socket, and writes what comes as lines of JSON.

The one argument is a path, or '@' and a name in the abstract namespace.
"""
import json
import os
import socket
import sys

name = sys.argv[1]
with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
    listener.bind("\0" + name[1:] if name.startswith("@") else name)
    if not name.startswith("@"):
        # The programs under test give up their privileges.
        os.chmod(name, 0o666)
    print("listening", flush=True)
    while True:
        print(json.dumps(listener.recv(65536).decode("utf-8", "replace")), flush=True)
