package embedded

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/mapping"
	index "github.com/blevesearch/bleve_index_api"
	"go.etcd.io/bbolt"

	"techmarket/search"
)

// format is the version of what is written to the folder: fields, terms and
// Bleve's files. An index of another format is thrown away and built anew, so
// it is raised whenever any of them changes.
const format = 4

// The folder holds the lock, the manifest that names the live index, and that
// index in a folder of its own. Other index folders are remains of a rebuild.
const (
	lockName     = "lock"
	manifestName = "manifest.json"
	indexPrefix  = "index-"
)

// boltTimeout is how long a lock on Bleve's root file is waited for.
const boltTimeout = 5 * time.Second

type manifest struct {
	Format int    `json:"format"`
	Index  string `json:"index"` // name of the live index's folder
}

// lockFolder takes the folder for this process. The lock ends with the process,
// however it ends.
func lockFolder(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, lockName), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("search: open lock: %w", err)
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, errors.Join(fmt.Errorf("%w: %s", search.ErrLocked, dir), f.Close())
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("search: lock %s: %w", dir, err), f.Close())
	}
	return f, nil
}

// openLive opens the live index of the folder. Any error means that there is
// none that can be used.
func openLive(dir string) (bleve.Index, string, error) {
	text, err := os.ReadFile(filepath.Join(dir, manifestName))
	if err != nil {
		return nil, "", fmt.Errorf("search: read manifest: %w", err)
	}
	var m manifest
	if err := json.Unmarshal(text, &m); err != nil {
		return nil, "", fmt.Errorf("search: read manifest: %w", err)
	}
	if m.Format != format {
		return nil, "", fmt.Errorf("search: index of format %d, not %d", m.Format, format)
	}
	if !strings.HasPrefix(m.Index, indexPrefix) || m.Index != filepath.Base(m.Index) {
		return nil, "", fmt.Errorf("search: manifest names %q", m.Index)
	}
	path := filepath.Join(dir, m.Index)
	if err := verifySegments(path); err != nil {
		return nil, "", err
	}
	if err := verifyRoot(path); err != nil {
		return nil, "", err
	}
	idx, err := openBleve(path)
	return idx, m.Index, err
}

// openBleve opens an index; damage that makes Bleve panic is an error too.
func openBleve(path string) (idx bleve.Index, err error) {
	defer damageIsError(&err)()
	// Bleve would wait for ever for a lock that a broken copy left behind.
	idx, err = bleve.OpenUsing(path, map[string]any{"bolt_timeout": boltTimeout.String()})
	if err != nil {
		return nil, fmt.Errorf("search: open index: %w", err)
	}
	return idx, nil
}

// verifyRoot reads all that the file holds in which Bleve keeps the list of its
// segments. The file is mapped into memory too: what is damaged in it must show
// here, where it can be caught, and not in one of Bleve's own goroutines.
func verifyRoot(path string) (err error) {
	defer damageIsError(&err)()
	name := filepath.Join(path, "store", "root.bolt")
	info, err := os.Stat(name)
	if err != nil {
		return fmt.Errorf("search: index root: %w", err)
	}
	db, err := bbolt.Open(name, 0o600, &bbolt.Options{ReadOnly: true, Timeout: boltTimeout})
	if err != nil {
		return fmt.Errorf("search: index root: %w", err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return db.View(func(tx *bbolt.Tx) error {
		if tx.Size() > info.Size() {
			return errors.New("search: index root is cut short")
		}
		return tx.ForEach(func(_ []byte, b *bbolt.Bucket) error { return readBucket(b) })
	})
}

// readBucket visits every entry, and those of the buckets inside.
func readBucket(b *bbolt.Bucket) error {
	return b.ForEach(func(key, value []byte) error {
		if value == nil {
			return readBucket(b.Bucket(key))
		}
		return nil
	})
}

// damageIsError makes the faults and panics of a function that reads a damaged
// file its error:
//
//	defer damageIsError(&err)()
func damageIsError(err *error) func() {
	before := debug.SetPanicOnFault(true)
	return func() {
		debug.SetPanicOnFault(before)
		if p := recover(); p != nil {
			*err = fmt.Errorf("search: damaged index: %v", p)
		}
	}
}

// verifySegments compares each segment file with the checksum it ends with.
// Segments are mapped into memory, so damage would otherwise show only when a
// search runs into it.
func verifySegments(path string) error {
	files, err := filepath.Glob(filepath.Join(path, "store", "*.zap"))
	if err != nil {
		return fmt.Errorf("search: list segments: %w", err)
	}
	for _, name := range files {
		if err := verifySegment(name); err != nil {
			return fmt.Errorf("search: segment %s: %w", filepath.Base(name), err)
		}
	}
	return nil
}

func verifySegment(name string) (err error) {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	const sumSize = 4
	if info.Size() < sumSize {
		return errors.New("cut short")
	}
	sum := crc32.NewIEEE()
	if _, err := io.CopyN(sum, f, info.Size()-sumSize); err != nil {
		return err
	}
	var want uint32
	if err := binary.Read(f, binary.BigEndian, &want); err != nil {
		return err
	}
	if sum.Sum32() != want {
		return errors.New("damaged")
	}
	return nil
}

// replaceLive makes an empty index the live one.
func replaceLive(dir string) (bleve.Index, string, error) {
	if err := os.RemoveAll(filepath.Join(dir, manifestName)); err != nil {
		return nil, "", fmt.Errorf("search: remove manifest: %w", err)
	}
	idx, name, err := createIndex(dir)
	if err != nil {
		return nil, "", err
	}
	if err := makeLive(dir, name); err != nil {
		return nil, "", errors.Join(err, idx.Close())
	}
	return idx, name, nil
}

// createIndex makes an empty index in a new folder of its own.
func createIndex(dir string) (bleve.Index, string, error) {
	path, err := os.MkdirTemp(dir, indexPrefix)
	if err != nil {
		return nil, "", fmt.Errorf("search: create index: %w", err)
	}
	idx, err := bleve.New(path, newMapping())
	if err != nil {
		return nil, "", errors.Join(fmt.Errorf("search: create index: %w", err), os.RemoveAll(path))
	}
	return idx, filepath.Base(path), nil
}

// newMapping is used for searching only: documents come to Bleve in terms.
func newMapping() *mapping.IndexMappingImpl {
	m := bleve.NewIndexMapping()
	m.ScoringModel = index.BM25Scoring
	m.DefaultMapping.Dynamic = false
	return m
}

// makeLive names an index in the manifest, in one step that a crash can't
// leave half done.
func makeLive(dir, name string) error {
	text, err := json.Marshal(manifest{Format: format, Index: name})
	if err != nil {
		return fmt.Errorf("search: write manifest: %w", err)
	}
	temporary := filepath.Join(dir, manifestName+".new")
	if err := writeSynced(temporary, text); err != nil {
		return fmt.Errorf("search: write manifest: %w", err)
	}
	if err := os.Rename(temporary, filepath.Join(dir, manifestName)); err != nil {
		return fmt.Errorf("search: write manifest: %w", err)
	}
	return nil
}

func writeSynced(name string, text []byte) (err error) {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	if _, err := f.Write(text); err != nil {
		return err
	}
	return f.Sync()
}

// removeOthers deletes all index folders but the live one.
func removeOthers(dir, live string) error {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return fmt.Errorf("search: clear folder: %w", err)
	}
	for _, e := range entries {
		if e.IsDir() && strings.HasPrefix(e.Name(), indexPrefix) && e.Name() != live {
			if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
				return fmt.Errorf("search: clear folder: %w", err)
			}
		}
	}
	return nil
}
