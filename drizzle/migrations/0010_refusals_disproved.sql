-- A lock that refused for want of memory, or because it was too early, has not remembered the command: a copy that the
-- broker brings later may still be obeyed. What the bolt then says outweighs the refusal.
CREATE OR REPLACE FUNCTION command_rank(state text) RETURNS integer LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE state WHEN 'authorised' THEN 0 WHEN 'sent' THEN 1 WHEN 'accepted' THEN 2 WHEN 'moving' THEN 3
    WHEN 'unknown' THEN 4 WHEN 'abandoned' THEN 5 WHEN 'rejected' THEN 5 WHEN 'expired' THEN 5 ELSE 6 END
$$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION rows_command_state(items jsonb) RETURNS void LANGUAGE sql AS $$
  UPDATE command SET state = r.state, detail = coalesce(r.detail, CASE WHEN command.state <> 'rejected' THEN command.detail END),
    settled = r.settled OR command.settled, sequence = r.seq
  FROM (
    SELECT DISTINCT ON (id) * FROM jsonb_to_recordset(items) AS x(id uuid, unit integer, state text, detail text, settled boolean, seq bigint)
    ORDER BY id, command_rank(state) DESC, seq DESC
  ) AS r
  WHERE command.id = r.id AND (r.unit IS NULL OR r.unit = command.unit)
    AND command_rank(r.state) > command_rank(command.state)
    AND (NOT command.settled OR (command.state IN ('unknown', 'rejected') AND r.settled))
$$;
