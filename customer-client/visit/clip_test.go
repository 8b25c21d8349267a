package visit

import (
	"context"
	"sync"
	"testing"

	"handrail/customer-client/chat"
	"handrail/shared/session"
	"handrail/shared/wire"
)

// board is a clipboard that remembers who looks and what is offered.
type board struct {
	mu    sync.Mutex
	told  func([]wire.ClipForm, bool)
	get   func(context.Context, wire.ClipFormat) ([]byte, error) // of what is offered, or nil
	reads int
}

func (b *board) Watch(told func([]wire.ClipForm, bool)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.told = told
}

func (b *board) Read(context.Context, wire.ClipFormat) ([]byte, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.reads++
	return []byte("copied here"), nil
}

func (b *board) Offer(_ []wire.ClipForm, get func(context.Context, wire.ClipFormat) ([]byte, error)) (func(), error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.get = get
	return func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.get = nil
	}, nil
}

// is is a claim about who looks at the clipboard and whether the rep's copy is
// on it.
func (b *board) is(t *testing.T, watched, offered bool) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if (b.told != nil) != watched || (b.get != nil) != offered {
		t.Errorf("watched: %v, the rep's copy is on it: %v", b.told != nil, b.get != nil)
	}
}

// says has the rep's side say something that no rule asked for.
func (w *world) says(m wire.Message) {
	w.t.Helper()
	if err := w.conn().other.Send(wire.Packet{Body: m}); err != nil {
		w.t.Fatal(err)
	}
	w.pass(0)
}

func TestS09NobodyLooksAtTheClipboardBeforeTheCustomerAllows(t *testing.T) {
	inWorld(t, func(w *world) {
		w.begin()
		w.allow(both)
		text := []wire.ClipForm{{Format: wire.ClipText}}
		w.says(&wire.Clip{Serial: 1, Forms: text})
		w.says(&wire.ClipWant{ID: 1, Serial: 1, Format: wire.ClipText})
		w.board.is(t, false, false)

		w.allow(wire.ClipOut)
		w.board.is(t, true, false)
		w.says(&wire.Clip{Serial: 2, Forms: text})
		w.board.is(t, true, false)

		w.rep.do(session.Withdraw{What: wire.ClipOut})
		w.board.is(t, false, false)
		w.allow(wire.ClipIn)
		w.says(&wire.Clip{Serial: 3, Forms: text})
		w.board.is(t, false, true)

		w.cut()
		w.pass(0)
		w.board.is(t, false, true) // a program that pastes meanwhile waits a little
		w.do(chat.StopSharing{})
		w.pass(0)
		w.board.is(t, false, false)
		if w.board.reads != 0 {
			t.Errorf("the clipboard was read %d times", w.board.reads)
		}
	})
}

func TestS09NothingIsLeftOfTheRepsCopyAtTheEnd(t *testing.T) {
	inWorld(t, func(w *world) {
		w.begin()
		w.allow(wire.View | session.Clipboard)
		w.says(&wire.Clip{Serial: 1, Forms: []wire.ClipForm{{Format: wire.ClipText}}})
		w.board.is(t, true, true)
		w.rep.do(session.Leave{})
		w.pass(0)
		w.board.is(t, false, false)
	})
}
