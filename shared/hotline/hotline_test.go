package hotline

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"handrail/shared/wire"
	"handrail/shared/words"
)

var (
	errDial = errors.New("nobody there")
	errLost = errors.New("connection lost")
)

// stubConn is a connection to a broker that a test plays.
type stubConn struct {
	in     chan any // a wire.Message or an error; made in the bubble
	answer func(wire.Message) []any

	mu     sync.Mutex
	said   []wire.Message
	closed int
	dead   bool // nothing comes through any more, and nobody says so
	done   chan struct{}
}

// goodbye is how long a connection takes to end.
const goodbye = 300 * time.Millisecond

// begin has the connection live in the bubble.
func (c *stubConn) begin() { c.in, c.done = make(chan any, 100), make(chan struct{}) }

// newConn is a connection whose broker greets like a good one.
func newConn() *stubConn {
	return &stubConn{answer: func(m wire.Message) []any {
		if _, ok := m.(*wire.Hello); ok {
			return []any{&wire.Welcome{Version: 1, Organisation: "Example Ltd"}}
		}
		return nil
	}}
}

// answering is a connection whose broker gives these answers to Hello.
func answering(answers ...any) *stubConn {
	c := newConn()
	c.answer = func(m wire.Message) []any {
		if _, ok := m.(*wire.Hello); ok {
			return answers
		}
		return nil
	}
	return c
}

func (c *stubConn) Send(m wire.Message) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed > 0 {
		return errLost
	}
	c.said = append(c.said, m)
	for _, a := range c.answer(m) {
		c.in <- a
	}
	return nil
}

func (c *stubConn) Receive(ctx context.Context) (wire.Message, error) {
	select {
	case i := <-c.in:
		if err, ok := i.(error); ok {
			return nil, err
		}
		return i.(wire.Message), nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

func (c *stubConn) Answers(ctx context.Context) bool {
	c.mu.Lock()
	dead := c.dead
	c.mu.Unlock()
	if dead {
		<-ctx.Done()
	}
	return !dead
}

func (c *stubConn) Exporter(string) ([]byte, error) { return make([]byte, 32), nil }

func (c *stubConn) Done() <-chan struct{} { return c.done }

func (c *stubConn) Close(string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed++; c.closed == 1 {
		time.AfterFunc(goodbye, func() { close(c.done) })
	}
	if c.dead {
		c.in <- errLost // whoever still listens
	}
}

func (c *stubConn) dies() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.dead = true
}

func (c *stubConn) isClosed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closed > 0
}

func (c *stubConn) words() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var kinds []string
	for _, m := range c.said {
		kinds = append(kinds, m.Kind().String())
	}
	return kinds
}

// desk is a line with a script of what dialling leads to, in a synctest
// bubble. The last entry of the script repeats.
type desk struct {
	t      *testing.T
	line   *Line
	began  time.Time
	cancel context.CancelFunc
	done   chan struct{}
	err    error // of Run, after done

	mu     sync.Mutex
	script []any // a *stubConn, an error, or nil: no answer
	dials  []time.Duration
	log    []string
}

func (d *desk) note(format string, args ...any) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.log = append(d.log, fmt.Sprintf(format, args...))
}

func (d *desk) notes() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.log)
}

func (d *desk) dialled() []time.Duration {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.dials)
}

func (d *desk) dial(ctx context.Context) (Conn, error) {
	d.mu.Lock()
	d.dials = append(d.dials, time.Since(d.began))
	next := d.script[0]
	if len(d.script) > 1 {
		d.script = d.script[1:]
	}
	d.mu.Unlock()
	switch next := next.(type) {
	case *stubConn:
		return next, nil
	case error:
		return nil, next
	}
	<-ctx.Done()
	return nil, context.Cause(ctx)
}

