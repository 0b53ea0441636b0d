-- What two decisions never share: `subject_tag` and `contest_key`. A sealing client chooses
-- them, so a used one must be found under the head's lock. They stand on the leaf only; an
-- index over its bytes needs no column, no copy and no rebuilding. Eleven letters carry 64
-- bits: two decisions do not share them by chance.
CREATE INDEX entries_subject_tag ON entries
  (log_id, substring(leaf FROM position('"subject_tag":"'::bytea IN leaf) + 15 FOR 11));
CREATE INDEX entries_contest_key ON entries
  (log_id, substring(leaf FROM position('"contest_key":"'::bytea IN leaf) + 27 FOR 11));
