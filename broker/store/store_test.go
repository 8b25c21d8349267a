package store

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strconv"
	"sync"
	"testing"
	"time"

	"handrail/broker/lobby"
	"handrail/shared/wire"
)

// childDir tells the test binary to be the process that gets killed.
const childDir = "HANDRAIL_STORE_TEST_CHILD"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		if err := writeUntilKilled(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(m.Run())
}

// writeUntilKilled keeps one key after the other and says each number once it
// is kept.
func writeUntilKilled(dir string) error {
	ctx := context.Background()
	s, err := Open(ctx, dir)
	if err != nil {
		return err
	}
	r, err := addRep(ctx, s, "killed")
	if err != nil {
		return err
	}
	for i := uint32(1); ; i++ {
		if err := s.Keep(ctx, []lobby.Key{key(r.ID, i)}, nil); err != nil {
			return err
		}
		fmt.Println(i)
	}
}

func key(rep uint64, i uint32) lobby.Key {
	k := lobby.Key{
		Rep: rep, Number: fmt.Sprintf("%06d", i), State: lobby.KeyOpen,
		Made: start, Expires: start.Add(time.Hour),
	}
	binary.BigEndian.PutUint32(k.Request[:], i)
	return k
}

var start = time.Date(2026, 3, 1, 9, 0, 0, 1000, time.UTC)

func addRep(ctx context.Context, s *Store, name string) (lobby.Rep, error) {
	code := lobby.CodeHash(name)
	if err := s.AddEnrolment(ctx, code, name, start.Add(time.Hour)); err != nil {
		return lobby.Rep{}, err
	}
	publicKey := sha256.Sum256([]byte(name))
	return s.Enrol(ctx, code, publicKey[:], start)
}

func opened(t *testing.T, dir string) *Store {
	t.Helper()
	s, err := Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func TestKilledProcessLosesNothingItAcknowledged(t *testing.T) {
	dir := t.TempDir()
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), childDir+"="+dir)
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	acked := 0
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if acked, err = strconv.Atoi(lines.Text()); err != nil {
			t.Fatal(err)
		}
		if acked == 50 {
			if err := child.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = child.Wait() // it was killed
	if acked < 50 {
		t.Fatalf("child ended after %d keys", acked)
	}
	keys, _, err := opened(t, dir).Kept(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if len(keys) < acked {
		t.Errorf("%d keys kept of %d acknowledged", len(keys), acked)
	}
	for i, k := range keys {
		if want := key(k.Rep, uint32(i+1)); k != want {
			t.Fatalf("kept %+v, want %+v", k, want)
		}
	}
}

func TestEveryWriteIsSyncedToTheDisk(t *testing.T) {
	s := opened(t, t.TempDir())
	var mode string
	var level int
	if err := s.write.QueryRow(`pragma journal_mode`).Scan(&mode); err != nil {
		t.Fatal(err)
	}
	if err := s.write.QueryRow(`pragma synchronous`).Scan(&level); err != nil {
		t.Fatal(err)
	}
	if mode != "wal" || level != 2 { // 2 is FULL
		t.Errorf("journal mode %s, synchronous %d", mode, level)
	}
	if _, err := s.read.Exec(`delete from settings`); err == nil {
		t.Error("a reading connection can write")
	}
}

func TestStoreIsForItsUserAlone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new folder with ? and %", "data")
	s := opened(t, dir)
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
	info, err := os.Stat(dir)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o700 {
		t.Errorf("folder has mode %v", info.Mode())
	}
}

