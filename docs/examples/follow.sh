#!/bin/sh
# Prints every door event as a line of JSON, and goes on after the last one, also after a break or a restart.
# PORTNER_URL says where, PORTNER_TOKEN who (scope events:read), CURSOR_FILE remembers how far it came.
set -u
cursor_file=${CURSOR_FILE:-portner-cursor}
query='subscription($after: Cursor) { doorEvents(after: $after) { cursor replayed gap { from oldest } node { __typename id occurredAt lock { serial } } } }'

while :; do
  after=null
  [ -s "$cursor_file" ] && after="\"$(cat "$cursor_file")\""
  # The token comes by standard input: arguments are there for everybody on the machine to read.
  # The hub sends something every 10 s; half a minute of nothing means that the line is dead.
  printf 'authorization: Bearer %s\n' "$PORTNER_TOKEN" |
    curl --silent --show-error --no-buffer --fail --speed-limit 1 --speed-time 30 "$PORTNER_URL/graphql" \
      --header @- --header 'content-type: application/json' --header 'accept: text/event-stream' \
      --data "{\"query\":\"$query\",\"variables\":{\"after\":$after}}" |
    while IFS= read -r line; do
      case $line in
        *'"errors":'*) printf '%s\n' "$line" >&2 ;;
        'data: {"data":{"doorEvents":'*)
          edge=${line#'data: {"data":{"doorEvents":'}
          edge=${edge%'}}'}
          # An edge without an event is the hub's beat: it moves the cursor and nothing else.
          case $edge in *'"gap":null,"node":null'*) ;; *) printf '%s\n' "$edge" ;; esac
          # Remembered after it was printed: whatever happens in between, an event may come twice, never not at all.
          cursor=$(printf '%s' "$edge" | sed -n 's/.*"cursor":"\([^"]*\)".*/\1/p')
          [ -n "$cursor" ] && printf '%s' "$cursor" >"$cursor_file.new" && mv "$cursor_file.new" "$cursor_file"
          ;;
      esac
    done
  sleep 1
done
