package store

import (
	"context"
	"errors"
	"strings"
)

// Copy writes rows by COPY, the fastest way in, for whole lists: imports and the demonstration data. table and columns
// are names in our own code, never input. The rows must satisfy every rule already: only the constraints check them.
func (t *Tx) Copy(ctx context.Context, table string, columns []string, rows [][]any) (err error) {
	if len(rows) == 0 {
		return nil
	}
	stmt, err := t.tx.PrepareContext(ctx, `COPY `+table+` (`+strings.Join(columns, `, `)+`) FROM STDIN`)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stmt.Close()) }()
	for _, row := range rows {
		if _, err = stmt.ExecContext(ctx, row...); err != nil {
			return err
		}
	}
	_, err = stmt.ExecContext(ctx)
	return err
}

// TakeIDs reserves count ids of a table with an identity column, for rows that are written by Copy.
func (t *Tx) TakeIDs(ctx context.Context, table string, count int) ([]int64, error) {
	var ids []int64
	err := t.all(ctx, &ids, `SELECT nextval(pg_get_serial_sequence($1, 'id')) FROM generate_series(1, $2)`, table, count)
	return ids, err
}

// TakeNumbers reserves count running numbers of a prefix and year and returns the first.
func (t *Tx) TakeNumbers(ctx context.Context, prefix string, year, count int) (int, error) {
	return t.nextNumbers(ctx, prefix, year, count)
}
