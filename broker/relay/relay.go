// Package relay moves messages between the broker's control connections and
// the rules in package lobby.
//
// Run owns the lobby: it takes everything that happened, lets the rules decide,
// keeps what must not be forgotten, and only then answers. Each connection has
// one goroutine that reads it, checks that every message stands in its place,
// and proves reps; a slow, wild or hostile client delays only itself.
package relay

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"handrail/broker/lobby"
	"handrail/broker/people"
	"handrail/broker/settings"
	"handrail/shared/wire"
)

// Conn is one control connection. Its methods are called from several
// goroutines.
type Conn interface {
	// Send queues a message and never waits. A connection whose queue is full
	// ends by itself.
	Send(wire.Message) error
	// Pass is Send for what another client has said: it is lost when the queue
	// is half full.
	Pass(wire.Message) error
	// Receive waits for the next message. A wire.UnknownKind is no end; every
	// other error is the last.
	Receive(context.Context) (wire.Message, error)
	// Exporter derives 32 bytes that only the two ends have.
	Exporter(label string) ([]byte, error)
	RemoteAddr() netip.AddrPort
	// Close says what is queued, then goodbye, and returns at once.
	Close(reason string)
}

// Listener is where connections come from.
type Listener interface {
	Accept(context.Context) (Conn, error)
}

// Store keeps what must survive a restart. Keep and Enrol return nil only when
// it will.
type Store interface {
	// Keep is lobby.ErrFenced for a node that others have taken over from.
	Keep(context.Context, lobby.NodeID, lobby.Batch) error
	Nodes
	Prune(ctx context.Context, before time.Time) error
	Retention
	// Settings and Organisation are what administrators have decided;
	// SettingsVersion is another one whenever Settings are.
	Settings(context.Context) (settings.Settings, uint64, error)
	SettingsVersion(context.Context) (uint64, error)
	Organisation(context.Context) (people.Organisation, error)
	// EverythingRevoked says when keys and sessions were revoked last; zero:
	// never.
	EverythingRevoked(context.Context) (time.Time, error)
	// Enrol says lobby.ErrBadCode.
	Enrol(ctx context.Context, codeHash [32]byte, publicKey []byte, now time.Time) (lobby.Rep, error)
	Logins
	Sealing
	Notices
	Revoked(context.Context) ([]uint64, error)
	// Hints signals that any of these may have changed. One may be lost; Hinted
	// is another number whenever there was one.
	Hints(context.Context) <-chan struct{}
	Hinted(context.Context) (uint64, error)
}

// Config is what the relay is told about its site.
type Config struct {
	Organisation string
	Site         string        // https address that session links start with
	Address      string        // host:port where programs reach this broker, and no other
	KeyLife      time.Duration // of a key whose rep names none; 0 is lobby.KeyLife
	Relays       func(now time.Time, id wire.SessionID) []wire.Relay
	// Living is kept up to date with the sessions that go on, from the moment
	// before its two sides hear of one; nil: nobody wants to know. Ended is
	// called when one is over, after Living has forgotten it; nil: likewise.
	Living *Living
	Ended  func(wire.SessionID)
	// Facts is called when facts were kept, for those who tell them on. It must
	// not block; nil: nobody does.
	Facts func()
	Log   *slog.Logger
}

const (
	// ticking moves the lobby's clock; it is also how late a revoked rep is
	// noticed where a hint was lost.
	ticking = time.Second

	// counting is how often the numbers go to the log, when they changed.
	counting = time.Minute

	// pruning forgets what ended longer ago than pruneAge, which is more than
	// the lobby itself remembers.
	pruning  = time.Hour
	pruneAge = 24 * time.Hour

	// waiting happenings before connections stop being read.
	waiting = 1024

	// batch is how many happenings share one write to the disk: a sync costs
	// 2 to 3 ms, so under load each of them costs next to nothing.
	batch = 256

	// A write that fails is tried again so often, so far apart; afterwards the
	// broker stops rather than promise what it can't keep.
	keepTries = 5
	keepPause = time.Second
	// keepTime is as long as one try may take: a database behind a network that
	// says nothing any more would hold up everything, the end of the broker too.
	keepTime = 10 * time.Second
	// lookTime is as long as a look at the store may take, for the same reason:
	// who owns the lobby does nothing else meanwhile.
	lookTime = 5 * time.Second
)

