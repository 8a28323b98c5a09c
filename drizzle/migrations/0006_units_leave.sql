-- A unit that left its door has no row on the board and has proven nothing. The rows go behind the head's lock, where
-- events are recorded too, and an event that another hub records later brings them back no more.
CREATE FUNCTION rows_unit_left(items jsonb) RETURNS void LANGUAGE sql AS $$
  DELETE FROM lock_board USING jsonb_to_recordset(items) AS r(unit integer) WHERE lock_board.unit = r.unit;
  DELETE FROM deny_proof USING jsonb_to_recordset(items) AS r(unit integer) WHERE deny_proof.unit = r.unit;
$$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION rows_lock_board(items jsonb) RETURNS void LANGUAGE sql AS $$
  INSERT INTO lock_board (unit, sequence, state, heard_at)
  SELECT DISTINCT ON (r.unit) r.unit, seq, state, to_timestamp(heard_at / 1000.0)
  FROM jsonb_to_recordset(items) AS r(unit integer, seq bigint, state jsonb, heard_at double precision)
    JOIN lock_unit ON lock_unit.id = r.unit AND lock_unit.decommissioned_at IS NULL
  ORDER BY r.unit, seq DESC
  ON CONFLICT (unit) DO UPDATE SET sequence = excluded.sequence, state = excluded.state,
    heard_at = greatest(lock_board.heard_at, excluded.heard_at)
  WHERE excluded.sequence > lock_board.sequence
$$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION rows_deny_proof(items jsonb) RETURNS void LANGUAGE sql AS $$
  INSERT INTO deny_proof (unit, version, digest, proven_at)
  SELECT DISTINCT ON (r.unit) r.unit, version, digest, to_timestamp(proven_at / 1000.0)
  FROM jsonb_to_recordset(items) AS r(unit integer, version bigint, digest text, proven_at double precision, seq bigint)
    JOIN lock_unit ON lock_unit.id = r.unit AND lock_unit.decommissioned_at IS NULL
  ORDER BY r.unit, seq DESC
  ON CONFLICT (unit) DO UPDATE SET version = excluded.version, digest = excluded.digest, proven_at = excluded.proven_at
$$;
