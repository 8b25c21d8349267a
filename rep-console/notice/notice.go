// Package notice shows notifications of the desktop that can be answered by
// buttons on them.
//
//	b := notice.New()
//	go b.Run(ctx)
//	b.Show(notice.Notice{Title: "Maria is waiting", Buttons: …, Pressed: …})
//
// Where a desktop shows none, nothing happens: whoever notifies has told what
// there is to tell elsewhere, too.
package notice

import (
	"context"
	"errors"
	"sync/atomic"
)

// Notice is one notification. Pressed is called, from another goroutine, with
// the name of the button that was pressed, or with "" when the notification
// itself was.
type Notice struct {
	Title, Text string
	Buttons     []Button
	Pressed     func(name string)
}

// Button is an answer. Its name is for the program.
type Button struct{ Name, Text string }

// ErrNotHere says that this system has no such notifications.
var ErrNotHere = errors.New("notice: not on this system")

// waiting is how many notices may wait to be shown: more than that nobody
// reads.
const waiting = 8

// Board is where notices are put up. Make it with New, call Run once.
type Board struct {
	notices chan Notice
	dropped atomic.Uint64
}

// New makes a board that is connected to nothing yet.
func New() *Board { return &Board{notices: make(chan Notice, waiting)} }

// Show puts a notice up. It never blocks. Its error is ErrNotHere, or nothing.
func (b *Board) Show(n Notice) error {
	if !here {
		return ErrNotHere
	}
	select {
	case b.notices <- n:
	default:
		b.dropped.Add(1)
	}
	return nil
}

// Run shows what is to be shown until ctx ends.
func (b *Board) Run(ctx context.Context) { b.run(ctx) }
