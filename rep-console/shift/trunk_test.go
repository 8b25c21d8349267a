package shift

import (
	"context"
	"slices"
	"sync"
	"testing/synctest"
	"time"

	"handrail/shared/hotline"
	"handrail/shared/wire"
)

// trunk is a control connection to a broker that the test plays.
type trunk struct {
	o    *office
	at   string
	in   chan any // a wire.Message or an error
	gone chan struct{}

	mu     sync.Mutex
	said   []wire.Message
	closed bool
	mute   bool // takes nothing more
	lost   wire.Kind
}

func (o *office) dial(at string) (hotline.Conn, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.dials[at]++
	if o.down || o.dead[at] {
		return nil, errDial
	}
	l := &trunk{o: o, at: at, in: make(chan any, 1000), gone: make(chan struct{}), lost: o.lost}
	o.lines = append(o.lines, l)
	return l, nil
}

// now is the newest connection to the broker.
func (o *office) now() *trunk {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.lines[len(o.lines)-1]
}

func (o *office) dialled() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.lines)
}

// lose ends the connection to the broker.
func (o *office) lose() {
	o.now().in <- errCut
	synctest.Wait()
}

// tell has the broker say something.
func (o *office) tell(m wire.Message) {
	o.now().in <- m
	synctest.Wait()
}

func (l *trunk) Send(m wire.Message) error {
	l.mu.Lock()
	if l.closed || l.mute {
		l.mu.Unlock()
		return errCut
	}
	l.said = append(l.said, m)
	lost := l.lost == m.Kind()
	l.mu.Unlock()
	if lost {
		return nil
	}
	for _, a := range l.answers(m) {
		l.in <- a
	}
	return nil
}

func (l *trunk) answers(m wire.Message) []wire.Message {
	l.o.mu.Lock()
	reply := l.o.reply
	l.o.mu.Unlock()
	if reply != nil {
		if answers, ok := reply(l.at, m); ok {
			return answers
		}
	}
	return l.o.answer(m)
}

func (l *trunk) Receive(ctx context.Context) (wire.Message, error) {
	select {
	case i := <-l.in:
		if err, ok := i.(error); ok {
			return nil, err
		}
		return i.(wire.Message), nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

func (l *trunk) Answers(context.Context) bool    { return true }
func (l *trunk) Exporter(string) ([]byte, error) { return make([]byte, 32), nil }
func (l *trunk) Done() <-chan struct{}           { return l.gone }

func (l *trunk) Close(string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.closed {
		l.closed = true
		time.AfterFunc(100*time.Millisecond, func() { close(l.gone) })
	}
}

func (l *trunk) isClosed() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.closed
}

func (l *trunk) stopTaking() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.mute = true
}

// swallow loses messages of a kind on their way to the broker.
func (l *trunk) swallow(k wire.Kind) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lost = k
}

// heard gives what the broker heard of one type, over all connections.
func heard[M wire.Message](o *office) []M {
	synctest.Wait()
	o.mu.Lock()
	lines := slices.Clone(o.lines)
	o.mu.Unlock()
	var all []M
	for _, l := range lines {
		l.mu.Lock()
		for _, m := range l.said {
			if m, ok := m.(M); ok {
				all = append(all, m)
			}
		}
		l.mu.Unlock()
	}
	return all
}
