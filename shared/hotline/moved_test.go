package hotline

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"handrail/shared/wire"
)

var elsewhere = &wire.Elsewhere{Address: "b2.test:4443", About: wire.KindJoin}

// joined is a connection whose broker gives this answer to a Join.
func joined(answer wire.Message) *stubConn {
	c := newConn()
	greet := c.answer
	c.answer = func(m wire.Message) []any {
		if _, ok := m.(*wire.Join); ok {
			return []any{answer}
		}
		return greet(m)
	}
	return c
}

// another is the broker that a line is sent to.
type another struct {
	conn Conn // nil: nobody is there

	mu    sync.Mutex
	dials []string
}

func (a *another) dial(_ context.Context, address string) (Conn, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.dials = append(a.dials, address)
	if a.conn == nil {
		return nil, errDial
	}
	return a.conn, nil
}

func (a *another) dialled() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.dials)
}

// joins has a line join, and go where it is sent.
func joins(a *another) func(*Config) {
	return func(cfg *Config) {
		if c, ok := a.conn.(*stubConn); ok {
			c.begin()
		}
		cfg.DialAt = a.dial
		greet := cfg.Greet
		cfg.Greet = func(ctx context.Context, c Conn, first bool) error {
			if _, err := Ask(ctx, c, &wire.Join{Number: "123456"}); err != nil {
				return err
			}
			return greet(ctx, c, first)
		}
	}
}

func TestZ05ALineThatIsSentOnDialsThereAtOnce(t *testing.T) {
	there := &another{conn: joined(&wire.Start{})}
	here := joined(elsewhere)
	atDesk(t, joins(there), func(d *desk) {
		want := []string{"greet first=true", "up=true err=false"}
		if got := d.notes(); !slices.Equal(got, want) || !slices.Equal(there.dials, []string{elsewhere.Address}) || !here.isClosed() {
			t.Errorf("noted %v, dialled %v", got, there.dials)
		}
	}, here)
}

func TestZ05ALineThatIsUpIsSentOn(t *testing.T) {
	there := &another{conn: joined(&wire.Start{})}
	here := joined(&wire.Start{})
	atDesk(t, joins(there), func(d *desk) {
		here.in <- elsewhere
		d.pass(0)
		want := []string{"greet first=true", "up=true err=false", "up=false err=true", "greet first=false", "up=true err=false"}
		if got := d.notes(); !slices.Equal(got, want) {
			t.Errorf("noted %v", got)
		}
	}, here)
}

func TestZ05ALineGoesBackFromABrokerThatIsGone(t *testing.T) {
	there := &another{}
	atDesk(t, joins(there), func(d *desk) {
		d.pass(2 * firstWait)
		want := []string{"up=false err=true", "greet first=true", "up=true err=false"}
		if got := d.notes(); !slices.Equal(got, want) || there.dialled() != 1 {
			t.Errorf("noted %v, dialled %v", got, there.dials)
		}
	}, joined(elsewhere), joined(&wire.Start{}))
}

func TestZ05BrokersThatSendALineBackAndForthAreNotHammered(t *testing.T) {
	there := &another{}
	change := func(cfg *Config) {
		joins(there)(cfg)
		fresh := func() Conn {
			c := joined(elsewhere)
			c.begin()
			return c
		}
		cfg.Dial = func(context.Context) (Conn, error) { return fresh(), nil }
		cfg.DialAt = func(ctx context.Context, address string) (Conn, error) {
			_, _ = there.dial(ctx, address) // counts
			return fresh(), nil
		}
	}
	atDesk(t, change, func(d *desk) {
		d.pass(time.Minute)
		if n := there.dialled(); n < 10 || n > 30 {
			t.Errorf("dialled %d times in a minute", n)
		}
	}, errDial)
}
