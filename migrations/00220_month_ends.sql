-- +goose Up
-- The end of a month: the entry of the ledger's chain that its figures were summed up to, by whom and when. The first may be
-- any month, the others follow without a gap.
CREATE TABLE month_ends (
  month date PRIMARY KEY CHECK (extract(day FROM month) = 1),
  log text NOT NULL DEFAULT 'ledger' CHECK (log = 'ledger'),
  seq bigint NOT NULL,
  hash bytea NOT NULL,
  user_id bigint REFERENCES users (id),
  at timestamptz NOT NULL,
  FOREIGN KEY (log, seq) REFERENCES chain (log, seq)
);

-- What the month, and the year through its end, added up to then: the only sums that are stored. A value of a dimension
-- without any entry has no row; 'all' is the whole. output and output_tech count the same contracts, hence two bases.
CREATE TABLE month_end_figures (
  month date NOT NULL REFERENCES month_ends,
  basis text NOT NULL CHECK (basis IN ('output', 'absorbed')),
  dimension text NOT NULL,
  code text NOT NULL,
  contracts int NOT NULL,
  total_amount numeric(18,2) NOT NULL,
  tech_amount numeric(18,2) NOT NULL,
  year_contracts int NOT NULL,
  year_total_amount numeric(18,2) NOT NULL,
  year_tech_amount numeric(18,2) NOT NULL,
  PRIMARY KEY (month, basis, dimension, code)
);
CREATE TRIGGER month_ends_append_only BEFORE UPDATE OR DELETE ON month_ends FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER month_ends_no_truncate BEFORE TRUNCATE ON month_ends EXECUTE FUNCTION refuse_change();
CREATE TRIGGER month_end_figures_append_only BEFORE UPDATE OR DELETE ON month_end_figures FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER month_end_figures_no_truncate BEFORE TRUNCATE ON month_end_figures EXECUTE FUNCTION refuse_change();

-- +goose Down
DROP TABLE month_end_figures, month_ends;
