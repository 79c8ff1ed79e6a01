-- Member search asks the index for a part of what is searched and the rows for all of it: what every member
-- of a company shares, such as the domain of their addresses, is a long list in the index and tells nobody apart.
DROP FUNCTION rolecall.find_members(text, text, uuid, text, timestamptz, uuid, bigint, bigint);

-- Members that a search finds, by the search index and in no other way: what the planner knows of a word is
-- its share in all organizations together, and it would sooner read a large one from end to end than believe
-- that the word is rare there. The index is asked for `index_pattern`, which every hit matches too. `total`
-- counts the hits, of which at most `hit_limit` are looked for; the page is the first of them, in the order in
-- which members joined, after a place in it.
CREATE FUNCTION rolecall.find_members(
    owner_id text, index_pattern text, pattern text, with_role uuid, with_status text,
    after_joined_at timestamptz, after_id uuid, page_size bigint, hit_limit bigint)
  RETURNS TABLE (total bigint, membership_id uuid)
  LANGUAGE plpgsql STABLE
  SET enable_seqscan = off SET enable_indexscan = off SET enable_hashjoin = off SET enable_mergejoin = off
  SET max_parallel_workers_per_gather = 0 SET plan_cache_mode = force_custom_plan AS $$
BEGIN
  RETURN QUERY
    WITH hits AS MATERIALIZED (
      SELECT m.joined_at, m.id FROM rolecall.memberships m
        WHERE m.organization_id = owner_id AND m.deleted_at IS NULL AND m.search_text LIKE index_pattern
          -- An expression that is not the index's own keeps this pattern out of the index.
          AND (index_pattern = pattern OR m.search_text || '' LIKE pattern)
          AND (with_status IS NULL OR m.status = with_status)
          AND (with_role IS NULL OR EXISTS (
            SELECT FROM rolecall.assignments a
              WHERE a.organization_id = owner_id AND a.membership_id = m.id AND a.role_id = with_role))
        LIMIT hit_limit
    )
    SELECT counted.total, page.id
      FROM (SELECT count(*) AS total FROM hits) counted
      LEFT JOIN (
        SELECT h.id FROM hits h WHERE (h.joined_at, h.id) > (after_joined_at, after_id)
          ORDER BY h.joined_at, h.id LIMIT page_size
      ) page ON true;
END $$;
