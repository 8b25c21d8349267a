package share

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"handrail/shared/frame"
	"handrail/shared/wire"
)

// nothing is a slice without any tile: what ends a frame of which the rest
// turned out to be unchanged.
var nothing = []byte{0}

// show is the owner loop: encode and send while the viewer has room, else wait
// for the screen to change.
func (s *Share) show(ctx context.Context) error {
	for ctx.Err() == nil {
		send, wait, cancel := s.plan(ctx)
		if send {
			if err := s.send(ctx); err != nil {
				return err
			}
			continue
		}
		err := s.next(ctx, wait)
		cancel()
		if err != nil {
			return err
		}
	}
	return context.Cause(ctx)
}

// plan says whether to send now. If not, wait ends when that changes.
func (s *Share) plan(ctx context.Context) (send bool, wait context.Context, cancel context.CancelFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.wantKey && s.pic.W > 0 {
		s.wantKey = false
		s.enc.KeyFrame()
		s.window, s.inFrame = window{}, 0 // what was sent before counts no more
		s.cursors = s.cursors[:0]
		s.cfg.Screen.Refresh() // for the pointer's shape
	}
	ready := s.pic.W > 0 && s.enc.Pending() && s.window.room(s.inFrame > 0)
	if ready && !s.peek {
		return true, nil, nil
	}
	wait, cancel = context.WithCancel(ctx)
	if ready {
		// Only a look; what there is to send has waited long enough.
		s.peek = false
		cancel()
	}
	s.interrupt = cancel
	return false, wait, cancel
}

// next takes the next change of the screen. An ended wait is no error.
func (s *Share) next(ctx, wait context.Context) error {
	if err := s.pace(wait); err != nil {
		return nil
	}
	u, err := s.cfg.Screen.Next(wait)
	switch {
	case err == nil:
		return s.take(ctx, u)
	case wait.Err() != nil && (errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded)):
		return nil
	}
	return fmt.Errorf("%w: %w", ErrScreen, err)
}

// pace keeps a busy screen from being read more often than the viewer shows.
func (s *Share) pace(wait context.Context) error {
	s.mu.Lock()
	behind := !s.window.empty()
	s.mu.Unlock()
	if !behind || wait.Err() != nil {
		return nil
	}
	timer := time.NewTimer(time.Until(s.taken.Add(paceBusy)))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-wait.Done():
		return wait.Err()
	}
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
		if u.Image.W != s.pic.W || u.Image.H != s.pic.H {
			s.enc.Resize(u.Image.W, u.Image.H)
		}
		s.pic, s.input = u.Image, s.reins.trail.seen(u.At)
		s.enc.Damage(u.Damage...)
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
		if err := s.cfg.Pictures.SendPointer(p); err != nil {
			return fmt.Errorf("%w: pointer: %w", ErrSend, err)
		}
	}
	return nil
}

// send encodes and sends one slice.
func (s *Share) send(ctx context.Context) error {
	start := time.Now()
	s.buf = s.enc.Encode(s.buf[:0], s.pic, sliceAim, time.Now())
	encoded := time.Now()
	data := s.buf
	if len(data) == 0 {
		if s.inFrame == 0 {
			return nil // nothing had changed
		}
		data = nothing
	}
	if s.inFrame == 0 {
		s.number++
	}
	s.inFrame += len(data)
	last := !s.enc.Pending() || s.inFrame >= frameMax
	slice := wire.Slice{Frame: s.number, Input: s.input, Last: last, Data: data}
	s.mu.Lock()
	s.window.sent(s.number, len(data), last, start)
	s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return nil // stopped while encoding; show says why
	}
	if err := s.cfg.Pictures.SendSlice(ctx, slice); err != nil {
		if ctx.Err() != nil {
			return nil
		}
		return fmt.Errorf("%w: slice: %w", ErrSend, err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stats.Encode += encoded.Sub(start)
	s.stats.Send += time.Since(encoded)
	s.stats.Slices++
	s.stats.Bytes += uint64(len(data))
	if last {
		s.stats.Frames++
		s.inFrame, s.peek = 0, s.enc.Pending()
	}
	return nil
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
	if err := s.cfg.Pictures.SendCursor(ctx, out); err != nil && ctx.Err() == nil {
		return fmt.Errorf("%w: pointer shape: %w", ErrSend, err)
	}
	return nil
}
