// Package devdb runs a private PostgreSQL, for `market dev` and for the tests.
//
// The server lives in one folder, listens only on a unix socket that nobody but
// the account it runs under (and root) can reach, and ends with the process
// that started it, however that process ends. Linux only.
package devdb

import (
	"bytes"
	"cmp"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/lib/pq"
)

// ErrBusy is returned by Start when another live process runs a server in the folder.
var ErrBusy = errors.New("another process runs a database in this folder")

// Options say how to run the server.
type Options struct {
	// Fsync makes data survive a crash of the machine. Without it the server
	// is faster and its data is worth nothing after one: right for tests.
	Fsync bool
	// Logger gets a line on each start and stop; nil for none. What
	// PostgreSQL itself has to say goes to postgres.log in the folder.
	Logger *slog.Logger
	// MaxConnections is 100 when zero.
	MaxConnections int
	// SharedBuffers is in PostgreSQL's notation, "128MB" when empty.
	SharedBuffers string
}

// Server is a running PostgreSQL. Its methods may be called from any goroutine.
type Server struct {
	dir     string
	data    string
	socket  string
	options Options
	account account
	lock    *os.File
	child   *child
	// temporary makes the folder go with the server.
	temporary bool
}

const (
	socketName = ".s.PGSQL.5432"
	// maxSocketPath is what fits, with its closing zero, into sockaddr_un.
	maxSocketPath = 107
	pollInterval  = 20 * time.Millisecond
)

// Start runs the server of folder dir, creating folder and server when they are
// absent, and returns once it accepts connections. ctx bounds only the start.
//
// A server that outlived its process is stopped first. A folder whose server
// belongs to a live process gives ErrBusy.
//
// PostgreSQL refuses to run as root, so root runs it under the account that
// owns the data already there, else postgres, else nobody.
func Start(ctx context.Context, dir string, options Options) (*Server, error) {
	options.Logger = cmp.Or(options.Logger, slog.New(slog.DiscardHandler))
	options.MaxConnections = cmp.Or(options.MaxConnections, 100)
	options.SharedBuffers = cmp.Or(options.SharedBuffers, "128MB")

	dir, err := makeFolder(dir)
	if err != nil {
		return nil, err
	}
	lock, err := lockFolder(dir)
	if err != nil {
		return nil, err
	}
	s := &Server{dir: dir, data: filepath.Join(dir, "pg"), options: options, lock: lock}
	if err := s.start(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("start PostgreSQL in %s: %w", dir, err), s.release())
	}
	options.Logger.Info("database started", "folder", dir, "log", s.logPath())
	return s, nil
}

// Stop shuts the server down and waits until it is gone. Sessions still open
// are ended. When ctx ends first the server is stopped without a checkpoint,
// which costs the next start a recovery but no data. To be called once.
func (s *Server) Stop(ctx context.Context) error {
	err := s.child.stop(ctx)
	s.options.Logger.Info("database stopped", "folder", s.dir)
	return errors.Join(err, s.release())
}

// DSN is the connection string, for lib/pq and for PostgreSQL's own programs,
// of a database of this server. It holds no password.
func (s *Server) DSN(database string) string { return socketDSN(s.socket, database) }

// RunningDSN is the DSN of a database of the server that another process runs
// in folder dir, for use after ErrBusy. Whether that server still answers is
// for the caller to find out.
func RunningDSN(dir, database string) (string, error) {
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return "", err
	}
	pidFile := filepath.Join(dir, "pg", "postmaster.pid")
	text, err := os.ReadFile(pidFile)
	if err != nil {
		return "", fmt.Errorf("the database in %s is not up yet: %w", dir, err)
	}
	lines := strings.Split(string(text), "\n")
	if len(lines) <= socketLine || lines[socketLine] == "" {
		return "", fmt.Errorf("%s names no socket: the database is starting or stopping", pidFile)
	}
	return socketDSN(lines[socketLine], database), nil
}

// socketLine is the line of postmaster.pid, from 0, that names the folder of
// the socket.
const socketLine = 4

func socketDSN(socket, database string) string {
	query := url.Values{"host": {socket}, "port": {"5432"}, "sslmode": {"disable"}}
	dsn := url.URL{Scheme: "postgres", User: url.User("postgres"), Path: "/" + database, RawQuery: query.Encode()}
	return dsn.String()
}

