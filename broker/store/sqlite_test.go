package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"

	"handrail/broker/lobby"
	"handrail/broker/people"
)

func TestEveryWriteIsSyncedToTheDisk(t *testing.T) {
	s := opened(t, Place{Dir: t.TempDir()})
	e := s.engine.(*sqliteEngine)
	var mode string
	var level int
	if err := e.writes.QueryRow(`pragma journal_mode`).Scan(&mode); err != nil {
		t.Fatal(err)
	}
	if err := e.writes.QueryRow(`pragma synchronous`).Scan(&level); err != nil {
		t.Fatal(err)
	}
	if mode != "wal" || level != 2 { // 2 is FULL
		t.Errorf("journal mode %s, synchronous %d", mode, level)
	}
	if _, err := e.reads.Exec(`delete from settings`); err == nil {
		t.Error("a reading connection can write")
	}
}

// Where everything but the data folder can't be written to, as in a container,
// a sort of more than a megabyte would fail, and so would the first migration.
func TestNothingIsWrittenOutsideOfTheDataFolder(t *testing.T) {
	e := opened(t, Place{Dir: t.TempDir()}).engine.(*sqliteEngine)
	for name, db := range map[string]*sql.DB{"writes": e.writes, "reads": e.reads} {
		var place int
		if err := db.QueryRow(`pragma temp_store`).Scan(&place); err != nil {
			t.Fatal(err)
		}
		if place != 2 { // MEMORY, https://sqlite.org/pragma.html#pragma_temp_store
			t.Errorf("%s puts its temporary tables to %d", name, place)
		}
	}
}

func TestStoreIsForItsUserAlone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new folder with ? and %", "data")
	s := opened(t, Place{Dir: dir})
	if err := s.SetSetting(t.Context(), "a", []byte("b")); err != nil {
		t.Fatal(err)
	}
	files, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != 3 { // the file, its journal and the journal's index
		t.Errorf("%d files, want 3", len(files))
	}
	for _, f := range files {
		info, err := f.Info()
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", f.Name(), info.Mode())
		}
	}
	other := filepath.Join(t.TempDir(), "data")
	opened(t, Place{Dir: other, Database: server.Database(t)})
	for _, dir := range []string{dir, other} {
		info, err := os.Stat(dir)
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o700 {
			t.Errorf("folder has mode %v", info.Mode())
		}
	}
}

func TestDamagedFileIsAnErrorNotAFreshStart(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, fileName), []byte("this is no database, and long enough to tell so"), 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err := Open(t.Context(), Place{Dir: dir}); err == nil {
		t.Error("opened", s.Close())
	}
}

// libc must be exactly the version that sqlite was translated against; another
// one builds and then corrupts memory.
func TestLibcIsTheOneSqliteWasBuiltWith(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f",
		"{{.Path}} {{.Version}}", "modernc.org/sqlite", "modernc.org/libc").Output()
	if err != nil {
		t.Fatal(err)
	}
	const want = "modernc.org/sqlite v1.61.1\nmodernc.org/libc v1.79.0\n"
	if string(out) != want {
		t.Errorf("modules are\n%swant\n%s(change both together: libc as sqlite's own go.mod names it)", out, want)
	}
}

func TestLookingMakesNoFile(t *testing.T) {
	dir := t.TempDir()
	if _, err := OpenKept(t.Context(), Place{Dir: dir}); !errors.Is(err, ErrNothingKept) {
		t.Error(err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 0 {
		t.Error("looking made a file")
	}
}

// Whoever waits while the disk is busy shares the next transaction, and one
// who fails takes nobody else back.
func TestWritesThatWaitShareATransactionAndFailAlone(t *testing.T) {
	s := opened(t, Place{Dir: t.TempDir()})
	e := s.engine.(*sqliteEngine)
	before := e.groups.Load()
	busy, waiting := make(chan struct{}), make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() { // the disk is busy
		_ = e.write(t.Context(), func(*Tx) error { close(busy); <-waiting; return nil })
	})
	<-busy
	errOdd := errors.New("odd")
	gone, leave := context.WithCancel(t.Context())
	leave()
	results := make([]error, 100)
	for i := range results {
		all.Go(func() {
			results[i] = e.write(t.Context(), func(tx *Tx) error {
				_, err := tx.exec(`insert into settings (name, value) values ($1, $2)`, fmt.Sprint(i), []byte{1})
				if i%2 == 1 {
					return errors.Join(errOdd, err)
				}
				return err
			})
		})
	}
	all.Go(func() {
		if err := e.write(gone, func(*Tx) error { t.Error("a write nobody waits for"); return nil }); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	close(waiting)
	all.Wait()
	for i, err := range results {
		v, readErr := s.Setting(t.Context(), fmt.Sprint(i))
		if readErr != nil {
			t.Fatal(readErr)
		}
		if odd := i%2 == 1; errors.Is(err, errOdd) != odd || (v == nil) != odd || !odd && err != nil {
			t.Errorf("write %d: %v, kept %v", i, err, v)
		}
	}
	if n := e.groups.Load() - before; n >= 50 {
		t.Errorf("%d transactions for 101 writes", n)
	}
}

// A failure that takes the transaction back (here by the job itself) is
// everybody's: nothing may be acknowledged that isn't there.
func TestATransactionThatIsGoneIsEverybodysFailure(t *testing.T) {
	s := opened(t, Place{Dir: t.TempDir()})
	e := s.engine.(*sqliteEngine)
	busy, waiting := make(chan struct{}), make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() { _ = e.write(t.Context(), func(*Tx) error { close(busy); <-waiting; return nil }) })
	<-busy
	var mu sync.Mutex
	acknowledged := map[string]bool{}
	for i := range 20 {
		all.Go(func() {
			name := fmt.Sprint(i)
			err := e.write(t.Context(), func(tx *Tx) error {
				if i == 7 {
					_, err := tx.exec(`rollback`)
					return errors.Join(errors.New("disk full"), err)
				}
				_, err := tx.exec(`insert into settings (name, value) values ($1, $2)`, name, []byte{1})
				return err
			})
			mu.Lock()
			defer mu.Unlock()
			acknowledged[name] = err == nil
		})
	}
	close(waiting)
	all.Wait()
	for name, yes := range acknowledged {
		if v, err := s.Setting(t.Context(), name); err != nil || (v != nil) != yes {
			t.Errorf("%s: acknowledged %v, kept %v, %v", name, yes, v, err)
		}
	}
	if err := s.SetSetting(t.Context(), "after", []byte{1}); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// late is a context that ends once a write has begun.
type late struct {
	context.Context
	end func()
}

func (late) Value(any) any { return nil }

func (l late) Err() error {
	defer l.end()
	return l.Context.Err()
}

func TestAWriteThatHasBegunIsDoneWhole(t *testing.T) {
	s, owner, _, _, rep := staffed(t, Place{Dir: t.TempDir()})
	begun := func() late {
		ctx, end := context.WithCancel(t.Context())
		return late{ctx, end}
	}
	_, changing := s.Change(begun(), owner, people.SetTeam{Team: people.Team{Name: "Night"}}, start)
	_, starting := s.StartReset(begun(), Hash{1}, owner, rep, false, start)
	_, _, joining := s.Join(begun(), lobby.Node{ID: lobby.NodeID{1}}, true)
	for doing, err := range map[string]error{
		"changing people": changing, "starting a reset": starting, "joining": joining,
		"cancelling a reset": s.CancelReset(begun(), Hash{1}, owner, start),
	} {
		if err != nil {
			t.Errorf("%s: %v", doing, err)
		}
	}
}
