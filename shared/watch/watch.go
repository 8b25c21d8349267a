// Package watch is the side of a session that sees the other's screen. A
// Watch decodes what arrives into a picture, has it painted, and tells the
// sender what was taken in and what is on the screen, which is what the sender
// waits for.
//
// The goroutine that reads the picture stream calls Receive; Run paints. While
// a painter is slow, frames that arrive meanwhile become one. A Watch outlives
// its connection: see Linked.
package watch

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"handrail/shared/codec"
	"handrail/shared/frame"
	"handrail/shared/many"
	"handrail/shared/wire"
)

// Painter shows the picture. Only Run calls it, from one goroutine.
type Painter interface {
	// Size comes before the first Damage of pictures of this size, in pixels.
	Size(w, h int)
	// Damage shows the parts rects of img. img holds still until Damage
	// returns and must not be kept; when it returns, the picture counts as
	// seen and the sender may send more.
	Damage(img frame.Image, rects []frame.Rect)
	// Cursor changes the pointer's shape; ID 0 has nothing to see.
	Cursor(c frame.Cursor)
	// Pointer is where the other side has its pointer; 0 stands for all
	// monitors, x and y are in 1/65536 of the picked one.
	Pointer(monitor uint8, x, y uint16)
}

// Sender takes word to the other side. No method may block for long.
type Sender interface {
	// Presented is called by Run when all frames up to this one are painted.
	Presented(frame uint64) error
	// Taken is called by Receive: so many bytes of slices' Data came since the
	// connection began and are decoded. It is not said of every slice.
	Taken(bytes uint64) error
	// AskKeyFrame is called by Receive when the picture is lost: the other
	// side must start anew.
	AskKeyFrame() error
}

// Config is what a Watch works with.
type Config struct {
	Painter Painter
	Sender  Sender
}

const (
	// tellFrom is how many bytes are worth a word: half of what senders aim at
	// for a slice.
	tellFrom  = 4 << 10
	rectsMost = 64 // rectangles kept before they become fewer and larger
	// cursorsKept is how many pointer shapes are remembered; package share
	// counts on it.
	cursorsKept = 64
)

// Watch shows one other screen.
type Watch struct {
	cfg  Config
	wake chan struct{} // one place: something is to be painted

	// busy is held while a slice is decoded, which may take a while; the
	// pointer must not wait for that. Who holds busy may lock mu, who holds mu
	// may only try busy, and busy is let go of with mu held: so whoever finds
	// it busy knows that Receive has yet to see what changed under mu.
	busy   sync.Mutex
	dec    decoder
	damage []frame.Rect // in dec, not in shown yet
	whole  bool         // dec holds a whole frame, not the beginning of the next
	last   uint64       // the newest whole frame in dec
	newer  bool         // it has not been given to the painter
	asked  bool         // for a key frame
	seq    uint64       // the newest slice
	taken  uint64       // bytes of this connection
	told   uint64       // of them

	mu      sync.Mutex
	shown   frame.Image // the last whole frame given to the painter
	drawing bool        // the painter reads shown; nobody writes it
	job     job
	cursors []frame.Cursor // oldest first
	cursor  *frame.Cursor  // to be painted
	pointer *wire.Pointer  // to be painted
	moved   uint64         // Seq of the newest pointer
	pace    wire.Pace
	stats   Stats
}

// decoder is what makes a picture of slices: a codec.Decoder.
type decoder interface {
	Decode(slice []byte) (damage []frame.Rect, err error)
	Image() frame.Image
}

// job is what the painter shall do next.
type job struct {
	ready bool
	size  bool // the size changed
	rects []frame.Rect
	frame uint64
}

// Stats are sums since the Watch was made.
type Stats struct {
	Slices, Bytes uint64
	Decode        time.Duration // of all slices
	Frames        uint64        // received whole
	Painted       uint64        // paintings; fewer than Frames if frames were merged
	Paint         time.Duration // of all paintings
	Lost          uint64        // slices that made no sense or came without their key frame
	Pace          wire.Pace     // the sender's last word on its part of the way
}

// ErrLost is the error of Receive when the picture is lost; a key frame has
// been asked for. The caller goes on.
var ErrLost = errors.New("watch: the picture is lost")

// New makes a Watch without a picture.
func New(cfg Config) *Watch {
	return &Watch{cfg: cfg, wake: make(chan struct{}, 1), dec: newDecoder()}
}

func newDecoder() decoder { return codec.NewDecoder(codec.DefaultLimits(), many.Do) }

// Receive takes the next slice. It is for one goroutine at a time. A slice that
// doesn't follow the last one is of no use unless it begins a key frame.
func (w *Watch) Receive(s wire.Slice) error {
	start := time.Now()
	w.busy.Lock()
	var rects []frame.Rect
	var err error
	if s.Seq != w.seq+1 {
		w.dec = newDecoder()
	}
	w.seq = s.Seq
	if len(s.Data) > 0 {
		rects, err = w.dec.Decode(s.Data)
	} else if w.asked || w.dec.Image().W == 0 { // it only ends its frame, of which there is none
		err = codec.ErrNeedKey
	}
	for _, r := range rects {
		w.damage = frame.Join(w.damage, r, rectsMost)
	}
	again := w.asked && errors.Is(err, codec.ErrNeedKey)
	w.asked = err != nil
	w.whole = err == nil && s.Last
	w.taken += uint64(len(s.Data))
	tell := uint64(0)
	if w.taken-w.told >= tellFrom {
		tell, w.told = w.taken, w.taken
	}

	w.mu.Lock()
	w.stats.Slices++
	w.stats.Bytes += uint64(len(s.Data))
	w.stats.Decode += time.Since(start)
	switch {
	case err != nil:
		w.stats.Lost++
		w.damage = w.damage[:0]
	case s.Last:
		w.last, w.newer = s.Frame, true
		w.stats.Frames++
		w.handOverLocked()
	}
	w.busy.Unlock()
	w.mu.Unlock()
	var said error
	if tell > 0 {
		said = w.cfg.Sender.Taken(tell)
	}
	if err == nil || again { // sent before the answer; it was said already
		return said
	}
	return errors.Join(ErrLost, err, said, w.cfg.Sender.AskKeyFrame())
}

