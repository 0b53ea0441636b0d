-- Sign-ins elsewhere are finished once. A row is the hash of a random state: it says
-- nothing about anybody, and goes minutes later. This table may be emptied at any time
-- when nobody is signing in.
CREATE TABLE spent_sign_ins (
  log_id      integer NOT NULL,
  state       bytea   NOT NULL,    -- SHA-256 of the sealed state
  expires_ms  bigint  NOT NULL,
  PRIMARY KEY (log_id, state)
);

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'counterfoil') THEN
    REVOKE ALL ON spent_sign_ins FROM counterfoil;
    GRANT SELECT, INSERT, DELETE ON spent_sign_ins TO counterfoil;
  END IF;
END $$;
