package share

import (
	"context"
	"errors"
	"fmt"
	"image"
	"math"
	"slices"
	"time"

	"handrail/shared/codec"
	"handrail/shared/frame"
	"handrail/shared/wire"
)

// show is the owner loop. What has changed is encoded and sent while there is
// room on the way, first what answers the viewer's hand. When nothing waits,
// a film's next picture goes out, which the encoder holds back for its turn,
// and last, if there is room to spare, what nobody waits for: photographs are
// made exact. Else it waits for the screen to change.
//
// The time is read here and nowhere else of what follows from it.
func (s *Share) show(ctx context.Context) error {
	for ctx.Err() == nil {
		now := time.Now()
		s.tellPace(now)
		act, wait, cancel := s.plan(ctx, now)
		var err error
		switch act {
		case rest:
			err = s.next(ctx, wait)
			cancel()
		case repeat:
			err = s.sendAgain(ctx, now)
		default:
			err = s.send(ctx, now, act == refine)
		}
		if err != nil {
			return err
		}
	}
	return context.Cause(ctx)
}

// act is what the loop does next.
type act int

const (
	rest   act = iota // wait for the screen
	damage            // send what has changed
	refine            // send what has not, but better
	repeat            // send what the last connection lost
)

// plan says what to do now. To rest is to wait for the screen until wait ends;
// whatever would change the plan ends it.
func (s *Share) plan(ctx context.Context, now time.Time) (do act, wait context.Context, cancel context.CancelFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.wantKey && s.size.X > 0 {
		s.wantKey = false
		s.startAnew()
		s.underway = underway{best: s.underway.best}
		s.cursors = s.cursors[:0]
		s.cfg.Screen.Refresh() // for the pointer's shape
	}
	s.tuneLocked(now)
	do, until := s.choose(now)
	if do == repeat || do != rest && !(s.peek && s.mayLook(now)) {
		return do, nil, nil
	}
	if s.strain.level > 0 {
		until = sooner(until, s.strain.eases())
	}
	until = sooner(until, s.paceDue)
	if until.IsZero() {
		wait, cancel = context.WithCancel(ctx)
	} else {
		wait, cancel = context.WithDeadline(ctx, until)
	}
	if do != rest {
		cancel() // only a look; what there is to send has waited long enough
	}
	s.peek = do == rest // if time alone ends the wait, something newer may be there
	s.interrupt = cancel
	return rest, wait, cancel
}

// mayLook says whether it is time for newer pixels before the next slice: the
// more slices there are, the less each is worth a look of its own.
func (s *Share) mayLook(now time.Time) bool {
	every := paceBusy
	if s.expects(now) {
		every = paceAnswer
	}
	return now.Sub(s.taken) >= every
}

// choose says what there is to do for pictures, and if there is nothing now,
// when there will be by itself; zero means not.
func (s *Share) choose(now time.Time) (do act, until time.Time) {
	goesOn, lane := s.inFrame > 0, s.to.Lane
	switch {
	case len(s.again) > 0:
		if lane.Room(len(s.again[0].Data)) {
			return repeat, time.Time{}
		}
		return rest, now.Add(askAgain)
	case s.pic.W == 0:
		lane.Rest()
		return rest, time.Time{}
	case s.enc.Pending():
		if !s.underway.room(goesOn, framesFor(lane.Far())) {
			lane.Rest()
			s.refused = time.Time{}
			return rest, time.Time{}
		}
		if lane.Room(lane.Slice()) {
			return damage, time.Time{}
		}
		if s.refused.IsZero() {
			s.refused = now
		}
		return rest, now.Add(askAgain)
	}
	s.refused = time.Time{}
	at, ok := s.enc.Due()
	do, frames, bytes := refine, s.underway.spare(goesOn), lane.Spare
	if s.stirred {
		do, frames, bytes = damage, s.underway.room(goesOn, framesFor(lane.Far())), lane.Room // a film's
	}
	if !ok || !frames {
		lane.Rest()
		return rest, time.Time{}
	}
	if at = later(at, s.refineFrom); at.After(now) {
		lane.Rest()
		return rest, at
	}
	if !bytes(lane.Slice()) {
		return rest, now.Add(askAgain)
	}
	return do, time.Time{}
}