// stopping is told to every connection when Run ends.
const stopping = "the broker stops"

// ErrCantKeep is the error of Run when the store fails for good.
var ErrCantKeep = errors.New("relay: can't keep records")

// happening is an event on its way to the lobby. conn comes with Opened, placed
// with Come.
type happening struct {
	event  lobby.Event
	conn   Conn
	placed chan<- lobby.Placed // with room for one
}

// Relay serves control connections. Make it with New, then call Run once.
type Relay struct {
	listener Listener
	store    Store
	config   Config
	happened chan happening
	counts   counts
	numbers  atomic.Uint64 // of connections so far
	pages    pages
	roster   roster
	keepers  keepers
	pushers  pushers
	finds    chan lobby.Find
	several  atomic.Bool   // there can be other brokers
	turn     atomic.Uint64 // another number whenever something may have changed
	stirred  chan struct{} // likewise, for keys and grants; has room for one
	over     chan struct{} // closed when Run ends

	// The following are owned by Run.
	node    lobby.NodeID // other brokers know us by it; another one after they took us for dead
	lobby   *lobby.Lobby
	conns   map[lobby.Conn]Conn
	revoked map[uint64]bool
	asks    map[uint64]chan<- lobby.Placed // Comes under way
	asked   uint64                         // the last of them
	wake    *time.Timer                    // for the lobby's Wake
	decided decided                        // by administrators, as the lobby knows it
	hinted  uint64                         // hints, as counted before the last look
	looked  time.Time                      // then; zero: not everything was read
}

// Counts are numbers since the start, without anything personal.
type Counts struct {
	Connections uint64 // that said a good Hello
	Open        int64  // of those, now
	Sessions    uint64 // started
	Refused     uint64 // messages answered with a Problem
	Dropped     uint64 // connections ended for breaking the rules
	Lost        uint64 // signals for clients that read too slowly
}

type counts struct {
	connections, sessions, refused, dropped, lost atomic.Uint64
	open                                          atomic.Int64
}

// New makes a relay; nothing runs yet.
func New(listener Listener, store Store, config Config) *Relay {
	if config.Living == nil {
		config.Living = &Living{}
	}
	if config.Ended == nil {
		config.Ended = func(wire.SessionID) {}
	}
	if config.Facts == nil {
		config.Facts = func() {}
	}
	return &Relay{
		listener: listener,
		store:    store,
		config:   config,
		happened: make(chan happening, waiting),
		finds:    make(chan lobby.Find, finding),
		stirred:  make(chan struct{}, 1),
		over:     make(chan struct{}),
	}
}

// Counts gives the numbers as they are now.
func (r *Relay) Counts() Counts {
	return Counts{
		Connections: r.counts.connections.Load(),
		Open:        r.counts.open.Load(),
		Sessions:    r.counts.sessions.Load(),
		Refused:     r.counts.refused.Load(),
		Dropped:     r.counts.dropped.Load(),
		Lost:        r.counts.lost.Load(),
	}
}

// Run serves until ctx ends or the store or the listener fails, and returns
// when every connection has been told and every goroutine is gone. ErrCantKeep
// is the store's failure, lobby.ErrSameAddress that another broker has taken
// our place; ctx's end is no error.
//
// A broker that the others have taken for dead lets all its clients go, who
// find what they had at those others, and begins anew. So does one that does not
// know what it has taken over: joining in its own place tells it.
func (r *Relay) Run(ctx context.Context) error {
	defer close(r.over)
	for replace := true; ; {
		err := r.serve(ctx, replace)
		replace = errors.Is(err, lobby.ErrDoubt)
		if !replace && !errors.Is(err, lobby.ErrFenced) {
			return err
		}
		r.forget()
		if ctx.Err() != nil {
			return nil
		}
		r.config.Log.Warn("beginning anew among the brokers", "why", err)
	}
}

