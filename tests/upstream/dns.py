"""A name server on 127.0.0.1 that gives every name the address 127.0.0.1 (RFC 1035). Prints 53 when it answers."""

import socket

ADDRESS_RECORD = 1
# A pointer to the question's name, then type, class, time to live, length and address.
ANSWER = b"\xc0\x0c" + b"\0\x01\0\x01" + b"\0\0\0\x3c" + b"\0\x04\x7f\0\0\x01"

server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 53))
print(53, flush=True)
while True:
    query, caller = server.recvfrom(512)
    end = query.index(b"\0", 12) + 5
    is_asked = int.from_bytes(query[end - 4 : end - 2], "big") == ADDRESS_RECORD
    header = query[:2] + b"\x81\x80\0\x01" + (b"\0\x01" if is_asked else b"\0\0") + b"\0\0\0\0"
    server.sendto(header + query[12:end] + (ANSWER if is_asked else b""), caller)