// atDesk plays a story with a line that runs, and sees that nothing is left.
func atDesk(t *testing.T, change func(*Config), story func(d *desk), script ...any) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		for _, s := range script {
			if c, ok := s.(*stubConn); ok {
				c.begin()
			}
		}
		d := &desk{t: t, began: time.Now(), done: make(chan struct{}), script: script}
		cfg := Config{
			Dial:  d.dial,
			Hello: wire.Hello{Version: 1, Role: wire.RoleRep},
			Greet: func(_ context.Context, _ Conn, first bool) error { d.note("greet first=%v", first); return nil },
			Heard: func(m wire.Message) { d.note("heard %v", m.Kind()) },
			State: func(up bool, err error) { d.note("up=%v err=%v", up, err != nil) },
		}
		if change != nil {
			change(&cfg)
		}
		d.line = New(cfg)
		ctx, cancel := context.WithCancel(t.Context())
		d.cancel = cancel
		go func() {
			defer close(d.done)
			d.err = d.line.Run(ctx)
		}()
		synctest.Wait()
		story(d)
		cancel()
		<-d.done
		for _, s := range script {
			if c, ok := s.(*stubConn); ok && len(c.words()) > 0 && !c.isClosed() {
				t.Error("a connection stays open")
			}
		}
	})
}

func (d *desk) pass(by time.Duration) {
	time.Sleep(by) // the bubble's time
	synctest.Wait()
}

func (d *desk) ended() error {
	d.t.Helper()
	synctest.Wait()
	select {
	case <-d.done:
		return d.err
	default:
		d.t.Fatal("Run goes on")
		return nil
	}
}

func TestZ06LineComesUpAfterFailedDials(t *testing.T) {
	good := newConn()
	atDesk(t, nil, func(d *desk) {
		if err := d.line.Send(&wire.NewKey{}); !errors.Is(err, ErrDown) {
			t.Errorf("Send without a connection: %v", err)
		}
		d.pass(5 * time.Second)
		want := []string{"up=false err=true", "up=false err=true", "greet first=true", "up=true err=false"}
		if got := d.notes(); !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		if err := d.line.Send(&wire.NewKey{}); err != nil {
			t.Errorf("Send: %v", err)
		}
		if got := good.words(); !slices.Equal(got, []string{"Hello", "NewKey"}) {
			t.Errorf("the broker heard %q", got)
		}
	}, errDial, errDial, good)
}

// TestWaitsGrowAndDiffer: the waits between two tries double up to lastWait,
// half as much more or less, and two clients don't wait alike.
func TestWaitsGrowAndDiffer(t *testing.T) {
	var runs [2][]time.Duration
	for i := range runs {
		atDesk(t, nil, func(d *desk) {
			d.pass(2 * time.Minute)
			runs[i] = d.dialled()
		}, errDial)
		if n := len(runs[i]); n < 15 || n > 60 {
			t.Errorf("%d dials in two minutes", n)
		}
		want := firstWait
		for n := 1; n < len(runs[i]); n++ {
			gap := runs[i][n] - runs[i][n-1]
			if gap < want/2 || gap > want*3/2 {
				t.Errorf("wait %d is %v, want about %v", n, gap, want)
			}
			want = min(2*want, lastWait)
		}
	}
	if n := min(len(runs[0]), len(runs[1])); slices.Equal(runs[0][:n], runs[1][:n]) {
		t.Error("two lines wait exactly alike")
	}
}

func TestRestIsAnnouncedAndCanBeCutShort(t *testing.T) {
	var mu sync.Mutex
	var until time.Time
	told := func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		return until
	}
	atDesk(t, func(c *Config) {
		c.Rest = func(at time.Time) {
			mu.Lock()
			defer mu.Unlock()
			until = at
		}
	}, func(d *desk) {
		d.line.Hurry()
		d.pass(time.Minute)
		before := len(d.dialled())
		wait := time.Until(told())
		if wait <= 0 || wait > lastWait*3/2 {
			t.Fatalf("the next try is announced for in %v", wait)
		}
		d.line.Hurry()
		synctest.Wait()
		if n := len(d.dialled()); n != before+1 {
			t.Errorf("%d dials at once, want 1", n-before)
		}
		if wait := time.Until(told()); wait > firstWait*3/2 {
			t.Errorf("after a hurried try the next is in %v", wait)
		}
	}, errDial)
}

func TestPatienceEndsOnlyTheFirstConnection(t *testing.T) {
	const patience = 8 * time.Second
	impatient := func(c *Config) { c.Patience = patience }
	rows := []struct {
		name   string
		script []any
		want   error
	}{
		{"dials fail", []any{errDial}, errDial},
		{"dial hangs", []any{nil}, ErrSilent},
		{"greeting hangs", []any{answering()}, ErrSilent},
	}
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			atDesk(t, impatient, func(d *desk) {
				d.pass(patience - time.Millisecond)
				select {
				case <-d.done:
					t.Fatalf("gave up early: %v", d.err)
				default:
				}
				d.pass(leastDial + time.Second)
				if err := d.ended(); !errors.Is(err, r.want) {
					t.Errorf("ended with %v, want %v", err, r.want)
				}
			}, r.script...)
		})
	}
	t.Run("lost later", func(t *testing.T) {
		good := newConn()
		atDesk(t, impatient, func(d *desk) {
			good.in <- errLost
			d.pass(10 * time.Minute)
			select {
			case <-d.done:
				t.Errorf("gave up: %v", d.err)
			default:
			}
		}, good, errDial)
	})
}

