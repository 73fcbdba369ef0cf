"""Listens as a service manager does and prints each message of a service, one JSON string a line."""

import json
import os
import socket
import sys

listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
listener.bind(sys.argv[1])
os.chmod(sys.argv[1], 0o666)
while True:
    print(json.dumps(listener.recv(4096).decode()), flush=True)
