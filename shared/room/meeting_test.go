package room

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"handrail/shared/session"
	"handrail/shared/wire"
)

// inTurn is a door that keeps what it was asked for and does what it is told.
type inTurn struct {
	asked []Meeting
	does  []any // an *end or an error
	doubt int
}

func (d *inTurn) door() Door {
	return Door{
		Meeting: Meeting{Role: wire.RoleRep, Session: wire.SessionID{7}, Proof: wire.ProofKey, Secret: "507264"},
		Meet: func(_ context.Context, m Meeting) (Peer, error) {
			d.asked = append(d.asked, m)
			next := d.does[0]
			d.does = d.does[1:]
			if err, ok := next.(error); ok {
				return nil, err
			}
			return next.(*end), nil
		},
		Fatal: func(err error) bool { return errors.Is(err, errWrong) },
		Doubt: func() { d.doubt++ },
	}
}

// TestZ06AnEpochHasWhatTheLastOneLeft: the key to go on with comes from the
// newest connection, the relays from whatever the broker said last.
func TestZ06AnEpochHasWhatTheLastOneLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := &world{t: t}
		ms := NewMeetings([]wire.Relay{{URL: "turn:old"}})
		d := &inTurn{does: []any{errNoPath, w.pipe(), w.pipe()}}
		meet := ms.By(d.door())
		if _, err := meet(t.Context(), Try{Epoch: 1}); !errors.Is(err, errNoPath) || errors.As(err, new(ErrFatal)) {
			t.Errorf("the first epoch failed with %v", err)
		}
		for _, next := range []Try{{Epoch: 2}, {Epoch: 3, Direct: true}} {
			if _, err := meet(t.Context(), next); err != nil {
				t.Fatal(err)
			}
			ms.SetRelays([]wire.Relay{{URL: "turn:new"}})
		}
		for i, want := range []struct {
			relay, resume string
			direct        bool
		}{
			{"turn:old", "", false},
			{"turn:old", "", false},
			{"turn:new", "resume", true},
		} {
			m := d.asked[i]
			if m.Epoch != uint32(i+1) || m.Direct != want.direct || string(m.Resume) != want.resume || m.Relays[0].URL != want.relay {
				t.Errorf("epoch %d was met with %+v", i+1, m)
			}
			if m.Role != wire.RoleRep || m.Session != (wire.SessionID{7}) || m.Proof != wire.ProofKey || m.Secret != "507264" {
				t.Errorf("epoch %d lost what is the same in all: %+v", i+1, m)
			}
		}
		if d.doubt != 1 {
			t.Errorf("the line to the broker was doubted %d times, not for the one epoch after a loss", d.doubt)
		}
	})
}

func TestSignalsOfAnEpochReachItsMeeting(t *testing.T) {
	ms := NewMeetings(nil)
	d := &inTurn{does: []any{errNoPath}}
	ms.Mailbox.Deliver(&wire.Signal{Epoch: 1, User: "u"}) // before there is a room
	_, _ = ms.By(d.door())(t.Context(), Try{Epoch: 1})    // it is to fail
	select {
	case s := <-d.asked[0].Signals:
		if s.User != "u" {
			t.Errorf("got %+v", s)
		}
	default:
		t.Error("the signal is lost")
	}
}

// TestAWrongSecretEndsARoom: Run does not go on to another epoch.
func TestAWrongSecretEndsARoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ms := NewMeetings(nil)
		d := &inTurn{does: []any{errWrong}}
		r := New(Config{
			Session: session.Config{Role: wire.RoleRep}, Host: &stubHost{t: t}, Meet: ms.By(d.door()), Mailbox: ms.Mailbox,
		})
		if err := r.Run(t.Context()); !errors.Is(err, errWrong) || len(d.asked) != 1 {
			t.Errorf("%d epochs, and then %v", len(d.asked), err)
		}
	})
}

// TestTheLastWordsAreWaitedFor: as long as they take, and no longer.
func TestTheLastWordsAreWaitedFor(t *testing.T) {
	for name, row := range map[string]struct {
		met, closed bool
		limit, want time.Duration
	}{
		"said":          {true, true, time.Second, goodbye},
		"not in time":   {true, false, time.Second, time.Second},
		"nobody to say": {false, false, time.Second, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ms := NewMeetings(nil)
				if row.met {
					p := (&world{t: t}).pipe()
					if _, err := ms.By((&inTurn{does: []any{p}}).door())(t.Context(), Try{Epoch: 1}); err != nil {
						t.Fatal(err)
					}
					if row.closed {
						p.Close(wire.EndByRep)
					}
				}
				began := time.Now()
				late, cancel := context.WithTimeout(t.Context(), row.limit)
				defer cancel()
				ms.SeeOff(late)
				if took := time.Since(began); took != row.want {
					t.Errorf("it took %v, not %v", took, row.want)
				}
			})
		})
	}
}
