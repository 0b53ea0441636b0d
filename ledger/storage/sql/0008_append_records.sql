-- `append_batch` for a batch that also holds entries which are no decisions: their ids go
-- with them, in the same round trip. The same id twice is an error, and nothing is written.
CREATE FUNCTION append_batch(
  p_log integer, p_version bigint, p_ids uuid[], p_retry_keys bytea[],
  h_size bigint, h_nodes bytea, h_log_time_ms bigint, h_last_record bigint,
  c_systems text[], c_seqs bigint[], c_refused bigint[],
  e_position bigint, e_hashes bytea[], e_leaves bytea[],
  d_positions bigint[], d_ids uuid[], d_times bigint[], d_systems text[],
  v_positions bigint[], v_recorded bigint[], v_epochs integer[], v_wrapped bytea[],
  v_handles bytea[], v_retry_keys bytea[], v_fingerprints bytea[], v_sealed bytea[],
  r_positions bigint[], r_ids text[]
) RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
  IF NOT append_batch(
    p_log, p_version, p_ids, p_retry_keys, h_size, h_nodes, h_log_time_ms, h_last_record,
    c_systems, c_seqs, c_refused, e_position, e_hashes, e_leaves,
    d_positions, d_ids, d_times, d_systems,
    v_positions, v_recorded, v_epochs, v_wrapped, v_handles, v_retry_keys, v_fingerprints,
    v_sealed
  ) THEN
    RETURN false;
  END IF;
  INSERT INTO records (log_id, position, id)
    SELECT p_log, i, id FROM unnest(r_positions, r_ids) u(i, id);
  RETURN true;
END $$;
