-- What a lock's board and proof of the deny list were kept under becomes the unit that reported them. Rows follow the
-- unit where the lock has had only one; where there were several nobody can tell whose words they were, so they go, and
-- the unit in service reports and proves anew.
ALTER TABLE "lock_board" ADD COLUMN "unit" integer;--> statement-breakpoint
UPDATE "lock_board" SET "unit" = (SELECT min("id") FROM "lock_unit" WHERE "lock_unit"."lock" = "lock_board"."lock" HAVING count(*) = 1);--> statement-breakpoint
DELETE FROM "lock_board" WHERE "unit" IS NULL;--> statement-breakpoint
ALTER TABLE "lock_board" DROP COLUMN "lock";--> statement-breakpoint
ALTER TABLE "lock_board" ADD PRIMARY KEY ("unit");--> statement-breakpoint
ALTER TABLE "lock_board" ADD CONSTRAINT "lock_board_unit_lock_unit_id_fk" FOREIGN KEY ("unit") REFERENCES "public"."lock_unit"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "deny_proof" ADD COLUMN "unit" integer;--> statement-breakpoint
UPDATE "deny_proof" SET "unit" = (SELECT min("id") FROM "lock_unit" WHERE "lock_unit"."lock" = "deny_proof"."lock" HAVING count(*) = 1);--> statement-breakpoint
DELETE FROM "deny_proof" WHERE "unit" IS NULL;--> statement-breakpoint
ALTER TABLE "deny_proof" DROP COLUMN "lock";--> statement-breakpoint
ALTER TABLE "deny_proof" ADD PRIMARY KEY ("unit");--> statement-breakpoint
ALTER TABLE "deny_proof" ADD CONSTRAINT "deny_proof_unit_lock_unit_id_fk" FOREIGN KEY ("unit") REFERENCES "public"."lock_unit"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "lock_unit" ADD COLUMN "claim_nonces" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
CREATE OR REPLACE FUNCTION rows_lock_board(items jsonb) RETURNS void LANGUAGE sql AS $$
  INSERT INTO lock_board (unit, sequence, state, heard_at)
  SELECT DISTINCT ON (unit) unit, seq, state, to_timestamp(heard_at / 1000.0)
  FROM jsonb_to_recordset(items) AS r(unit integer, seq bigint, state jsonb, heard_at double precision)
  ORDER BY unit, seq DESC
  ON CONFLICT (unit) DO UPDATE SET sequence = excluded.sequence, state = excluded.state,
    heard_at = greatest(lock_board.heard_at, excluded.heard_at)
  WHERE excluded.sequence > lock_board.sequence
$$;--> statement-breakpoint
CREATE OR REPLACE FUNCTION rows_deny_proof(items jsonb) RETURNS void LANGUAGE sql AS $$
  INSERT INTO deny_proof (unit, version, digest, proven_at)
  SELECT DISTINCT ON (unit) unit, version, digest, to_timestamp(proven_at / 1000.0)
  FROM jsonb_to_recordset(items) AS r(unit integer, version bigint, digest text, proven_at double precision, seq bigint)
  ORDER BY unit, seq DESC
  ON CONFLICT (unit) DO UPDATE SET version = excluded.version, digest = excluded.digest, proven_at = excluded.proven_at
$$;
