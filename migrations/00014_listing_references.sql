-- +goose Up
-- Deleting a need or a result looks here for what came of it; an import is undone by the thousand.
CREATE INDEX contracts_need ON contracts (need_id) WHERE need_id IS NOT NULL;
CREATE INDEX contracts_result ON contracts (result_id) WHERE result_id IS NOT NULL;
CREATE INDEX deals_need ON deals (need_id) WHERE need_id IS NOT NULL;
CREATE INDEX deals_result ON deals (result_id) WHERE result_id IS NOT NULL;

-- +goose Down
DROP INDEX deals_result, deals_need, contracts_result, contracts_need;
