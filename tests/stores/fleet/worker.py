"""A process that shares a store with others: ``python worker.py <store> <source>``. It does what it is told, a line at a time, and says what it did.

``open`` opens the store, ``refresh`` refreshes, ``await <revision>`` waits until that is read, without refreshing. Each answer is a line of JSON: what was
done, the revision that is read then, and the time.
"""

from __future__ import annotations

import json
import sys
import time
from contextlib import closing
from functools import wraps

from modelmeta import Registry
from modelmeta.stores.by_url import open_store

PAUSE = 0.002


def say(event, about):
    sys.stdout.write(json.dumps([event, about, time.time()]) + "\n")
    sys.stdout.flush()


def announced(method, about):
    """Return *method*, which says when it begins and when it is done."""

    @wraps(method)
    def announce(*args, **kwargs):
        say(f"{method.__name__} begins", about(args[0]))
        result = method(*args, **kwargs)
        say(f"{method.__name__} done", about(args[0]))
        return result

    return announce


def main(url, source):
    assert "open\n" == sys.stdin.readline()
    with closing(open_store(url)) as store:
        store.record = announced(store.record, lambda run: run.outcome)
        store.commit = announced(store.commit, lambda revision: revision.id)
        with Registry(store=store, source=source) as registry:
            say("opened", registry.status().revision)
            for line in sys.stdin:
                match line.split():
                    case ["refresh"]:
                        say("refreshed", registry.refresh().revision)
                    case ["await", revision]:
                        while registry.status().revision != revision:
                            time.sleep(PAUSE)
                        say("reads", revision)


if __name__ == "__main__":
    main(*sys.argv[1:])