func TestRefusedGreetingEndsRun(t *testing.T) {
	atDesk(t, nil, func(d *desk) {
		err := d.ended()
		var refused Refused
		if !errors.As(err, &refused) || refused.Code != wire.CodeVersion {
			t.Errorf("ended with %v", err)
		}
		if got := d.notes(); len(got) != 0 {
			t.Errorf("told %q", got)
		}
		if p := Explain(err, nil); p != words.VersionTooOld {
			t.Errorf("a person is told %d", p)
		}
	}, answering(&wire.Problem{Code: wire.CodeVersion}))
}

func TestExplainAsksTheDoorAboutItsOwnErrors(t *testing.T) {
	door := func(error) words.Problem { return words.BrokerWrong }
	rows := []struct {
		err  error
		want words.Problem
	}{
		{fmt.Errorf("greeting: %w", Refused{wire.CodeNotEnrolled}), words.NotEnrolled},
		{fmt.Errorf("dialling: %w", ErrSilent), words.BrokerAway},
		{errDial, words.BrokerWrong},
	}
	for _, r := range rows {
		if got := Explain(r.err, door); got != r.want {
			t.Errorf("%v: problem %d, want %d", r.err, got, r.want)
		}
	}
}

func TestStopEndsRunWithItsError(t *testing.T) {
	good := newConn()
	stop := errors.New("signed in elsewhere")
	atDesk(t, nil, func(d *desk) {
		d.line.Stop(stop)
		if err := d.ended(); !errors.Is(err, stop) {
			t.Errorf("ended with %v", err)
		}
		if !good.isClosed() {
			t.Error("the connection stays open")
		}
		d.pass(time.Minute)
		if n := len(d.dialled()); n != 1 {
			t.Errorf("dialled %d times", n)
		}
		if err := d.line.Send(&wire.NewKey{}); !errors.Is(err, ErrDown) {
			t.Errorf("Send after the end: %v", err)
		}
		d.line.Stop(stop) // of nothing
	}, good)
}

func TestStopFromWithinHeard(t *testing.T) {
	good := newConn()
	stop := Refused{wire.CodeSignedInElse}
	var line *Line
	atDesk(t, func(c *Config) {
		c.Heard = func(wire.Message) { line.Stop(stop) }
	}, func(d *desk) {
		line = d.line
		good.in <- &wire.Problem{Code: wire.CodeSignedInElse}
		good.in <- errLost
		if err := d.ended(); !errors.Is(err, stop) {
			t.Errorf("ended with %v", err)
		}
	}, good)
}

func TestLostLineIsGreetedAgain(t *testing.T) {
	one, two := newConn(), newConn()
	atDesk(t, nil, func(d *desk) {
		d.pass(time.Minute)
		one.in <- &wire.KeyGone{}
		one.in <- errLost
		synctest.Wait()
		if err := d.line.Send(&wire.NewKey{}); !errors.Is(err, ErrDown) {
			t.Errorf("Send while down: %v", err)
		}
		d.pass(firstWait * 3 / 2)
		want := []string{
			"greet first=true", "up=true err=false", "heard KeyGone",
			"up=false err=true", "greet first=false", "up=true err=false",
		}
		if got := d.notes(); !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		if !one.isClosed() {
			t.Error("the lost connection was not closed")
		}
	}, one, two)
}

// TestBrokerThatFallsOverIsNotHammered: connections that are greeted and lost
// at once are tried less and less often, too.
func TestBrokerThatFallsOverIsNotHammered(t *testing.T) {
	script := make([]any, 100)
	for i := range script {
		script[i] = answering(&wire.Welcome{Version: 1}, errLost)
	}
	atDesk(t, nil, func(d *desk) {
		d.pass(time.Minute)
		if n := len(d.dialled()); n > 35 {
			t.Errorf("%d connections in a minute", n)
		}
	}, script...)
}

