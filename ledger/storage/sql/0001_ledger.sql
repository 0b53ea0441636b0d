-- The ledger's tables. Every one is keyed first by log_id, and every transaction
-- touches one log, so that many ledgers spread over several machines unchanged.

CREATE TABLE logs (
  log_id     integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY,
  name       text   NOT NULL UNIQUE,
  origin     text   NOT NULL UNIQUE,
  genesis    text   NOT NULL
);

-- One row a log: the lock every writer takes. Rewritten once a batch, so its page keeps
-- room for HOT updates.
CREATE TABLE heads (
  log_id       integer PRIMARY KEY,
  version      bigint  NOT NULL,   -- counts the writes: who knows it knows the rest
  size         bigint  NOT NULL CHECK (size >= 0),
  nodes        bytea   NOT NULL,   -- hashes of the complete subtrees, largest first
  log_time_ms  bigint  NOT NULL,
  last_record  bigint  NOT NULL    -- position of the newest entry that is not a decision
) WITH (fillfactor = 10);

CREATE TABLE entries (
  log_id  integer NOT NULL,
  position   bigint  NOT NULL,
  hash    bytea   NOT NULL,        -- RFC 6962 leaf hash
  leaf    bytea   NOT NULL,
  PRIMARY KEY (log_id, position)
) WITH (toast_tuple_target = 8160);
ALTER TABLE entries ALTER COLUMN leaf SET STORAGE EXTERNAL;
ALTER TABLE entries ALTER COLUMN hash SET STORAGE PLAIN;

-- Full tiles only; the partial ones at the right edge are read from what lies below.
CREATE TABLE tiles (
  log_id  integer  NOT NULL,
  level   smallint NOT NULL,
  number  bigint   NOT NULL,
  root    bytea    NOT NULL,       -- the tile's own root: a hash of the level above
  hashes  bytea    NOT NULL,       -- 256 hashes, C2SP tlog-tiles
  nodes  bytea    NOT NULL,       -- the 254 nodes over them, below the root, bottom up
  PRIMARY KEY (log_id, level, number)
) WITH (toast_tuple_target = 8160);
ALTER TABLE tiles ALTER COLUMN hashes SET STORAGE EXTERNAL;
ALTER TABLE tiles ALTER COLUMN nodes SET STORAGE EXTERNAL;  -- read by the slice

-- Entries that are not decisions: what a replay of the state reads.
CREATE TABLE records (
  log_id  integer NOT NULL,
  position   bigint  NOT NULL,
  id      text    NOT NULL,
  PRIMARY KEY (log_id, position),
  UNIQUE (log_id, id)
);

CREATE TABLE decisions (
  log_id  integer NOT NULL,
  position   bigint  NOT NULL,
  id      uuid    NOT NULL,
  time_s  bigint  NOT NULL,        -- the leaf's own time, in seconds
  system  text    NOT NULL,
  PRIMARY KEY (log_id, id)
);
CREATE INDEX decisions_of_system ON decisions (log_id, system, position);

-- The last sequence number and the refusals of each system; guarded by the head's lock.
CREATE TABLE counters (
  log_id   integer NOT NULL,
  system   text    NOT NULL,
  seq      bigint  NOT NULL,
  refused  bigint  NOT NULL,
  PRIMARY KEY (log_id, system)
) WITH (fillfactor = 50);

-- The vault: the only place of private values, and the only one anything leaves.
CREATE TABLE vault (
  log_id       integer NOT NULL,
  position        bigint  NOT NULL,
  recorded_ms  bigint  NOT NULL,
  epoch        integer NOT NULL,   -- which key encryption key wraps `wrapped`
  wrapped      bytea   NOT NULL,   -- K under AES-KW (RFC 3394)
  handle       bytea   NOT NULL,   -- HMAC of the deployer's reference, 16 bytes
  retry_key    bytea,              -- keyed hash of system and Idempotency-Key
  fingerprint  bytea,              -- keyed hash of the parsed body
  sealed       bytea   NOT NULL,   -- nonce ‖ AES-256-GCM of the disclosures
  PRIMARY KEY (log_id, position)
) WITH (toast_tuple_target = 8160);
ALTER TABLE vault ALTER COLUMN sealed SET STORAGE EXTERNAL;
CREATE UNIQUE INDEX vault_retry_key ON vault (log_id, retry_key)
  WHERE retry_key IS NOT NULL;
CREATE INDEX vault_handle ON vault (log_id, handle);

-- Bearer tokens: the operator's secrets, kept as SHA-256 of 256 random bits.
CREATE TABLE tokens (
  log_id      integer     NOT NULL,
  hash        bytea       NOT NULL,
  system      text        NOT NULL,
  created_at  timestamptz NOT NULL DEFAULT now(),
  revoked_at  timestamptz,
  PRIMARY KEY (log_id, hash)
);

-- Append-only for everybody, the owner of the tables included.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'table % is append-only', TG_TABLE_NAME USING ERRCODE = '55000';
END $$;

