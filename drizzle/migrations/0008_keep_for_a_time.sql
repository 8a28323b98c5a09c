CREATE TABLE "login_key" (
	"period" integer PRIMARY KEY NOT NULL,
	"secret" "bytea" NOT NULL,
	"created_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE INDEX "session_expires_at_index" ON "session" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "sign_in_failure_at_index" ON "sign_in_failure" USING btree ("at");--> statement-breakpoint
CREATE INDEX "quarantined_message_received_at_index" ON "quarantined_message" USING btree ("received_at");--> statement-breakpoint
CREATE INDEX "enrolment_code_expires_at_index" ON "enrolment_code" USING btree ("expires_at");--> statement-breakpoint
-- Keys leave with the entries that they stand for, oldest first.
CREATE INDEX entry_key_seq ON entry_key (seq);
--> statement-breakpoint
-- A partition is a table of its own: emptying it does not ask the journal's trigger.
DO $$
DECLARE
  part regclass;
BEGIN
  FOR part IN SELECT inhrelid::regclass FROM pg_inherits WHERE inhparent = 'journal'::regclass LOOP
    EXECUTE format('CREATE TRIGGER journal_no_truncate BEFORE TRUNCATE ON %s FOR EACH STATEMENT EXECUTE FUNCTION journal_is_append_only()', part);
  END LOOP;
END $$;
--> statement-breakpoint
CREATE OR REPLACE FUNCTION journal_prepare(ahead integer, size bigint) RETURNS integer LANGUAGE plpgsql AS $$
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
      EXECUTE format('CREATE TABLE %I PARTITION OF journal FOR VALUES FROM (%s) TO (%s)', name, first, first + size);
      EXECUTE format('CREATE TRIGGER journal_no_truncate BEFORE TRUNCATE ON %I FOR EACH STATEMENT EXECUTE FUNCTION journal_is_append_only()', name);
    END IF;
  END LOOP;
  RETURN journal_ready(size);
END $$;
