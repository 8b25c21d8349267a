package visit

import (
	"context"
	"log/slog"
	"path/filepath"
	"sync"

	"handrail/customer-client/chat"
	"handrail/shared/courier"
	"handrail/shared/files"
	"handrail/shared/flow"
	"handrail/shared/session"
	"handrail/shared/wire"
)

// Disk is this machine's disk, as far as files cross.
type Disk interface {
	courier.Disk
	// Look looks through what is to be offered; its errors are package files'.
	Look(ctx context.Context, place string) (files.Thing, error)
}

// parcels is the session's part in this machine's disk. The host's methods
// call its own.
type parcels struct {
	courier *courier.Courier
	disk    Disk
	w       *way
	do      func(session.Event) bool
	ctx     context.Context // ends with the session
	stop    context.CancelFunc
	group   sync.WaitGroup

	// a connection on which nothing may be said yet, and its window
	fresh Peer
	flow  *flow.Shared

	mu    sync.Mutex
	ended bool
}

// beginParcels moves bytes for a session until end. do hands events to it, clip
// takes what comes of the rep's clipboard.
func beginParcels(w *way, do func(session.Event) bool, clip func(wire.ClipPiece)) *parcels {
	p := &parcels{w: w, do: do}
	p.ctx, p.stop = context.WithCancel(context.Background())
	if p.disk = w.v.doors.Disk; p.disk == nil {
		p.disk = noDisk{}
	}
	p.courier = courier.New(courier.Config{Disk: p.disk, Do: do, Clip: clip})
	p.group.Go(func() { p.courier.Run(p.ctx) })
	return p
}

// offer looks through what the customer chose and offers it, one after the
// other. It returns at once; end waits for it.
func (p *parcels) offer(paths []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended {
		return
	}
	p.group.Go(func() {
		for _, path := range paths {
			if why := p.offerOne(path); why != 0 && p.ctx.Err() == nil {
				p.w.tell(chat.NotOffered{Name: filepath.Base(path), Why: why})
			}
		}
	})
}

func (p *parcels) offerOne(path string) wire.HaltWhy {
	t, err := p.disk.Look(p.ctx, path)
	if err != nil {
		slog.Warn("looking through what is to be offered", "err", err)
		return files.Why(err, wire.HaltUnreadable)
	}
	if !p.do(session.Offer{Place: t.Place, Name: t.Name, Size: t.Size, Items: t.Items, Folder: t.Folder}) {
		return wire.HaltFull
	}
	return 0
}

// move carries out what the session decides about transfers.
func (p *parcels) move(f session.Effect) {
	switch f := f.(type) {
	case session.Begin:
		p.courier.Begin(f.Transfer)
	case session.Quit:
		p.courier.Quit(f.ID, f.Keep)
	case session.NotOffered:
		p.w.tell(chat.NotOffered{Name: f.Name, Why: f.Why})
	}
}

// connected remembers a new connection until the session has introduced itself
// there: see changed.
func (p *parcels) connected(peer Peer, f *flow.Shared) { p.fresh, p.flow = peer, f }

func (p *parcels) disconnected() {
	p.fresh, p.flow = nil, nil
	p.courier.Disconnected()
}

func (p *parcels) changed(s session.State) {
	if p.fresh != nil && s.Linked {
		p.courier.Connected(p.fresh, p.flow.Bulk())
		p.fresh = nil
	}
}

// end returns when nothing is moved any more.
func (p *parcels) end() {
	p.mu.Lock()
	p.ended = true
	p.mu.Unlock()
	p.stop()
	p.group.Wait()
}

// noDisk is the disk of a program that has none.
type noDisk struct{}

func (noDisk) Look(context.Context, string) (files.Thing, error) {
	return files.Thing{}, files.ErrUnreadable
}

func (noDisk) Open(context.Context, string) (courier.Source, error) {
	return nil, files.ErrUnreadable
}

func (noDisk) Keep(context.Context, files.Thing) (courier.Sink, error) {
	return nil, files.ErrUnwritable
}
