package embedded_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"techmarket/internal/market"
	"techmarket/search"
	"techmarket/search/embedded"
	"techmarket/search/enginetest"
)

func TestConformance(t *testing.T) {
	t.Parallel()
	enginetest.Run(t, func(t *testing.T) search.Engine { return open(t, t.TempDir()) })
}

func open(t *testing.T, dir string) *embedded.Engine {
	t.Helper()
	e, err := embedded.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return e
}

// filled makes a folder with an index of two documents at position 5.
func filled(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	e, err := embedded.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	docs := []market.Document{
		{ID: 1, Kind: market.KindNeed, Title: "重质碳酸钙研磨"},
		{ID: 2, Kind: market.KindResult, Title: "重钙分散剂"},
	}
	if err := errors.Join(e.Index(t.Context(), docs), e.SetPosition(t.Context(), 5), e.Close()); err != nil {
		t.Fatal(err)
	}
	return dir
}

func state(t *testing.T, e *embedded.Engine) (position int64, docs int) {
	t.Helper()
	position, err := e.Position(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	docs, err = e.Count(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return position, docs
}

func TestIndexIsKept(t *testing.T) {
	t.Parallel()
	dir := filled(t)
	e := open(t, dir)
	if position, docs := state(t, e); position != 5 || docs != 2 {
		t.Errorf("reopened with position %d and %d documents, want 5 and 2", position, docs)
	}
	page, err := e.Search(t.Context(), search.Query{Text: "重钙"})
	if err != nil || page.Whole != 2 {
		t.Errorf("found %+v, %v", page, err)
	}
}

// TestSurvivesCrash opens what lies on the disk while the engine still runs, as
// after a power cut: everything that was acknowledged must be there.
func TestSurvivesCrash(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	running := open(t, dir)
	for i := range 20 {
		docs := []market.Document{{ID: int64(i + 1), Kind: market.KindNeed, Title: "重钙研磨"}}
		if err := errors.Join(running.Index(t.Context(), docs), running.SetPosition(t.Context(), int64(i+1))); err != nil {
			t.Fatal(err)
		}
	}
	if position, docs := state(t, open(t, asAtOneMoment(t, dir))); position != 20 || docs != 20 {
		t.Errorf("position %d and %d documents, want 20 of both", position, docs)
	}
}

// asAtOneMoment copies a folder, again when a file of it came, went or changed meanwhile: segments are merged all the time.
func asAtOneMoment(t *testing.T, dir string) string {
	t.Helper()
	for {
		before, copied := files(t, dir), t.TempDir()
		err := os.CopyFS(copied, os.DirFS(dir))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatal(err)
		}
		if err == nil && slices.Equal(files(t, dir), before) {
			return copied
		}
	}
}

// files lists the files below a folder with their size and the time of their last change.
func files(t *testing.T, dir string) []string {
	t.Helper()
	var list []string
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) || err == nil && entry.IsDir() {
			return nil
		}
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err == nil {
			list = append(list, fmt.Sprint(path, info.Size(), info.ModTime()))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestOneOwner(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first, err := embedded.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := embedded.Open(dir); !errors.Is(err, search.ErrLocked) || !strings.Contains(err.Error(), dir) {
		t.Errorf("second owner: %v, want ErrLocked with the folder's name", err)
	}
	for range 2 { // closing again is no error
		if err := first.Close(); err != nil {
			t.Fatal(err)
		}
	}
	open(t, dir)
}

// TestDamageHeals breaks each file of the folder in each of several ways. The
// engine must open all the same: with everything, or empty at position 0.
func TestDamageHeals(t *testing.T) {
	t.Parallel()
	damages := map[string]func(name string) error{
		"removed": os.Remove,
		"emptied": func(name string) error { return os.Truncate(name, 0) },
		"halved": func(name string) error {
			info, err := os.Stat(name)
			if err != nil {
				return err
			}
			return os.Truncate(name, info.Size()/2)
		},
		"overwritten": func(name string) error {
			text, err := os.ReadFile(name)
			if err != nil {
				return err
			}
			for i := len(text) / 3; i < len(text)*2/3; i++ {
				text[i] ^= 0x5a
			}
			return os.WriteFile(name, text, 0o600)
		},
		"made a folder": func(name string) error {
			return errors.Join(os.Remove(name), os.Mkdir(name, 0o700))
		},
	}
	for _, name := range relativeFiles(t, filled(t)) {
		if name == "lock" {
			continue
		}
		for kind, damage := range damages {
			t.Run(name+" "+kind, func(t *testing.T) {
				t.Parallel()
				dir := filled(t)
				if err := damage(matching(t, dir, name)); err != nil {
					t.Fatal(err)
				}
				checkHealed(t, dir)
			})
		}
	}
}

// TestDamagedRootHeals cuts the file in which Bleve lists its segments short at many places, and overwrites it part by
// part. It is mapped into memory: reading behind its end would end the process.
func TestDamagedRootHeals(t *testing.T) {
	t.Parallel()
	const parts = 12
	dir := filled(t)
	whole, err := os.ReadFile(matching(t, dir, "index-*/store/root.bolt"))
	if err != nil {
		t.Fatal(err)
	}
	for i := range parts {
		from, to := len(whole)*i/parts, len(whole)*(i+1)/parts
		overwritten := slices.Clone(whole)
		for j := from; j < to; j++ {
			overwritten[j] ^= 0x5a
		}
		for kind, root := range map[string][]byte{"cut": whole[:from], "overwritten": overwritten} {
			t.Run(fmt.Sprintf("%s at part %d", kind, i), func(t *testing.T) {
				t.Parallel()
				copied := t.TempDir()
				if err := os.CopyFS(copied, os.DirFS(dir)); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(matching(t, copied, "index-*/store/root.bolt"), root, 0o600); err != nil {
					t.Fatal(err)
				}
				checkHealed(t, copied)
			})
		}
	}
}

// relativeFiles lists the files of an index folder, the random part of the
// inner folder's name replaced by a star.
func relativeFiles(t *testing.T, dir string) []string {
	t.Helper()
	var names []string
	for _, pattern := range []string{"*", "index-*/*", "index-*/store/*"} {
		found, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range found {
			info, err := os.Stat(path)
			if err != nil {
				t.Fatal(err)
			}
			if !info.IsDir() {
				names = append(names, filepath.Join(filepath.Dir(pattern), filepath.Base(path)))
			}
		}
	}
	if len(names) < 4 {
		t.Fatalf("only the files %v", names)
	}
	return names
}

func matching(t *testing.T, dir, pattern string) string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, pattern))
	if err != nil || len(found) == 0 {
		t.Skipf("this index has no %s: %v", pattern, err)
	}
	return found[0]
}

