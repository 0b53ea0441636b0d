-- What members say (comments, reasons, names): the vault's second table, and like the
-- first a place from which things leave. A leaf holds only the digest.
CREATE TABLE texts (
  log_id    integer NOT NULL,
  digest    bytea   NOT NULL,      -- SHA-256 of the Disclosure: what the act names
  position  bigint  NOT NULL,      -- of the act
  epoch     integer,               -- which key encryption key wraps `wrapped`
  wrapped   bytea,                 -- the text's own key under AES-KW (RFC 3394)
  sealed    bytea,                 -- nonce ‖ AES-256-GCM of the Disclosure
  PRIMARY KEY (log_id, digest),
  -- Erased: the row stays empty, so that nobody who kept a copy brings it back.
  CHECK ((epoch IS NULL) = (wrapped IS NULL) AND (wrapped IS NULL) = (sealed IS NULL))
) WITH (toast_tuple_target = 8160);
ALTER TABLE texts ALTER COLUMN sealed SET STORAGE EXTERNAL;

DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'counterfoil') THEN
    REVOKE ALL ON texts FROM counterfoil;
    GRANT SELECT, INSERT, UPDATE ON texts TO counterfoil;
  END IF;
END $$;
