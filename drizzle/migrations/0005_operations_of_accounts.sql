ALTER TABLE "operation" ADD COLUMN "account" integer;--> statement-breakpoint
-- Who asked stands in each operation's first entry.
UPDATE operation SET account = j.actor FROM journal j WHERE j.seq = operation.sequence AND j.actor IS NOT NULL;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION rows_operation(items jsonb) RETURNS void LANGUAGE sql AS $$
  INSERT INTO operation (id, tenant, path, credential, person, account, via, locks, skipped_doors, outcome, stopped_at, sequence, created_at)
  SELECT id, tenant, path, credential, person, account, via, locks, skipped_doors, outcome, stopped_at, seq, to_timestamp(created_at / 1000.0)
  FROM jsonb_to_recordset(items) AS r(id uuid, tenant integer, path integer, credential integer, person integer, account integer,
    via text, locks integer[], skipped_doors integer[], outcome text, stopped_at integer, seq bigint, created_at double precision)
  ON CONFLICT (id) DO NOTHING
$$;
--> statement-breakpoint
-- Records those of the items whose first entry's command is not settled. Whatever settles a command does so under the
-- head's lock, so what this finds unsettled behind that lock stays so until its own entries stand. Answers how many.
CREATE FUNCTION journal_record_while_open(hub_id uuid, items jsonb) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE
  still_open jsonb;
BEGIN
  PERFORM 1 FROM head FOR UPDATE;
  SELECT jsonb_agg(i.body ORDER BY i.n) INTO still_open
  FROM jsonb_array_elements(items) WITH ORDINALITY AS i(body, n)
  WHERE EXISTS (
    SELECT 1 FROM command WHERE id = (i.body -> 'entries' -> 0 ->> 'command')::uuid AND NOT settled);
  IF still_open IS NULL THEN
    RETURN 0;
  END IF;
  RETURN (SELECT count(*)::integer FROM journal_record(hub_id, still_open) WHERE outcome = 'recorded');
END $$;