DO $$
DECLARE name text;
BEGIN
  FOREACH name IN ARRAY ARRAY['logs', 'entries', 'tiles', 'records', 'decisions'] LOOP
    EXECUTE format(
      'CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON %I
       FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()', name);
  END LOOP;
END $$;

-- Takes the head's lock, then reads under it. VOLATILE, so that each statement inside
-- sees what the previous holder of the lock committed; one statement outside would read
-- from a snapshot older than the lock.
CREATE FUNCTION lock_head(
  p_log integer, p_systems text[], p_ids uuid[], p_retry_keys bytea[],
  OUT version bigint, OUT size bigint, OUT nodes bytea, OUT log_time_ms bigint,
  OUT last_record bigint,
  OUT seqs bigint[], OUT refused bigint[],
  OUT known_ids bigint[], OUT known_keys bigint[]
) LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  SELECT h.version, h.size, h.nodes, h.log_time_ms, h.last_record
    INTO STRICT version, size, nodes, log_time_ms, last_record
    FROM heads h WHERE h.log_id = p_log FOR UPDATE;
  SELECT array_agg(coalesce(c.seq, 0) ORDER BY u.n),
         array_agg(coalesce(c.refused, 0) ORDER BY u.n)
    INTO seqs, refused
    FROM unnest(p_systems) WITH ORDINALITY u(system, n)
    LEFT JOIN counters c ON c.log_id = p_log AND c.system = u.system;
  IF cardinality(p_ids) > 0 THEN
    SELECT array_agg(d.position ORDER BY u.n) INTO known_ids
      FROM unnest(p_ids) WITH ORDINALITY u(id, n)
      LEFT JOIN decisions d ON d.log_id = p_log AND d.id = u.id;
  END IF;
  IF cardinality(p_retry_keys) > 0 THEN
    SELECT array_agg(v.position ORDER BY u.n) INTO known_keys
      FROM unnest(p_retry_keys) WITH ORDINALITY u(k, n)
      LEFT JOIN vault v ON v.log_id = p_log AND v.retry_key = u.k;
  END IF;
END $$;

-- Appends a small batch on top of the head of version p_version, in one round trip:
-- inside a transaction that holds the lock, or as one of its own. False, and nothing is
-- written, when the head has moved or a retry's id or key is known already.
CREATE FUNCTION append_batch(
  p_log integer, p_version bigint, p_ids uuid[], p_retry_keys bytea[],
  h_size bigint, h_nodes bytea, h_log_time_ms bigint, h_last_record bigint,
  c_systems text[], c_seqs bigint[], c_refused bigint[],
  e_position bigint, e_hashes bytea[], e_leaves bytea[],
  d_positions bigint[], d_ids uuid[], d_times bigint[], d_systems text[],
  v_positions bigint[], v_recorded bigint[], v_epochs integer[], v_wrapped bytea[],
  v_handles bytea[], v_retry_keys bytea[], v_fingerprints bytea[], v_sealed bytea[]
) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  PERFORM FROM heads h WHERE h.log_id = p_log AND h.version = p_version FOR UPDATE;
  IF NOT FOUND THEN
    RETURN false;
  END IF;
  IF cardinality(p_ids) > 0 AND EXISTS (
    SELECT FROM decisions d WHERE d.log_id = p_log AND d.id = ANY (p_ids)
  ) THEN
    RETURN false;
  END IF;
  IF cardinality(p_retry_keys) > 0 AND EXISTS (
    SELECT FROM vault v WHERE v.log_id = p_log AND v.retry_key = ANY (p_retry_keys)
  ) THEN
    RETURN false;
  END IF;
  INSERT INTO entries (log_id, position, hash, leaf)
    SELECT p_log, e_position + n - 1, h, l
    FROM unnest(e_hashes, e_leaves) WITH ORDINALITY u(h, l, n);
  INSERT INTO decisions (log_id, position, id, time_s, system)
    SELECT p_log, i, id, t, s
    FROM unnest(d_positions, d_ids, d_times, d_systems) u(i, id, t, s);
  INSERT INTO vault (log_id, position, recorded_ms, epoch, wrapped, handle, retry_key,
                     fingerprint, sealed)
    SELECT p_log, i, r, e, w, h, k, f, s
    FROM unnest(v_positions, v_recorded, v_epochs, v_wrapped, v_handles, v_retry_keys,
                v_fingerprints, v_sealed) u(i, r, e, w, h, k, f, s);
  INSERT INTO counters (log_id, system, seq, refused)
    SELECT p_log, s, q, r FROM unnest(c_systems, c_seqs, c_refused) u(s, q, r)
    ON CONFLICT (log_id, system) DO UPDATE
      SET seq = excluded.seq, refused = excluded.refused;
  UPDATE heads h SET version = h.version + 1, size = h_size, nodes = h_nodes,
                     log_time_ms = h_log_time_ms, last_record = h_last_record
    WHERE h.log_id = p_log;
  RETURN true;
END $$;

-- The service's own role rewrites nothing but the head, the counters and the tokens,
-- and deletes from nothing but the vault.
DO $$
BEGIN
  IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'counterfoil') THEN
    REVOKE ALL ON ALL TABLES IN SCHEMA public FROM counterfoil;
    GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA public TO counterfoil;
    REVOKE INSERT ON schema_migrations FROM counterfoil;
    GRANT UPDATE ON heads, counters, tokens, vault TO counterfoil;
    GRANT DELETE ON vault TO counterfoil;
  END IF;
END $$;
