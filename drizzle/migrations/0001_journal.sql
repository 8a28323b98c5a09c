-- The journal: one append-only, chained record of everything that happens to rights and doors.
-- Written by hand because the ORM knows neither partitions nor functions.

CREATE UNIQUE INDEX lock_unit_in_service ON lock_unit (lock) WHERE decommissioned_at IS NULL;
--> statement-breakpoint
CREATE UNIQUE INDEX lock_unit_public_key ON lock_unit (public_key);
--> statement-breakpoint
DROP INDEX command_unsettled;
--> statement-breakpoint
CREATE INDEX command_unsettled ON command (expires_at) WHERE NOT settled;
--> statement-breakpoint
-- The head is one row. Sequence numbers come from it under its lock, so commit order is sequence order
-- and no reader can skip an entry that committed late.
CREATE TABLE head (
  singleton boolean PRIMARY KEY DEFAULT true CHECK (singleton),
  epoch integer NOT NULL,
  seq bigint NOT NULL,
  revocation_seq bigint NOT NULL,
  recorded_at timestamptz NOT NULL,
  hash bytea NOT NULL
);
--> statement-breakpoint
INSERT INTO head (epoch, seq, revocation_seq, recorded_at, hash)
VALUES (1, 0, 0, 'epoch', sha256(convert_to('portner journal 1', 'UTF8')));
--> statement-breakpoint
CREATE TABLE journal (
  seq bigint NOT NULL,
  epoch integer NOT NULL,
  entry_id uuid NOT NULL,
  tenant integer,
  kind text NOT NULL,
  version smallint NOT NULL,
  occurred_at timestamptz NOT NULL,
  recorded_at timestamptz NOT NULL,
  hub uuid NOT NULL,
  rules_version smallint NOT NULL,
  decided_at_revision bigint,
  lock integer,
  unit integer,
  door integer,
  path integer,
  person integer,
  credential integer,
  actor integer,
  command uuid,
  data jsonb NOT NULL,
  digest bytea NOT NULL,
  -- On the last entry of a batch: SHA-256 of the hash before it and of the batch's digests in order.
  chain bytea,
  PRIMARY KEY (seq)
) PARTITION BY RANGE (seq);
--> statement-breakpoint
CREATE INDEX journal_lock ON journal (lock, seq DESC) WHERE lock IS NOT NULL;
--> statement-breakpoint
CREATE INDEX journal_person ON journal (person, seq DESC) WHERE person IS NOT NULL;
--> statement-breakpoint
CREATE INDEX journal_command ON journal (command, seq) WHERE command IS NOT NULL;
--> statement-breakpoint
-- Uniqueness across partitions: an entry is written at most once, whoever retries it.
-- `content` tells a harmless repetition from the same identity with another content.
CREATE TABLE entry_key (
  entry_id uuid PRIMARY KEY,
  seq bigint NOT NULL,
  content bytea
);
--> statement-breakpoint
-- Free text and names stand apart, so that they can be erased without touching the chain.
CREATE TABLE journal_text (
  id uuid PRIMARY KEY,
  tenant integer,
  salt bytea NOT NULL,
  body text NOT NULL
);
--> statement-breakpoint
CREATE FUNCTION journal_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the journal is append-only' USING ERRCODE = 'PJ009';
END $$;
--> statement-breakpoint
CREATE TRIGGER journal_append_only BEFORE UPDATE OR DELETE ON journal
  FOR EACH ROW EXECUTE FUNCTION journal_is_append_only();
--> statement-breakpoint
CREATE TRIGGER journal_no_truncate BEFORE TRUNCATE ON journal
  FOR EACH STATEMENT EXECUTE FUNCTION journal_is_append_only();
--> statement-breakpoint
-- Makes the partition of the head and `ahead` more; returns how many stand ready beyond the head's.
CREATE FUNCTION journal_prepare(ahead integer, size bigint) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  reached bigint;
  first bigint;
BEGIN
  PERFORM pg_advisory_xact_lock(7306913405);
  SELECT seq INTO reached FROM head;
  FOR n IN 0..ahead LOOP
    first := (reached / size + n) * size;
    IF to_regclass(format('journal_%s', lpad(first::text, 16, '0'))) IS NULL THEN
      EXECUTE format('CREATE TABLE %I PARTITION OF journal FOR VALUES FROM (%s) TO (%s)',
        'journal_' || lpad(first::text, 16, '0'), first, first + size);
    END IF;
  END LOOP;
  RETURN journal_ready(size);