// serve is one life among the brokers. Its error is lobby.ErrFenced when the
// others have ended it, and lobby.ErrDoubt when it has ended it itself.
func (r *Relay) serve(ctx context.Context, replace bool) error {
	if err := r.join(ctx, replace); err != nil || ctx.Err() != nil {
		return err
	}
	r.prune(ctx)
	r.lookAtKeys(ctx)

	ctx, stop := context.WithCancel(ctx)
	defer stop()
	var all sync.WaitGroup
	failed := make(chan error, 3)
	all.Go(func() {
		if err := r.accept(ctx, &all); ctx.Err() == nil {
			failed <- fmt.Errorf("accepting connections: %w", err)
		}
	})
	node := r.node
	all.Go(func() {
		if err := r.renew(ctx, node); err != nil {
			failed <- err
		}
	})
	all.Go(func() {
		if err := r.lookAround(ctx, node); err != nil {
			failed <- err
		}
	})
	all.Go(func() { r.retain(ctx) })
	all.Go(func() { r.provideKeys(ctx) })
	err := r.loop(ctx, failed)
	stop()
	for _, c := range r.conns {
		c.Close(stopping)
	}
	all.Wait()
	if err == nil {
		r.part(ctx)
	}
	return err
}

func (r *Relay) prune(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, keepTime)
	defer cancel()
	if err := r.store.Prune(ctx, time.Now().Add(-pruneAge)); err != nil && !stopped(ctx) {
		r.config.Log.Warn("old records stay", "error", err)
	}
}