// sooner is the earlier of two times of which zero means never.
func sooner(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// tuneLocked tells the encoder how good photographs may be.
func (s *Share) tuneLocked(now time.Time) {
	s.strain = s.strain.judge(now, s.underway.late(now), s.heldLocked())
	s.behind = s.strain.level
	level := 0
	if s.profile == codec.Automatic { // the others promise what they promise, on any link
		level = s.behind
	}
	if t := (tuning{s.profile, level}); t != s.tuned {
		s.tuned = t
		s.enc.Tune(t.profile, t.strain)
	}
}

// next takes the next change of the screen. An ended wait is no error.
func (s *Share) next(ctx, wait context.Context) error {
	if err := s.pace(wait); err != nil {
		return nil
	}
	u, err := s.cfg.Screen.Next(wait)
	switch {
	case err == nil:
		s.peek = false
		return s.take(ctx, u)
	case wait.Err() != nil && (errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)):
		return nil
	}
	return fmt.Errorf("%w: %w", ErrScreen, err)
}

// pace keeps a busy screen from being read more often than the viewer shows,
// unless an answer to the viewer's hand may come.
func (s *Share) pace(wait context.Context) error {
	s.mu.Lock()
	behind := !s.underway.empty()
	s.mu.Unlock()
	if !behind || wait.Err() != nil {
		return nil
	}
	for {
		every := paceBusy
		if s.expects(time.Now()) {
			every = paceAnswer
		}
		select {
		case <-time.After(time.Until(s.taken.Add(every))):
			return nil
		case <-s.reins.edge: // the screen is to be read sooner
		case <-wait.Done():
			return wait.Err()
		}
	}
}

func (s *Share) expects(now time.Time) bool {
	return s.reins.trail.cause(now, s.corner).expects(now)
}

// take passes on what changed.
func (s *Share) take(ctx context.Context, u frame.Update) error {
	s.taken = time.Now()
	s.mu.Lock()
	s.stats.Captures++
	s.stats.Capture += s.taken.Sub(u.At)
	s.mu.Unlock()
	if u.Layout == nil {
		u.Layout = s.layout
	}
	if u.Monitor != s.shown || !slices.Equal(u.Layout, s.layout) {
		s.shown, s.layout = u.Monitor, u.Layout
		s.reins.trail.setLayout(s.layout)
		if s.cfg.Layout != nil {
			s.cfg.Layout(slices.Clone(s.layout), s.shown)
		}
	}
	if u.Image.W > 0 {
		s.see(u)
	}
	if u.Cursor != nil {
		if err := s.sendCursor(ctx, *u.Cursor); err != nil {
			return err
		}
	}
	if u.PointerMoved && u.Pointer.In(u.Area) && !s.reins.trail.put(u.Pointer) {
		s.pointer++
		x, y := frame.Units(u.Area, u.Pointer)
		p := wire.Pointer{Seq: s.pointer, Monitor: u.Monitor, X: x, Y: y}
		if err := s.to.Pictures.SendPointer(p); err != nil {
			return fmt.Errorf("%w: pointer: %w", ErrSend, err)
		}
	}
	return nil
}

// see takes the picture in.
func (s *Share) see(u frame.Update) {
	if size := image.Pt(u.Image.W, u.Image.H); size != s.size {
		s.size, s.later = size, nil
		s.enc.Resize(u.Image.W, u.Image.H)
	}
	s.pic, s.input, s.corner = u.Image, s.reins.trail.seen(u.At), u.Area.Min
	s.mixed = s.mixed && s.enc.Pending()
	s.stirred = s.stirred || len(u.Damage) > 0
	cause := s.reins.trail.cause(u.At, s.corner)
	urgent, all := s.answers.look(u.At, cause, u.Damage, s.pic.W, s.pic.H)
	if s.inFrame > 0 && !s.better {
		// Or a screen that changes faster than the link takes it would make
		// one frame without end.
		for _, r := range u.Damage {
			if !all {
				s.later = frame.Join(s.later, r, rectsMost)
			}
		}
		s.enc.Damage(urgent...)
	} else {
		s.enc.Damage(u.Damage...)
	}
	s.enc.Urgent(urgent...)
	s.mixed = s.mixed || !all
	if len(urgent) > 0 {
		s.haste = max(s.haste, hasteFor(urgent, s.to.Lane.Slice()))
	}
}

// hasteFor is how many slices an answer takes: text and drawings need about a
// bit a pixel.
func hasteFor(urgent []frame.Rect, slice int) int {
	pixels := 0
	for _, r := range urgent {
		pixels += r.Dx() * r.Dy()
	}
	return 1 + pixels/8/slice
}

