package relay

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"sync"
	"time"

	"handrail/broker/lobby"
	"handrail/broker/people"
	"handrail/broker/settings"
	"handrail/shared/wire"
)

// Logins is what Store knows of consoles: which rep is logged in there, and how
// long.
type Logins interface {
	// StartPair keeps a console's wish to be logged in; people.ErrManyPairs.
	StartPair(ctx context.Context, p people.Pair, now time.Time) error
	// PairOf says what became of it; people.ErrNoPair.
	PairOf(ctx context.Context, publicKey []byte, now time.Time) (people.Pair, error)
	// TakePair logs a console in that its rep has allowed, until then, once;
	// people.ErrNoPair, lobby.ErrNoRep.
	TakePair(ctx context.Context, publicKey []byte, now, until time.Time) (lobby.Rep, error)
	// ConsoleLogin finds who is logged in, until when (zero: no end of its own);
	// lobby.ErrNoRep, people.ErrNoLogin.
	ConsoleLogin(ctx context.Context, publicKey []byte, now time.Time) (lobby.Rep, time.Time, error)
	EndConsoleLogin(ctx context.Context, publicKey []byte) error
	// SeeConsole notes that somebody was there; Consoles tells it.
	SeeConsole(ctx context.Context, publicKey []byte, now time.Time) error
	Consoles(ctx context.Context, rep uint64) ([]people.Console, error)
	// Certificate is the console's, nil where there is none.
	Certificate(ctx context.Context, publicKey []byte, now time.Time) ([]byte, error)
}

const (
	// pairLook is how often it is looked whether a rep has agreed: a person
	// waits for it.
	pairLook = time.Second
	// loginLook is how often it is looked whether a login was ended elsewhere, or
	// a certificate has come.
	loginLook = 10 * time.Second
	// seenEvery is how often it is kept that somebody is at a console, who may
	// say so as often as it likes.
	seenEvery = 30 * time.Second
	// awaySlack is by how much what was kept may be older than the truth, when a
	// console comes back.
	awaySlack = 2 * time.Minute

	// pairLetters is the length of a code, in groups of four: 40 bits for
	// people.PairLife.
	pairLetters = 8
	pairGroup   = 4
	pairPage    = "/login/console/"

	// A console says Pair once for each login. An office has many behind one
	// address.
	addressPairs     = 20
	addressPairEvery = 15 * time.Second
	mostPairPlaces   = 10_000
)

// roster is what logins go by. The zero roster has nobody in it.
type roster struct {
	mu     sync.Mutex // guards the following
	people settings.People
	reps   map[uint64]people.Rep
	pairs  map[string]*pairing // by place
}

// pairing counts the wishes that came from a place.
type pairing struct {
	bucket lobby.Bucket
	last   time.Time
}

// settle takes in what administrators have decided.
func (w *roster) settle(s settings.Settings, o people.Organisation) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.people, w.reps = s.People, o.Reps
}

// idle is how long a rep may be away until logged out; 0 is for ever. Who has
// no address to log in with in the browser has enrolled with a code, and could
// not come back.
func (w *roster) idle(rep uint64) time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	r := w.reps[rep]
	if r.Mail == "" {
		return 0
	}
	return people.IdleAfter(r.IdleMinutes, w.people.IdleMinutes)
}

// life is how long a login lasts.
func (w *roster) life() time.Duration {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.people.Life()
}

// mayPair takes one wish of a place, false if it had too many.
func (w *roster) mayPair(now time.Time, from string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.pairs == nil {
		w.pairs = map[string]*pairing{}
	}
	p := w.pairs[from]
	if p == nil {
		if len(w.pairs) >= mostPairPlaces {
			for place, old := range w.pairs {
				if now.Sub(old.last) > addressPairs*addressPairEvery {
					delete(w.pairs, place) // nothing is spent any more
				}
			}
		}
		if len(w.pairs) >= mostPairPlaces {
			return false
		}
		p = &pairing{bucket: lobby.Bucket{Size: addressPairs, Every: addressPairEvery}}
		w.pairs[from] = p
	}
	if p.bucket.Wait(now) > 0 {
		return false
	}
	p.bucket.Take(now)
	p.last = now
	return true
}

// login is what a reader knows of the rep at its console. Its zero value is
// nobody.
//
//	nobody ──Pair──▶ asks ──agreed in the browser──▶ here ──SignOut, away, over──▶ nobody
//	   └─────────────────SignIn, Enrol────────────────▲
type login struct {
	key    []byte    // the console's
	asks   time.Time // until when the console's wish stands; zero: there is none
	looked time.Time // what has become of it
	turn   uint64    // relay's, before the store was asked last; 0: it was not since the sign-in

	rep         uint64 // who is here
	idle        time.Duration
	until       time.Time // the login's end, zero: none of its own
	seen, kept  time.Time // when somebody was there; as the store knows it
	certificate []byte    // that the console has
}

