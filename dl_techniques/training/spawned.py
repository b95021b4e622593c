"""What a spawned process does: answers questions, or waits for one run to train."""

import os
import socket
import sys

from dl_techniques.training.spawner import connect


def main() -> int:
    """Plays the role of the first argument; then port and home of the server."""
    role, port, home = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    connection = connect(port)
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    return _answer(connection) if role == "worker" else _train(connection, home)


def _answer(connection: socket.socket) -> int:
    from dl_techniques.training.questions import serve

    os.environ["CUDA_VISIBLE_DEVICES"] = "-1"  # a question holds no card
    serve(connection)
    return 0


def _train(connection: socket.socket, home: str) -> int:
    from dl_techniques.training import child, spare
    from dl_techniques.training.run import preload

    preload()
    store = spare.warm_up(home)
    request = spare.wait_for_run(connection)
    return child.begin({**request, "fresh": False}, store) if request else 0


if __name__ == "__main__":
    sys.exit(main())