// TestUnknownKindsAreNoEnd: in a greeting they are passed over, later they are
// answered.
func TestUnknownKindsAreNoEnd(t *testing.T) {
	c := answering(wire.UnknownKind{Number: 900}, &wire.Welcome{Version: 1})
	atDesk(t, nil, func(d *desk) {
		c.in <- fmt.Errorf("reading: %w", wire.UnknownKind{Number: 901})
		c.in <- &wire.KeyGone{}
		synctest.Wait()
		want := []string{"greet first=true", "up=true err=false", "heard KeyGone"}
		if got := d.notes(); !slices.Equal(got, want) {
			t.Errorf("got %q, want %q", got, want)
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		if u, ok := c.said[len(c.said)-1].(*wire.Unsupported); !ok || u.About != 901 {
			t.Errorf("answered %v", c.said[len(c.said)-1])
		}
	}, c)
}

func TestGreetingTimesOut(t *testing.T) {
	mute, good := answering(), newConn()
	atDesk(t, nil, func(d *desk) {
		d.pass(GreetTime - time.Millisecond)
		if mute.isClosed() {
			t.Error("gave up early")
		}
		d.pass(time.Second)
		if !mute.isClosed() {
			t.Error("a mute broker is waited for")
		}
		if got := d.notes(); !slices.Contains(got, "up=true err=false") {
			t.Errorf("no connection afterwards: %q", got)
		}
	}, mute, good)
}

func TestDialTimesOut(t *testing.T) {
	atDesk(t, nil, func(d *desk) {
		d.pass(DialTime + time.Second)
		if n := len(d.dialled()); n != 2 {
			t.Errorf("dialled %d times", n)
		}
	}, nil, newConn())
}

func TestAnswerOutOfPlaceIsAFailedGreeting(t *testing.T) {
	atDesk(t, nil, func(d *desk) {
		d.pass(time.Second)
		if got := strings.Join(d.notes(), ", "); got != "up=false err=true, greet first=true, up=true err=false" {
			t.Errorf("got %s", got)
		}
	}, answering(&wire.KeyGone{}), newConn())
}

func TestEndOfContextClosesTheLine(t *testing.T) {
	for name, script := range map[string][]any{
		"up":       {newConn()},
		"dialling": {nil},
		"greeting": {answering()},
		"resting":  {errDial},
	} {
		t.Run(name, func(t *testing.T) {
			atDesk(t, nil, func(d *desk) {
				d.cancel()
				if err := d.ended(); !errors.Is(err, context.Canceled) {
					t.Errorf("ended with %v", err)
				}
			}, script...)
		})
	}
}

// TestLineRunsAgain: a console that was refused enrols and tries once more.
func TestLineRunsAgain(t *testing.T) {
	good := newConn()
	atDesk(t, nil, func(d *desk) {
		if err := d.ended(); !errors.As(err, new(Refused)) {
			t.Fatalf("ended with %v", err)
		}
		ctx, cancel := context.WithCancel(d.t.Context())
		again := make(chan error, 1)
		go func() { again <- d.line.Run(ctx) }()
		synctest.Wait()
		if err := d.line.Send(&wire.NewKey{}); err != nil {
			t.Errorf("Send: %v", err)
		}
		cancel()
		if err := <-again; !errors.Is(err, context.Canceled) {
			t.Errorf("ended with %v", err)
		}
	}, answering(&wire.Problem{Code: wire.CodeNotEnrolled}), good)
}

// TestALineIsSeenOff: whoever ends the program waits for the last words, as
// long as they take and no longer.
func TestALineIsSeenOff(t *testing.T) {
	for name, row := range map[string]struct {
		script []any
		limit  time.Duration
		want   time.Duration
	}{
		"said":                {[]any{newConn()}, time.Second, goodbye},
		"said while greeting": {[]any{answering()}, time.Second, goodbye},
		"not in time":         {[]any{newConn()}, goodbye / 2, goodbye / 2},
		"nobody there":        {[]any{errDial}, time.Second, 0},
	} {
		t.Run(name, func(t *testing.T) {
			atDesk(t, nil, func(d *desk) {
				d.cancel()
				<-d.done
				began := time.Now()
				late, cancel := context.WithTimeout(context.Background(), row.limit)
				defer cancel()
				d.line.SeeOff(late)
				if took := time.Since(began); took != row.want {
					t.Errorf("it took %v, not %v", took, row.want)
				}
			}, row.script...)
		})
	}
}
