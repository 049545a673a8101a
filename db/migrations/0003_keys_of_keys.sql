-- Which key a key was made with: they are revoked together. Of older keys that is not known.

ALTER TABLE "api_keys" ADD COLUMN "parent_key_id" uuid;
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_parent_key_id_api_keys_id_fk" FOREIGN KEY ("parent_key_id") REFERENCES "public"."api_keys"("id") ON DELETE cascade ON UPDATE no action;
CREATE INDEX "api_keys_parent" ON "api_keys" USING btree ("parent_key_id");