END $$;
--> statement-breakpoint
CREATE FUNCTION journal_ready(size bigint) RETURNS integer LANGUAGE sql STABLE AS $$
  SELECT count(*)::integer FROM head, generate_series(1, 8) AS n
  WHERE to_regclass(format('journal_%s', lpad(((head.seq / size + n) * size)::text, 16, '0'))) IS NOT NULL
$$;
--> statement-breakpoint
-- Side rows of hot entries. Each takes a JSON array and must not fail on a row that stands already.
CREATE FUNCTION rows_journal_text(items jsonb) RETURNS void LANGUAGE sql AS $$
  INSERT INTO journal_text (id, tenant, salt, body)
  SELECT id, tenant, decode(salt, 'hex'), body
  FROM jsonb_to_recordset(items) AS r(id uuid, tenant integer, salt text, body text)
  ON CONFLICT (id) DO NOTHING
$$;
--> statement-breakpoint
CREATE FUNCTION rows_operation(items jsonb) RETURNS void LANGUAGE sql AS $$
  INSERT INTO operation (id, tenant, path, credential, person, via, locks, skipped_doors, outcome, stopped_at, sequence, created_at)
  SELECT id, tenant, path, credential, person, via, locks, skipped_doors, outcome, stopped_at, seq, to_timestamp(created_at / 1000.0)
  FROM jsonb_to_recordset(items) AS r(id uuid, tenant integer, path integer, credential integer, person integer, via text,
    locks integer[], skipped_doors integer[], outcome text, stopped_at integer, seq bigint, created_at double precision)
  ON CONFLICT (id) DO NOTHING
$$;
--> statement-breakpoint
CREATE FUNCTION rows_operation_outcome(items jsonb) RETURNS void LANGUAGE sql AS $$
  UPDATE operation SET outcome = r.outcome, stopped_at = r.stopped_at
  FROM jsonb_to_recordset(items) AS r(id uuid, outcome text, stopped_at integer)
  WHERE operation.id = r.id AND operation.outcome = 'running'
$$;
--> statement-breakpoint
CREATE FUNCTION rows_command(items jsonb) RETURNS void LANGUAGE sql AS $$
  INSERT INTO command (id, operation, position, tenant, lock, unit, op, credential, state, settled, decided_at, expires_at, sequence)
  SELECT id, operation, position, tenant, lock, unit, op, credential, 'authorised', false,
    to_timestamp(decided_at / 1000.0), to_timestamp(expires_at / 1000.0), seq
  FROM jsonb_to_recordset(items) AS r(id uuid, operation uuid, position integer, tenant integer, lock integer, unit integer,
    op text, credential integer, decided_at double precision, expires_at double precision, seq bigint)
  ON CONFLICT (id) DO NOTHING
$$;
--> statement-breakpoint
-- States only go forward; late evidence may still settle what was unknown. What a lock says (with its unit) counts for
-- its own commands only.
CREATE FUNCTION command_rank(state text) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE state WHEN 'authorised' THEN 0 WHEN 'sent' THEN 1 WHEN 'accepted' THEN 2 WHEN 'moving' THEN 3
    WHEN 'unknown' THEN 4 WHEN 'abandoned' THEN 5 ELSE 6 END
$$;
--> statement-breakpoint
CREATE FUNCTION rows_command_state(items jsonb) RETURNS void LANGUAGE sql AS $$
  UPDATE command SET state = r.state, detail = coalesce(r.detail, command.detail), settled = r.settled OR command.settled, sequence = r.seq
  FROM (
    SELECT DISTINCT ON (id) * FROM jsonb_to_recordset(items) AS x(id uuid, unit integer, state text, detail text, settled boolean, seq bigint)
    ORDER BY id, command_rank(state) DESC, seq DESC
  ) AS r
  WHERE command.id = r.id AND (r.unit IS NULL OR r.unit = command.unit)
    AND command_rank(r.state) > command_rank(command.state)
    AND (NOT command.settled OR (command.state = 'unknown' AND r.settled))
