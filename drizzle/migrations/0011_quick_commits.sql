-- Each commit looked for its entry ids by reading the whole table of keys, for the planner takes any list in JSON for ten
-- thousand rows, and a plan that was made while a table was small is kept. One look into the index for each id, and never
-- a table from end to end, however small it is when the plan is made. A plan's cost is then no ground to compile it.
CREATE OR REPLACE FUNCTION journal_record(hub_id uuid, items jsonb)
RETURNS TABLE (item integer, outcome text, seq bigint, content text) LANGUAGE plpgsql SET enable_seqscan = off SET jit = off AS $$
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
    FROM parsed p LEFT JOIN LATERAL (SELECT * FROM entry_key WHERE entry_key.entry_id = p.entry_id OFFSET 0) k ON true
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
-- A function in SQL is planned anew at each call, which took longer than all the rest of a commit.
DO $$
DECLARE f record;
BEGIN
  FOR f IN SELECT proname, prosrc FROM pg_proc WHERE pronamespace = current_schema()::regnamespace AND proname LIKE 'rows\_%'
    AND prolang = (SELECT oid FROM pg_language WHERE lanname = 'sql')
  LOOP
    EXECUTE format('CREATE OR REPLACE FUNCTION %I(items jsonb) RETURNS void LANGUAGE plpgsql AS %L', f.proname,
      E'\n#variable_conflict use_column\nBEGIN' || rtrim(f.prosrc, E' \n;') || E';\nEND ');
  END LOOP;
END $$;
