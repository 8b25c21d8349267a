// Package share is the side of a session whose screen is seen. A Share takes
// what changes on the screen, encodes it as fast as the way takes it and the
// viewer can show it and no faster, and lets the viewer's input reach this
// machine while that is allowed.
//
// Run is the owner loop. It may be called again after it has returned, for
// another connection: the picture then goes on where it was, if what the viewer
// lacks is still there, else with a key frame.
package share

import (
	"context"
	"errors"
	"image"
	"slices"
	"sync"
	"time"

	"handrail/shared/codec"
	"handrail/shared/flow"
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

// Lane says how much may be on its way to the viewer; a flow.Pictures is one.
// It counts bytes of slices' Data, of one connection.
type Lane interface {
	// Room says whether n more bytes may go now, Spare whether they may if
	// nobody waits for them. After a no the caller is woken, or asks again
	// after a while.
	Room(n int) bool
	Spare(n int) bool
	Sent(n int)       // so many go now
	Rest()            // none wait
	Take(upTo uint64) // the viewer must have so many of those that were sent
	Counts() (sent, taken uint64)
	Slice() int         // bytes that a slice should have now, at most sliceAim
	Far() time.Duration // the least time of a round trip
	Wake(f func())      // has f called when there may be room; nil ends it
}

// Viewer is the other side, over one connection.
type Viewer struct {
	Pictures Pictures
	Lane     Lane // nil: one that only Presented tells what was taken
	// From is the newest slice that the viewer has; 0: no picture at all.
	From uint64
	// Pace is told, once a second while pictures are sent, how that went; nil
	// if nobody wants to know. Run calls it; it must not block for long.
	Pace func(wire.Pace)
}

// Numbers are how far a session's slices and frames are counted.
type Numbers struct{ Slice, Frame uint64 }

// Config is what a Share works with.
type Config struct {
	Screen Screen
	Hands  Hands   // nil on a machine that can't be controlled
	After  Numbers // of the session's last Share
	// Layout is told the monitors at the start and when they change, and
	// which of them is shown (0: all). Run calls it; it must not block.
	Layout func(monitors []frame.Monitor, shown uint8)
}

// Tuning.
const (
	sliceAim = flow.Slice // bytes of a slice on a fast link, so that urgent things wait for no more than that
	frameMax = 128 << 10  // bytes after which a frame ends, complete or not, so that newer pixels come in
	// frameLong is after how long a frame ends, so that a slow link shows what it
	// has brought.
	frameLong = 100 * time.Millisecond
	// paceBusy is the least time between two frames while the viewer still
	// has one to show: 60 a second.
	paceBusy = 16 * time.Millisecond
	// paceAnswer is the same while the viewer waits for the answer to a key.
	paceAnswer = 4 * time.Millisecond
	// filmTurn is how long a film's next picture is held back at most: nine a
	// second is the least that any profile has.
	filmTurn = time.Second / 9
	// paceTold is how often the viewer is told how it goes.
	paceTold  = time.Second
	rectsMost = 64 // rectangles of changes that wait, before they become fewer and larger
	// askAgain is after how long the Lane is asked again without a word of it.
	askAgain = 100 * time.Millisecond
	// cursorsKept is how many pointer shapes a viewer remembers; package
	// watch has the same number.
	cursorsKept = 64
)

// Share shows one screen to one viewer.
type Share struct {
	cfg   Config
	reins *reins

	// The following are owned by Run.
	to      Viewer
	again   kept // what is to be sent again
	kept    kept
	enc     coder
	tuned   tuning      // what enc was told
	pic     frame.Image // what Screen shows; none before it did so on this connection
	size    image.Point // of the pictures that enc makes slices of
	corner  image.Point // of pic on the desktop
	layout  []frame.Monitor
	shown   uint8
	answers answers
	input   uint64       // the last edge that shows in pic
	slice   uint64       // counts slices
	number  uint64       // of the frame being sent
	begun   time.Time    // when its first slice was
	better  bool         // it only refines
	later   []frame.Rect // what changed since it began, and is of the next
	inFrame int          // its bytes so far; 0 between frames
	haste   int          // slices until an answer to the viewer's hand is out
	mixed   bool         // other things wait beside it
	behind  int          // the strain's level
	peek    bool         // look for newer pixels before the next slice
	stirred bool         // something changed that does not wait: a film, whose turn comes
	taken   time.Time    // when the last Update came
	cursors []uint64
	pointer uint64 // counts pointer messages
	buf     []byte

	refused    time.Time // since when the Lane has had no room; zero: it has
	refineFrom time.Time // not before then
	paceDue    time.Time // when the viewer is told how it goes; zero: there is nothing to tell
	told       Stats     // as they were the last time

	mu        sync.Mutex
	underway  underway
	strain    strain
	wantKey   bool
	profile   codec.Profile
	interrupt context.CancelFunc // ends the wait for the screen
	running   context.CancelFunc // ends Run
	done      chan struct{}      // closed when Run has returned
	stopped   bool
	stats     Stats
	lane      Lane // of the running or the last connection
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
		slice: cfg.After.Slice, number: cfg.After.Frame,
		// The newest pointer wins at the viewer, who may have seen those of an
		// earlier Share: so they count on from the clock, which 60 a second
		// never catch up with.
		pointer: uint64(time.Now().UnixMilli()),
	}
}

