-- A partition that is made as one locks the whole journal against everybody, and waits for that behind the slowest search
-- while every append waits behind it. One that is made beside and attached disturbs neither.
CREATE OR REPLACE FUNCTION journal_prepare(ahead integer, size bigint) RETURNS integer LANGUAGE plpgsql
  -- Whoever else makes partitions, vacuums or changes the journal: the next look will do.
  SET lock_timeout = '1s' AS $$
DECLARE
  reached bigint;
  first bigint;
  name text;
BEGIN
  PERFORM pg_advisory_xact_lock(7306913405);
  SELECT seq INTO reached FROM head;
  FOR n IN 0..ahead LOOP
    first := (reached / size + n) * size;
    name := 'journal_' || lpad(first::text, 16, '0');
    IF to_regclass(name) IS NULL THEN
      EXECUTE format('CREATE TABLE %I (LIKE journal INCLUDING ALL)', name);
      -- Tells the attaching what it would read the table for; afterwards the partition's bounds say the same.
      EXECUTE format('ALTER TABLE %I ADD CONSTRAINT within CHECK (seq >= %s AND seq < %s)', name, first, first + size);
      EXECUTE format('CREATE TRIGGER journal_no_truncate BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION journal_is_append_only()', name);
      EXECUTE format('ALTER TABLE journal ATTACH PARTITION %I FOR VALUES FROM (%s) TO (%s)', name, first, first + size);
      EXECUTE format('ALTER TABLE %I DROP CONSTRAINT within', name);
    END IF;
  END LOOP;
  RETURN journal_ready(size);
END $$;
