-- An operation that ended in part is complete once late evidence has shown that its last door had opened after all.
CREATE OR REPLACE FUNCTION rows_operation_outcome(items jsonb) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  UPDATE operation SET outcome = r.outcome, stopped_at = r.stopped_at
  FROM (
    SELECT DISTINCT ON (x.id) x.* FROM jsonb_to_recordset(items) AS x(id uuid, outcome text, stopped_at integer)
    ORDER BY x.id, x.outcome
  ) AS r
  WHERE operation.id = r.id
    AND (operation.outcome = 'running' OR (operation.outcome = 'partial' AND r.outcome = 'complete'));
END $$;
