package store

import (
	"context"
	"database/sql"
	"errors"
	"iter"
	"sync"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"techmarket/internal/market"
)

// chainTables names the table of each chained log.
var chainTables = map[market.ChainLog]string{market.AuditLog: "audit_entries", market.LedgerLog: "ledger_entries"}

// chainRow is a row r in the form that is hashed: JSON with the columns in the order that jsonb gives them. A column
// without a value is left out, so that one that is added later changes no old row. Times are written in the time zone of
// the session, which must be UTC.
const chainRow = `jsonb_strip_nulls(to_jsonb(r))::text`

const setUTC = `SET LOCAL TimeZone TO 'UTC'`

// chainLock is the advisory lock of the one sealer; any number of our own serves.
const chainLock = 360802

// Seal adds to a log's chain up to limit rows that are committed and whose place is certain: no transaction still under
// way can have written a row before them. It returns how many it added. When another process is sealing it adds none.
func (s *Store) Seal(ctx context.Context, log market.ChainLog, limit int) (n int, err error) {
	err = s.InTx(ctx, func(tx *Tx) error {
		var alone bool
		if err := tx.get(ctx, &alone, `SELECT pg_try_advisory_xact_lock($1)`, chainLock); err != nil || !alone {
			return err
		}
		if err := tx.exec(ctx, setUTC); err != nil {
			return err
		}
		n, err = tx.sealNext(ctx, log, limit)
		return err
	})
	return n, err
}

func (t *Tx) sealNext(ctx context.Context, log market.ChainLog, limit int) (int, error) {
	var rows []struct {
		ID  int64  `db:"row_id"`
		Row []byte `db:"row"`
	}
	// A transaction of the future was one of another server, from which the database was restored.
	err := t.all(ctx, &rows, `SELECT p.row_id, `+chainRow+` AS row FROM chain_pending p JOIN `+chainTables[log]+` r ON r.id = p.row_id
		WHERE p.log = $1 AND (p.xid < pg_snapshot_xmin(pg_current_snapshot()) OR p.xid >= pg_snapshot_xmax(pg_current_snapshot()))
		ORDER BY p.xid, p.row_id LIMIT $2`, log, limit)
	if err != nil || len(rows) == 0 {
		return 0, err
	}
	head, err := t.ChainHead(ctx, log)
	if err != nil {
		return 0, err
	}
	var seqs, ids int64Array
	var hashes pq.ByteaArray
	for _, r := range rows {
		head.Seq++
		head.Hash = market.ChainHash(head.Hash, log, head.Seq, r.Row)
		seqs, ids, hashes = append(seqs, head.Seq), append(ids, r.ID), append(hashes, head.Hash)
	}
	if err := t.exec(ctx, `INSERT INTO chain (log, seq, row_id, algorithm, hash) SELECT $1, seq, id, $5, hash
		FROM unnest($2::bigint[], $3::bigint[], $4::bytea[]) AS x (seq, id, hash)`, log, seqs, ids, hashes, market.ChainAlgorithm); err != nil {
		return 0, err
	}
	return len(rows), t.exec(ctx, `DELETE FROM chain_pending WHERE log = $1 AND row_id = ANY($2)`, log, ids)
}

// ChainHead is the last entry of a log's chain; the zero ChainEntry when there is none. Its Row is not filled.
func (r Queries) ChainHead(ctx context.Context, log market.ChainLog) (market.ChainEntry, error) {
	var e struct {
		Seq   int64  `db:"seq"`
		RowID int64  `db:"row_id"`
		Hash  []byte `db:"hash"`
	}
	err := r.get(ctx, &e, `SELECT seq, row_id, hash FROM chain WHERE log = $1 ORDER BY seq DESC LIMIT 1`, log)
	if market.IsKind(err, market.NotFound) {
		err = nil
	}
	return market.ChainEntry{Seq: e.Seq, RowID: e.RowID, Hash: e.Hash}, err
}

