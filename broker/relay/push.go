package relay

import (
	"context"
	"errors"
	"sync"
	"time"

	"handrail/broker/lobby"
	"handrail/broker/people"
	"handrail/broker/settings"
	"handrail/shared/wire"
)

// A rep who may tells everybody who waits something (row P07), by a change of
// the settings: so every broker hears of it, and tells its own customers. The
// store asks whether the rep may, at that very moment.

// Notices is what Store does for that.
type Notices interface {
	// PushNotice adds a notice; people.ErrNotAllowed, settings.ErrNoPortal,
	// settings.ErrManyNotices, settings.ErrBad. One that is there already stays.
	PushNotice(ctx context.Context, by uint64, portal string, n settings.Notice, now time.Time) error
	// EndNotice ends one that was pushed; people.ErrNotAllowed, settings.ErrNoPortal.
	EndNotice(ctx context.Context, by uint64, portal string, id uint64, now time.Time) error
}

// Every change is a version of the settings that is kept for good. A rep makes
// so many in one go, and afterwards one in so long.
const (
	repPushes    = 20
	repPushEvery = 15 * time.Second
)

// pushers counts what reps have changed, whatever connection they came by. The
// zero value has nobody.
type pushers struct {
	mu  sync.Mutex // guards the following
	all map[uint64]*lobby.Bucket
}

// may takes one change of a rep's, false if there were too many.
func (p *pushers) may(now time.Time, rep uint64) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.all == nil {
		p.all = map[uint64]*lobby.Bucket{}
	}
	b := p.all[rep]
	if b == nil { // one for each rep there is, and no more
		b = &lobby.Bucket{Size: repPushes, Every: repPushEvery}
		p.all[rep] = b
	}
	if b.Wait(now) > 0 {
		return false
	}
	b.Take(now)
	return true
}

// pushNotice and endNotice do what a rep asks, on the connection's own time,
// and say what became of it.
func (d *reader) pushNotice(ctx context.Context, m *wire.PushNotice) {
	now := time.Now()
	n := settings.Notice{
		ID: m.NoticeID(), Title: m.Title, Text: m.Text, Leave: m.Leave, Pushed: true,
		Until: now.Add(time.Duration(m.Life) * time.Second).UTC().Truncate(time.Second),
	}
	d.changeNotices(m.Kind(), m.Request, now, func() error {
		return d.relay.store.PushNotice(ctx, d.login.rep, m.Portal, n, now)
	})
}

func (d *reader) endNotice(ctx context.Context, m *wire.EndNotice) {
	now := time.Now()
	d.changeNotices(m.Kind(), m.Request, now, func() error {
		return d.relay.store.EndNotice(ctx, d.login.rep, m.Portal, m.ID, now.UTC().Truncate(time.Second))
	})
}

func (d *reader) changeNotices(about wire.Kind, request [16]byte, now time.Time, change func() error) {
	code := wire.CodeOutOfPlace
	if d.signedIn {
		code = wire.CodeBusy
		if d.relay.pushers.may(now, d.login.rep) {
			code = d.pushed(change())
		}
	}
	if code != 0 {
		d.relay.send(d.conn, &wire.Problem{Code: code, About: about, Key: request})
		return
	}
	d.relay.send(d.conn, &wire.NoticeKept{Request: request})
}

// pushed is why notices are not as the rep wants them; 0: they are.
func (d *reader) pushed(err error) wire.Code {
	switch {
	case err == nil:
		return 0
	case errors.Is(err, people.ErrNotAllowed):
		return wire.CodeNotAllowed
	case errors.Is(err, settings.ErrNoPortal):
		return wire.CodeNoPortal
	case errors.Is(err, settings.ErrManyNotices):
		return wire.CodeManyNotices
	case errors.Is(err, settings.ErrBad):
		return wire.CodeBadNotice
	}
	d.relay.config.Log.Error("a rep's notice was not kept", "error", err)
	return wire.CodeInternal
}