// handOverLocked gives a whole frame to the painter if it is idle; it needs
// both locks. What changed is copied, so that the next slice can be decoded
// while the painter is at work: a small part of what decoding it took.
func (w *Watch) handOverLocked() {
	if w.drawing || w.job.ready || !w.whole || !w.newer {
		return
	}
	img := w.dec.Image()
	w.job.size = img.W != w.shown.W || img.H != w.shown.H
	if w.job.size {
		w.shown = frame.New(img.W, img.H)
		w.damage = append(w.damage[:0], img.Bounds())
	}
	for _, r := range w.damage {
		frame.Copy(w.shown, img, r)
	}
	w.job.rects, w.damage = w.damage, w.job.rects[:0]
	w.job.ready, w.job.frame, w.newer = true, w.last, false
	w.knock()
}

func (w *Watch) knock() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// Run paints until ctx ends. It calls Painter; nobody else does.
func (w *Watch) Run(ctx context.Context) error {
	for {
		if err := w.paint(); err != nil {
			return err
		}
		select {
		case <-w.wake:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
}

// paint does what there is to do.
func (w *Watch) paint() error {
	for {
		w.mu.Lock()
		cursor, pointer, todo := w.cursor, w.pointer, w.job
		w.cursor, w.pointer, w.job.ready = nil, nil, false
		w.drawing = todo.ready
		img := w.shown
		w.mu.Unlock()

		// The pointer first: it never waits for the picture.
		if cursor != nil {
			w.cfg.Painter.Cursor(*cursor)
		}
		if pointer != nil {
			w.cfg.Painter.Pointer(pointer.Monitor, pointer.X, pointer.Y)
		}
		if !todo.ready {
			return nil
		}
		start := time.Now()
		if todo.size {
			w.cfg.Painter.Size(img.W, img.H)
		}
		if len(todo.rects) > 0 {
			w.cfg.Painter.Damage(img, todo.rects)
		}
		w.mu.Lock()
		w.drawing = false
		w.stats.Painted++
		w.stats.Paint += time.Since(start)
		if w.busy.TryLock() {
			w.handOverLocked() // what came meanwhile; else Receive does it
			w.busy.Unlock()
		}
		w.mu.Unlock()
		if err := w.cfg.Sender.Presented(todo.frame); err != nil {
			return err
		}
	}
}

// Cursor takes a pointer shape, or the ID of one that came before.
func (w *Watch) Cursor(c wire.Cursor) {
	w.mu.Lock()
	defer w.mu.Unlock()
	shape := frame.Cursor{}
	at := slices.IndexFunc(w.cursors, func(k frame.Cursor) bool { return k.ID == c.ID })
	switch {
	case c.ID == 0:
	case len(c.Pix) > 0:
		if len(c.Pix) != 4*int(c.W)*int(c.H) {
			return
		}
		// Pix belongs to the caller's buffer.
		shape = frame.Cursor{
			ID: c.ID, W: int(c.W), H: int(c.H), HotX: int(c.HotX), HotY: int(c.HotY), Pix: slices.Clone(c.Pix),
		}
		if at >= 0 {
			w.cursors = slices.Delete(w.cursors, at, at+1)
		} else if len(w.cursors) == cursorsKept {
			w.cursors = slices.Delete(w.cursors, 0, 1)
		}
		w.cursors = append(w.cursors, shape)
	case at >= 0:
		shape = w.cursors[at]
	default:
		return // never seen: the one shown now stays
	}
	w.cursor = &shape
	w.knock()
}

// Pointer takes the place of the other side's pointer; older news than what
// came before is dropped.
func (w *Watch) Pointer(p wire.Pointer) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if p.Seq <= w.moved {
		return
	}
	w.moved, w.pointer = p.Seq, &p
	w.knock()
}

// Pace takes the sender's word on how its part of the way goes.
func (w *Watch) Pace(p wire.Pace) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pace = p
}

// Linked begins another connection: the picture goes on with the slice after
// Seen, or with a key frame, and bytes are counted from 0. Nothing of the last
// connection may be received after it.
func (w *Watch) Linked() {
	w.busy.Lock()
	defer w.release()
	w.taken, w.told = 0, 0
	if w.asked { // what was lost stays lost
		w.dec, w.asked = newDecoder(), false
	}
}

// Seen is the newest slice that was decoded, after all that came before; 0 if
// there is no picture or it is lost.
func (w *Watch) Seen() uint64 {
	w.busy.Lock()
	defer w.release()
	if w.asked || w.dec.Image().W == 0 {
		return 0
	}
	return w.seq
}

// release lets go of busy after something else than a slice.
func (w *Watch) release() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.handOverLocked()
	w.busy.Unlock()
}

// Snapshot is a copy of the picture as it was last given to the painter: the
// newest whole frame. It is empty before the first.
func (w *Watch) Snapshot() frame.Image {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.shown.Clone()
}

// Stats is how much was done so far, and how long it took.
func (w *Watch) Stats() Stats {
	w.mu.Lock()
	defer w.mu.Unlock()
	st := w.stats
	st.Pace = w.pace
	return st
}