// As is the DSN for another role of the same database.
func As(dsn, role string) (string, error) {
	u, err := url.Parse(dsn)
	if err != nil {
		return "", err
	}
	u.User = url.User(role)
	return u.String(), nil
}

// CreateDatabase creates the database unless it is there.
func (s *Server) CreateDatabase(ctx context.Context, name string) (err error) {
	db, err := sql.Open("postgres", s.DSN("postgres"))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()

	var exists bool
	const query = `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`
	if err := db.QueryRowContext(ctx, query, name).Scan(&exists); err != nil || exists {
		return err
	}
	_, err = db.ExecContext(ctx, `CREATE DATABASE `+pq.QuoteIdentifier(name))
	return err
}

func (s *Server) start(ctx context.Context) error {
	var err error
	if s.account, err = chooseAccount(s.data); err != nil {
		return err
	}
	if err := stopLeftover(ctx, s.data); err != nil {
		return err
	}
	bin, err := findBinaries(s.data)
	if err != nil {
		return err
	}
	if err := s.initialize(ctx, bin); err != nil {
		return err
	}
	if s.socket, err = s.socketFolder(); err != nil {
		return err
	}
	for {
		err := s.launch(ctx, bin)
		if !errors.Is(err, errMemoryInUse) {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pollInterval):
		}
	}
}

