-- What the provider's record of a finished call says late: when it is read next.
ALTER TABLE "calls" ADD COLUMN "inquire_at" timestamp (3) with time zone;--> statement-breakpoint
CREATE INDEX "calls_inquire" ON "calls" USING btree ("inquire_at") WHERE "calls"."inquire_at" is not null;
