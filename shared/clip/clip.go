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
