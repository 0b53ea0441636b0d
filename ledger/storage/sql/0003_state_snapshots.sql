-- The newest governance state of each ledger, so that a start need not replay it all. Never
-- a source of truth: this table may be emptied at any time, and is then filled again.
CREATE TABLE state_snapshots (
  log_id     integer PRIMARY KEY,
  position   bigint  NOT NULL,     -- of the newest entry it is the state after
  leaf_hash  bytea   NOT NULL,     -- of that entry
  made_by    text    NOT NULL,     -- hash of the code that made it: other code replays
  digest     bytea   NOT NULL,     -- SHA-256 over all of it; see ledger/log/snapshots.py
  state      bytea   NOT NULL      -- zlib
);
ALTER TABLE state_snapshots ALTER COLUMN state SET STORAGE EXTERNAL;

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'counterfoil') THEN
    REVOKE ALL ON state_snapshots FROM counterfoil;
    GRANT SELECT, INSERT, UPDATE, DELETE ON state_snapshots TO counterfoil;
  END IF;
END $$;
