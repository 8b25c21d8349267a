// Package clip is this computer's clipboard: it sees that something was copied,
// reads it when it is wanted, and offers what is to be fetched from elsewhere
// only when a program pastes (S09).
//
//	b, err := clip.Open("")
//	b.Watch(func(forms []wire.ClipForm, before bool) { … }) // somebody copied
//	data, err := b.Read(ctx, wire.ClipText)
//	giveUp, err := b.Offer(forms, get) // get is called when a program pastes
//	giveUp()
//	b.Close()
//
// What a Board offers itself is never told to its watcher, nor is the copy that
// a clipboard manager makes of it: so nothing goes round in circles. What a
// password manager has marked as secret is not told either, and what a Board
// offers carries the same marks: it stays out of the histories of clipboard
// managers.
//
// On X11 it is the selection CLIPBOARD, as the Inter-Client Communication
// Conventions Manual (ICCCM, version 2.0, section 2) wants it, on Windows the
// clipboard of user32.
//
// All methods may be called from any goroutine.
package clip

import (
	"context"
	"errors"
	"time"

	"handrail/shared/wire"
)

// Errors a caller can branch on.
var (
	ErrNotHere  = errors.New("clip: there is no clipboard that can be shared on this system")
	ErrGone     = errors.New("clip: not on the clipboard any more")
	ErrTooLarge = errors.New("clip: larger than what may cross")
	ErrSlow     = errors.New("clip: the program that copied does not answer")
	ErrClosed   = errors.New("clip: closed")
)

// Told is called when something else is on the clipboard, with the forms it can
// be had in; with none when there is nothing that may be told. before says that
// it was there already when the watch began. It must not block.
type Told = func(forms []wire.ClipForm, before bool)

// Get fetches one of the forms that were offered. It is called when a program
// pastes, on a goroutine of its own, and ends when ctx does.
type Get = func(context.Context, wire.ClipFormat) ([]byte, error)

const (
	// patience is how long another program may take for the next step of
	// handing something over: X11's toolkits give each other about as long.
	patience = 5 * time.Second
	// fetchTime bounds Get; programs that paste give up before.
	fetchTime = 2 * time.Minute
	// servings bounds how many programs are served at the same time.
	servings = 16
)

// offer is what a Board has on the clipboard.
type offer struct {
	forms  []wire.ClipForm
	get    Get
	ctx    context.Context // ends with the offer
	cancel context.CancelFunc
}

func newOffer(ctx context.Context, forms []wire.ClipForm, get Get) *offer {
	o := &offer{forms: forms, get: get}
	o.ctx, o.cancel = context.WithCancel(ctx)
	return o
}

// has says whether a form is offered.
func (o *offer) has(f wire.ClipFormat) bool {
	for _, form := range o.forms {
		if form.Format == f {
			return true
		}
	}
	return false
}

// fetch gets a form in the shape in which programs may have it. What comes from
// elsewhere is as little trusted as what comes from here.
func (o *offer) fetch(f wire.ClipFormat) ([]byte, error) {
	ctx, cancel := context.WithTimeout(o.ctx, fetchTime)
	defer cancel()
	if !o.has(f) {
		return nil, ErrGone
	}
	data, err := o.get(ctx, f)
	if err != nil {
		return nil, err
	}
	if o.ctx.Err() != nil {
		return nil, ErrGone
	}
	return clean(f, data)
}
