package devdb

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// envHelper makes the test program run a server in the folder it names, print
// the server's DSN and wait to be killed.
const envHelper = "DEVDB_TEST_HELPER"

func TestMain(m *testing.M) {
	if dir := os.Getenv(envHelper); dir != "" {
		runHelper(dir)
	}
	os.Exit(m.Run())
}

func runHelper(dir string) {
	server, err := Start(context.Background(), dir, Options{Fsync: true})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(server.DSN("postgres"))
	select {}
}

func TestStopAndStartKeepData(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	first := start(t, dir)
	if err := first.CreateDatabase(t.Context(), "market"); err != nil {
		t.Fatal(err)
	}
	exec1(t, first.DSN("market"), `CREATE TABLE kept AS SELECT 42 AS n`)
	stop(t, first)

	second := start(t, dir)
	if err := second.CreateDatabase(t.Context(), "market"); err != nil {
		t.Fatalf("a database that is there: %v", err)
	}
	if n := queryInt(t, second.DSN("market"), `SELECT n FROM kept`); n != 42 {
		t.Errorf("kept %d, want 42", n)
	}
}

func TestDatabaseIsUTF8AndUTC(t *testing.T) {
	t.Parallel()
	server := start(t, t.TempDir())
	const query = `SELECT count(*) FROM pg_database
		WHERE datname = 'postgres' AND pg_encoding_to_char(encoding) = 'UTF8' AND datcollate = 'C.UTF-8'
		AND current_setting('timezone') = 'UTC' AND current_setting('listen_addresses') = ''`
	if queryInt(t, server.DSN("postgres"), query) != 1 {
		t.Error("encoding, collation, time zone or addresses are not as meant")
	}
}

func TestServersSideBySide(t *testing.T) {
	t.Parallel()
	left, right := start(t, t.TempDir()), start(t, t.TempDir())
	exec1(t, left.DSN("postgres"), `CREATE TABLE only_left ()`)
	const query = `SELECT count(*) FROM pg_tables WHERE tablename = 'only_left'`
	if n := queryInt(t, left.DSN("postgres"), query); n != 1 {
		t.Errorf("left server has %d tables, want 1", n)
	}
	if n := queryInt(t, right.DSN("postgres"), query); n != 0 {
		t.Errorf("right server has %d tables, want 0", n)
	}
}

func TestFolderInUseIsRefused(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	server := start(t, dir)
	if _, err := Start(t.Context(), dir, Options{}); !errors.Is(err, ErrBusy) {
		t.Fatalf("second start: %v, want ErrBusy", err)
	}
	if queryInt(t, server.DSN("postgres"), `SELECT 1`) != 1 {
		t.Error("the first server was disturbed")
	}
}

func TestFolderTooDeepForASocket(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), strings.Repeat("long 'name', ", 12))
	server := start(t, dir)
	if queryInt(t, server.DSN("postgres"), `SELECT 1`) != 1 {
		t.Error("no answer")
	}
	socket := server.socket
	stop(t, server)
	if _, err := os.Stat(socket); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket's folder is still there: %v", err)
	}
}

func TestKilledParentTakesServerAlong(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	helper := startHelper(t, dir)
	postmaster := pidOf(t, dir)
	kill(t, helper.process)
	eventually(t, "the server ends", func() bool { return !serves(postmaster, dataOf(t, dir)) })

	if n := queryInt(t, start(t, dir).DSN("postgres"), `SELECT n FROM kept`); n != 1 {
		t.Errorf("kept %d, want 1", n)
	}
}

func TestStartRightAfterParentWasKilled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	helper := startHelper(t, dir)
	kill(t, helper.process)
	if n := queryInt(t, start(t, dir).DSN("postgres"), `SELECT n FROM kept`); n != 1 {
		t.Errorf("kept %d, want 1", n)
	}
}

