CREATE TABLE "alert_deliveries" (
	"id" text PRIMARY KEY NOT NULL,
	"target_id" text NOT NULL,
	"tenant_id" text NOT NULL,
	"event" jsonb NOT NULL,
	"state" text NOT NULL,
	"attempts" integer NOT NULL,
	"next_at" timestamp (3) with time zone NOT NULL,
	"last_error" text,
	"created_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "alert_targets" (
	"id" text PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL,
	"name" text NOT NULL,
	"destination" jsonb NOT NULL,
	"sealed_secret" jsonb,
	"events" jsonb NOT NULL,
	"enabled" boolean NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "camera_groups" (
	"id" text PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL,
	"name" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "camera_history" (
	"camera_id" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"state" text NOT NULL,
	"reason" text NOT NULL,
	CONSTRAINT "camera_history_camera_id_at_pk" PRIMARY KEY("camera_id","at")
);
--> statement-breakpoint
CREATE TABLE "incidents" (
	"id" text PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL,
	"name" text NOT NULL,
	"camera_ids" jsonb NOT NULL,
	"begun_by" text NOT NULL,
	"begun_at" timestamp (3) with time zone NOT NULL,
	"ends_at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "policy_versions" (
	"tenant_id" text NOT NULL,
	"version" integer NOT NULL,
	"rules" jsonb NOT NULL,
	"author" text NOT NULL,
	"note" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "policy_versions_tenant_id_version_pk" PRIMARY KEY("tenant_id","version")
);
--> statement-breakpoint
CREATE TABLE "recorders" (
	"id" text PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL,
	"name" text NOT NULL,
	"host" text NOT NULL,
	"max_connections" integer NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "report_cards" (
	"camera_id" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"card" jsonb NOT NULL,
	"undo" jsonb,
	CONSTRAINT "report_cards_camera_id_at_pk" PRIMARY KEY("camera_id","at")
);
--> statement-breakpoint
CREATE TABLE "sites" (
	"id" text PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL,
	"name" text NOT NULL,
	"time_zone" text NOT NULL,
	"max_pulls" integer,
	"created_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "tenant_keys" (
	"tenant_id" text NOT NULL,
	"version" integer NOT NULL,
	"key_id" text NOT NULL,
	"wrapped" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"retired_at" timestamp (3) with time zone,
	CONSTRAINT "tenant_keys_tenant_id_version_pk" PRIMARY KEY("tenant_id","version")
);
--> statement-breakpoint
CREATE TABLE "tenant_limits" (
	"tenant_id" text PRIMARY KEY NOT NULL,
	"version" integer NOT NULL,
	"limits" jsonb NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "tenants" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "watch_log" (
	"session_id" text PRIMARY KEY NOT NULL,
	"tenant_id" text NOT NULL,
	"user_id" text NOT NULL,
	"camera_id" text NOT NULL,
	"started_at" timestamp (3) with time zone NOT NULL,
	"ended_at" timestamp (3) with time zone NOT NULL,
	"protocol" text NOT NULL,
	"profile" text NOT NULL,
	"seconds" integer NOT NULL,
	"bytes_sent" bigint NOT NULL
);
--> statement-breakpoint
ALTER TABLE "api_tokens" ADD COLUMN "tenant_id" text DEFAULT 'home' NOT NULL;--> statement-breakpoint
ALTER TABLE "api_tokens" ADD COLUMN "grants" jsonb DEFAULT '[{"scope":{"kind":"all"}}]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "api_tokens" ADD COLUMN "scopes" jsonb;--> statement-breakpoint
ALTER TABLE "audit_records" ADD COLUMN "tenant_id" text DEFAULT 'home' NOT NULL;--> statement-breakpoint
ALTER TABLE "cameras" ADD COLUMN "tenant_id" text DEFAULT 'home' NOT NULL;--> statement-breakpoint
ALTER TABLE "cameras" ADD COLUMN "site_id" text;--> statement-breakpoint
ALTER TABLE "cameras" ADD COLUMN "group_ids" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "cameras" ADD COLUMN "tags" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "cameras" ADD COLUMN "tier" integer DEFAULT 5 NOT NULL;--> statement-breakpoint
ALTER TABLE "cameras" ADD COLUMN "path_name" text;--> statement-breakpoint
ALTER TABLE "cameras" ADD COLUMN "max_connections" integer;--> statement-breakpoint
ALTER TABLE "cameras" ADD COLUMN "watched" boolean DEFAULT true NOT NULL;--> statement-breakpoint
ALTER TABLE "idempotency_keys" ADD COLUMN "kind" text DEFAULT 'camera' NOT NULL;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "tenant_id" text DEFAULT 'home' NOT NULL;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "grants" jsonb DEFAULT '[{"scope":{"kind":"all"}}]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "external_id" text;--> statement-breakpoint
ALTER TABLE "alert_deliveries" ADD CONSTRAINT "alert_deliveries_target_id_alert_targets_id_fk" FOREIGN KEY ("target_id") REFERENCES "public"."alert_targets"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "camera_history" ADD CONSTRAINT "camera_history_camera_id_cameras_id_fk" FOREIGN KEY ("camera_id") REFERENCES "public"."cameras"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "report_cards" ADD CONSTRAINT "report_cards_camera_id_cameras_id_fk" FOREIGN KEY ("camera_id") REFERENCES "public"."cameras"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "alert_deliveries_due" ON "alert_deliveries" USING btree ("state","next_at");--> statement-breakpoint
CREATE INDEX "alert_deliveries_tenant" ON "alert_deliveries" USING btree ("tenant_id","created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "camera_groups_name" ON "camera_groups" USING btree ("tenant_id",lower("name"));--> statement-breakpoint
CREATE INDEX "camera_history_at" ON "camera_history" USING btree ("at");--> statement-breakpoint
CREATE INDEX "incidents_tenant" ON "incidents" USING btree ("tenant_id","begun_at");--> statement-breakpoint
CREATE UNIQUE INDEX "recorders_host" ON "recorders" USING btree ("tenant_id","host");--> statement-breakpoint
CREATE UNIQUE INDEX "sites_name" ON "sites" USING btree ("tenant_id",lower("name"));--> statement-breakpoint
CREATE INDEX "watch_log_tenant" ON "watch_log" USING btree ("tenant_id","ended_at");--> statement-breakpoint
CREATE INDEX "watch_log_camera" ON "watch_log" USING btree ("camera_id","ended_at");--> statement-breakpoint
CREATE INDEX "audit_records_tenant" ON "audit_records" USING btree ("tenant_id","at");--> statement-breakpoint
CREATE INDEX "cameras_by_tenant" ON "cameras" USING btree ("tenant_id",lower("name") collate "C","id");--> statement-breakpoint
CREATE UNIQUE INDEX "cameras_path_name" ON "cameras" USING btree ("path_name");--> statement-breakpoint
CREATE UNIQUE INDEX "users_external_id" ON "users" USING btree ("external_id");--> statement-breakpoint
CREATE INDEX "users_tenant" ON "users" USING btree ("tenant_id","name_key");--> statement-breakpoint
INSERT INTO "tenants" ("id", "name", "created_at") VALUES ('home', 'Home', now());
