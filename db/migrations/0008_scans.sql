-- A remedy is told in its parts, and what is ignored is kept with its reason. No scan has written here yet.
ALTER TABLE "vulnerabilities" ALTER COLUMN "remedy" SET DATA TYPE jsonb USING to_jsonb("remedy");--> statement-breakpoint
ALTER TABLE "vulnerabilities" ADD COLUMN "ignored" jsonb;--> statement-breakpoint
-- Old scans are deleted, and what they have found stays.
ALTER TABLE "vulnerabilities" DROP CONSTRAINT "vulnerabilities_last_scan_id_fkey";--> statement-breakpoint
ALTER TABLE "vulnerabilities" ADD CONSTRAINT "vulnerabilities_last_scan_id_scans_id_fk" FOREIGN KEY ("last_scan_id") REFERENCES "scans"("id") ON DELETE set null;--> statement-breakpoint
CREATE INDEX "vulnerabilities_scan" ON "vulnerabilities" USING btree ("last_scan_id");--> statement-breakpoint
-- Lists go by id, as those of calls do.
DROP INDEX "scans_client";--> statement-breakpoint
CREATE INDEX "scans_list" ON "scans" USING btree ("client_id","id");--> statement-breakpoint
-- One at a time, whichever replica begins it.
CREATE UNIQUE INDEX "scans_running" ON "scans" USING btree ("client_id") WHERE "scans"."status" = 'running';
