package store

import (
	"errors"
	"fmt"
	"sync"
	"testing"
)

func TestADatabaseThatIsAwayIsNamed(t *testing.T) {
	for address, want := range map[string]error{
		"postgres://nobody@127.0.0.1:1/none?connect_timeout=1": ErrAway,
		"postgres://handrail@/none?host=/nowhere/at/all":       ErrAway,
		"postgres://handrail@/none?connect_timeout=soon":       ErrAddress,
	} {
		for _, open := range []func() (*Store, error){
			func() (*Store, error) { return Open(t.Context(), Place{Database: address}) },
			func() (*Store, error) { return OpenKept(t.Context(), Place{Database: address}) },
		} {
			if _, err := open(); !errors.Is(err, want) {
				t.Errorf("%s: %v", address, err)
			}
		}
	}
}

// Of writes that can't both have been first the database takes one back; the
// store does it again until it is done.
func TestWritesOfSeveralBrokersAreDoneOneAfterTheOther(t *testing.T) {
	place := Place{Database: server.Database(t)}
	brokers := []*Store{opened(t, place), opened(t, place)}
	if err := brokers[0].SetSetting(t.Context(), "count", []byte{0}); err != nil {
		t.Fatal(err)
	}
	const each, times = 4, 10
	var all sync.WaitGroup
	for _, s := range brokers {
		for range each {
			all.Go(func() {
				for range times {
					err := s.engine.write(t.Context(), func(tx *Tx) error {
						var v []byte
						if err := tx.row(`select value from settings where name = 'count'`).Scan(&v); err != nil {
							return err
						}
						_, err := tx.exec(`update settings set value = $1 where name = 'count'`, []byte{v[0] + 1})
						return err
					})
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
	}
	all.Wait()
	if v, err := brokers[1].Setting(t.Context(), "count"); err != nil || v[0] != byte(len(brokers)*each*times) {
		t.Errorf("counted to %v, %v", v, err)
	}
}

// A power cut at the database's machine takes back nothing acknowledged, and
// the store goes on by itself when the database is back.
func TestADatabaseThatFallsOverKeepsWhatItAcknowledged(t *testing.T) {
	s := opened(t, Place{Database: server.Database(t)})
	var acknowledged []string
	for round := range 3 {
		for i := range 20 {
			name := fmt.Sprintf("%d-%d", round, i)
			if err := s.SetSetting(t.Context(), name, []byte{1}); err != nil {
				t.Fatal(err)
			}
			acknowledged = append(acknowledged, name)
		}
		server.Kill(t)
	}
	for _, name := range acknowledged {
		if v, err := s.Setting(t.Context(), name); err != nil || v == nil {
			t.Errorf("%s: %v, %v", name, v, err)
		}
	}
}