// loop owns the lobby. failed says why it can't go on.
func (r *Relay) loop(ctx context.Context, failed <-chan error) error {
	tick := time.NewTicker(ticking)
	defer tick.Stop()
	count := time.NewTicker(counting)
	defer count.Stop()
	prune := time.NewTicker(pruning)
	defer prune.Stop()
	defer r.wake.Stop()
	hints := r.store.Hints(ctx)
	var logged Counts
	for {
		var err error
		select {
		case h := <-r.happened:
			err = r.handle(ctx, r.gather(h))
		case <-r.wake.C:
			err = r.handle(ctx, []happening{{event: lobby.Tick{}}})
		case <-hints:
			err = r.handle(ctx, r.look(ctx, true))
		case <-tick.C:
			err = r.handle(ctx, append(r.look(ctx, false), happening{event: lobby.Tick{}}))
			r.pages.goesOn(r.lobby.Floor(time.Now()))
		case <-count.C:
			logged = r.log(logged)
		case <-prune.C:
			r.prune(ctx)
		case err = <-failed:
		case <-ctx.Done():
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// gather takes what else has happened already.
func (r *Relay) gather(first happening) []happening {
	all := []happening{first}
	for len(all) < batch {
		select {
		case h := <-r.happened:
			all = append(all, h)
		default:
			return all
		}
	}
	return all
}

// handle lets the lobby decide about all happenings, keeps the records in one
// write, and then does the rest.
func (r *Relay) handle(ctx context.Context, all []happening) error {
	if err := r.decide(ctx, all); err != nil {
		return err
	}
	// A rep may have been revoked between the check of the key and now.
	looking, cancel := context.WithTimeout(ctx, lookTime)
	again, _ := r.strike(looking, all)
	cancel()
	if len(again) > 0 {
		return r.decide(ctx, again)
	}
	return nil
}

func (r *Relay) decide(ctx context.Context, all []happening) error {
	now := time.Now()
	var effects []lobby.Effect
	for _, h := range all {
		switch e := h.event.(type) {
		case lobby.Opened:
			r.conns[e.Conn] = h.conn
		case lobby.Closed:
			delete(r.conns, e.Conn)
		case lobby.Adopted: // before a side of one of its sessions can come back
			for _, s := range e.Batch.Sessions {
				r.config.Living.note(s)
			}
		case lobby.Settled:
			r.roster.settle(e.Settings, e.Organisation)
			r.keepers.settle(e.Settings.Records.Keep)
		case lobby.Come:
			r.asked++
			e.Ask = r.asked
			r.asks[e.Ask] = h.placed
			h.event = e
		}
		effects = append(effects, r.lobby.Step(now, h.event)...)
	}
	if err := r.keep(ctx, effects); err != nil {
		return err
	}
	for _, e := range effects {
		r.do(e)
	}
	return nil
}

func (r *Relay) keep(ctx context.Context, effects []lobby.Effect) error {
	var all lobby.Batch
	var started uint64
	for _, e := range effects {
		all.Add(e)
		if e, ok := e.(lobby.SaveFact); ok && e.Fact.What == lobby.FactJoined {
			started++
		}
	}
	if all.Empty() {
		return nil
	}
	var err error
	for try := range keepTries {
		if try > 0 && ctx.Err() != nil {
			break // whoever stops the broker waits for that, and kills it soon
		}
		if try > 0 { // nobody may be answered before
			r.config.Log.Error("records not kept, trying again", "error", err)
			select {
			case <-time.After(keepPause):
			case <-ctx.Done():
			}
		}
		err = r.keepOnce(ctx, all)
		if err == nil {
			r.counts.sessions.Add(started)
			if len(all.Facts) > 0 {
				r.config.Facts()
			}
			return nil
		}
		if errors.Is(err, lobby.ErrFenced) {
			return err
		}
	}
	return fmt.Errorf("%w: %w", ErrCantKeep, err)
}

// keepOnce keeps what was decided, even while the broker is being stopped.
func (r *Relay) keepOnce(ctx context.Context, all lobby.Batch) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), keepTime)
	defer cancel()
	return r.store.Keep(ctx, r.node, all)
}

// stopped says whether ctx has ended because the broker stops, and not because
// the store took too long.
func stopped(ctx context.Context) bool { return errors.Is(ctx.Err(), context.Canceled) }

func (r *Relay) do(e lobby.Effect) {
	switch e := e.(type) {
	case lobby.Send:
		r.send(r.conns[e.To], e.Message)
		r.keepers.said(e.To, e.Message)
	case lobby.Close:
		if c := r.conns[e.Conn]; c != nil {
			c.Close(e.Reason)
		}
	case lobby.SaveSession: // is saved; whoever relays must know before the two do
		if r.config.Living.note(e.Session) {
			r.config.Ended(e.Session.ID)
		}
	case lobby.Wake:
		r.wake.Reset(time.Until(e.At))
	case lobby.Find:
		r.find(e)
	case lobby.Placed:
		r.asks[e.Ask] <- e
		delete(r.asks, e.Ask)
	case lobby.Stands:
		r.pages.stands(e)
	case lobby.Listed:
		r.pages.list(e)
	}
}

// send says m on c, which may be gone. Its failure needs no answer: the
// connection is over then, and its reader notices.
func (r *Relay) send(c Conn, m wire.Message) {
	if c == nil {
		return
	}
	switch m.(type) {
	case *wire.Problem:
		r.counts.refused.Add(1)
	case *wire.Signal: // another client's words, who will say them again
		if c.Pass(m) != nil {
			r.counts.lost.Add(1)
		}
		return
	}
	_ = c.Send(m)
}

func (r *Relay) log(before Counts) Counts {
	now := r.Counts()
	if now != before {
		r.config.Log.Info("counts", "connections", now.Connections, "open", now.Open,
			"sessions", now.Sessions, "refused", now.Refused, "dropped", now.Dropped, "lost", now.Lost)
	}
	return now
}