// AddAnchors notes the present head of every log as that of a day that has ended. A day that has its anchor keeps it.
func (t *Tx) AddAnchors(ctx context.Context, day, at time.Time) error {
	return t.exec(ctx, `INSERT INTO chain_anchors (log, day, seq, hash, at)
		SELECT DISTINCT ON (log) log, $1::date, seq, hash, $2 FROM chain ORDER BY log, seq DESC ON CONFLICT (log, day) DO NOTHING`, day, at)
}

// Anchors lists the anchors of all logs, the newest day first. For auditors and the command line.
func (r Queries) Anchors(ctx context.Context, limit int) ([]market.Anchor, error) {
	var out []market.Anchor
	err := r.all(ctx, &out, `SELECT log, day, seq, hash, at FROM chain_anchors ORDER BY day DESC, log LIMIT $1`, limit)
	return out, err
}

// ChainState is how far a log is sealed. For auditors.
type ChainState struct {
	Log      market.ChainLog
	Head     market.ChainEntry
	Unsealed int        // committed rows that wait for the sealer
	Waiting  *time.Time // since when the oldest of them does
}

// ChainState returns how far a log is sealed.
func (r Queries) ChainState(ctx context.Context, log market.ChainLog) (ChainState, error) {
	head, err := r.ChainHead(ctx, log)
	if err != nil {
		return ChainState{}, err
	}
	var waiting struct {
		N     int        `db:"n"`
		Since *time.Time `db:"since"`
	}
	err = r.get(ctx, &waiting, `SELECT count(*) AS n, min(r.at) AS since FROM chain_pending p LEFT JOIN `+chainTables[log]+` r ON r.id = p.row_id WHERE p.log = $1`, log)
	return ChainState{Log: log, Head: head, Unsealed: waiting.N, Waiting: waiting.Since}, err
}

// chainBlock is how many entries of a chain are read at once: some megabytes.
const chainBlock = 5000

// Chain gives a log's chain from its beginning, each entry with its row, in constant memory. The views, of one state of the
// database, read ahead by turns: writing the rows as they are hashed takes longer than checking them.
func Chain(ctx context.Context, views []Queries, log market.ChainLog) iter.Seq2[market.ChainEntry, error] {
	return chainInBlocks(ctx, views, log, chainBlock)
}

func chainInBlocks(ctx context.Context, views []Queries, log market.ChainLog, size int) iter.Seq2[market.ChainEntry, error] {
	return func(yield func(market.ChainEntry, error) bool) {
		spans, err := views[0].chainSpans(ctx, log, size)
		if err != nil {
			yield(market.ChainEntry{}, err)
			return
		}
		var reading sync.WaitGroup
		defer reading.Wait()
		enough := make(chan struct{})
		defer close(enough)
		blocks := make([]chan chainRead, len(views))
		for i, view := range views {
			blocks[i] = make(chan chainRead)
			reading.Go(func() { view.readChain(ctx, log, spans, i, len(views), blocks[i], enough) })
		}
		for i := range spans {
			if !(<-blocks[i%len(views)]).give(yield) {
				return
			}
		}
	}
}

// chainSpan is where a block begins and ends.
type chainSpan struct{ First, Last int64 }

// chainSpans cuts a chain into blocks of so many entries.
func (r Queries) chainSpans(ctx context.Context, log market.ChainLog, size int) (spans []chainSpan, err error) {
	err = r.all(ctx, &spans, `SELECT min(seq) AS first, max(seq) AS last
		FROM (SELECT seq, (row_number() OVER (ORDER BY seq) - 1) / $2 AS block FROM chain WHERE log = $1) AS x GROUP BY block ORDER BY block`, log, size)
	return spans, err
}

// chainRead is a block of a chain that was read, or why it was not.
type chainRead struct {
	entries []market.ChainEntry
	err     error
}