// initialize creates the data folder unless it is there. A folder appears
// under its own name only when it is complete.
func (s *Server) initialize(ctx context.Context, bin string) error {
	if _, err := os.Stat(filepath.Join(s.data, "PG_VERSION")); !errors.Is(err, os.ErrNotExist) {
		return err
	}
	fresh := s.data + ".new"
	if err := os.RemoveAll(fresh); err != nil {
		return err
	}
	if err := os.Mkdir(fresh, 0o700); err != nil {
		return err
	}
	account, err := s.account.at(fresh)
	if err != nil {
		return err
	}
	args := []string{"-D", fresh, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-instructions"}
	if !s.options.Fsync {
		args = append(args, "--no-sync")
	}
	cmd := account.command(filepath.Join(bin, "initdb"), args...)
	var output bytes.Buffer
	cmd.Stdout, cmd.Stderr = &output, &output
	initdb, err := spawn(cmd)
	if err != nil {
		return fmt.Errorf("initdb: %w", err)
	}
	select {
	case <-initdb.exited:
	case <-ctx.Done():
		return errors.Join(ctx.Err(), initdb.stop(ctx))
	}
	if initdb.err != nil {
		return fmt.Errorf("initdb: %w\n%s", initdb.err, output.Bytes())
	}
	return os.Rename(fresh, s.data)
}

// socketFolder is the data folder, which is private already, unless the path
// of a socket there would be too long.
func (s *Server) socketFolder() (string, error) {
	if len(filepath.Join(s.data, socketName)) <= maxSocketPath {
		return s.data, nil
	}
	folder, err := os.MkdirTemp("/tmp", "market-socket-")
	if err != nil {
		return "", err
	}
	return folder, s.account.own(folder)
}

// launch starts the server and waits until it answers or has failed.
func (s *Server) launch(ctx context.Context, bin string) (err error) {
	account, err := s.account.at(s.data)
	if err != nil {
		return err
	}
	log, err := s.openLog()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	cmd := account.command(filepath.Join(bin, "postgres"), s.arguments()...)
	cmd.Stdout, cmd.Stderr = log, log
	if s.child, err = spawn(cmd); err != nil {
		return err
	}
	err = s.waitReady(ctx)
	if err == nil {
		return nil
	}
	stopped := s.child.stop(ctx)
	text, readErr := os.ReadFile(s.logPath())
	if bytes.Contains(text, []byte("pre-existing shared memory block")) {
		return errMemoryInUse
	}
	return errors.Join(err, stopped, readErr, fmt.Errorf("%s says:\n%s", s.logPath(), text))
}

// errMemoryInUse says that a killed server's last session is still ending.
var errMemoryInUse = errors.New("sessions of an earlier server are still running")

func (s *Server) arguments() []string {
	settings := map[string]string{
		"listen_addresses":        "",
		"unix_socket_directories": s.quotedSocket(),
		"max_connections":         strconv.Itoa(s.options.MaxConnections),
		"shared_buffers":          s.options.SharedBuffers,
		"timezone":                "UTC",
		"log_timezone":            "UTC",
		"jit":                     "off",
	}
	if !s.options.Fsync {
		settings["fsync"] = "off"
		settings["synchronous_commit"] = "off"
		settings["full_page_writes"] = "off"
	}
	args := []string{"-D", s.data, "-p", "5432"}
	for _, name := range slices.Sorted(maps.Keys(settings)) {
		args = append(args, "-c", name+"="+settings[name])
	}
	return args
}

// quotedSocket keeps a comma in a path from reading as a list of folders.
func (s *Server) quotedSocket() string {
	return `"` + strings.ReplaceAll(s.socket, `"`, `""`) + `"`
}

func (s *Server) waitReady(ctx context.Context) error {
	db, err := sql.Open("postgres", s.DSN("postgres"))
	if err != nil {
		return err
	}
	ticker := time.NewTicker(pollInterval)
	defer ticker.Stop()
	for {
		ping := db.PingContext(ctx)
		if ping == nil {
			return db.Close()
		}
		select {
		case <-s.child.exited:
			return errors.Join(errors.New("PostgreSQL ended while starting"), db.Close())
		case <-ctx.Done():
			return errors.Join(ctx.Err(), ping, db.Close())
		case <-ticker.C:
		}
	}
}

func (s *Server) logPath() string { return filepath.Join(s.dir, "postgres.log") }

// openLog begins a new log and keeps the one before.
func (s *Server) openLog() (*os.File, error) {
	err := os.Rename(s.logPath(), s.logPath()+".old")
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	return os.OpenFile(s.logPath(), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
}

// release lets go of all that the server held besides its process.
func (s *Server) release() error {
	var err error
	if s.socket != s.data {
		err = os.RemoveAll(s.socket)
	}
	if s.temporary {
		err = errors.Join(err, os.RemoveAll(s.dir))
	}
	return errors.Join(err, s.lock.Close())
}

// makeFolder creates dir and gives its absolute path without symbolic links:
// the one under which the server will be known to the system.
func makeFolder(dir string) (string, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(dir)
}

// lockFolder holds dir for this process, until the file is closed or the process ends.
func lockFolder(dir string) (*os.File, error) {
	lock, err := os.OpenFile(filepath.Join(dir, "pg.lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		err = fmt.Errorf("%s: %w", dir, ErrBusy)
	}
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	return lock, nil
}

// findBinaries gives the folder of the newest server programs on this machine,
// or of those that fit data when it is there.
func findBinaries(data string) (string, error) {
	wanted, err := os.ReadFile(filepath.Join(data, "PG_VERSION"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return "", err
	}
	candidates, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil {
		return "", err
	}
	if inPath, err := exec.LookPath("postgres"); err == nil {
		candidates = append(candidates, inPath)
	}
	var found string
	var newest int
	for _, program := range candidates {
		version, err := majorVersion(program)
		if err != nil {
			return "", err
		}
		if len(wanted) > 0 && strconv.Itoa(version) != strings.TrimSpace(string(wanted)) {
			continue
		}
		if version > newest {
			found, newest = program, version
		}
	}
	if found == "" && len(wanted) > 0 {
		return "", fmt.Errorf("the data was made by PostgreSQL %s, whose server is not installed", bytes.TrimSpace(wanted))
	}
	if found == "" {
		return "", errors.New("no PostgreSQL server is installed, neither in /usr/lib/postgresql nor in PATH")
	}
	found, err = filepath.EvalSymlinks(found)
	return filepath.Dir(found), err
}

// majorVersion reads a line such as "postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)".
func majorVersion(program string) (int, error) {
	line, err := exec.Command(program, "--version").Output()
	if err != nil {
		return 0, fmt.Errorf("%s --version: %w", program, err)
	}
	_, version, _ := strings.Cut(string(line), ") ")
	digits := strings.IndexFunc(version, func(r rune) bool { return r < '0' || r > '9' })
	if digits <= 0 {
		return 0, fmt.Errorf("%s --version: %q names no version", program, line)
	}
	return strconv.Atoi(version[:digits])
}
