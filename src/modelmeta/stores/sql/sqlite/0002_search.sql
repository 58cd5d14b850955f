CREATE VIRTUAL TABLE models_fts USING fts5 (
    name, model_id, provider_name, family,
    content = 'models', content_rowid = 'docid'
);

CREATE TRIGGER models_fts_insert AFTER INSERT ON models BEGIN
    INSERT INTO models_fts (rowid, name, model_id, provider_name, family)
    VALUES (new.docid, new.name, new.model_id, new.provider_name, new.family);
END;

CREATE TRIGGER models_fts_delete AFTER DELETE ON models BEGIN
    INSERT INTO models_fts (models_fts, rowid, name, model_id, provider_name, family)
    VALUES ('delete', old.docid, old.name, old.model_id, old.provider_name, old.family);
END;

CREATE TRIGGER models_fts_update AFTER UPDATE OF name, model_id, provider_name, family ON models BEGIN
    INSERT INTO models_fts (models_fts, rowid, name, model_id, provider_name, family)
    VALUES ('delete', old.docid, old.name, old.model_id, old.provider_name, old.family);
    INSERT INTO models_fts (rowid, name, model_id, provider_name, family)
    VALUES (new.docid, new.name, new.model_id, new.provider_name, new.family);
END;

INSERT INTO models_fts (rowid, name, model_id, provider_name, family)
SELECT docid, name, model_id, provider_name, family FROM models;