func (b chainRead) give(yield func(market.ChainEntry, error) bool) bool {
	if b.err != nil {
		yield(market.ChainEntry{}, b.err)
		return false
	}
	for _, e := range b.entries {
		if !yield(e, nil) {
			return false
		}
	}
	return true
}

// readChain reads the block of the number first and every so many after it, until it is told that it is enough.
func (r Queries) readChain(ctx context.Context, log market.ChainLog, spans []chainSpan, first, step int, blocks chan<- chainRead, enough <-chan struct{}) {
	_, err := r.q.ExecContext(ctx, setUTC)
	for i := first; i < len(spans); i += step {
		block := chainRead{err: err}
		if err == nil {
			block.entries, block.err = r.chainEntries(ctx, log, spans[i])
		}
		select {
		case blocks <- block:
		case <-enough:
			return
		}
	}
}

func (r Queries) chainEntries(ctx context.Context, log market.ChainLog, span chainSpan) ([]market.ChainEntry, error) {
	rows, err := r.q.QueryContext(ctx, `SELECT c.seq, c.row_id, c.hash, `+chainRow+`, r.at
		FROM chain c LEFT JOIN `+chainTables[log]+` r ON r.id = c.row_id WHERE c.log = $1 AND c.seq BETWEEN $2 AND $3 ORDER BY c.seq`, log, span.First, span.Last)
	if err != nil {
		return nil, err
	}
	entries := make([]market.ChainEntry, 0, chainBlock)
	for rows.Next() {
		var e market.ChainEntry
		var at sql.NullTime
		if err := rows.Scan(&e.Seq, &e.RowID, &e.Hash, &e.Row, &at); err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		e.At = at.Time
		entries = append(entries, e)
	}
	return entries, errors.Join(rows.Err(), rows.Close())
}

// PendingRows gives the committed rows of a log that wait for the sealer, as Chain gives those that are sealed. Only within
// Snapshot.
func (r Queries) PendingRows(ctx context.Context, log market.ChainLog) ([]market.ChainEntry, error) {
	if _, err := r.q.ExecContext(ctx, setUTC); err != nil {
		return nil, err
	}
	var rows []struct {
		ID  int64     `db:"id"`
		Row []byte    `db:"row"`
		At  time.Time `db:"at"`
	}
	err := r.all(ctx, &rows, `SELECT r.id, `+chainRow+` AS row, r.at FROM chain_pending p JOIN `+chainTables[log]+` r ON r.id = p.row_id WHERE p.log = $1 ORDER BY r.id`, log)
	out := make([]market.ChainEntry, len(rows))
	for i, x := range rows {
		out[i] = market.ChainEntry{RowID: x.ID, Row: x.Row, At: x.At}
	}
	return out, err
}

// Strays lists, up to limit, ids of a log's rows that are neither in its chain nor waiting for it: somebody has put them in
// past the application; and of entries that wait although their row is gone.
func (r Queries) Strays(ctx context.Context, log market.ChainLog, limit int) (inserted, gone []int64, err error) {
	table := chainTables[log]
	err = sqlx.SelectContext(ctx, r.q, &inserted, `SELECT r.id FROM `+table+` r WHERE NOT EXISTS (SELECT 1 FROM chain c WHERE c.log = $1 AND c.row_id = r.id)
		AND NOT EXISTS (SELECT 1 FROM chain_pending p WHERE p.log = $1 AND p.row_id = r.id) ORDER BY r.id LIMIT $2`, log, limit)
	if err != nil {
		return nil, nil, err
	}
	err = sqlx.SelectContext(ctx, r.q, &gone, `SELECT p.row_id FROM chain_pending p WHERE p.log = $1
		AND NOT EXISTS (SELECT 1 FROM `+table+` r WHERE r.id = p.row_id) ORDER BY p.row_id LIMIT $2`, log, limit)
	return inserted, gone, err
}