func TestRecordsComeBackAsTheyWere(t *testing.T) {
	dir := t.TempDir()
	s := opened(t, dir)
	r, err := addRep(t.Context(), s, "Anna")
	if err != nil {
		t.Fatal(err)
	}
	taken := key(r.ID, 1)
	session := lobby.Session{
		ID: wire.SessionID{1, 2}, Rep: r.ID, Request: taken.Request, Started: start,
		Tickets: [2][32]byte{{3}, {4}},
	}
	over := session
	over.ID[0]++
	if err := s.Keep(t.Context(), []lobby.Key{taken}, []lobby.Session{session, over}); err != nil {
		t.Fatal(err)
	}
	taken.State, taken.Session = lobby.KeyTaken, session.ID
	session.CustomerLeft = wire.EndByCustomer
	over.Ended, over.Why = start.Add(time.Minute), wire.EndByRep
	ended := key(r.ID, 2)
	ended.State, ended.Ended, ended.Why = lobby.KeyEnded, start, wire.KeyBurnt
	for range 2 { // a write said again is harmless
		if err := s.Keep(t.Context(), []lobby.Key{taken, ended}, []lobby.Session{session, over}); err != nil {
			t.Fatal(err)
		}
	}
	keys, sessions, err := opened(t, dir).Kept(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if want := []lobby.Key{taken, ended}; !reflect.DeepEqual(keys, want) {
		t.Errorf("keys\n%+v, want\n%+v", keys, want)
	}
	if want := []lobby.Session{session}; !reflect.DeepEqual(sessions, want) {
		t.Errorf("sessions\n%+v, want\n%+v", sessions, want)
	}
	if err := s.Prune(t.Context(), start.Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	if keys, _, _ = s.Kept(t.Context()); len(keys) != 1 || keys[0] != taken {
		t.Errorf("after pruning %+v, want the taken key alone", keys)
	}
}

func TestKeepIsAllOrNothing(t *testing.T) {
	s := opened(t, t.TempDir())
	r, err := addRep(t.Context(), s, "Anna")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Keep(t.Context(), []lobby.Key{key(r.ID, 1), key(99, 2)}, nil); err == nil {
		t.Fatal("kept a key of a rep who does not exist")
	}
	if keys, _, _ := s.Kept(t.Context()); len(keys) != 0 {
		t.Errorf("%d keys kept of a failed write", len(keys))
	}
}

func TestEnrolmentCodeWorksOnce(t *testing.T) {
	s := opened(t, t.TempDir())
	code := lobby.CodeHash("code")
	if err := s.AddEnrolment(t.Context(), code, "Anna Weber", start.Add(lobby.EnrolmentLife)); err != nil {
		t.Fatal(err)
	}
	mine, other := make([]byte, 32), []byte("01234567890123456789012345678901")
	late := start.Add(lobby.EnrolmentLife)
	if _, err := s.Enrol(t.Context(), code, mine, late); !errors.Is(err, lobby.ErrBadCode) {
		t.Errorf("expired code: %v", err)
	}
	if _, err := s.Enrol(t.Context(), lobby.CodeHash("edoc"), mine, start); !errors.Is(err, lobby.ErrBadCode) {
		t.Errorf("unknown code: %v", err)
	}
	r, err := s.Enrol(t.Context(), code, mine, start)
	if err != nil || r.Name != "Anna Weber" {
		t.Fatalf("enrolled %+v, %v", r, err)
	}
	if again, err := s.Enrol(t.Context(), code, mine, late); err != nil || again.ID != r.ID {
		t.Errorf("the same message again: %+v, %v", again, err)
	}
	if _, err := s.Enrol(t.Context(), code, other, start); !errors.Is(err, lobby.ErrBadCode) {
		t.Errorf("used code with another key: %v", err)
	}
	if found, err := s.RepByKey(t.Context(), mine); err != nil || found.ID != r.ID {
		t.Errorf("found %+v, %v", found, err)
	}
	if _, err := s.RepByKey(t.Context(), other); !errors.Is(err, lobby.ErrNoRep) {
		t.Errorf("stranger's key: %v", err)
	}
}

func TestOneCodeEnrolsOneOfManyWhoTryAtOnce(t *testing.T) {
	s := opened(t, t.TempDir())
	code := lobby.CodeHash("code")
	if err := s.AddEnrolment(t.Context(), code, "Anna", start.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	results := make([]error, 16)
	for i := range results {
		wg.Go(func() {
			publicKey := sha256.Sum256([]byte{byte(i)})
			_, results[i] = s.Enrol(t.Context(), code, publicKey[:], start)
		})
	}
	wg.Wait()
	good := 0
	for _, err := range results {
		if err == nil {
			good++
		} else if !errors.Is(err, lobby.ErrBadCode) {
			t.Error(err)
		}
	}
	if good != 1 {
		t.Errorf("%d enrolled with one code", good)
	}
}

func TestRevokedRepComesBackOnlyWithAFreshCode(t *testing.T) {
	s := opened(t, t.TempDir())
	r, err := addRep(t.Context(), s, "Anna")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.RevokeRep(t.Context(), r.ID+1, start); !errors.Is(err, lobby.ErrNoRep) {
		t.Errorf("revoking nobody: %v", err)
	}
	for range 2 {
		if err := s.RevokeRep(t.Context(), r.ID, start); err != nil {
			t.Fatal(err)
		}
	}
	if ids, err := s.Revoked(t.Context()); err != nil || len(ids) != 1 || ids[0] != r.ID {
		t.Errorf("revoked %v, %v", ids, err)
	}
	if _, err := s.RepByKey(t.Context(), r.PublicKey); !errors.Is(err, lobby.ErrNoRep) {
		t.Errorf("revoked rep found: %v", err)
	}
	if _, err := s.Enrol(t.Context(), lobby.CodeHash("Anna"), r.PublicKey, start); !errors.Is(err, lobby.ErrBadCode) {
		t.Errorf("old code lets a revoked rep back in: %v", err)
	}
	fresh := lobby.CodeHash("fresh")
	if err := s.AddEnrolment(t.Context(), fresh, "Anna Berg", start.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	back, err := s.Enrol(t.Context(), fresh, r.PublicKey, start)
	if err != nil || back.ID != r.ID || back.Name != "Anna Berg" || !back.Revoked.IsZero() {
		t.Errorf("back as %+v, %v", back, err)
	}
	all, err := s.Reps(t.Context())
	if err != nil || len(all) != 1 {
		t.Errorf("reps %+v, %v", all, err)
	}
}

func TestSettingsAreKept(t *testing.T) {
	dir := t.TempDir()
	s := opened(t, dir)
	if v, err := s.Setting(t.Context(), "name"); err != nil || v != nil {
		t.Errorf("unset: %q, %v", v, err)
	}
	for _, v := range []string{"one", "two"} {
		if err := s.SetSetting(t.Context(), "name", []byte(v)); err != nil {
			t.Fatal(err)
		}
	}
	if v, err := opened(t, dir).Setting(t.Context(), "name"); err != nil || string(v) != "two" {
		t.Errorf("got %q, %v", v, err)
	}
}

func TestAdministratorsCommandWritesWhileTheBrokerRuns(t *testing.T) {
	dir := t.TempDir()
	running := opened(t, dir)
	command, err := OpenKept(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	r, err := addRep(t.Context(), command, "Anna")
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Close(); err != nil {
		t.Fatal(err)
	}
	if found, err := running.RepByKey(t.Context(), r.PublicKey); err != nil || found.ID != r.ID {
		t.Errorf("running broker finds %+v, %v", found, err)
	}
}

func TestOpeningTwiceMigratesOnceAndNewerIsRefused(t *testing.T) {
	dir := t.TempDir()
	if _, err := OpenKept(t.Context(), dir); !errors.Is(err, ErrNothingKept) {
		t.Errorf("empty folder: %v", err)
	}
	if entries, _ := os.ReadDir(dir); len(entries) != 0 {
		t.Error("looking made a file")
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() { opened(t, dir) })
	}
	wg.Wait()
	s := opened(t, dir)
	var n, newest int
	if err := s.read.QueryRow(`select count(*), max(number) from migrations`).Scan(&n, &newest); err != nil {
		t.Fatal(err)
	}
	if n != 1 || newest != 1 {
		t.Errorf("%d migrations, newest %d", n, newest)
	}
	if _, err := s.write.Exec(`insert into migrations values (1000, 0)`); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), dir); !errors.Is(err, ErrNewer) {
		t.Errorf("newer file: %v", err)
	}
}

func TestDamagedFileIsAnErrorNotAFreshStart(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, fileName), []byte("this is no database, and long enough to tell so"), 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err := Open(t.Context(), dir); err == nil {
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
