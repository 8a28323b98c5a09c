"""Prints every door event as a line of JSON, and goes on after the last one, also after a break or a restart.

PORTNER_URL says where, PORTNER_TOKEN who (scope events:read), CURSOR_FILE remembers how far it came.
Needs Python 3.8 or later and nothing else.
"""

import http.client
import json
import os
import sys
import time
import urllib.request

URL = os.environ["PORTNER_URL"] + "/graphql"
TOKEN = os.environ["PORTNER_TOKEN"]
CURSOR_FILE = os.environ.get("CURSOR_FILE", "portner-cursor")
RETRY_SECONDS = 1
# The hub sends something every 10 s; half a minute of nothing means that the line is dead.
SILENCE_SECONDS = 30

QUERY = """subscription ($after: Cursor) {
  doorEvents(after: $after) {
    cursor
    replayed
    gap { from oldest }
    node { __typename id occurredAt lock { serial } }
  }
}"""


def last_cursor():
    try:
        with open(CURSOR_FILE, encoding="ascii") as file:
            return file.read()
    except FileNotFoundError:
        return None


def remember(cursor):
    with open(CURSOR_FILE + ".new", "w", encoding="ascii") as file:
        file.write(cursor)
    os.replace(CURSOR_FILE + ".new", CURSOR_FILE)


def follow(after):
    request = urllib.request.Request(
        URL,
        data=json.dumps({"query": QUERY, "variables": {"after": after}}).encode(),
        headers={
            "authorization": "Bearer " + TOKEN,
            "content-type": "application/json",
            "accept": "text/event-stream",
        },
    )
    with urllib.request.urlopen(request, timeout=SILENCE_SECONDS) as answer:
        for line in answer:
            if not line.startswith(b"data: {"):
                continue
            message = json.loads(line[len(b"data: "):])
            if message.get("errors"):
                raise OSError(json.dumps(message["errors"]))
            edge = message["data"]["doorEvents"]
            # An edge without an event is the hub's beat: it moves the cursor and nothing else.
            if edge["node"] is not None or edge["gap"] is not None:
                print(json.dumps(edge), flush=True)
            # Remembered after it was printed: an event may come twice, never not at all.
            remember(edge["cursor"])


while True:
    try:
        follow(last_cursor())
    # A hub that is killed cuts its answer anywhere, also in the middle of a line.
    except (OSError, http.client.HTTPException, ValueError) as error:
        print(repr(error), file=sys.stderr)
    time.sleep(RETRY_SECONDS)
