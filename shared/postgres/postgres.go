// Package postgres is a PostgreSQL server of their own for tests: started on
// first use in a folder that is thrown away, reached through a socket in it.
package postgres

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"flag"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
)

// Server is a running PostgreSQL.
type Server struct {
	dir     string
	process *exec.Cmd
}

const startingWait = 2 * time.Minute

// Main runs a package's tests with a server and takes it away afterwards. Use
// it in TestMain. The server syncs to the disk as a real one does.
func Main(m *testing.M, use func(*Server)) int {
	s, err := start()
	if err != nil {
		fmt.Fprintln(os.Stderr, "postgres:", err)
		return 1
	}
	use(s)
	code := m.Run()
	if err := s.stop(); err != nil {
		fmt.Fprintln(os.Stderr, "postgres:", err)
		return 1
	}
	return code
}

// Database makes an empty database and gives its address.
func (s *Server) Database(t testing.TB) string {
	t.Helper()
	name := "t" + strings.ToLower(rand.Text()[:16])
	if err := s.do(t.Context(), "create database "+name); err != nil {
		t.Fatal(err)
	}
	return s.address(name)
}

// Kill ends the server as a power cut would end its processes, and starts it
// anew.
func (s *Server) Kill(t testing.TB) {
	t.Helper()
	if err := s.signal(syscall.SIGQUIT); err != nil { // "immediate shutdown": no checkpoint, recovery at the next start
		t.Fatal(err)
	}
	_ = s.process.Wait() // it was killed
	if err := s.run(); err != nil {
		t.Fatal(err)
	}
}

func (s *Server) address(database string) string {
	u := url.URL{Scheme: "postgres", User: url.User("handrail"), Path: "/" + database}
	u.RawQuery = url.Values{"host": {s.dir}}.Encode()
	return u.String()
}

func (s *Server) do(ctx context.Context, text string) error {
	db, err := sql.Open("pgx", s.address("postgres"))
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, text)
	return errors.Join(err, db.Close())
}

func start() (*Server, error) {
	dir, err := os.MkdirTemp("", "pg")
	if err != nil {
		return nil, err
	}
	s := &Server{dir: dir}
	out, err := s.command("initdb", "-D", s.data(), "-U", "handrail", "-A", "trust", "-E", "UTF8", "--locale=C",
		"--data-checksums", "--no-instructions", "--no-sync").CombinedOutput()
	if err != nil {
		return nil, errors.Join(fmt.Errorf("initdb: %w: %s", err, out), os.RemoveAll(dir))
	}
	if err := s.run(); err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return s, nil
}

// run starts the server and waits until it answers.
func (s *Server) run() error {
	settings := []string{"-D", s.data(), "-k", s.dir, "-c", "listen_addresses=", "-c", "max_connections=200"}
	if f := flag.Lookup("test.bench"); f == nil || f.Value.String() == "" {
		// Tests kill the server, not the machine: what it has written survives
		// that without a sync, which is most of what making a database costs.
		// Benchmarks pay for it, as a broker does.
		settings = append(settings, "-c", "fsync=off")
	}
	s.process = s.command("postgres", settings...)
	log, err := os.OpenFile(filepath.Join(s.dir, "log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	s.process.Stdout, s.process.Stderr = log, log
	err = s.process.Start()
	if err := errors.Join(err, log.Close()); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), startingWait)
	defer cancel()
	for {
		err := s.do(ctx, "select 1")
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			text, _ := os.ReadFile(filepath.Join(s.dir, "log"))
			return errors.Join(fmt.Errorf("not up within %v: %w: %s", startingWait, err, text), s.stop())
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func (s *Server) data() string { return filepath.Join(s.dir, "data") }

// command is one of PostgreSQL's programs, which refuse to run as root.
func (s *Server) command(name string, args ...string) *exec.Cmd {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name)
	path := name
	if len(found) > 0 {
		path = slices.Max(found)
	}
	c := exec.Command(path, args...)
	c.Dir = s.dir
	c.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "TZ=UTC")
	own(c)
	return c
}

func (s *Server) signal(sig syscall.Signal) error { return s.process.Process.Signal(sig) }

func (s *Server) stop() error {
	err := s.signal(syscall.SIGINT) // "fast shutdown"
	_ = s.process.Wait()            // how it ended matters to nobody
	return errors.Join(err, os.RemoveAll(s.dir))
}
