package store

import (
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"sync"
	"testing"

	"handrail/broker/lobby"
	"handrail/shared/wire"
)

// joins has a broker of that number join, and gives what it begins with.
func joins(t *testing.T, s *Store, number byte) (lobby.NodeID, lobby.Batch, lobby.Share) {
	t.Helper()
	id := lobby.NodeID{number}
	b, share, err := s.Join(t.Context(), lobby.Node{ID: id, Address: fmt.Sprintf("b%d:4443", number)}, true)
	if err != nil {
		t.Fatal(err)
	}
	return id, b, share
}

// runsOut lets the lease of a broker run out.
func runsOut(t *testing.T, s *Store, number byte) {
	t.Helper()
	err := s.engine.write(t.Context(), func(tx *Tx) error {
		id := lobby.NodeID{number}
		_, err := tx.exec(`update nodes set until = 1 where id = $1`, id[:])
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// busied is a batch with one of everything.
func busied(rep uint64, number byte) lobby.Batch {
	k := key(rep, uint32(number))
	id := wire.SessionID{number}
	return lobby.Batch{
		Keys:     []lobby.Key{k},
		Sessions: []lobby.Session{{ID: id, Rep: rep, Request: k.Request, Started: start}},
		Visits: []lobby.Visit{{
			ID: id, State: lobby.Expected, Came: start, Code: "00000000" + strconv.Itoa(int(number)),
			Arrival: lobby.Arrival{Page: [32]byte{number}},
		}},
	}
}

// twoBrokers share a store that knows a rep. Begins is what the second was given
// when it joined.
func twoBrokers(t *testing.T) (s *Store, rep uint64, one, two lobby.NodeID, begins lobby.Batch) {
	t.Helper()
	s = opened(t, Place{Database: server.Database(t)})
	r, err := addRep(t.Context(), s, "Anna")
	if err != nil {
		t.Fatal(err)
	}
	one, _, _ = joins(t, s, 1)
	two, begins, _ = joins(t, s, 2)
	return s, r.ID, one, two, begins
}

func TestZ05WhatADeadBrokerHadIsAnothersWholly(t *testing.T) {
	s, rep, one, two, begins := twoBrokers(t)
	has := busied(rep, 1)
	if err := errors.Join(s.Keep(t.Context(), one, has), s.Keep(t.Context(), two, busied(rep, 2))); err != nil || len(begins.Keys) > 0 {
		t.Fatal(begins, err)
	}
	if b, err := s.Adopt(t.Context(), two); err != nil || !reflect.DeepEqual(b, lobby.Batch{}) {
		t.Errorf("took over %+v from a broker that lives, %v", b, err)
	}
	runsOut(t, s, 1)
	if b, err := s.Adopt(t.Context(), two); err != nil || !reflect.DeepEqual(b, has) {
		t.Errorf("took over\n%+v, want\n%+v, %v", b, has, err)
	}
	if b, err := s.kept(t.Context(), two); err != nil || len(b.Keys) != 2 || len(b.Sessions) != 2 || len(b.Visits) != 2 {
		t.Errorf("has %+v, %v", b, err)
	}
	if b, err := s.kept(t.Context(), one); err != nil || len(b.Keys) != 0 || len(b.Sessions) != 0 || len(b.Visits) != 0 {
		t.Errorf("the dead one has %+v, %v", b, err)
	}
}

func TestZ05ABrokerThatWasTakenForDeadDoesNothingMore(t *testing.T) {
	s, rep, one, two, _ := twoBrokers(t)
	if err := s.Keep(t.Context(), one, busied(rep, 1)); err != nil {
		t.Fatal(err)
	}
	runsOut(t, s, 1)
	// It was only slow, and nobody has noticed.
	if err := errors.Join(s.Keep(t.Context(), one, busied(rep, 1)), s.Renew(t.Context(), one)); err != nil {
		t.Error(err)
	}
	runsOut(t, s, 1)
	if _, err := s.Adopt(t.Context(), two); err != nil {
		t.Fatal(err)
	}
	_, adopting := s.Adopt(t.Context(), one)
	for what, err := range map[string]error{
		"renews": s.Renew(t.Context(), one), "keeps": s.Keep(t.Context(), one, busied(rep, 3)),
		"adopts": adopting, "parts": s.Part(t.Context(), one),
	} {
		if !errors.Is(err, lobby.ErrFenced) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if b, err := s.kept(t.Context(), two); err != nil || len(b.Keys) != 1 {
		t.Errorf("kept %+v, %v", b, err)
	}
}

func TestZ05WhoDoesNotKnowWhatItTookOverJoinsInItsOwnPlace(t *testing.T) {
	s, rep, one, two, _ := twoBrokers(t)
	if err := errors.Join(s.Keep(t.Context(), one, busied(rep, 1)), s.Keep(t.Context(), two, busied(rep, 2))); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{ // the connection ends while it commits
		`create function cut() returns trigger language plpgsql as 'begin perform pg_terminate_backend(pg_backend_pid()); return null; end'`,
		`create constraint trigger cut after delete on nodes deferrable initially deferred for each row execute function cut()`,
	} {
		if _, err := s.engine.reader().ExecContext(t.Context(), text); err != nil {
			t.Fatal(err)
		}
	}
	runsOut(t, s, 1)
	if _, err := s.Adopt(t.Context(), two); !errors.Is(err, lobby.ErrDoubt) {
		t.Errorf("the answer is lost: %v", err)
	}
	if _, err := s.engine.reader().ExecContext(t.Context(), `drop trigger cut on nodes`); err != nil {
		t.Fatal(err)
	}
	if b, err := s.Adopt(t.Context(), two); err != nil || len(b.Sessions) != 1 { // and then all of that, too
		t.Errorf("taken over %+v, %v", b, err)
	}
	b, _, err := s.Join(t.Context(), lobby.Node{ID: lobby.NodeID{3}, Address: "b2:4443"}, true)
	if err != nil || len(b.Sessions) != 2 || len(b.Keys) != 2 || len(b.Visits) != 2 {
		t.Errorf("joins with %+v, %v", b, err)
	}
}

func TestZ05SeveralWhoTakeOverAtOnceGetDifferentThings(t *testing.T) {
	place := Place{Database: server.Database(t)}
	brokers := []*Store{opened(t, place), opened(t, place), opened(t, place)}
	r, err := addRep(t.Context(), brokers[0], "Anna")
	if err != nil {
		t.Fatal(err)
	}
	for i := range brokers {
		joins(t, brokers[i], byte(10+i))
	}
	for round := range byte(5) {
		dead, _, _ := joins(t, brokers[0], 1+round)
		if err := brokers[0].Keep(t.Context(), dead, busied(r.ID, 1+round)); err != nil {
			t.Fatal(err)
		}
		runsOut(t, brokers[0], 1+round)
		var all sync.WaitGroup
		var mu sync.Mutex
		taken := 0
		for i, s := range brokers {
			all.Go(func() {
				b, err := s.Adopt(t.Context(), lobby.NodeID{byte(10 + i)})
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				taken += len(b.Sessions)
			})
		}
		all.Wait()
		if taken != 1 {
			t.Errorf("round %d: a session was taken over %d times", round, taken)
		}
	}
}

// While one broker writes as fast as it can, others take it for dead. What it
// was told is kept is in what they took over, and nothing came later.
func TestZ05NothingIsKeptAfterItWasTakenOver(t *testing.T) {
	place := Place{Database: server.Database(t)}
	slow, quick := opened(t, place), opened(t, place)
	r, err := addRep(t.Context(), slow, "Anna")
	if err != nil {
		t.Fatal(err)
	}
	one, _, _ := joins(t, slow, 1)
	two, _, _ := joins(t, quick, 2)
	writing, kept := make(chan struct{}), make(chan int)
	go func() {
		n := 0
		for ; ; n++ {
			if err := slow.Keep(t.Context(), one, lobby.Batch{Keys: []lobby.Key{key(r.ID, uint32(n+1))}}); err != nil {
				if !errors.Is(err, lobby.ErrFenced) {
					t.Error(err)
				}
				break
			}
			if n == 20 {
				close(writing)
			}
		}
		kept <- n
	}()
	<-writing
	runsOut(t, quick, 1)
	b, err := quick.Adopt(t.Context(), two)
	if err != nil {
		t.Fatal(err)
	}
	if n := <-kept; len(b.Keys) != n {
		t.Errorf("%d keys were taken over of %d that were kept", len(b.Keys), n)
	}
}

func TestZ05ABrokerBeginsWhereTheOneBeforeItWas(t *testing.T) {
	each(t, func(t *testing.T, place Place) {
		s := opened(t, place)
		r, err := addRep(t.Context(), s, "Anna")
		if err != nil {
			t.Fatal(err)
		}
		one, _, _ := joins(t, s, 1)
		has := busied(r.ID, 1)
		has.Waits = []lobby.Wait{{Queue: "general", At: start}}
		if err := s.Keep(t.Context(), one, has); err != nil {
			t.Fatal(err)
		}
		two := lobby.Node{ID: lobby.NodeID{2}, Address: "b1:4443"}
		b, _, err := s.Join(t.Context(), two, true)
		if err != nil || !reflect.DeepEqual(b, has) {
			t.Errorf("begins with\n%+v, want\n%+v, %v", b, has, err)
		}
		if err := s.Keep(t.Context(), one, has); !errors.Is(err, lobby.ErrFenced) {
			t.Errorf("the one before: %v", err)
		}
		if all, err := s.Nodes(t.Context()); err != nil || len(all) != 1 || all[0].ID != two.ID || all[0].Address != two.Address || all[0].Lost {
			t.Errorf("brokers: %+v, %v", all, err)
		}
	})
}

func TestZ05TwoBrokersOfOneAddressDontPushEachOtherOut(t *testing.T) {
	s := opened(t, Place{Database: server.Database(t)})
	joins(t, s, 1)
	_, _, err := s.Join(t.Context(), lobby.Node{ID: lobby.NodeID{2}, Address: "b1:4443"}, false)
	if !errors.Is(err, lobby.ErrSameAddress) {
		t.Error(err)
	}
	if err := s.Part(t.Context(), lobby.NodeID{1}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Join(t.Context(), lobby.Node{ID: lobby.NodeID{2}, Address: "b1:4443"}, false); err != nil {
		t.Error(err)
	}
}

// Somebody has started a second one with the data of one that runs.
func TestZ05TwoBrokersOfOneFileDontPushEachOtherOut(t *testing.T) {
	s := opened(t, Place{Dir: t.TempDir()})
	one, two := lobby.Node{ID: lobby.NodeID{1}, Address: "b1:4443"}, lobby.Node{ID: lobby.NodeID{2}, Address: "b1:5443"}
	for _, n := range []lobby.Node{one, two} {
		if _, _, err := s.Join(t.Context(), n, true); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Renew(t.Context(), one.ID); !errors.Is(err, lobby.ErrFenced) {
		t.Errorf("the first one: %v", err)
	}
	one.ID = lobby.NodeID{3}
	if _, _, err := s.Join(t.Context(), one, false); !errors.Is(err, lobby.ErrSameAddress) {
		t.Errorf("the first one comes back: %v", err)
	}
	if err := s.Part(t.Context(), two.ID); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Join(t.Context(), one, false); err != nil {
		t.Error(err)
	}
}

func TestZ05NoTwoBrokersGiveOutTheSameNumber(t *testing.T) {
	s := opened(t, Place{Database: server.Database(t)})
	r, err := addRep(t.Context(), s, "Anna")
	if err != nil {
		t.Fatal(err)
	}
	one, _, first := joins(t, s, 1)
	shares := []lobby.Share{first}
	has := busied(r.ID, 1)
	for i := 0; !first.Has(has.Keys[0].Number); i++ {
		has.Keys[0].Number = fmt.Sprintf("%06d", i)
	}
	if err := s.Keep(t.Context(), one, has); err != nil {
		t.Fatal(err)
	}
	for number := byte(2); number <= lobby.Parts; number++ {
		_, _, share := joins(t, s, number)
		shares = append(shares, share)
	}
	for i := range 1000 {
		n := 0
		for _, share := range shares {
			if share.Has(fmt.Sprintf("%06d", i)) {
				n++
			}
		}
		if n != 1 {
			t.Fatalf("%06d is %d brokers'", i, n)
		}
	}
	if _, _, err := s.Join(t.Context(), lobby.Node{ID: lobby.NodeID{99}, Address: "more"}, true); !errors.Is(err, lobby.ErrTooMany) {
		t.Error(err)
	}
	// What the first one's successor has is in the first one's part, so a new
	// one gets that of the second.
	runsOut(t, s, 1)
	if _, err := s.Adopt(t.Context(), lobby.NodeID{3}); err != nil {
		t.Fatal(err)
	}
	runsOut(t, s, 2)
	if _, _, share := joins(t, s, 100); share != shares[1] {
		t.Errorf("got part %d, want %d", share.Part, shares[1].Part)
	}
}

func TestZ05WhatIsSoughtIsFound(t *testing.T) {
	each(t, func(t *testing.T, place Place) {
		s := opened(t, place)
		r, err := addRep(t.Context(), s, "Anna")
		if err != nil {
			t.Fatal(err)
		}
		id, _, _ := joins(t, s, 1)
		has := busied(r.ID, 1)
		if err := s.Keep(t.Context(), id, has); err != nil {
			t.Fatal(err)
		}
		here := lobby.Whereabouts{Known: true, Home: id, Address: "b1:4443"}
		for what, want := range map[lobby.Sought]lobby.Whereabouts{
			{Number: has.Keys[0].Number}:  here,
			{Number: "999999"}:            {},
			{}:                            {},
			{Code: has.Visits[0].Code}:    here,
			{Code: "999999999"}:           {},
			{Session: has.Visits[0].ID}:   here,
			{Session: wire.SessionID{99}}: {},
		} {
			if got, err := s.Find(t.Context(), what); err != nil || got != want {
				t.Errorf("%+v is at %+v, %v", what, got, err)
			}
		}
		for page, want := range map[[32]byte]bool{has.Visits[0].Page: true, {99}: false} {
			v, is, err := s.VisitOf(t.Context(), page)
			if err != nil || is != want || want && !reflect.DeepEqual(v, has.Visits[0]) {
				t.Errorf("page %d is that of %+v, %v", page[0], v, err)
			}
		}
		has.Keys[0].State = lobby.KeyEnded
		if err := s.Keep(t.Context(), id, has); err != nil {
			t.Fatal(err)
		}
		if got, err := s.Find(t.Context(), lobby.Sought{Number: has.Keys[0].Number}); err != nil || got.Known {
			t.Errorf("an ended key is at %+v, %v", got, err)
		}
	})
}

func TestZ05WhatALostBrokerHasIsKnownToBeSomewhere(t *testing.T) {
	s := opened(t, Place{Database: server.Database(t)})
	id, _, _ := joins(t, s, 1)
	if err := s.Keep(t.Context(), id, lobby.Batch{Visits: []lobby.Visit{{ID: wire.SessionID{7}}}}); err != nil {
		t.Fatal(err)
	}
	runsOut(t, s, 1)
	got, err := s.Find(t.Context(), lobby.Sought{Session: wire.SessionID{7}})
	if want := (lobby.Whereabouts{Known: true, Home: id}); err != nil || got != want {
		t.Errorf("found %+v, %v", got, err)
	}
}
