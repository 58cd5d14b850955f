CREATE TABLE ledger (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE,
    at TEXT NOT NULL,
    model TEXT NOT NULL,
    input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    cache_read_tokens INTEGER NOT NULL,
    cache_write_tokens INTEGER NOT NULL,
    reasoning_tokens INTEGER NOT NULL,
    input_audio_tokens INTEGER NOT NULL,
    output_audio_tokens INTEGER NOT NULL,
    tags TEXT NOT NULL,
    total ANY,
    state TEXT NOT NULL,
    rates TEXT NOT NULL,
    tier INTEGER,
    mode TEXT,
    revision TEXT,
    exact TEXT
) STRICT;
CREATE INDEX ledger_at ON ledger (at, number);
