"""Asks for a password as systemd-cryptsetup does, for the tests of password-agent.

Arguments: the agent directory, the end of the file's name, more lines of the file as JSON
({"Id": ..., "PID": ...}; null leaves a line out). Writes "asked", then a line with each answer
in hexadecimal between "got" and "whole". Whatever it asked is taken away when its standard input ends.
"""
import json
import os
import socket
import sys
import threading

directory, name, changes = sys.argv[1:]
path = os.path.join(directory, "ask." + name)
socket_path = os.path.join(directory, "sck." + name)
lines = {
    "PID": os.getpid(),
    "Socket": socket_path,
    "NotAfter": 0,
    "Message": "A message for people",
    "Id": "cryptsetup:/dev/" + name,
    **json.loads(changes),
}
listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listener.bind(socket_path)
temporary = os.path.join(directory, "tmp." + name)
with open(temporary, "w") as file:
    file.write("[Ask]\n")
    file.writelines(f"{key}={value}\n" for key, value in lines.items() if value is not None)
os.rename(temporary, path)
print("asked", flush=True)


def end_with_input():
    sys.stdin.read()
    for used in (path, socket_path):
        try:
            os.unlink(used)
        except FileNotFoundError:
            pass
    os._exit(0)


threading.Thread(target=end_with_input).start()
while True:
    print("got", listener.recv(1 << 20).hex(), "whole", flush=True)