$$;
--> statement-breakpoint
CREATE FUNCTION rows_lock_boot(items jsonb) RETURNS void LANGUAGE sql AS $$
  INSERT INTO lock_boot (unit, boot, contiguous_sequence)
  SELECT unit, boot, max(contiguous) FROM jsonb_to_recordset(items) AS r(unit integer, boot integer, contiguous bigint)
  GROUP BY unit, boot
  ON CONFLICT (unit, boot) DO UPDATE SET contiguous_sequence = greatest(lock_boot.contiguous_sequence, excluded.contiguous_sequence)
$$;
--> statement-breakpoint
CREATE FUNCTION rows_lock_board(items jsonb) RETURNS void LANGUAGE sql AS $$
  INSERT INTO lock_board (lock, sequence, state, heard_at)
  SELECT DISTINCT ON (lock) lock, seq, state, to_timestamp(heard_at / 1000.0)
  FROM jsonb_to_recordset(items) AS r(lock integer, seq bigint, state jsonb, heard_at double precision)
  ORDER BY lock, seq DESC
  ON CONFLICT (lock) DO UPDATE SET sequence = excluded.sequence, state = excluded.state,
    heard_at = greatest(lock_board.heard_at, excluded.heard_at)
  WHERE excluded.sequence > lock_board.sequence
$$;
--> statement-breakpoint
CREATE FUNCTION rows_deny_proof(items jsonb) RETURNS void LANGUAGE sql AS $$
  INSERT INTO deny_proof (lock, version, digest, proven_at)
  SELECT DISTINCT ON (lock) lock, version, digest, to_timestamp(proven_at / 1000.0)
  FROM jsonb_to_recordset(items) AS r(lock integer, version bigint, digest text, proven_at double precision, seq bigint)
  ORDER BY lock, seq DESC
  ON CONFLICT (lock) DO UPDATE SET version = excluded.version, digest = excluded.digest, proven_at = excluded.proven_at
$$;
--> statement-breakpoint
-- Appends a batch of items in one statement: head lock, repetition check, guard, numbering, chain, side rows, wake-up.
-- An item is {"entries": [...], "rows": {"<table>": [...]}} and stands or falls as a whole. Outcomes, by item:
--   recorded   its entries stand, the first at `seq`
--   repeated   one of its entries stood already, at `seq` with `content`; nothing was written
--   stale      it allows something and was decided before the newest revocation; nothing was written
CREATE FUNCTION journal_record(hub_id uuid, items jsonb)
RETURNS TABLE (item integer, outcome text, seq bigint, content text) LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  h head%ROWTYPE;
  stamp timestamptz;
  verdicts jsonb;
  last_seq bigint;
  new_chain bytea;
  revoked bigint;
  r record;