func checkHealed(t *testing.T, dir string) {
	t.Helper()
	e := open(t, dir)
	position, docs := state(t, e)
	page, err := e.Search(t.Context(), search.Query{Text: "重钙"})
	if err != nil {
		t.Fatal(err)
	}
	switch {
	case position == 5 && docs == 2 && page.Whole == 2: // the damage did no harm
	case position == 0 && docs == 0 && page.Total == 0: // to be rebuilt
	default:
		t.Errorf("position %d with %d documents, %d found", position, docs, page.Whole)
	}
	if err := e.Index(t.Context(), []market.Document{{ID: 9, Title: "新写入"}}); err != nil {
		t.Errorf("index after the damage: %v", err)
	}
}

func TestOtherVersionIsReplaced(t *testing.T) {
	t.Parallel()
	dir := filled(t)
	manifest := filepath.Join(dir, "manifest.json")
	text, err := os.ReadFile(manifest)
	if err != nil {
		t.Fatal(err)
	}
	older := strings.Replace(string(text), `"format":`, `"format":9`, 1)
	if err := os.WriteFile(manifest, []byte(older), 0o600); err != nil {
		t.Fatal(err)
	}
	if position, docs := state(t, open(t, dir)); position != 0 || docs != 0 {
		t.Errorf("an index of another version was used: position %d, %d documents", position, docs)
	}
}

func TestOnlyOneIndexIsLeft(t *testing.T) {
	t.Parallel()
	dir := filled(t)
	if err := os.MkdirAll(filepath.Join(dir, "index-unfinished", "store"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "notes.txt"), []byte("not ours"), 0o600); err != nil {
		t.Fatal(err)
	}
	e := open(t, dir)
	docs := func(yield func(market.Document, error) bool) { yield(market.Document{ID: 3, Title: "松香"}, nil) }
	if err := e.Rebuild(t.Context(), 6, docs); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var folders []string
	for _, entry := range entries {
		if entry.IsDir() {
			folders = append(folders, entry.Name())
		}
	}
	if len(folders) != 1 || slices.Contains(folders, "index-unfinished") {
		t.Errorf("folders %v, want the live index only", folders)
	}
	if _, err := os.Stat(filepath.Join(dir, "notes.txt")); err != nil {
		t.Errorf("a file that is not the index's was removed: %v", err)
	}
}

func TestUnwritableFolder(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := embedded.Open(filepath.Join(file, "index")); err == nil {
		t.Error("opened an index below a file")
	}
}
