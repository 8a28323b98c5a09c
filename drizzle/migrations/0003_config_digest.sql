ALTER TABLE "lock_unit" ALTER COLUMN "config_version" SET DEFAULT 0;--> statement-breakpoint
ALTER TABLE "lock_unit" ADD COLUMN "config_digest" text;