// due is when the next look is, zero for never.
func (l *login) due() time.Time {
	switch {
	case !l.asks.IsZero():
		return l.looked.Add(pairLook)
	case l.rep == 0:
		return time.Time{}
	}
	at := l.looked.Add(loginLook)
	if gone := l.seen.Add(l.idle); l.idle > 0 && gone.Before(at) {
		at = gone
	}
	if !l.until.IsZero() && l.until.Before(at) {
		at = l.until
	}
	return at
}

// hear waits for the next message, and looks after the login meanwhile.
func (d *reader) hear(ctx context.Context) (wire.Message, error) {
	for {
		due := d.login.due()
		if due.IsZero() {
			return d.conn.Receive(ctx)
		}
		if now := time.Now(); !now.Before(due) {
			if err := d.look(ctx, now); err != nil {
				return nil, err
			}
			continue
		}
		wait, cancel := context.WithDeadline(ctx, due)
		m, err := d.conn.Receive(wait)
		late := wait.Err() != nil && ctx.Err() == nil && errors.Is(err, context.DeadlineExceeded)
		cancel()
		if !late {
			return m, err
		}
	}
}

// look finds out what has become of a wish or a login.
func (d *reader) look(ctx context.Context, now time.Time) error {
	d.login.looked = now
	if !d.login.asks.IsZero() {
		d.lookForPair(ctx, now)
		return nil
	}
	return d.lookAtLogin(ctx, now)
}

// owns says whether the client has the private half of a key: it has signed
// this very connection.
func (d *reader) owns(publicKey, signature []byte) (bool, error) {
	exporter, err := d.conn.Exporter(wire.SignInExporter)
	if err != nil {
		return false, fmt.Errorf("deriving the exporter: %w", err)
	}
	signed := append([]byte(wire.SignInContext), exporter...)
	return len(publicKey) == ed25519.PublicKeySize && ed25519.Verify(publicKey, signed, signature), nil
}

// pair takes a console's wish that its rep logs in with the browser.
func (d *reader) pair(ctx context.Context, m *wire.Pair) error {
	if d.signedIn {
		d.refuse(wire.CodeOutOfPlace, m.Kind())
		return nil
	}
	owns, err := d.owns(m.PublicKey, m.Signature)
	if err != nil {
		return err
	}
	if !owns {
		return d.unproven(wire.CodePairRefused, m.Kind())
	}
	now := time.Now()
	d.login = login{key: m.PublicKey, looked: now, asks: now.Add(people.PairLife)}
	if p, err := d.relay.store.PairOf(ctx, m.PublicKey, now); err == nil && p.State == people.PairAllowed {
		d.lookForPair(ctx, now) // on another connection, which is lost
		return nil
	}
	if code := d.startPair(ctx, m, now); code != 0 {
		d.login = login{}
		d.refuse(code, m.Kind())
	}
	return nil
}

// startPair says where the rep logs in; else why not.
func (d *reader) startPair(ctx context.Context, m *wire.Pair, now time.Time) wire.Code {
	from := d.conn.RemoteAddr().Addr().Unmap()
	if !d.relay.roster.mayPair(now, place(from)) {
		return wire.CodeTooManyTries
	}
	code, err := people.NewCode(rand.Reader, pairLetters, pairGroup) // short enough to be compared
	if err == nil {
		err = d.relay.store.StartPair(ctx, people.Pair{
			Code: people.CodeHash(code), PublicKey: m.PublicKey, Computer: m.Computer, From: from.String(), Expires: d.login.asks,
		}, now)
	}
	switch {
	case errors.Is(err, people.ErrManyPairs):
		return wire.CodeBusy
	case err != nil:
		d.relay.config.Log.Error("a console's wish to log in was not kept", "error", err)
		return wire.CodeInternal
	}
	d.relay.send(d.conn, &wire.Pairing{
		Code: code, URL: d.relay.config.Site + pairPage + code, Expires: d.login.asks.UnixMilli(),
	})
	return 0
}

// lookForPair signs the rep in who has agreed in the browser.
func (d *reader) lookForPair(ctx context.Context, now time.Time) {
	p, err := d.relay.store.PairOf(ctx, d.login.key, now)
	switch {
	case err == nil && p.State == people.PairWaiting && now.Before(d.login.asks):
		return
	case err == nil && p.State == people.PairAllowed:
		until := now.Add(d.relay.roster.life())
		var r lobby.Rep
		if r, err = d.relay.store.TakePair(ctx, d.login.key, now, until); err == nil {
			d.enter(ctx, login{key: d.login.key, rep: r.ID, until: until, seen: now}, r)
			return
		}
	}
	if err != nil && !errors.Is(err, people.ErrNoPair) && !errors.Is(err, lobby.ErrNoRep) {
		d.relay.config.Log.Warn("a console's wish to log in was not read", "error", err)
		if now.Before(d.login.asks) {
			return // at the next look, perhaps
		}
	}
	d.login = login{}
	d.refuse(wire.CodePairRefused, wire.KindPair)
}

