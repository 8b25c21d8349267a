package store

import (
	"database/sql"
	"errors"
	"fmt"
	"net/url"
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

// A broker of the next version makes its tables while others write: numbers
// that they have taken are theirs, though the rows are not to be seen yet.
func TestAnUpgradeGivesNoNumberTwice(t *testing.T) {
	s := opened(t, Place{Database: server.Database(t)})
	const next = `select nextval(pg_get_serial_sequence('facts', 'number'))`
	var taken, after int64
	for range 10 {
		if err := s.engine.reader().QueryRowContext(t.Context(), next).Scan(&taken); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.engine.write(t.Context(), s.engine.loaded); err != nil {
		t.Fatal(err)
	}
	if err := s.engine.reader().QueryRowContext(t.Context(), next).Scan(&after); err != nil || after <= taken {
		t.Errorf("number %d after %d (%v)", after, taken, err)
	}
}

// A write that fails says that it is the connection, and not what is written.
func TestADatabaseThatWentAwayIsNamed(t *testing.T) {
	s := opened(t, Place{Database: server.Database(t)})
	e := s.engine.(*postgresEngine)
	if err := e.db.Close(); err != nil {
		t.Fatal(err)
	}
	var err error
	if e.db, err = sql.Open("pgx", "postgres://handrail@/none?host=/nowhere/at/all"); err != nil {
		t.Fatal(err)
	}
	if err := s.SetSetting(t.Context(), "a", []byte("b")); !errors.Is(err, ErrAway) {
		t.Errorf("written with %v", err)
	}
}

// A customer may have any name.
func TestADatabaseForSomeLettersOnlyIsRefused(t *testing.T) {
	place := Place{Database: server.Database(t)}
	s := opened(t, place)
	db := s.engine.reader()
	if _, err := db.ExecContext(t.Context(), `create database latin encoding 'LATIN1' template template0`); err != nil {
		t.Fatal(err)
	}
	address, err := url.Parse(place.Database)
	if err != nil {
		t.Fatal(err)
	}
	address.Path = "/latin"
	if _, err := Open(t.Context(), Place{Database: address.String()}); !errors.Is(err, ErrLetters) {
		t.Errorf("opened with %v", err)
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

// A broker may stop in the middle of a write, as a machine does that sleeps or
// loses its network. Others go on, and so does that write if it wakes up.
func TestZ05ABrokerThatStopsInAWriteHoldsUpNobodyForLong(t *testing.T) {
	place := Place{Database: server.Database(t)}
	sleeper, other := opened(t, place), opened(t, place)
	if err := sleeper.SetSetting(t.Context(), "count", []byte{0}); err != nil {
		t.Fatal(err)
	}
	holds, wakes, done := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		tries := 0
		done <- sleeper.engine.write(t.Context(), func(tx *Tx) error {
			tries++
			if _, err := tx.exec(`update settings set value = $1 where name = 'count'`, []byte{1}); err != nil {
				return err
			}
			if tries == 1 {
				close(holds)
				<-wakes
			}
			_, err := tx.exec(`update settings set value = $1 where name = 'count'`, []byte{2})
			return err
		})
	}()
	<-holds
	if err := other.SetSetting(t.Context(), "count", []byte{3}); err != nil {
		t.Error(err)
	}
	close(wakes)
	if err := <-done; err != nil {
		t.Error(err)
	}
	if v, err := other.Setting(t.Context(), "count"); err != nil || v[0] != 2 {
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
