CREATE TABLE "audit_writers" (
	"writer" text PRIMARY KEY NOT NULL,
	"host" text NOT NULL,
	"seq" integer NOT NULL,
	"seen_at" timestamp (3) with time zone NOT NULL,
	"closed_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "shared_secrets" (
	"name" text PRIMARY KEY NOT NULL,
	"sealed" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL
);
