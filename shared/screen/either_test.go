package screen

import (
	"context"
	"errors"
	"image"
	"testing"
	"testing/synctest"
	"time"

	"handrail/shared/frame"
)

// scripted is a backend that delivers a picture as wide as its name is long,
// once an hour, until a test has it lost.
type scripted struct {
	name   string
	lost   bool
	closed *[]string
}

func (s *scripted) layout() ([]frame.Monitor, error) {
	return []frame.Monitor{monitor(1, image.Rect(0, 0, len(s.name), 1))}, nil
}

func (s *scripted) next(_ context.Context, _ <-chan struct{}, _ frame.Rect, u *Update) error {
	if s.lost {
		return errLayout
	}
	time.Sleep(time.Hour) // of the test's own clock
	u.Image = frame.New(len(s.name), 1)
	return nil
}

func (s *scripted) close() { *s.closed = append(*s.closed, s.name) }

func TestTheBetterWayIsTakenWheneverItCanBeHad(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var closed []string
		var better *scripted
		refused := errors.New("refused")
		can, tries := false, 0
		e := &either{
			better: func() (backend, error) {
				tries++
				if !can {
					return nil, refused
				}
				better = &scripted{name: "better", closed: &closed}
				return better, nil
			},
			plain: func() backend { return &scripted{name: "plain", closed: &closed} },
		}
		s := newSource(e)
		s.stale = true
		sees := func(want string) {
			t.Helper()
			u, err := s.Next(t.Context())
			if err != nil || u.Image.W != len(want) {
				t.Fatalf("picture %v, %v, want the %s one", u.Image.Bounds(), err, want)
			}
		}
		sees("plain")
		s.Refresh()
		sees("plain")
		can = true
		sees("better")
		better.lost = true
		sees("better") // opened anew
		s.Refresh()
		before := tries
		sees("better")
		if tries != before {
			t.Error("what works was opened anew")
		}
		better.lost, can = true, false
		sees("plain")
		s.Close()
		if got := len(closed); got != 4 {
			t.Errorf("closed %v", closed)
		}
	})
}

func TestABetterWayThatIsLostAtOnceIsNotTriedForEver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var closed []string
		tries := 0
		s := newSource(&either{
			better: func() (backend, error) {
				tries++
				return &scripted{name: "better", lost: true, closed: &closed}, nil
			},
			plain: func() backend { return &scripted{name: "plain", closed: &closed} },
		})
		s.stale = true
		defer s.Close()
		for want := 1; want < 5; want++ {
			u, err := s.Next(t.Context())
			if err != nil || u.Image.W != len("plain") {
				t.Fatalf("%v, %v", u.Image.Bounds(), err)
			}
			if tries != want {
				t.Fatalf("%d tries, want %d", tries, want)
			}
		}
	})
}