func TestStartAfterServerItselfWasKilled(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	helper := startHelper(t, dir)
	postmaster := pidOf(t, dir)
	busy := make(chan error, 1)
	go func() { busy <- spin(helper.dsn) }()
	eventually(t, "the busy session runs", func() bool {
		return queryInt(t, helper.dsn, `SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%generate_series%' AND pid <> pg_backend_pid()`) == 1
	})
	if err := syscall.Kill(postmaster, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	kill(t, helper.process)
	if n := queryInt(t, start(t, dir).DSN("postgres"), `SELECT n FROM kept`); n != 1 {
		t.Errorf("kept %d, want 1", n)
	}
	<-busy
}

func TestLeftoverServerIsStopped(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	abandoned := start(t, dir)
	exec1(t, abandoned.DSN("postgres"), `CREATE TABLE kept AS SELECT 7 AS n`)
	if err := abandoned.lock.Close(); err != nil { // as if its process had ended without it
		t.Fatal(err)
	}
	if n := queryInt(t, start(t, dir).DSN("postgres"), `SELECT n FROM kept`); n != 7 {
		t.Errorf("kept %d, want 7", n)
	}
	<-abandoned.child.exited
}

func TestPidFileOfAnotherProgramIsHarmless(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	server := start(t, dir)
	data := server.data
	stop(t, server)

	sleep := server.account.command("/bin/sleep", "600")
	other, err := spawn(sleep)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { kill(t, other) })
	line := fmt.Sprintf("%d\n%s\n1\n5432\n", sleep.Process.Pid, data)
	if err := os.WriteFile(filepath.Join(data, "postmaster.pid"), []byte(line), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := server.account.own(filepath.Join(data, "postmaster.pid")); err != nil {
		t.Fatal(err)
	}
	if queryInt(t, start(t, dir).DSN("postgres"), `SELECT 1`) != 1 {
		t.Error("no answer")
	}
	select {
	case <-other.exited:
		t.Error("the other program was ended")
	default:
	}
}

func TestInterruptedCreationStartsOver(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	half := filepath.Join(dir, "pg.new")
	if err := os.Mkdir(half, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(half, "PG_VERSION"), []byte("15\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if queryInt(t, start(t, dir).DSN("postgres"), `SELECT 1`) != 1 {
		t.Error("no answer")
	}
}

func TestCancelledStartLeavesNothingRunning(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := Start(ctx, dir, Options{}); !errors.Is(err, context.Canceled) {
		t.Fatalf("start: %v, want context.Canceled", err)
	}
	if queryInt(t, start(t, dir).DSN("postgres"), `SELECT 1`) != 1 {
		t.Error("the folder cannot be used again")
	}
}

func TestFailedStartTellsWhatPostgreSQLSaid(t *testing.T) {
	t.Parallel()
	_, err := Start(t.Context(), t.TempDir(), Options{SharedBuffers: "many"})
	if err == nil || !strings.Contains(err.Error(), `invalid value for parameter "shared_buffers"`) {
		t.Errorf("error: %v", err)
	}
}

func TestDataOfAnUnknownVersion(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "pg"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "pg", "PG_VERSION"), []byte("9\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := Start(t.Context(), dir, Options{})
	if err == nil || !strings.Contains(err.Error(), "PostgreSQL 9, whose server is not installed") {
		t.Errorf("error: %v", err)
	}
}

func TestStartTemp(t *testing.T) {
	t.Parallel()
	server, err := StartTemp(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	if queryInt(t, server.DSN("postgres"), `SELECT 1`) != 1 {
		t.Error("no answer")
	}
	stop(t, server)
	if _, err := os.Stat(server.dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the folder is still there: %v", err)
	}
}

func TestSweepRemovesOnlyWhatIsAbandoned(t *testing.T) {
	t.Parallel()
	used, err := StartTemp(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, used) })
	abandoned, err := os.MkdirTemp("", tempPrefix)
	if err != nil {
		t.Fatal(err)
	}
	long := time.Now().Add(-2 * tempGrace)
	for _, dir := range []string{used.dir, abandoned} {
		if err := os.Chtimes(dir, long, long); err != nil {
			t.Fatal(err)
		}
	}
	sweep(t.Context())
	if _, err := os.Stat(abandoned); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the abandoned folder is still there: %v", err)
	}
	if queryInt(t, used.DSN("postgres"), `SELECT 1`) != 1 {
		t.Error("a server in use was disturbed")
	}
}

