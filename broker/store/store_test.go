package store

import (
	"bufio"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"handrail/broker/lobby"
	"handrail/broker/people"
	"handrail/shared/postgres"
	"handrail/shared/wire"
)

// childPlace tells the test binary to be the process that gets killed.
const childPlace = "HANDRAIL_STORE_TEST_CHILD"

var server *postgres.Server

func TestMain(m *testing.M) {
	if place := os.Getenv(childPlace); place != "" {
		if err := writeUntilKilled(place); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		return
	}
	os.Exit(postgres.Main(m, func(s *postgres.Server) { server = s }))
}

// each runs a test with an empty place of each engine.
func each(t *testing.T, test func(*testing.T, Place)) {
	t.Run("sqlite", func(t *testing.T) { test(t, Place{Dir: t.TempDir()}) })
	t.Run("postgres", func(t *testing.T) { test(t, Place{Database: server.Database(t)}) })
}

// placeFrom is the place that Place's address or folder names.
func placeFrom(text string) Place {
	if strings.HasPrefix(text, "postgres:") {
		return Place{Database: text}
	}
	return Place{Dir: text}
}

// writeUntilKilled keeps one key after the other and says each number once it
// is kept.
func writeUntilKilled(place string) error {
	ctx := context.Background()
	s, err := Open(ctx, placeFrom(place))
	if err != nil {
		return err
	}
	r, err := addRep(ctx, s, "killed")
	if err != nil {
		return err
	}
	if _, _, err := s.Join(ctx, lobby.Node{ID: lobby.NodeID{1}}, true); err != nil {
		return err
	}
	for i := uint32(1); ; i++ {
		if err := s.Keep(ctx, lobby.NodeID{1}, lobby.Batch{Keys: []lobby.Key{key(r.ID, i)}}); err != nil {
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
	code := people.CodeHash(name)
	if err := s.AddEnrolment(ctx, code, name, start, start.Add(time.Hour)); err != nil {
		return lobby.Rep{}, err
	}
	publicKey := sha256.Sum256([]byte(name))
	return s.Enrol(ctx, code, publicKey[:], start)
}

func opened(t *testing.T, p Place) *Store {
	t.Helper()
	s, err := Open(t.Context(), p)
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

// kept gives what a broker has: all its keys, the sessions that go on, the
// visits; and the waits of late, which are everybody's.
func (s *Store) kept(ctx context.Context, of lobby.NodeID) (lobby.Batch, error) {
	b, err := atHome(ctx, s.engine.reader(), `home = $1`, of[:])
	if err == nil {
		b.Waits, err = waits(ctx, s.engine.reader())
	}
	return b, err
}

func TestKilledProcessLosesNothingItAcknowledged(t *testing.T) {
	each(t, testKilledProcessLosesNothingItAcknowledged)
}

func testKilledProcessLosesNothingItAcknowledged(t *testing.T, place Place) {
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), childPlace+"="+cmp.Or(place.Database, place.Dir))
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
	kept, err := opened(t, place).kept(t.Context(), lobby.NodeID{1})
	if err != nil {
		t.Fatal(err)
	}
	if len(kept.Keys) < acked {
		t.Errorf("%d keys kept of %d acknowledged", len(kept.Keys), acked)
	}
	for i, k := range kept.Keys {
		if want := key(k.Rep, uint32(i+1)); k != want {
			t.Fatalf("kept %+v, want %+v", k, want)
		}
	}
}

func TestRecordsComeBackAsTheyWere(t *testing.T) { each(t, testRecordsComeBackAsTheyWere) }

func testRecordsComeBackAsTheyWere(t *testing.T, place Place) {
	s := opened(t, place)
	joins(t, s, 1)
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
	visit := lobby.Visit{
		ID: session.ID, State: lobby.Waits, Start: "issue", Came: start, Ticket: [32]byte{5}, Since: start, Order: 7,
		Arrival: lobby.Arrival{
			Portal: "main", Page: [32]byte{6}, Queue: "team:1", Name: "Μαρία", Description: "a\n\"b\"",
			Fields: []wire.VisitorField{{Name: "Room", Value: "7"}},
		},
	}
	left := visit
	left.ID[0]++
	wait := lobby.Wait{Queue: "team:1", Slot: 3, At: start, Each: time.Minute}
	first := lobby.Batch{
		Keys: []lobby.Key{taken}, Sessions: []lobby.Session{session, over}, Visits: []lobby.Visit{visit, left}, Waits: []lobby.Wait{wait},
	}
	if err := s.Keep(t.Context(), lobby.NodeID{1}, first); err != nil {
		t.Fatal(err)
	}
	taken.State, taken.Session = lobby.KeyTaken, session.ID
	session.CustomerLeft, session.Tickets[1] = wire.EndByCustomer, [32]byte{9}
	over.Ended, over.Why = start.Add(time.Minute), wire.EndByRep
	ended := key(r.ID, 2)
	ended.State, ended.Ended, ended.Why = lobby.KeyEnded, start, wire.KeyBurnt
	earlier := visit
	visit.State, visit.Ticket = lobby.InSession, [32]byte{10}
	left.State, left.Over, left.Why = lobby.Over, start, wire.EndForNotice
	wait.Each = time.Second // in the same slot
	second := lobby.Batch{
		Keys: []lobby.Key{taken, ended}, Sessions: []lobby.Session{session, over},
		Visits: []lobby.Visit{earlier, left, visit}, Waits: []lobby.Wait{wait},
	}
	for range 2 { // a write said again is harmless
		if err := s.Keep(t.Context(), lobby.NodeID{1}, second); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := opened(t, place).kept(t.Context(), lobby.NodeID{1})
	if err != nil {
		t.Fatal(err)
	}
	want := second
	want.Sessions, want.Visits = []lobby.Session{session}, []lobby.Visit{visit, left}
	if !reflect.DeepEqual(kept, want) {
		t.Errorf("kept\n%+v, want\n%+v", kept, want)
	}
	if err := s.Prune(t.Context(), start.Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	want.Keys, want.Visits = want.Keys[:1], want.Visits[:1]
	if kept, _ = s.kept(t.Context(), lobby.NodeID{1}); !reflect.DeepEqual(kept, want) {
		t.Errorf("after pruning\n%+v, want\n%+v", kept, want)
	}
	if err := s.Prune(t.Context(), start.Add(lobby.WaitMemory+time.Second)); err != nil {
		t.Fatal(err)
	}
	if kept, _ = s.kept(t.Context(), lobby.NodeID{1}); len(kept.Waits) != 0 {
		t.Errorf("%d waits are kept that tell nothing any more", len(kept.Waits))
	}
}

func TestKeepIsAllOrNothing(t *testing.T) { each(t, testKeepIsAllOrNothing) }

func testKeepIsAllOrNothing(t *testing.T, place Place) {
	s := opened(t, place)
	joins(t, s, 1)
	r, err := addRep(t.Context(), s, "Anna")
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Keep(t.Context(), lobby.NodeID{1}, lobby.Batch{Keys: []lobby.Key{key(r.ID, 1), key(99, 2)}}); err == nil {
		t.Fatal("kept a key of a rep who does not exist")
	}
	if kept, _ := s.kept(t.Context(), lobby.NodeID{1}); len(kept.Keys) != 0 {
		t.Errorf("%d keys kept of a failed write", len(kept.Keys))
	}
}

func TestEnrolmentCodeWorksOnce(t *testing.T) { each(t, testEnrolmentCodeWorksOnce) }

func testEnrolmentCodeWorksOnce(t *testing.T, place Place) {
	s := opened(t, place)
	code := people.CodeHash("code")
	if err := s.AddEnrolment(t.Context(), code, "Anna Weber", start, start.Add(lobby.EnrolmentLife)); err != nil {
		t.Fatal(err)
	}
	mine, other := make([]byte, 32), []byte("01234567890123456789012345678901")
	late := start.Add(lobby.EnrolmentLife)
	if _, err := s.Enrol(t.Context(), code, mine, late); !errors.Is(err, lobby.ErrBadCode) {
		t.Errorf("expired code: %v", err)
	}
	if _, err := s.Enrol(t.Context(), people.CodeHash("edoc"), mine, start); !errors.Is(err, lobby.ErrBadCode) {
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
	each(t, testOneCodeEnrolsOneOfManyWhoTryAtOnce)
}

func testOneCodeEnrolsOneOfManyWhoTryAtOnce(t *testing.T, place Place) {
	s := opened(t, place)
	code := people.CodeHash("code")
	if err := s.AddEnrolment(t.Context(), code, "Anna", start, start.Add(time.Hour)); err != nil {
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
	each(t, testRevokedRepComesBackOnlyWithAFreshCode)
}

func testRevokedRepComesBackOnlyWithAFreshCode(t *testing.T, place Place) {
	s := opened(t, place)
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
	if _, err := s.Enrol(t.Context(), people.CodeHash("Anna"), r.PublicKey, start); !errors.Is(err, lobby.ErrBadCode) {
		t.Errorf("old code lets a revoked rep back in: %v", err)
	}
	fresh := people.CodeHash("fresh")
	if err := s.AddEnrolment(t.Context(), fresh, "Anna Berg", start, start.Add(time.Hour)); err != nil {
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

func TestSettingsAreKept(t *testing.T) { each(t, testSettingsAreKept) }

func testSettingsAreKept(t *testing.T, place Place) {
	s := opened(t, place)
	if v, err := s.Setting(t.Context(), "name"); err != nil || v != nil {
		t.Errorf("unset: %q, %v", v, err)
	}
	for _, v := range []string{"one", "two"} {
		if err := s.SetSetting(t.Context(), "name", []byte(v)); err != nil {
			t.Fatal(err)
		}
	}
	if v, err := opened(t, place).Setting(t.Context(), "name"); err != nil || string(v) != "two" {
		t.Errorf("got %q, %v", v, err)
	}
}

func TestAdministratorsCommandWritesWhileTheBrokerRuns(t *testing.T) {
	each(t, testAdministratorsCommandWritesWhileTheBrokerRuns)
}

func testAdministratorsCommandWritesWhileTheBrokerRuns(t *testing.T, place Place) {
	running := opened(t, place)
	command, err := OpenKept(t.Context(), place)
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
	each(t, testOpeningTwiceMigratesOnceAndNewerIsRefused)
}

func testOpeningTwiceMigratesOnceAndNewerIsRefused(t *testing.T, place Place) {
	if _, err := OpenKept(t.Context(), place); !errors.Is(err, ErrNothingKept) {
		t.Errorf("empty folder: %v", err)
	}
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() { opened(t, place) })
	}
	wg.Wait()
	s := opened(t, place)
	var n, newest int
	if err := s.engine.reader().QueryRow(`select count(*), max(number) from migrations`).Scan(&n, &newest); err != nil {
		t.Fatal(err)
	}
	if want := len(schema()); n != want || newest != want {
		t.Errorf("%d migrations, newest %d", n, newest)
	}
	err := s.engine.write(t.Context(), func(tx *Tx) error {
		_, err := tx.exec(`insert into migrations (number, applied) values (1000, 0)`)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Open(t.Context(), place); !errors.Is(err, ErrNewer) {
		t.Errorf("newer file: %v", err)
	}
}
