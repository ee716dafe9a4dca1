package devdb

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

const (
	tempPrefix = "market-database-"
	// tempGrace is how long a new folder may take to get its lock.
	tempGrace = time.Minute
	// memoryFolder is a file system in memory, where creating a database takes
	// a tenth of the time.
	memoryFolder = "/dev/shm"
	memoryEnough = 4 << 30
)

// StartTemp is Start in a new folder, in memory where there is room for it.
// Stop removes the folder. What killed processes left is removed as well.
func StartTemp(ctx context.Context, options Options) (*Server, error) {
	sweep(ctx)
	dir, err := os.MkdirTemp(tempParent(), tempPrefix)
	if err != nil {
		return nil, err
	}
	// Open for passing through: all that matters lies in the data folder,
	// which is private.
	if err := os.Chmod(dir, 0o711); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	s, err := Start(ctx, dir, options)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	s.temporary = true
	return s, nil
}

// tempParent is where a new temporary folder is made.
func tempParent() string {
	var stat unix.Statfs_t
	if unix.Access(memoryFolder, unix.W_OK) != nil || unix.Statfs(memoryFolder, &stat) != nil {
		return os.TempDir()
	}
	if stat.Bavail*uint64(stat.Bsize) < memoryEnough {
		return os.TempDir()
	}
	return memoryFolder
}

// sweep removes our temporary folders whose process is gone. One that it cannot
// remove now is there for the next sweep.
func sweep(ctx context.Context) {
	for _, parent := range []string{os.TempDir(), memoryFolder} {
		parent, err := filepath.EvalSymlinks(parent)
		if err != nil {
			continue
		}
		folders, err := filepath.Glob(filepath.Join(parent, tempPrefix+"*"))
		if err != nil {
			continue
		}
		for _, dir := range folders {
			sweepFolder(ctx, dir)
		}
	}
}

func sweepFolder(ctx context.Context, dir string) {
	info, err := os.Lstat(dir)
	if err != nil || !info.IsDir() || time.Since(info.ModTime()) < tempGrace {
		return
	}
	// Anybody may make a folder of this name.
	if owner, err := ownerOf(dir); err != nil || owner.Uid != uint32(os.Geteuid()) {
		return
	}
	lock, err := lockFolder(dir)
	if err != nil {
		return
	}
	s := &Server{dir: dir, data: filepath.Join(dir, "pg"), lock: lock, temporary: true}
	if stopLeftover(ctx, s.data) == nil {
		s.release()
	}
}
