-- What only SQLite says, or says in another way.

-- name: has_migrations
SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'schema_migrations';

-- name: lease
SELECT holder, session, expires_at <= strftime('%Y-%m-%dT%H:%M:%f000+00:00', 'now') AS expired FROM lease;

-- name: take_lease
INSERT INTO lease (one, holder, session, expires_at) VALUES (
    1, :holder, :session,
    coalesce(strftime('%Y-%m-%dT%H:%M:%f000+00:00', 'now', :seconds || ' seconds'), '9999-12-31T23:59:59.999999+00:00')
) ON CONFLICT (one) DO UPDATE SET holder = excluded.holder, session = excluded.session, expires_at = excluded.expires_at;

-- Read in the order of numbers, page by page: an index of times would have every page sort all that come after it.
-- name: booked
SELECT * FROM ledger NOT INDEXED WHERE number > :after AND at >= :since AND at < :until ORDER BY number LIMIT :limit;
