CREATE TABLE ledger (
    number BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id TEXT COLLATE "C" NOT NULL UNIQUE,
    at TIMESTAMPTZ NOT NULL,
    model TEXT COLLATE "C" NOT NULL,
    input_tokens BIGINT NOT NULL,
    output_tokens BIGINT NOT NULL,
    cache_read_tokens BIGINT NOT NULL,
    cache_write_tokens BIGINT NOT NULL,
    reasoning_tokens BIGINT NOT NULL,
    input_audio_tokens BIGINT NOT NULL,
    output_audio_tokens BIGINT NOT NULL,
    tags TEXT NOT NULL,
    total NUMERIC,
    state TEXT NOT NULL,
    rates TEXT NOT NULL,
    tier BIGINT,
    mode TEXT,
    revision TEXT,
    exact TEXT
);
CREATE INDEX ledger_at ON ledger (at, number);
