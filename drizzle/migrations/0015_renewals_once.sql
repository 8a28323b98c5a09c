DROP INDEX "session_account_index";--> statement-breakpoint
DROP INDEX "session_credential_index";--> statement-breakpoint
ALTER TABLE "session" ADD COLUMN "proven_at" timestamp with time zone;--> statement-breakpoint
CREATE INDEX "session_account_created_at_index" ON "session" USING btree ("account","created_at");--> statement-breakpoint
CREATE INDEX "session_credential_created_at_index" ON "session" USING btree ("credential","created_at");--> statement-breakpoint
ALTER TABLE "session" ADD CONSTRAINT "session_credential_provenAt_unique" UNIQUE("credential","proven_at");