// Run shows the screen to a viewer until ctx ends, Stop is called (ErrStopped),
// or the screen (ErrScreen) or the connection (ErrSend) fails. Everything the
// viewer pressed is released when it returns. Then nothing is captured, encoded
// or sent, and nothing injected, until it is called again.
func (s *Share) Run(ctx context.Context, to Viewer) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if to.Lane == nil {
		to.Lane = flow.New(nil).Pictures()
	}
	s.mu.Lock()
	if s.stopped {
		s.mu.Unlock()
		return ErrStopped
	}
	s.running, s.done = cancel, make(chan struct{})
	s.underway, s.strain, s.wantKey, s.lane = underway{}, strain{}, false, to.Lane
	s.told = s.stats
	done := s.done
	s.mu.Unlock()
	to.Lane.Wake(s.nudge)

	var hands sync.WaitGroup
	hands.Go(func() { s.reins.watch(ctx) })
	defer func() {
		cancel()
		to.Lane.Wake(nil)
		to.Lane.Rest()
		hands.Wait()
		s.mu.Lock()
		s.running = nil
		s.mu.Unlock()
		close(done)
	}()
	s.begin(to)
	err := s.show(ctx)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stopped {
		return ErrStopped
	}
	return err
}

// begin prepares for a connection: the picture goes on, or begins anew.
func (s *Share) begin(to Viewer) {
	s.to = to
	s.cfg.Screen.Refresh() // nobody has looked since the last one
	s.cursors = s.cursors[:0]
	s.input, s.haste, s.refused = 0, 0, time.Time{}
	s.answers, s.paceDue = answers{}, time.Time{}
	s.pic, s.peek = frame.Image{}, true
	again, ok := append(s.kept, s.again...).after(to.From, s.slice)
	s.again, s.kept = slices.Clone(again), nil
	if !ok {
		s.startAnew()
	}
}

// startAnew makes the next slice begin a key frame, for which what was sent
// before counts no more.
func (s *Share) startAnew() {
	s.again, s.kept, s.later, s.inFrame, s.haste = nil, nil, nil, 0, 0
	if s.size.X > 0 {
		s.enc.KeyFrame()
	}
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

// Numbers are how far this Share has counted, for the session's next one. It
// must not be called while Run is running.
func (s *Share) Numbers() Numbers { return Numbers{s.slice, s.number} }

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
	now := time.Now()
	s.strain = s.strain.judge(now, s.underway.late(now), s.heldLocked())
	upTo := s.underway.presented(number, now, &s.stats)
	if upTo > 0 {
		s.interruptLocked()
	}
	lane := s.lane
	s.mu.Unlock()
	if upTo > 0 {
		lane.Take(upTo)
	}
}

// heldLocked is how many bytes the viewer has not said to have.
func (s *Share) heldLocked() int {
	if s.lane == nil {
		return 0
	}
	sent, taken := s.lane.Counts()
	return int(sent - taken)
}

// nudge has the loop look whether there is room.
func (s *Share) nudge() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.interruptLocked()
}

func (s *Share) interruptLocked() {
	if s.interrupt != nil {
		s.interrupt()
	}
}
