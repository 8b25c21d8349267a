package share

import (
	"context"
	"image"
	"sync"
	"sync/atomic"
	"time"

	"handrail/shared/wire"
)

// Hands is what moves this machine's pointer and presses its keys. Calls come
// one at a time. Places are in pixels of the whole desktop.
type Hands interface {
	MoveTo(x, y int) error
	Button(n uint8, down bool, x, y int) error
	Wheel(dx, dy int32, x, y int) error // 1/120 of a notch, right and down
	Key(k wire.Key) error
	Type(text string) error
	Locks(l wire.Locks) error
	ReleaseAll() error // lets go of everything that is down
}

// silence is how long something may stay pressed without a sign of life from
// the viewer. A link that breaks must not leave Ctrl down.
const silence = 2 * time.Second

// most is how many keys can be down at once. Nobody has more fingers; the
// limit bounds what a hostile viewer can make us remember.
const most = 32

// reins decide what of the viewer's input reaches Hands. Everything happens
// in the caller's goroutine under one lock, so when AllowControl(false) has
// returned, nothing more happens.
type reins struct {
	hands Hands
	wake  chan struct{} // one place: something was pressed
	edge  chan struct{} // one place: an edge came, and the screen may answer
	trail trail

	mu       sync.Mutex
	allowed  bool
	watched  bool   // somebody is there to let go
	watching bool   // watch is
	kept     bool   // nobody is, for a moment: see Keep
	last     uint64 // the last edge we know of
	keys     map[uint16]bool
	buttons  map[uint8]bool
	heard    time.Time

	inputs, refused atomic.Uint64
}

func newReins(hands Hands) *reins {
	return &reins{hands: hands, wake: make(chan struct{}, 1), edge: make(chan struct{}, 1), keys: map[uint16]bool{}, buttons: map[uint8]bool{}}
}

// AllowControl opens or closes the way to Hands. Closing releases at once all
// that is pressed; what arrives afterwards is dropped and counted.
func (s *Share) AllowControl(yes bool) {
	r := s.reins
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.allowed && !yes {
		r.releaseLocked()
	}
	r.allowed = yes
}

// Keep says that the viewer is on the way from one connection to the next, so
// that nothing is let go when Run returns, and input still reaches Hands, until
// Run is called again. If it is not, whoever said yes must say no, soon: then
// everything is let go.
func (s *Share) Keep(yes bool) {
	r := s.reins
	r.mu.Lock()
	defer r.mu.Unlock()
	r.kept = yes
	if !yes && !r.watching {
		r.leaveLocked()
	}
}

// LetGo releases what the viewer holds: it may have let go, and the word of it
// have been lost.
func (s *Share) LetGo() {
	s.reins.mu.Lock()
	defer s.reins.mu.Unlock()
	if s.reins.downLocked() {
		s.reins.releaseLocked()
	}
}

// Inject passes an event of the viewer to Hands if control is allowed and Run
// is running. It may be called from any goroutine. Edges must come in their
// order, and a move not before the edge it follows: if that one is not known,
// it came while nobody listened. A move that is older than an edge is dropped.
// The error is for the log.
func (s *Share) Inject(in wire.Input) error {
	r := s.reins
	r.mu.Lock()
	defer r.mu.Unlock()
	r.heard = time.Now()
	open := r.allowed && r.watched && r.hands != nil
	if !open {
		r.refused.Add(1)
	}
	if m, ok := in.(wire.Move); ok {
		late := m.After < r.last
		r.last = max(r.last, m.After)
		if late || !open {
			return nil
		}
		return r.moveLocked(m)
	}
	r.last = max(r.last, wire.Edge(in))
	if !open {
		return nil
	}
	r.trail.reaches(r.last)
	knock(r.edge)
	err := r.edgeLocked(in)
	r.trail.reached(r.last)
	return err
}

// Heard is a sign of life of the viewer, such as a heartbeat: a button that is
// held still is not let go.
func (s *Share) Heard() {
	s.reins.mu.Lock()
	defer s.reins.mu.Unlock()
	s.reins.heard = time.Now()
}

