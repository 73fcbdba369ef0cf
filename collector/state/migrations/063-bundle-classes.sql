-- Classes of content that were asked for, as JSON; []: all.
ALTER TABLE bundles ADD COLUMN classes TEXT NOT NULL DEFAULT '[]';
ALTER TABLE bundle_schedules ADD COLUMN classes TEXT NOT NULL DEFAULT '[]';