// send encodes and sends one slice.
//
// A frame, which the viewer paints as one, ends when nothing waits any more.
// It ends before that when it has become very large, and after an answer to
// the viewer's hand, which waits for nothing else.
func (s *Share) send(ctx context.Context, now time.Time, better bool) error {
	waited := s.enc.Pending()
	s.buf = s.enc.Encode(s.buf[:0], s.pic, s.to.Lane.Slice(), now)
	// A film whose turn had come would be in this slice.
	s.stirred = s.stirred && waited && !s.dueBy(now) && s.dueBy(now.Add(filmTurn))
	encoded := time.Now()
	data := s.buf
	if len(data) == 0 {
		s.refineFrom = now.Add(paceBusy) // or a Due that promises too much would be asked all the time
		if s.inFrame == 0 {
			return nil // nothing had changed
		}
	}
	if s.inFrame == 0 {
		s.number++
		s.begun, s.better = now, true
	}
	s.better = s.better && better
	s.inFrame += max(len(data), 1)
	last := len(data) == 0 || s.ends(now, better)
	s.slice++
	slice := wire.Slice{Seq: s.slice, Frame: s.number, Input: s.input, Last: last, Data: slices.Clone(data)}
	err := s.deliver(ctx, slice, now, better)
	s.count(slice, now, encoded)
	s.peek = better || s.expects(encoded)
	if last {
		s.endFrame()
	}
	return err // the slice is kept, and counts, whatever became of it
}

// count adds a slice to the Stats, of which encoding was begun and ended then.
func (s *Share) count(slice wire.Slice, begun, encoded time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stats.Encode += encoded.Sub(begun)
	s.stats.Send += time.Since(encoded)
	s.stats.Slices++
	s.stats.Bytes += uint64(len(slice.Data))
	if slice.Last {
		s.stats.Frames++
	}
	s.paceDue = sooner(s.paceDue, begun.Add(paceTold))
}

// endFrame has the next slice begin a frame, of what had to wait for it.
func (s *Share) endFrame() {
	s.inFrame = 0
	s.enc.Damage(s.later...)
	s.later = s.later[:0]
	if s.enc.Pending() {
		s.peek = true
	} else {
		s.haste = 0
	}
}

// deliver sends a slice, begun at this time, and keeps it until the viewer has
// it: whatever becomes of this connection, the encoder counts on that.
func (s *Share) deliver(ctx context.Context, slice wire.Slice, begun time.Time, better bool) error {
	lane := s.to.Lane
	if ctx.Err() != nil { // stopped while encoding; show says why
		s.kept = append(s.kept, keptSlice{slice, math.MaxUint64, better})
		return nil
	}
	lane.Sent(len(slice.Data))
	sent, taken := lane.Counts()
	s.kept = append(s.kept.forget(taken), keptSlice{slice, sent, better})
	due := begun
	if !s.refused.IsZero() {
		due = s.refused
	}
	s.mu.Lock()
	s.underway.sent(flight{slice.Frame, sent, due, begun, slice.Last, better})
	s.mu.Unlock()
	s.refused = time.Time{}
	if err := s.to.Pictures.SendSlice(ctx, slice); err != nil && ctx.Err() == nil {
		return fmt.Errorf("%w: slice: %w", ErrSend, err)
	}
	return nil
}

// sendAgain sends the next of the slices that the last connection lost.
func (s *Share) sendAgain(ctx context.Context, now time.Time) error {
	next := s.again[0]
	s.again = s.again[1:]
	return s.deliver(ctx, next.Slice, now, next.better)
}

// ends says whether the slice just encoded is the last of its frame.
func (s *Share) ends(now time.Time, better bool) bool {
	if s.haste > 0 && s.mixed && !better {
		if s.haste--; s.haste == 0 {
			return true
		}
	}
	if s.inFrame >= frameMax || now.Sub(s.begun) >= frameLong {
		return true
	}
	if !better {
		return !s.enc.Pending()
	}
	return !s.dueBy(now) || s.inFrame >= frameMax>>(2*s.behind)
}

// dueBy says whether the encoder will have something by then though nothing
// changes.
func (s *Share) dueBy(then time.Time) bool {
	at, ok := s.enc.Due()
	return ok && !at.After(then)
}

// sendCursor sends a pointer shape, its pixels only if the viewer has not got
// them.
func (s *Share) sendCursor(ctx context.Context, c frame.Cursor) error {
	out := wire.Cursor{ID: c.ID}
	if c.ID != 0 {
		out.W, out.H = uint16(c.W), uint16(c.H)
		out.HotX, out.HotY = uint16(c.HotX), uint16(c.HotY)
		if !slices.Contains(s.cursors, c.ID) {
			out.Pix = c.Pix
			if len(s.cursors) == cursorsKept {
				s.cursors = slices.Delete(s.cursors, 0, 1)
			}
			s.cursors = append(s.cursors, c.ID)
		}
	}
	if err := s.to.Pictures.SendCursor(ctx, out); err != nil && ctx.Err() == nil {
		return fmt.Errorf("%w: pointer shape: %w", ErrSend, err)
	}
	return nil
}
