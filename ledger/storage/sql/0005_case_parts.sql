-- What is said in a case (statements, attachments, messages, reasons): the vault's third
-- table. The sender encrypts a part, under a key the ledger never has; it is encrypted here
-- once more, under a key of its own that is wrapped as all others are, because whoever holds
-- a box of the case's key could open a copy in an old backup for ever.
CREATE TABLE case_parts (
  log_id    integer NOT NULL,
  part      bytea   NOT NULL,      -- SHA-256 of the blob: what the act names
  position  bigint  NOT NULL,      -- of the act
  contest   text    NOT NULL,      -- id of the act that opened the contest
  epoch     integer,               -- which key encryption key wraps `wrapped`
  wrapped   bytea,                 -- the part's own key here under AES-KW (RFC 3394)
  sealed    bytea,                 -- nonce ‖ AES-256-GCM of the blob
  PRIMARY KEY (log_id, part),
  -- Erased: the row stays empty, so that nobody who kept a copy brings it back.
  CHECK ((epoch IS NULL) = (wrapped IS NULL) AND (wrapped IS NULL) = (sealed IS NULL))
) WITH (toast_tuple_target = 8160);
ALTER TABLE case_parts ALTER COLUMN sealed SET STORAGE EXTERNAL;
CREATE INDEX case_parts_of_contest ON case_parts (log_id, contest);

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'counterfoil') THEN
    REVOKE ALL ON case_parts FROM counterfoil;
    GRANT SELECT, INSERT, UPDATE ON case_parts TO counterfoil;
  END IF;
END $$;
