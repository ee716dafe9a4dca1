package migrations

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/lib/pq"
)

// AppRole is the database role that the application connects as. It owns nothing: it cannot change the schema, nor the
// rows of a table that is append-only.
const AppRole = "market_app"

// ErrTooMighty says that the application's role could change what must not be changed.
var ErrTooMighty = errors.New("the database role may change the audit: connect as " + AppRole + ", which `market migrate` makes")

// createRole makes the application's role unless the server has it. Roles belong to the whole server, so that another
// database's migration may make it at the same moment.
const createRole = `DO $$ BEGIN
	IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '` + AppRole + `') THEN CREATE ROLE ` + AppRole + ` LOGIN; END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
END $$`

// grant gives the role what the application needs, on tables and sequences old and new, and takes back what would change
// an append-only table: those are known by their trigger.
const grant = `DO $$ DECLARE t regclass; BEGIN
	GRANT USAGE ON SCHEMA public TO ` + AppRole + `;
	GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO ` + AppRole + `;
	GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO ` + AppRole + `;
	REVOKE INSERT, UPDATE, DELETE ON goose_db_version, river_migration FROM ` + AppRole + `;
	FOR t IN SELECT DISTINCT tgrelid::regclass FROM pg_trigger WHERE tgfoid = 'refuse_change'::regproc LOOP
		EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON %s FROM ` + AppRole + `', t);
	END LOOP;
END $$`

func grantToApp(ctx context.Context, db *sql.DB) error {
	for _, statement := range []string{createRole, grant} {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("grants of %s: %w", AppRole, err)
		}
	}
	return nil
}

// SetAppPassword gives the application's role its password. dsn is the owner's.
func SetAppPassword(ctx context.Context, dsn, password string) (err error) {
	db, err := sql.Open("postgres", dsn)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	_, err = db.ExecContext(ctx, `ALTER ROLE `+AppRole+` PASSWORD `+pq.QuoteLiteral(password))
	return err
}

// CheckRole returns ErrTooMighty when the role that db connects as could change an append-only table.
func CheckRole(ctx context.Context, db *sql.DB) error {
	var mighty bool
	err := db.QueryRowContext(ctx, `SELECT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user)
		OR bool_or(has_table_privilege(tgrelid, 'UPDATE, DELETE, TRUNCATE') OR pg_has_role(relowner, 'MEMBER'))
		FROM pg_trigger JOIN pg_class c ON c.oid = tgrelid WHERE tgfoid = 'refuse_change'::regproc`).Scan(&mighty)
	if err == nil && mighty {
		err = ErrTooMighty
	}
	return err
}
