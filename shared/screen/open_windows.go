package screen

import (
	"context"
	"errors"
	"time"

	"handrail/shared/frame"
)

// Times after which duplication is tried again while GDI has to do: it is
// refused as long as the secure desktop is shown, and for good in sessions
// without a graphics card.
const (
	retrySoon = 2 * time.Second
	retryMost = time.Minute
)

// desktop captures by duplication, and by GDI as long as that can't be had.
type desktop struct {
	back   backend
	dup    *duplicator   // back, if it is one
	worked bool          // it delivered something
	lost   bool          // it must be opened anew
	retry  time.Time     // when to try dup again
	after  time.Duration // how long to wait for the time after that
}

// open takes no display name here: a process sees the desktop it runs on.
func open(string) (backend, error) {
	if len((&gdi{}).displays()) == 0 {
		return nil, ErrNoScreen
	}
	return &desktop{after: retrySoon}, nil
}

// layout keeps what works, and opens anew what was lost.
func (d *desktop) layout() ([]frame.Monitor, error) {
	switch {
	case d.dup != nil && !d.lost:
	case d.dup != nil:
		// One that was lost before it had delivered anything would be again.
		failed := !d.worked
		d.close()
		if failed {
			d.wait()
		} else {
			d.duplicate()
		}
	case !time.Now().Before(d.retry):
		d.duplicate()
	}
	if d.back == nil {
		d.back = newClocked(&gdi{})
	}
	return d.back.layout()
}

// duplicate takes duplication for whatever there was, if it can be had.
func (d *desktop) duplicate() {
	dup, err := openDuplicator()
	if err != nil {
		d.wait()
		return
	}
	d.close()
	d.back, d.dup, d.worked, d.lost = dup, dup, false, false
}

// wait puts the next try off.
func (d *desktop) wait() {
	d.retry = time.Now().Add(d.after)
	d.after = min(2*d.after, retryMost)
}

func (d *desktop) next(ctx context.Context, poke <-chan struct{}, area frame.Rect, u *Update) error {
	if d.dup == nil && time.Now().After(d.retry) {
		return errLayout
	}
	err := d.back.next(ctx, poke, area, u)
	if d.dup != nil {
		d.lost = errors.Is(err, errLayout)
		if err == nil {
			d.worked, d.after = true, retrySoon
		}
	}
	return err
}

func (d *desktop) close() {
	if d.back != nil {
		d.back.close()
	}
	d.back, d.dup = nil, nil
}
