ALTER TABLE "department" ADD COLUMN "own_staff" boolean DEFAULT true NOT NULL;--> statement-breakpoint
ALTER TABLE "person" ADD COLUMN "folded" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "person" ADD COLUMN "roles" text[] DEFAULT '{"E"}' NOT NULL;--> statement-breakpoint
ALTER TABLE "person" ADD COLUMN "closed_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "tenant" ADD COLUMN "ean" text;--> statement-breakpoint
ALTER TABLE "tenant" ADD COLUMN "visit_only" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "tenant" ADD COLUMN "permit_hours" integer DEFAULT 72 NOT NULL;