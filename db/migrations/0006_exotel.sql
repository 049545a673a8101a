-- What the provider's record of a finished call says late: when it is read next.
ALTER TABLE "calls" ADD COLUMN "inquire_at" timestamp (3) with time zone;--> statement-breakpoint
-- Whether its name at the provider was only guessed, by a search: better evidence takes it back.
ALTER TABLE "calls" ADD COLUMN "guessed" boolean DEFAULT false NOT NULL;--> statement-breakpoint
CREATE INDEX "calls_inquire" ON "calls" USING btree ("inquire_at") WHERE "calls"."inquire_at" is not null;--> statement-breakpoint
-- Without erased calls: what is erased while it is open stays so.
DROP INDEX "calls_open";--> statement-breakpoint
CREATE INDEX "calls_open" ON "calls" USING btree ("last_heard_at") WHERE "calls"."status" in ('queued', 'ringing', 'in-progress') and "calls"."erased_at" is null;--> statement-breakpoint
CREATE INDEX "calls_live" ON "calls" USING btree ("provider") WHERE "calls"."status" in ('queued', 'ringing', 'in-progress') and "calls"."dispatched_at" is not null and "calls"."erased_at" is null;--> statement-breakpoint
CREATE INDEX "calls_unnamed" ON "calls" USING btree ("dispatched_at") WHERE "calls"."status" in ('queued', 'ringing', 'in-progress') and "calls"."dispatched_at" is not null and "calls"."provider_call_id" is null;