// start runs a server until the end of the test.
func start(t *testing.T, dir string) *Server {
	t.Helper()
	server, err := Start(t.Context(), dir, Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		select {
		case <-server.child.exited:
		default:
			stop(t, server)
		}
	})
	return server
}

func stop(t *testing.T, server *Server) {
	t.Helper()
	if err := server.Stop(context.Background()); err != nil {
		t.Error(err)
	}
}

type helper struct {
	process *child
	dsn     string
}

// startHelper runs a server from a process of its own, with a table kept in it.
func startHelper(t *testing.T, dir string) helper {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), envHelper+"="+dir)
	cmd.Stderr = os.Stderr
	output, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	process := &child{process: cmd.Process, exited: make(chan struct{})}
	lines := bufio.NewReader(output)
	dsn, readErr := lines.ReadString('\n')
	go func() {
		process.err = cmd.Wait()
		close(process.exited)
	}()
	t.Cleanup(func() { kill(t, process) })
	if readErr != nil {
		t.Fatal(readErr)
	}
	dsn = strings.TrimSpace(dsn)
	exec1(t, dsn, `CREATE TABLE kept AS SELECT 1 AS n`)
	return helper{process: process, dsn: dsn}
}

func kill(t *testing.T, c *child) {
	t.Helper()
	if err := c.signal(syscall.SIGKILL); err != nil {
		t.Error(err)
	}
	<-c.exited
}

func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for !holds() {
		if time.Now().After(deadline) {
			t.Fatal("waited in vain until ", what)
		}
		time.Sleep(pollInterval)
	}
}

func dataOf(t *testing.T, dir string) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(dir)
	if err != nil {
		t.Fatal(err)
	}
	return filepath.Join(dir, "pg")
}

func pidOf(t *testing.T, dir string) int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dataOf(t, dir), "postmaster.pid"))
	if err != nil {
		t.Fatal(err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err := strconv.Atoi(first)
	if err != nil {
		t.Fatal(err)
	}
	return pid
}

// spin keeps a session busy in a way that makes it notice late that its
// postmaster is gone.
func spin(dsn string) error {
	db, err := sql.Open("postgres", dsn)
	if err != nil {
		return err
	}
	defer db.Close()
	_, err = db.Exec(`SELECT count(*) FROM generate_series(1, 20000000)`)
	return err
}

func exec1(t *testing.T, dsn, statement string) {
	t.Helper()
	db, err := sql.Open("postgres", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.ExecContext(t.Context(), statement); err != nil {
		t.Fatal(err)
	}
}

func queryInt(t *testing.T, dsn, query string) int {
	t.Helper()
	db, err := sql.Open("postgres", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var n int
	if err := db.QueryRowContext(t.Context(), query).Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}

func TestRunningDSN(t *testing.T) {
	t.Parallel()
	for name, dir := range map[string]string{"short": t.TempDir(), "long": filepath.Join(t.TempDir(), strings.Repeat("long/", 20))} {
		server := start(t, dir)
		dsn, err := RunningDSN(dir, "postgres")
		if err != nil || dsn != server.DSN("postgres") {
			t.Errorf("%s: got %q, %v, want %q", name, dsn, err, server.DSN("postgres"))
		}
		if n := queryInt(t, dsn, `SELECT 42`); n != 42 {
			t.Errorf("%s: got %d", name, n)
		}
		stop(t, server)
		if _, err := RunningDSN(dir, "postgres"); err == nil {
			t.Errorf("%s: a stopped server has a DSN", name)
		}
	}
}
