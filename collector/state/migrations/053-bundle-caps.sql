-- Limits of size, as JSON: {"total": bytes, "perClass": {"logs": bytes, ...}}; what is absent is not limited.
ALTER TABLE bundles ADD COLUMN caps TEXT NOT NULL DEFAULT '{"perClass":{}}';