BEGIN
  SELECT * INTO STRICT h FROM head FOR UPDATE;
  stamp := greatest(h.recorded_at, clock_timestamp());
  WITH parsed AS MATERIALIZED (
    SELECT i.n::integer - 1 AS item, e.n AS position, x.*
    FROM jsonb_array_elements(items) WITH ORDINALITY AS i(body, n),
      jsonb_array_elements(i.body -> 'entries') WITH ORDINALITY AS e(body, n),
      jsonb_to_record(e.body) AS x(entry_id uuid, tenant integer, kind text, version smallint, effect text, occurred_at double precision,
        rules_version smallint, decided_at_revision bigint, lock integer, unit integer, door integer, path integer,
        person integer, credential integer, actor integer, command uuid, content text, data jsonb)
  ), judged AS MATERIALIZED (
    SELECT p.item,
      CASE WHEN bool_or(k.entry_id IS NOT NULL) THEN 'repeated'
        WHEN bool_or(p.effect = 'allows' AND coalesce(p.decided_at_revision, -1) < h.revocation_seq) THEN 'stale'
        ELSE 'recorded' END AS outcome,
      min(k.seq) AS known_seq, (array_agg(encode(k.content, 'hex') ORDER BY p.position) FILTER (WHERE k.entry_id IS NOT NULL))[1] AS known_content
    FROM parsed p LEFT JOIN entry_key k ON k.entry_id = p.entry_id
    GROUP BY p.item
  ), numbered AS (
    SELECT h.seq + row_number() OVER (ORDER BY p.item, p.position) AS number, p.*,
      to_timestamp(p.occurred_at / 1000.0) AS happened_at
    FROM parsed p JOIN judged j ON j.item = p.item AND j.outcome = 'recorded'
  ), digested AS MATERIALIZED (
    SELECT n.*, sha256(convert_to(jsonb_build_array(n.number, h.epoch, n.entry_id, n.tenant, n.kind, n.version,
      (extract(epoch FROM n.happened_at) * 1000000)::bigint, (extract(epoch FROM stamp) * 1000000)::bigint, hub_id, n.rules_version,
      n.decided_at_revision, n.lock, n.unit, n.door, n.path, n.person, n.credential, n.actor, n.command, n.data)::text, 'UTF8')) AS digest
    FROM numbered n
  ), chained AS MATERIALIZED (
    SELECT max(d.number) AS last, sha256(h.hash || string_agg(d.digest, ''::bytea ORDER BY d.number)) AS chain,
      max(d.number) FILTER (WHERE d.effect = 'revokes') AS revoked
    FROM digested d
  ), keyed AS (
    INSERT INTO entry_key (entry_id, seq, content)
    SELECT d.entry_id, d.number, decode(d.content, 'hex') FROM digested d
  ), written AS (
    INSERT INTO journal (seq, epoch, entry_id, tenant, kind, version, occurred_at, recorded_at, hub, rules_version,
      decided_at_revision, lock, unit, door, path, person, credential, actor, command, data, digest, chain)
    SELECT d.number, h.epoch, d.entry_id, d.tenant, d.kind, d.version, d.happened_at, stamp, hub_id, d.rules_version,
      d.decided_at_revision, d.lock, d.unit, d.door, d.path, d.person, d.credential, d.actor, d.command, d.data, d.digest,
      CASE WHEN d.number = c.last THEN c.chain END
    FROM digested d, chained c ORDER BY d.number
  )
  SELECT c.last, c.chain, c.revoked,
    (SELECT jsonb_agg(jsonb_build_object('item', j.item, 'outcome', j.outcome,
      'seq', coalesce(j.known_seq, (SELECT min(d.number) FROM digested d WHERE d.item = j.item)), 'content', j.known_content) ORDER BY j.item)
     FROM judged j)
  INTO last_seq, new_chain, revoked, verdicts FROM chained c;

  IF last_seq IS NOT NULL THEN
    FOR r IN
      SELECT s.key AS name, jsonb_agg(e.value || jsonb_build_object('seq', (v.value ->> 'seq')::bigint) ORDER BY (v.value ->> 'item')::integer) AS list
      FROM jsonb_array_elements(verdicts) AS v(value)
        CROSS JOIN LATERAL jsonb_each(items -> (v.value ->> 'item')::integer -> 'rows') AS s(key, value)
        CROSS JOIN LATERAL jsonb_array_elements(s.value) AS e(value)
      WHERE v.value ->> 'outcome' = 'recorded' AND jsonb_typeof(items -> (v.value ->> 'item')::integer -> 'rows') = 'object'
      GROUP BY s.key ORDER BY s.key
    LOOP
      EXECUTE format('SELECT %I($1)', 'rows_' || r.name) USING r.list;
    END LOOP;
    UPDATE head SET seq = last_seq, revocation_seq = greatest(h.revocation_seq, coalesce(revoked, 0)), recorded_at = stamp, hash = new_chain;
    PERFORM pg_notify('portner_journal', last_seq::text);
  END IF;
  RETURN QUERY SELECT (v.value ->> 'item')::integer, v.value ->> 'outcome', (v.value ->> 'seq')::bigint, v.value ->> 'content'
    FROM jsonb_array_elements(verdicts) AS v(value);
END $$;
--> statement-breakpoint
-- Appends one item as the last statement of a caller's transaction; anything but a clean record undoes the whole of it.
CREATE FUNCTION journal_append(hub_id uuid, item jsonb) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  verdict record;
BEGIN
  SELECT * INTO STRICT verdict FROM journal_record(hub_id, jsonb_build_array(item));
  IF verdict.outcome = 'stale' THEN
    RAISE EXCEPTION 'decided before the newest revocation' USING ERRCODE = 'PJ001';
  ELSIF verdict.outcome = 'repeated' THEN
    RAISE EXCEPTION 'the entry stands already' USING ERRCODE = 'PJ002', DETAIL = verdict.seq::text;
  END IF;
  RETURN verdict.seq;
END $$;
