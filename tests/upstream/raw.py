"""Sends one gRPC message unchanged and prints the answer's bytes.

usage: raw.py HOST:PORT /SERVICE/METHOD TOKEN HEX
"""

import sys

import grpc

address, method, token, message = sys.argv[1:]
with grpc.insecure_channel(address) as channel:
    call = channel.unary_unary(method)
    answer = call(bytes.fromhex(message), metadata=(("authorization", f"Bearer {token}"),), timeout=30)
    print(answer.hex())
