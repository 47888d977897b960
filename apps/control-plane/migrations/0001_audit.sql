CREATE TABLE "audit_records" (
	"writer" text NOT NULL,
	"seq" integer NOT NULL,
	"event" text NOT NULL,
	"previous" text NOT NULL,
	"hash" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"kind" text NOT NULL,
	"actor_id" text,
	"camera_id" text,
	"session_id" text,
	CONSTRAINT "audit_records_writer_seq_pk" PRIMARY KEY("writer","seq")
);
--> statement-breakpoint
CREATE TABLE "audit_seals" (
	"seq" integer PRIMARY KEY NOT NULL,
	"at" bigint NOT NULL,
	"heads" jsonb NOT NULL,
	"previous" text NOT NULL,
	"hash" text NOT NULL,
	"signature" text NOT NULL
);
--> statement-breakpoint
CREATE INDEX "audit_records_at" ON "audit_records" USING btree ("at","writer","seq");--> statement-breakpoint
CREATE INDEX "audit_records_camera" ON "audit_records" USING btree ("camera_id","at");--> statement-breakpoint
CREATE INDEX "audit_records_actor" ON "audit_records" USING btree ("actor_id","at");