-- When each ledger was last swept: whichever process looks next knows whether it is time.
CREATE TABLE sweeps (
  log_id    integer PRIMARY KEY,
  swept_ms  bigint  NOT NULL
);

-- Receipts that a deployer asked for again. The reference it names is never stored, only
-- the handle that stands in the vault anyway; rows leave 30 days after they could be
-- answered.
CREATE TABLE reissues (
  log_id    integer NOT NULL,
  id        uuid    NOT NULL,
  system    text    NOT NULL,      -- whose token asked: it alone is answered
  handle    bytea,                 -- NULL: nothing in the vault has it, or has it any more
  asked_ms  bigint  NOT NULL,
  noted_ms  bigint,                -- log time of the entry that says so; NULL: waits for it
  PRIMARY KEY (log_id, id)
);
CREATE INDEX reissues_of_system ON reissues (log_id, system);

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'counterfoil') THEN
    REVOKE ALL ON sweeps, reissues FROM counterfoil;
    GRANT SELECT, INSERT, UPDATE ON sweeps TO counterfoil;
    GRANT SELECT, INSERT, UPDATE, DELETE ON reissues TO counterfoil;
  END IF;
END $$;
