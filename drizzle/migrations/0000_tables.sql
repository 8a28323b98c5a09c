CREATE TABLE "block" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "block_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"public_id" text NOT NULL,
	"tenant" integer NOT NULL,
	"subject_type" text NOT NULL,
	"subject" integer NOT NULL,
	"placed_at" timestamp with time zone NOT NULL,
	"placed_by" integer,
	"deny_until" timestamp with time zone NOT NULL,
	CONSTRAINT "block_publicId_unique" UNIQUE("public_id")
);
--> statement-breakpoint
CREATE TABLE "block_lift" (
	"block" integer PRIMARY KEY NOT NULL,
	"lifted_at" timestamp with time zone NOT NULL,
	"lifted_by" integer
);
--> statement-breakpoint
CREATE TABLE "bundle" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "bundle_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"public_id" text NOT NULL,
	"tenant" integer NOT NULL,
	"external_id" text NOT NULL,
	"name" text NOT NULL,
	CONSTRAINT "bundle_publicId_unique" UNIQUE("public_id"),
	CONSTRAINT "bundle_tenant_externalId_unique" UNIQUE("tenant","external_id")
);
--> statement-breakpoint
CREATE TABLE "bundle_path" (
	"bundle" integer NOT NULL,
	"path" integer NOT NULL,
	CONSTRAINT "bundle_path_bundle_path_pk" PRIMARY KEY("bundle","path")
);
--> statement-breakpoint
CREATE TABLE "deny_proof" (
	"lock" integer PRIMARY KEY NOT NULL,
	"version" bigint NOT NULL,
	"digest" text NOT NULL,
	"proven_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "membership" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "membership_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"public_id" text NOT NULL,
	"tenant" integer NOT NULL,
	"person" integer NOT NULL,
	"bundle" integer NOT NULL,
	"valid_from" timestamp with time zone NOT NULL,
	"valid_until" timestamp with time zone,
	CONSTRAINT "membership_publicId_unique" UNIQUE("public_id")
);
--> statement-breakpoint
CREATE TABLE "account" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "account_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"public_id" text NOT NULL,
	"tenant" integer NOT NULL,
	"person" integer,
	"login" text NOT NULL,
	"name" text NOT NULL,
	"password_hash" text NOT NULL,
	"active" boolean DEFAULT true NOT NULL,
	CONSTRAINT "account_publicId_unique" UNIQUE("public_id"),
	CONSTRAINT "account_login_unique" UNIQUE("login")
);
--> statement-breakpoint
CREATE TABLE "account_role" (
	"account" integer NOT NULL,
	"role" text NOT NULL,
	"department" integer,
	"provider" integer,
	CONSTRAINT "account_role_account_role_pk" PRIMARY KEY("account","role")
);
--> statement-breakpoint
CREATE TABLE "api_token" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "api_token_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"public_id" text NOT NULL,
	"tenant" integer NOT NULL,
	"name" text NOT NULL,
	"digest" "bytea" NOT NULL,
	"scopes" text[] NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"last_used_at" timestamp with time zone,
	"revoked_at" timestamp with time zone,
	CONSTRAINT "api_token_publicId_unique" UNIQUE("public_id"),
	CONSTRAINT "api_token_digest_unique" UNIQUE("digest")
);
--> statement-breakpoint
CREATE TABLE "hub" (
	"id" uuid PRIMARY KEY NOT NULL,
	"started_at" timestamp with time zone NOT NULL,
	"seen_at" timestamp with time zone NOT NULL,
	"version" text NOT NULL,
	"applied_sequence" bigint DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "session" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "session_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"tenant" integer NOT NULL,
	"form" text NOT NULL,
	"account" integer,
	"credential" integer,
	"token_digest" "bytea" NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"ended_at" timestamp with time zone,
	CONSTRAINT "session_tokenDigest_unique" UNIQUE("token_digest")
);
--> statement-breakpoint
CREATE TABLE "sign_in_failure" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "sign_in_failure_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"login_digest" text NOT NULL,
	"at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "command" (
	"id" uuid PRIMARY KEY NOT NULL,
	"operation" uuid NOT NULL,
	"position" integer NOT NULL,
	"tenant" integer NOT NULL,
	"lock" integer NOT NULL,
	"unit" integer NOT NULL,
	"op" text NOT NULL,
	"credential" integer,
	"state" text NOT NULL,
	"detail" text,
	"settled" boolean DEFAULT false NOT NULL,
	"decided_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"sequence" bigint NOT NULL
);
--> statement-breakpoint
CREATE TABLE "lock_board" (
	"lock" integer PRIMARY KEY NOT NULL,
	"sequence" bigint NOT NULL,
	"state" jsonb NOT NULL,
	"telemetry" jsonb,
	"heard_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "lock_boot" (
	"unit" integer NOT NULL,
	"boot" integer NOT NULL,
	"contiguous_sequence" bigint NOT NULL,
	CONSTRAINT "lock_boot_unit_boot_pk" PRIMARY KEY("unit","boot")
);
--> statement-breakpoint
CREATE TABLE "lock_unit" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "lock_unit_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"public_id" text NOT NULL,
	"tenant" integer NOT NULL,
	"lock" integer NOT NULL,
	"claim_digest" text NOT NULL,
	"public_key" "bytea" NOT NULL,
	"broker_secret_digest" "bytea" NOT NULL,
	"model" text NOT NULL,
	"firmware" text NOT NULL,
	"config_version" integer DEFAULT 1 NOT NULL,
	"commissioned_at" timestamp with time zone DEFAULT now() NOT NULL,
	"decommissioned_at" timestamp with time zone,
	"quarantined_at" timestamp with time zone,
	"quarantine_cause" text,
	CONSTRAINT "lock_unit_publicId_unique" UNIQUE("public_id")
);
--> statement-breakpoint
CREATE TABLE "operation" (
	"id" uuid PRIMARY KEY NOT NULL,
	"tenant" integer NOT NULL,
	"path" integer,
	"credential" integer,
	"person" integer,
	"via" text NOT NULL,
	"locks" integer[] NOT NULL,
	"skipped_doors" integer[] NOT NULL,
	"outcome" text NOT NULL,
	"stopped_at" integer,
	"sequence" bigint NOT NULL,
	"created_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "quarantined_message" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "quarantined_message_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"tenant" integer,
	"lock" integer,
	"channel" text NOT NULL,
	"fault" text NOT NULL,
	"payload" "bytea" NOT NULL,
	"bytes" integer NOT NULL,
	"received_at" timestamp with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "credential" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "credential_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"public_id" text NOT NULL,
	"tenant" integer NOT NULL,
	"person" integer NOT NULL,
	"form" text NOT NULL,
	"model" text NOT NULL,
	"public_key" "bytea" NOT NULL,
	"generation" integer DEFAULT 1 NOT NULL,
	"valid_from" timestamp with time zone NOT NULL,
	"valid_until" timestamp with time zone,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "credential_publicId_unique" UNIQUE("public_id"),
	CONSTRAINT "credential_publicKey_unique" UNIQUE("public_key")
);
--> statement-breakpoint
CREATE TABLE "department" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "department_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"public_id" text NOT NULL,
	"tenant" integer NOT NULL,
	"external_id" text NOT NULL,
	"name" text NOT NULL,
	"kind" text NOT NULL,
	"district" integer,
	"ean" text,
	CONSTRAINT "department_publicId_unique" UNIQUE("public_id"),
	CONSTRAINT "department_tenant_externalId_unique" UNIQUE("tenant","external_id")
);
--> statement-breakpoint
CREATE TABLE "enrolment_code" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "enrolment_code_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"tenant" integer NOT NULL,
	"person" integer NOT NULL,
	"digest" "bytea" NOT NULL,
	"issued_at" timestamp with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"used_at" timestamp with time zone,
	"credential" integer,
	CONSTRAINT "enrolment_code_digest_unique" UNIQUE("digest")
);
--> statement-breakpoint
CREATE TABLE "person" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "person_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"public_id" text NOT NULL,
	"tenant" integer NOT NULL,
	"external_id" text NOT NULL,
	"name" text NOT NULL,
	"profession" text NOT NULL,
	"department" integer,
	"provider" integer,
	"active" boolean DEFAULT true NOT NULL,
	CONSTRAINT "person_publicId_unique" UNIQUE("public_id"),
	CONSTRAINT "person_tenant_externalId_unique" UNIQUE("tenant","external_id")
);
--> statement-breakpoint
CREATE TABLE "provider" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "provider_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"public_id" text NOT NULL,
	"tenant" integer NOT NULL,
	"external_id" text NOT NULL,
	"name" text NOT NULL,
	"contract_end" timestamp with time zone,
	CONSTRAINT "provider_publicId_unique" UNIQUE("public_id"),
	CONSTRAINT "provider_tenant_externalId_unique" UNIQUE("tenant","external_id")
);
--> statement-breakpoint
CREATE TABLE "address" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "address_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"public_id" text NOT NULL,
	"tenant" integer NOT NULL,
	"external_id" text NOT NULL,
	"street" text NOT NULL,
	"number" text NOT NULL,
	"floor" text,
	"side" text,
	"postal_code" text NOT NULL,
	"city" text NOT NULL,
	"district" integer,
	"folded" text NOT NULL,
	CONSTRAINT "address_publicId_unique" UNIQUE("public_id"),
	CONSTRAINT "address_tenant_externalId_unique" UNIQUE("tenant","external_id")
);
--> statement-breakpoint
CREATE TABLE "citizen" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "citizen_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"public_id" text NOT NULL,
	"tenant" integer NOT NULL,
	"external_id" text NOT NULL,
	"name" text NOT NULL,
	"folded" text NOT NULL,
	"entry_reason" text NOT NULL,
	"emergency_call" boolean NOT NULL,
	"address" integer NOT NULL,
	CONSTRAINT "citizen_publicId_unique" UNIQUE("public_id"),
	CONSTRAINT "citizen_tenant_externalId_unique" UNIQUE("tenant","external_id")
);
--> statement-breakpoint
CREATE TABLE "door" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "door_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"public_id" text NOT NULL,
	"tenant" integer NOT NULL,
	"external_id" text NOT NULL,
	"kind" text NOT NULL,
	"address" integer NOT NULL,
	"housing_company" integer,
	CONSTRAINT "door_publicId_unique" UNIQUE("public_id"),
	CONSTRAINT "door_tenant_externalId_unique" UNIQUE("tenant","external_id")
);
--> statement-breakpoint
CREATE TABLE "housing_company" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "housing_company_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"tenant" integer NOT NULL,
	"external_id" text NOT NULL,
	"name" text NOT NULL,
	CONSTRAINT "housing_company_tenant_externalId_unique" UNIQUE("tenant","external_id")
);
--> statement-breakpoint
CREATE TABLE "lock" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "lock_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"public_id" text NOT NULL,
	"tenant" integer NOT NULL,
	"serial" text NOT NULL,
	"model" text NOT NULL,
	"door" integer NOT NULL,
	"legal_basis" text NOT NULL,
	"consent_reference" text NOT NULL,
	"consent_at" timestamp with time zone NOT NULL,
	"claim_digest" text,
	CONSTRAINT "lock_publicId_unique" UNIQUE("public_id"),
	CONSTRAINT "lock_serial_unique" UNIQUE("serial"),
	CONSTRAINT "lock_door_unique" UNIQUE("door")
);
--> statement-breakpoint
CREATE TABLE "path" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "path_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"public_id" text NOT NULL,
	"tenant" integer NOT NULL,
	"external_id" text NOT NULL,
	"citizen" integer NOT NULL,
	CONSTRAINT "path_publicId_unique" UNIQUE("public_id"),
	CONSTRAINT "path_tenant_externalId_unique" UNIQUE("tenant","external_id")
);
--> statement-breakpoint
CREATE TABLE "path_door" (
	"path" integer NOT NULL,
	"position" integer NOT NULL,
	"door" integer NOT NULL,
	CONSTRAINT "path_door_path_position_pk" PRIMARY KEY("path","position")
);
--> statement-breakpoint
CREATE TABLE "district" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "district_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"public_id" text NOT NULL,
	"tenant" integer NOT NULL,
	"external_id" text NOT NULL,
	"name" text NOT NULL,
	CONSTRAINT "district_publicId_unique" UNIQUE("public_id"),
	CONSTRAINT "district_tenant_externalId_unique" UNIQUE("tenant","external_id")
);
--> statement-breakpoint
CREATE TABLE "tenant" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "tenant_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"public_id" text NOT NULL,
	"name" text NOT NULL,
	"time_zone" text NOT NULL,
	"remote_open" text NOT NULL,
	"demo" boolean DEFAULT false NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "tenant_publicId_unique" UNIQUE("public_id")
);
--> statement-breakpoint
CREATE TABLE "tenant_key" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "tenant_key_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"tenant" integer NOT NULL,
	"purpose" text NOT NULL,
	"kid" text NOT NULL,
	"public_key" "bytea",
	"sealed_secret" "bytea" NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"retired_at" timestamp with time zone,
	CONSTRAINT "tenant_key_kid_unique" UNIQUE("kid")
);
--> statement-breakpoint
CREATE TABLE "tenant_rule" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "tenant_rule_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"tenant" integer NOT NULL,
	"operation" text NOT NULL,
	"role" text NOT NULL,
	"rule" text NOT NULL,
	CONSTRAINT "tenant_rule_tenant_operation_role_unique" UNIQUE("tenant","operation","role")
);
--> statement-breakpoint
ALTER TABLE "block" ADD CONSTRAINT "block_tenant_tenant_id_fk" FOREIGN KEY ("tenant") REFERENCES "public"."tenant"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "block_lift" ADD CONSTRAINT "block_lift_block_block_id_fk" FOREIGN KEY ("block") REFERENCES "public"."block"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bundle" ADD CONSTRAINT "bundle_tenant_tenant_id_fk" FOREIGN KEY ("tenant") REFERENCES "public"."tenant"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bundle_path" ADD CONSTRAINT "bundle_path_bundle_bundle_id_fk" FOREIGN KEY ("bundle") REFERENCES "public"."bundle"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "bundle_path" ADD CONSTRAINT "bundle_path_path_path_id_fk" FOREIGN KEY ("path") REFERENCES "public"."path"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "membership" ADD CONSTRAINT "membership_tenant_tenant_id_fk" FOREIGN KEY ("tenant") REFERENCES "public"."tenant"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "membership" ADD CONSTRAINT "membership_person_person_id_fk" FOREIGN KEY ("person") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "membership" ADD CONSTRAINT "membership_bundle_bundle_id_fk" FOREIGN KEY ("bundle") REFERENCES "public"."bundle"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "account" ADD CONSTRAINT "account_tenant_tenant_id_fk" FOREIGN KEY ("tenant") REFERENCES "public"."tenant"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "account" ADD CONSTRAINT "account_person_person_id_fk" FOREIGN KEY ("person") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "account_role" ADD CONSTRAINT "account_role_account_account_id_fk" FOREIGN KEY ("account") REFERENCES "public"."account"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "account_role" ADD CONSTRAINT "account_role_department_department_id_fk" FOREIGN KEY ("department") REFERENCES "public"."department"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "account_role" ADD CONSTRAINT "account_role_provider_provider_id_fk" FOREIGN KEY ("provider") REFERENCES "public"."provider"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "api_token" ADD CONSTRAINT "api_token_tenant_tenant_id_fk" FOREIGN KEY ("tenant") REFERENCES "public"."tenant"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "session" ADD CONSTRAINT "session_tenant_tenant_id_fk" FOREIGN KEY ("tenant") REFERENCES "public"."tenant"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "session" ADD CONSTRAINT "session_account_account_id_fk" FOREIGN KEY ("account") REFERENCES "public"."account"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "session" ADD CONSTRAINT "session_credential_credential_id_fk" FOREIGN KEY ("credential") REFERENCES "public"."credential"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "lock_board" ADD CONSTRAINT "lock_board_lock_lock_id_fk" FOREIGN KEY ("lock") REFERENCES "public"."lock"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "lock_boot" ADD CONSTRAINT "lock_boot_unit_lock_unit_id_fk" FOREIGN KEY ("unit") REFERENCES "public"."lock_unit"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "lock_unit" ADD CONSTRAINT "lock_unit_tenant_tenant_id_fk" FOREIGN KEY ("tenant") REFERENCES "public"."tenant"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "lock_unit" ADD CONSTRAINT "lock_unit_lock_lock_id_fk" FOREIGN KEY ("lock") REFERENCES "public"."lock"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "quarantined_message" ADD CONSTRAINT "quarantined_message_tenant_tenant_id_fk" FOREIGN KEY ("tenant") REFERENCES "public"."tenant"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "quarantined_message" ADD CONSTRAINT "quarantined_message_lock_lock_id_fk" FOREIGN KEY ("lock") REFERENCES "public"."lock"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "credential" ADD CONSTRAINT "credential_tenant_tenant_id_fk" FOREIGN KEY ("tenant") REFERENCES "public"."tenant"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "credential" ADD CONSTRAINT "credential_person_person_id_fk" FOREIGN KEY ("person") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "department" ADD CONSTRAINT "department_tenant_tenant_id_fk" FOREIGN KEY ("tenant") REFERENCES "public"."tenant"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "department" ADD CONSTRAINT "department_district_district_id_fk" FOREIGN KEY ("district") REFERENCES "public"."district"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "enrolment_code" ADD CONSTRAINT "enrolment_code_tenant_tenant_id_fk" FOREIGN KEY ("tenant") REFERENCES "public"."tenant"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "enrolment_code" ADD CONSTRAINT "enrolment_code_person_person_id_fk" FOREIGN KEY ("person") REFERENCES "public"."person"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "enrolment_code" ADD CONSTRAINT "enrolment_code_credential_credential_id_fk" FOREIGN KEY ("credential") REFERENCES "public"."credential"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "person" ADD CONSTRAINT "person_tenant_tenant_id_fk" FOREIGN KEY ("tenant") REFERENCES "public"."tenant"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "person" ADD CONSTRAINT "person_department_department_id_fk" FOREIGN KEY ("department") REFERENCES "public"."department"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "person" ADD CONSTRAINT "person_provider_provider_id_fk" FOREIGN KEY ("provider") REFERENCES "public"."provider"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "provider" ADD CONSTRAINT "provider_tenant_tenant_id_fk" FOREIGN KEY ("tenant") REFERENCES "public"."tenant"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "address" ADD CONSTRAINT "address_tenant_tenant_id_fk" FOREIGN KEY ("tenant") REFERENCES "public"."tenant"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "address" ADD CONSTRAINT "address_district_district_id_fk" FOREIGN KEY ("district") REFERENCES "public"."district"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "citizen" ADD CONSTRAINT "citizen_tenant_tenant_id_fk" FOREIGN KEY ("tenant") REFERENCES "public"."tenant"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "citizen" ADD CONSTRAINT "citizen_address_address_id_fk" FOREIGN KEY ("address") REFERENCES "public"."address"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "door" ADD CONSTRAINT "door_tenant_tenant_id_fk" FOREIGN KEY ("tenant") REFERENCES "public"."tenant"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "door" ADD CONSTRAINT "door_address_address_id_fk" FOREIGN KEY ("address") REFERENCES "public"."address"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "door" ADD CONSTRAINT "door_housing_company_housing_company_id_fk" FOREIGN KEY ("housing_company") REFERENCES "public"."housing_company"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "housing_company" ADD CONSTRAINT "housing_company_tenant_tenant_id_fk" FOREIGN KEY ("tenant") REFERENCES "public"."tenant"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "lock" ADD CONSTRAINT "lock_tenant_tenant_id_fk" FOREIGN KEY ("tenant") REFERENCES "public"."tenant"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "lock" ADD CONSTRAINT "lock_door_door_id_fk" FOREIGN KEY ("door") REFERENCES "public"."door"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "path" ADD CONSTRAINT "path_tenant_tenant_id_fk" FOREIGN KEY ("tenant") REFERENCES "public"."tenant"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "path" ADD CONSTRAINT "path_citizen_citizen_id_fk" FOREIGN KEY ("citizen") REFERENCES "public"."citizen"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "path_door" ADD CONSTRAINT "path_door_path_path_id_fk" FOREIGN KEY ("path") REFERENCES "public"."path"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "path_door" ADD CONSTRAINT "path_door_door_door_id_fk" FOREIGN KEY ("door") REFERENCES "public"."door"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "district" ADD CONSTRAINT "district_tenant_tenant_id_fk" FOREIGN KEY ("tenant") REFERENCES "public"."tenant"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tenant_key" ADD CONSTRAINT "tenant_key_tenant_tenant_id_fk" FOREIGN KEY ("tenant") REFERENCES "public"."tenant"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tenant_rule" ADD CONSTRAINT "tenant_rule_tenant_tenant_id_fk" FOREIGN KEY ("tenant") REFERENCES "public"."tenant"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "block_subject_type_subject_index" ON "block" USING btree ("subject_type","subject");--> statement-breakpoint
CREATE INDEX "bundle_path_path_index" ON "bundle_path" USING btree ("path");--> statement-breakpoint
CREATE INDEX "membership_person_index" ON "membership" USING btree ("person");--> statement-breakpoint
CREATE INDEX "membership_bundle_index" ON "membership" USING btree ("bundle");--> statement-breakpoint
CREATE INDEX "session_account_index" ON "session" USING btree ("account");--> statement-breakpoint
CREATE INDEX "session_credential_index" ON "session" USING btree ("credential");--> statement-breakpoint
CREATE INDEX "sign_in_failure_login_digest_at_index" ON "sign_in_failure" USING btree ("login_digest","at");--> statement-breakpoint
CREATE INDEX "command_operation_index" ON "command" USING btree ("operation");--> statement-breakpoint
CREATE INDEX "command_unsettled" ON "command" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "lock_unit_lock_index" ON "lock_unit" USING btree ("lock");--> statement-breakpoint
CREATE INDEX "operation_tenant_sequence_index" ON "operation" USING btree ("tenant","sequence");--> statement-breakpoint
CREATE INDEX "quarantined_message_lock_id_index" ON "quarantined_message" USING btree ("lock","id");--> statement-breakpoint
CREATE INDEX "credential_person_index" ON "credential" USING btree ("person");--> statement-breakpoint
CREATE INDEX "person_department_index" ON "person" USING btree ("department");--> statement-breakpoint
CREATE INDEX "person_provider_index" ON "person" USING btree ("provider");--> statement-breakpoint
CREATE INDEX "address_tenant_folded_index" ON "address" USING btree ("tenant","folded");--> statement-breakpoint
CREATE INDEX "citizen_address_index" ON "citizen" USING btree ("address");--> statement-breakpoint
CREATE INDEX "door_address_index" ON "door" USING btree ("address");--> statement-breakpoint
CREATE INDEX "lock_tenant_index" ON "lock" USING btree ("tenant");--> statement-breakpoint
CREATE INDEX "path_citizen_index" ON "path" USING btree ("citizen");--> statement-breakpoint
CREATE INDEX "path_door_door_index" ON "path_door" USING btree ("door");