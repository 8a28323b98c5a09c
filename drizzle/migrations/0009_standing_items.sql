-- Where an item stands that this hub has sent before, should it stand as this hub sent it: all of its entries, with the
-- same kinds and the same data. Another hub, or another request at this one, may have met the same key and decided
-- otherwise: what stands then is theirs, and allows nothing here.
CREATE FUNCTION journal_standing(hub_id uuid, item jsonb) RETURNS bigint LANGUAGE sql STABLE AS $$
  SELECT min(j.seq)
  FROM jsonb_array_elements(item -> 'entries') AS e(body),
    jsonb_to_record(e.body) AS x(entry_id uuid, kind text, decided_at_revision bigint, command uuid, content text, data jsonb)
    JOIN entry_key k ON k.entry_id = x.entry_id
    JOIN journal j ON j.seq = k.seq
  WHERE j.hub = hub_id AND j.kind = x.kind AND j.data IS NOT DISTINCT FROM x.data
    AND j.command IS NOT DISTINCT FROM x.command AND j.decided_at_revision IS NOT DISTINCT FROM x.decided_at_revision
    AND encode(k.content, 'hex') IS NOT DISTINCT FROM x.content
  HAVING count(*) = jsonb_array_length(item -> 'entries')
$$;
