-- An opening that was refused as a whole names its path and no lock; a lock's last events are found by this.
CREATE INDEX journal_path ON journal (path, seq DESC) WHERE path IS NOT NULL AND lock IS NULL;
