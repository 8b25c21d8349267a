package screen

import (
	"context"
	"errors"
	"time"

	"handrail/shared/frame"
)

// Times after which the better way is tried again while the plain one has to
// do. On Windows duplication is refused as long as the secure desktop is shown,
// and for good in sessions without a graphics card.
const (
	retrySoon = 2 * time.Second
	retryMost = time.Minute
)

// either captures the better of two ways, and the plain one as long as that
// can't be had.
type either struct {
	better func() (backend, error)
	plain  func() backend

	back   backend
	good   bool          // back is the better one
	worked bool          // which delivered something
	lost   bool          // and must be opened anew
	retry  time.Time     // when to try it again
	after  time.Duration // how long to wait for the time after that
}

// layout keeps what works, and opens anew what was lost.
func (e *either) layout() ([]frame.Monitor, error) {
	switch {
	case e.good && !e.lost:
	case e.good && !e.worked:
		// It would be lost again.
		e.close()
		e.wait()
	case e.good:
		e.close()
		e.open()
	case !time.Now().Before(e.retry):
		e.open()
	}
	if e.back == nil {
		e.back = e.plain()
	}
	return e.back.layout()
}

// open takes the better way for whatever there was, if it can be had.
func (e *either) open() {
	back, err := e.better()
	if err != nil {
		e.wait()
		return
	}
	e.close()
	e.back, e.good, e.worked, e.lost = back, true, false, false
}

// wait puts the next try off, each time for longer.
func (e *either) wait() {
	e.after = min(max(2*e.after, retrySoon), retryMost)
	e.retry = time.Now().Add(e.after)
}

func (e *either) next(ctx context.Context, poke <-chan struct{}, area frame.Rect, u *Update) error {
	if !e.good && !time.Now().Before(e.retry) {
		return errLayout
	}
	err := e.back.next(ctx, poke, area, u)
	if e.good {
		e.lost = errors.Is(err, errLayout)
		if err == nil {
			e.worked, e.after = true, 0
		}
	}
	return err
}

func (e *either) close() {
	if e.back != nil {
		e.back.close()
	}
	e.back, e.good = nil, false
}