// enter has the lobby know who is here.
func (d *reader) enter(ctx context.Context, l login, r lobby.Rep) {
	now := time.Now()
	l.idle, l.looked, l.kept = d.relay.roster.idle(r.ID), now, l.seen
	l.certificate, _ = d.certificate(ctx, l.key, now) // the first look reads it again
	d.signedIn, d.login = true, l
	d.relay.keepers.enter(d.number, d.conn, l.key)
	d.tell(ctx, lobby.SignedIn{Conn: d.number, Rep: r, Idle: l.idle, Certificate: l.certificate}, nil)
}

// arrive is what is known of a console whose key was proved: whether its rep is
// logged in, and when somebody was there.
func (d *reader) arrive(ctx context.Context, publicKey []byte, now time.Time) (login, lobby.Rep, error) {
	l := login{key: publicKey, seen: now}
	r, until, err := d.relay.store.ConsoleLogin(ctx, publicKey, now)
	if err != nil {
		return l, r, err
	}
	l.rep, l.until = r.ID, until
	idle := d.relay.roster.idle(r.ID)
	if idle == 0 {
		return l, r, d.relay.store.SeeConsole(ctx, publicKey, now)
	}
	// Coming back is no sign of life: a console does it by itself.
	all, err := d.relay.store.Consoles(ctx, r.ID)
	if err != nil {
		return l, r, err
	}
	for _, c := range all {
		if bytes.Equal(c.PublicKey, publicKey) && !c.Seen.IsZero() {
			l.seen = c.Seen
		}
	}
	if now.Sub(l.seen) < idle {
		return l, r, nil
	}
	if now.Sub(l.seen) < idle+awaySlack {
		l.seen = now.Add(awaySlack - idle) // what was kept is older than the truth
		return l, r, nil
	}
	if err := d.relay.store.EndConsoleLogin(ctx, publicKey); err != nil {
		return l, r, err
	}
	return l, r, people.ErrNoLogin
}

// lookAtLogin ends the login of who is away, or whose login has ended.
func (d *reader) lookAtLogin(ctx context.Context, now time.Time) error {
	l := &d.login
	if l.idle > 0 && !now.Before(l.seen.Add(l.idle)) {
		d.end(ctx, wire.CodeIdle)
		return nil
	}
	// Both sides count with the same time, so a console comes back to be told
	// another one. One that was told none does not say that somebody is there.
	if idle := d.relay.roster.idle(l.rep); l.idle > 0 && idle > 0 && idle != l.idle {
		return errOver("another idle time")
	}
	turn := d.relay.turn.Load() // before all that it is about
	if l.turn == turn && (l.until.IsZero() || now.Before(l.until)) {
		return nil
	}
	r, until, err := d.relay.store.ConsoleLogin(ctx, l.key, now)
	switch {
	case errors.Is(err, people.ErrNoLogin), err == nil && r.ID != l.rep:
		d.out(ctx, wire.CodeLoginNeeded)
	case errors.Is(err, lobby.ErrNoRep): // the console was taken from its rep
		d.refuse(wire.CodeNotEnrolled, 0)
		return errOver("console revoked")
	case err != nil:
		d.relay.config.Log.Warn("a console's login was not read", "error", err)
		if !l.until.IsZero() && !now.Before(l.until) {
			d.out(ctx, wire.CodeLoginNeeded)
		}
	default:
		l.until = until
		if d.recertify(ctx, now) {
			l.turn = turn
		}
	}
	return nil
}

// here takes what the rep at the console says about being there.
func (d *reader) here(ctx context.Context, m wire.Message) {
	if !d.signedIn {
		d.refuse(wire.CodeOutOfPlace, m.Kind())
		return
	}
	if _, out := m.(*wire.SignOut); out {
		d.end(ctx, 0)
		return
	}
	d.active(ctx)
}

// active notes that somebody is at the console.
func (d *reader) active(ctx context.Context) {
	l, now := &d.login, time.Now()
	l.seen = now
	if now.Sub(l.kept) < seenEvery {
		return
	}
	l.kept = now
	if err := d.relay.store.SeeConsole(ctx, l.key, now); err != nil {
		d.relay.config.Log.Warn("that somebody is at a console was not kept", "error", err)
	}
}

// end ends the login in the store, too: nobody comes back with the key alone.
// A rep who enrolled with a code and can't log in any other way stays.
func (d *reader) end(ctx context.Context, code wire.Code) {
	if d.relay.roster.idle(d.login.rep) > 0 {
		if err := d.relay.store.EndConsoleLogin(ctx, d.login.key); err != nil {
			d.relay.config.Log.Error("a console's login was not ended", "error", err)
		}
	}
	d.out(ctx, code)
}

// out has the lobby know that nobody is here any more. Sessions go on.
func (d *reader) out(ctx context.Context, code wire.Code) {
	d.signedIn, d.login = false, login{}
	d.relay.keepers.leave(d.number)
	d.tell(ctx, lobby.SignedOut{Conn: d.number, Code: code}, nil)
}
