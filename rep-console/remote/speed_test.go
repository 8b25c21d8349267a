package remote

import (
	"math/rand/v2"
	"testing"
	"time"
)

const ms = time.Millisecond

func TestS13TheBottleneckIsWhereTheTimeGoes(t *testing.T) {
	for _, tt := range []struct {
		name string
		s    Speed
		want Bottleneck
	}{
		{"nothing known", Speed{}, Still},
		{"nothing moves", Speed{Network: 300 * ms}, Still},
		{"all is quick", Speed{Capture: ms, Encode: 5 * ms, Queue: ms, Network: 20 * ms, Decode: 2 * ms, Present: 3 * ms, Pictures: 30}, Even},
		{"a slow encoder", Speed{Capture: ms, Encode: 90 * ms, Queue: 10 * ms, Network: 20 * ms, Pictures: 9}, AtEncode},
		{"a slow encoder nearby", Speed{Encode: 50 * ms, Network: 2 * ms, Pictures: 18}, AtEncode},
		{"a slow capture", Speed{Capture: 40 * ms, Encode: 20 * ms, Pictures: 15}, AtCapture},
		{"a long way", Speed{Capture: ms, Encode: 5 * ms, Network: 240 * ms, Pictures: 12}, AtNetwork},
		{"a thin line", Speed{Encode: 5 * ms, Queue: 400 * ms, Network: 40 * ms, Pictures: 2}, AtQueue},
		{"a line that is strained", Speed{Encode: 5 * ms, Queue: 10 * ms, Network: 40 * ms, Pictures: 20, Strained: true}, AtQueue},
		{"a strained line and a slower computer", Speed{Encode: 120 * ms, Queue: 10 * ms, Network: 40 * ms, Pictures: 8, Strained: true}, AtEncode},
		{"a slow decoder", Speed{Encode: 10 * ms, Network: 9 * ms, Decode: 60 * ms, Pictures: 16}, AtDecode},
		{"a slow painter", Speed{Encode: 10 * ms, Network: 9 * ms, Decode: 10 * ms, Present: 45 * ms, Pictures: 20}, AtPresent},
	} {
		if got := tt.s.Bottleneck(); got != tt.want {
			t.Errorf("%s: %d, want %d", tt.name, got, tt.want)
		}
	}
}

// TestS13ABottleneckIsNeverTheQuickerOfTwo says that of two stations that are
// alike in kind, the slower is named, for any times.
func TestS13ABottleneckIsNeverTheQuickerOfTwo(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 13))
	for range 2000 {
		at := func() time.Duration { return time.Duration(r.IntN(200)) * ms }
		s := Speed{Capture: at(), Encode: at(), Queue: at(), Network: at(), Decode: at(), Present: at(), Pictures: 1 + r.IntN(60)}
		b := s.Bottleneck()
		if b == Even || b == Still {
			continue
		}
		for i, d := range s.Stations() {
			if named := s.Stations()[b-AtCapture]; d > named {
				t.Fatalf("%+v: station %d is named, station %d is slower", s, b-AtCapture, i)
			}
		}
	}
}

func TestS13FiguresFadeWhenNothingMoves(t *testing.T) {
	m := New()
	now := time.Date(2026, 1, 5, 9, 0, 0, 0, time.UTC)
	m.Step(now, SetMeter{On: true})
	m.Step(now, Pace(Speed{Encode: 5 * ms, Network: 20 * ms, Pictures: 25, Bits: 90_000}))
	m.Step(now.Add(2*time.Second), Tick{})
	if s := m.State(); !s.Meter || s.Speed.Bottleneck() != Even || s.Speed.Pictures != 25 {
		t.Errorf("after two seconds: %+v", s.Speed)
	}
	m.Step(now.Add(3*time.Second), Tick{})
	if s := m.State().Speed; s != (Speed{Network: 20 * ms}) || s.Bottleneck() != Still {
		t.Errorf("after three seconds: %+v", s)
	}
	m.Step(now, SetMeter{})
	if m.State().Meter {
		t.Error("the figures do not go away")
	}
}