func (r *reins) moveLocked(m wire.Move) error {
	p, ok := r.placeLocked(m.Monitor, m.X, m.Y)
	if !ok {
		return nil
	}
	r.inputs.Add(1)
	return r.hands.MoveTo(p.X, p.Y)
}

// placeLocked is the pixel of the desktop that is meant.
func (r *reins) placeLocked(monitor uint8, x, y uint16) (image.Point, bool) {
	p, ok := r.trail.place(monitor, x, y)
	if !ok { // a monitor that went away meanwhile
		r.refused.Add(1)
	}
	return p, ok
}

func (r *reins) edgeLocked(in wire.Input) (err error) {
	switch e := in.(type) {
	case wire.Key:
		if r.pressLocked(len(r.keys), r.keys[e.Usage], e.Down) {
			if e.Down {
				r.keys[e.Usage] = true
			} else {
				delete(r.keys, e.Usage)
			}
			err = r.hands.Key(e)
		}
		return err
	case wire.Button:
		if p, ok := r.placeLocked(e.Monitor, e.X, e.Y); ok && r.pressLocked(len(r.buttons), r.buttons[e.Button], e.Down) {
			if e.Down {
				r.buttons[e.Button] = true
			} else {
				delete(r.buttons, e.Button)
			}
			err = r.hands.Button(e.Button, e.Down, p.X, p.Y)
		}
		return err
	case wire.Wheel:
		if p, ok := r.placeLocked(e.Monitor, e.X, e.Y); ok {
			r.inputs.Add(1)
			err = r.hands.Wheel(e.DX, e.DY, p.X, p.Y)
		}
		return err
	case wire.Typed:
		r.inputs.Add(1)
		return r.hands.Type(e.Text)
	case wire.Locks:
		r.inputs.Add(1)
		return r.hands.Locks(e)
	case wire.Release:
		r.inputs.Add(1)
		r.releaseLocked()
		return nil
	}
	r.refused.Add(1)
	return nil
}

// pressLocked says whether a press or release makes sense: not too many at
// once, and no release of what we let go ourselves.
func (r *reins) pressLocked(count int, isDown, down bool) bool {
	if !down && !isDown || down && !isDown && count >= most {
		r.refused.Add(1)
		return false
	}
	r.inputs.Add(1)
	if down && len(r.keys)+len(r.buttons) == 0 {
		knock(r.wake)
	}
	return true
}

// knock leaves word in a channel of one place.
func knock(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// releaseLocked lets go of everything.
func (r *reins) releaseLocked() {
	clear(r.keys)
	clear(r.buttons)
	if r.hands != nil {
		// Nobody can do anything about a failure: the next release tries again.
		_ = r.hands.ReleaseAll()
	}
}

// watch lets go of everything when the viewer falls silent, and when ctx
// ends. Run owns it.
func (r *reins) watch(ctx context.Context) {
	r.mu.Lock()
	r.watched, r.watching, r.kept = true, true, false
	r.mu.Unlock()
	defer func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.watching = false
		if !r.kept {
			r.leaveLocked()
		}
	}()
	for ctx.Err() == nil {
		var due <-chan time.Time
		if left := r.check(); left > 0 {
			due = time.After(left)
		}
		select {
		case <-due:
		case <-r.wake:
		case <-ctx.Done():
		}
	}
}

// leaveLocked leaves Hands alone until watch is back.
func (r *reins) leaveLocked() {
	r.watched = false
	if r.downLocked() {
		r.releaseLocked()
	}
}

// check lets go if the viewer is silent for too long, and says when to check
// again; 0 if nothing is down.
func (r *reins) check() time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.downLocked() {
		return 0
	}
	if left := silence - time.Since(r.heard); left > 0 {
		return left
	}
	r.releaseLocked()
	return 0
}

func (r *reins) downLocked() bool { return len(r.keys)+len(r.buttons) > 0 }

func (r *reins) counts() (inputs, refused uint64) { return r.inputs.Load(), r.refused.Load() }
