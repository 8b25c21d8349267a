// Package share is the side of a session whose screen is seen. A Share takes
// what changes on the screen, encodes it as fast as the viewer can show it and
// no faster, and lets the viewer's input reach this machine while that is
// allowed.
//
// Run is the owner loop. It may be called again after it has returned, for
// another connection; the viewer then gets a key frame.
package share

import (
	"context"
	"errors"
	"image"
	"sync"
	"time"

	"handrail/shared/codec"
	"handrail/shared/frame"
	"handrail/shared/many"
	"handrail/shared/wire"
)

// Screen is where pictures come from. Only Run calls it, one call at a time,
// except for Pick and Refresh, which come from any goroutine.
type Screen interface {
	// Next waits for a change. The picture stays as it is until Next is
	// called again. If ctx has ended already, Next delivers what there is
	// without waiting.
	Next(ctx context.Context) (frame.Update, error)
	Pick(monitor uint8)
	Refresh() // the next Update holds everything
}

// Pictures is the way to the viewer. Only Run calls it.
type Pictures interface {
	// SendSlice may block while the connection takes no more. It must not
	// keep Data.
	SendSlice(ctx context.Context, s wire.Slice) error
	SendCursor(ctx context.Context, c wire.Cursor) error
	SendPointer(p wire.Pointer) error // may be lost on the way
}

// Config is what a Share works with.
type Config struct {
	Screen   Screen
	Pictures Pictures
	Hands    Hands // nil on a machine that can't be controlled
	// Layout is told the monitors at the start and when they change, and
	// which of them is shown (0: all). Run calls it; it must not block.
	Layout func(monitors []frame.Monitor, shown uint8)
	// Pace is told, once a second while pictures are sent, how that went; nil
	// if nobody wants to know. Run calls it; it must not block for long.
	Pace func(wire.Pace)
}

// Tuning.
const (
	sliceAim = 8 << 10   // bytes of a slice, so that urgent things wait for no more than that
	frameMax = 128 << 10 // bytes after which a frame ends, complete or not, so that newer pixels come in
	// paceBusy is the least time between two frames while the viewer still
	// has one to show: 60 a second.
	paceBusy = 16 * time.Millisecond
	// paceAnswer is the same while the viewer waits for the answer to a key.
	paceAnswer = 4 * time.Millisecond
	// filmTurn is how long a film's next picture is held back at most: nine a
	// second is the least that any profile has.
	filmTurn = time.Second / 9
	// paceTold is how often the viewer is told how it goes.
	paceTold = time.Second
	// cursorsKept is how many pointer shapes a viewer remembers; package
	// watch has the same number.
	cursorsKept = 64
)

// Share shows one screen to one viewer.
type Share struct {
	cfg   Config
	reins *reins

	// The following are owned by Run.
	enc     coder
	tuned   tuning // what enc was told
	pic     frame.Image
	corner  image.Point // of pic on the desktop
	layout  []frame.Monitor
	shown   uint8
	answers answers
	input   uint64    // the last edge that shows in pic
	slice   uint64    // counts slices
	number  uint64    // of the frame being sent
	inFrame int       // its bytes so far; 0 between frames
	haste   int       // slices until an answer to the viewer's hand is out
	mixed   bool      // other things wait beside it
	behind  int       // the strain's level
	peek    bool      // look for newer pixels before the next slice
	stirred bool      // something changed that does not wait: a film, whose turn comes
	taken   time.Time // when the last Update came
	cursors []uint64
	pointer uint64 // counts pointer messages
	buf     []byte

	refineFrom time.Time // not before then
	paceDue    time.Time // when the viewer is told how it goes; zero: there is nothing to tell
	told       Stats     // as they were the last time

	mu        sync.Mutex
	window    window
	strain    strain
	wantKey   bool
	profile   codec.Profile
	interrupt context.CancelFunc // ends the wait for the screen
	running   context.CancelFunc // ends Run
	done      chan struct{}      // closed when Run has returned
	stopped   bool
	stats     Stats
}

// coder is what makes slices of pictures: a codec.Encoder.
type coder interface {
	Resize(w, h int)
	Damage(rs ...frame.Rect)
	Urgent(rs ...frame.Rect)
	KeyFrame()
	Tune(p codec.Profile, strain int)
	Pending() bool
	Due() (at time.Time, ok bool)
	Encode(dst []byte, pic frame.Image, limit int, now time.Time) []byte
}

// tuning is how good photographs may be.
type tuning struct {
	profile codec.Profile
	strain  int
}

// Errors of Run.
var (
	ErrStopped = errors.New("share: stopped")
	ErrScreen  = errors.New("share: the screen can't be captured")
	ErrSend    = errors.New("share: the connection takes no pictures")
)

// New makes a Share that shows nothing yet and lets nobody control anything.
func New(cfg Config) *Share {
	return &Share{
		cfg: cfg, enc: codec.NewEncoder(many.Do), reins: newReins(cfg.Hands),
		// The newest pointer wins at the viewer, who may have seen those of an
		// earlier Share: so they count on from the clock, which 60 a second
		// never catch up with.
		pointer: uint64(time.Now().UnixMilli()),
	}
}

// Run shows the screen until ctx ends, Stop is called (ErrStopped), or the
// screen (ErrScreen) or the connection (ErrSend) fails. Everything the viewer
// pressed is released when it returns.
func (s *Share) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	s.mu.Lock()
	if s.stopped {
		s.mu.Unlock()
		return ErrStopped
	}
	s.running, s.done = cancel, make(chan struct{})
	s.window, s.strain, s.wantKey = window{}, strain{}, false
	s.told = s.stats
	done := s.done
	s.mu.Unlock()

	var hands sync.WaitGroup
	hands.Go(func() { s.reins.watch(ctx) })
	defer func() {
		cancel()
		hands.Wait()
		s.mu.Lock()
		s.running = nil
		s.mu.Unlock()
		close(done)
	}()
	s.cfg.Screen.Refresh()
	s.cursors = s.cursors[:0]
	s.layout = nil
	s.pic, s.inFrame, s.haste, s.peek = frame.Image{}, 0, 0, false // its first picture starts a key frame
	s.answers, s.paceDue = answers{}, time.Time{}
	err := s.show(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return ErrStopped
	}
	return err
}

// Stop ends sharing for good. When it returns no further slice is on its way
// to Pictures, and no input reaches Hands. It must not be called from a method
// of Screen, Pictures or Hands.
func (s *Share) Stop() {
	s.AllowControl(false)
	s.mu.Lock()
	s.stopped = true
	done := s.done
	running := s.running
	s.mu.Unlock()
	if running != nil {
		running()
		<-done
	}
}

// Pick chooses the monitor to show; 0 is all.
func (s *Share) Pick(monitor uint8) { s.cfg.Screen.Pick(monitor) }

// Look makes pictures what a profile promises, from the next slice on. One
// that this version does not know changes nothing.
func (s *Share) Look(p wire.Profile) {
	if !p.Known() {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.profile = codec.Profile(p)
	s.interruptLocked()
}

// KeyFrame sends the picture anew, to a viewer that lost track.
func (s *Share) KeyFrame() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wantKey = true
	s.interruptLocked()
}

// Presented says that the viewer has all frames up to this one on its screen.
func (s *Share) Presented(number uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	s.strain = s.strain.judge(now, s.window.late(now), s.window.bytes)
	if s.window.presented(number, now, &s.stats) {
		s.interruptLocked()
	}
}

func (s *Share) interruptLocked() {
	if s.interrupt != nil {
		s.interrupt()
	}
}
