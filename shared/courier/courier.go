// Package courier moves the bytes of one session's transfers, in both
// directions, over one connection after the other, and those of clipboards on
// the same stream.
//
// Make one with New and call Run once. Whoever owns the session tells it what
// to move (Move), what the other side said (Heard), which connection there is
// (Connected, Disconnected, Changed), and what a person wants to send (Offer):
// these never block. What comes of it goes to the session as its Offer,
// Progress, Delivered and Broke.
package courier

import (
	"context"
	"sync"
	"time"

	"handrail/shared/files"
	"handrail/shared/session"
	"handrail/shared/wire"
)

// Conn is a connection to the other side.
type Conn interface {
	Send(wire.Packet) error
	SendBulk(context.Context, wire.Bulk) error // doesn't keep the block's data
	ReceiveBulk(context.Context) (wire.Bulk, error)
}

// Window says when so many bytes of bulk may go, and counts them as sent. Slice
// is how many at once are in nobody's way now.
type Window interface {
	Wait(ctx context.Context, n int) error
	Slice() int
}

// Disk is this machine's disk. Its methods may take long, and their errors are
// those of package files.
type Disk interface {
	// Look looks through what a person wants to offer.
	Look(ctx context.Context, place string) (files.Thing, error)
	Open(ctx context.Context, place string) (files.Source, error)
	Keep(ctx context.Context, t files.Thing) (files.Sink, error)
}

// Config is what a Courier needs.
type Config struct {
	Disk Disk // nil where nothing can be sent or taken
	// NotOffered hears what could not be offered, and why.
	NotOffered func(name string, why wire.HaltWhy)
	// Do takes what became of transfers; false: not now, it is said again.
	Do func(session.Event) bool
	// Clip takes what the other side's clipboard sends, in its order. It must
	// not block, and Data is its own.
	Clip func(wire.ClipPiece)
}

const (
	// pace is the least time between two Progress events of one transfer.
	pace = 250 * time.Millisecond
	// most and least are how many bytes of data a piece has, whatever the window
	// says; head is what is in front of them, at most.
	most  = 8 << 10
	least = 512
	head  = 8
	// often is after how many bytes Taken is said at the latest: after each full
	// piece, for whoever sends waits for it.
	often = most / 2
	// maxClips and maxClipBytes bound what of clipboards waits to be sent.
	maxClips     = 64
	maxClipBytes = 2 * wire.MaxClip
	// maxEarly bounds the GoOns that wait for their transfer to begin.
	maxEarly = 2 * session.MaxOpen
)

// Courier moves the bytes of one session.
type Courier struct {
	cfg  Config
	poke chan struct{} // there is something for Run to do

	mu      sync.Mutex
	line    *line                   // the connection in use
	next    *line                   // one that is to be used
	sends   []*sending              // in the order they began
	recvs   map[uint32]*receiving   // by their transfer's ID
	early   map[uint32]*wire.GoOn   // of this connection, before their transfer began
	tasks   []func(context.Context) // that Run is to start
	closing []func()                // tasks that are done even when Run ends
	tell    []session.Event         // for Do
}

// New makes a courier that has nothing to do yet.
func New(cfg Config) *Courier {
	if cfg.Disk == nil {
		cfg.Disk = noDisk{}
	}
	return &Courier{
		cfg: cfg, poke: make(chan struct{}, 1),
		recvs: map[uint32]*receiving{}, early: map[uint32]*wire.GoOn{},
	}
}

// Run moves bytes until ctx ends. What has been received by then is kept, so
// that another session can go on with it.
func (c *Courier) Run(ctx context.Context) {
	ctx, cancel := context.WithCancel(ctx)
	var group sync.WaitGroup
	defer func() {
		cancel()
		group.Wait()
		c.closeAll()
	}()
	var serving *line
	ended := make(chan struct{}) // by the line that was served before
	close(ended)
	for {
		tasks, closing := c.todo()
		for _, task := range tasks {
			group.Go(func() { task(ctx) })
		}
		for _, task := range closing {
			group.Go(task)
		}
		if l := c.current(); l != nil && l != serving {
			before := ended
			serving, ended = l, make(chan struct{})
			over := ended
			group.Go(func() {
				defer close(over)
				<-before // has been cut off: two at once would mix up what they bring
				c.serve(ctx, l)
			})
		}
		var next <-chan time.Time
		if c.report() {
			next = time.After(pace)
		}
		select {
		case <-ctx.Done():
			return
		case <-c.poke:
		case <-next:
		}
	}
}

// nudge has Run look what there is to do.
func (c *Courier) nudge() {
	select {
	case c.poke <- struct{}{}:
	default:
	}
}

func (c *Courier) todo() (tasks []func(context.Context), closing []func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	tasks, closing = c.tasks, c.closing
	c.tasks, c.closing = nil, nil
	return tasks, closing
}

// laterLocked has Run start a task.
func (c *Courier) laterLocked(task func(context.Context)) {
	c.tasks = append(c.tasks, task)
	c.nudge()
}

// closeLocked has Run close something: it may have to wait for a disk.
func (c *Courier) closeLocked(task func()) {
	c.closing = append(c.closing, task)
	c.nudge()
}

// begin moves a transfer from now on.
func (c *Courier) begin(t session.Transfer) {
	c.mu.Lock()
	defer c.mu.Unlock()
	thing := files.Thing{Place: t.Place, Name: t.Name, Size: t.Size, Items: t.Items, Folder: t.Folder}
	if !t.Mine {
		r := &receiving{id: t.ID, thing: thing, in: files.NewIncoming(t.ID, thing)}
		r.alive, r.stop = context.WithCancel(context.Background())
		c.recvs[t.ID] = r
		c.laterLocked(func(ctx context.Context) { c.prepare(ctx, r) })
		return
	}
	s := &sending{id: t.ID, thing: thing}
	s.alive, s.stop = context.WithCancel(context.Background())
	c.sends = append(c.sends, s)
	if g := c.early[t.ID]; g != nil {
		delete(c.early, t.ID)
		c.startLocked(s, g)
	}
}

// quit moves no more of a transfer, at once. With keep, what has arrived stays
// for another time.
func (c *Courier) quit(id uint32, keep bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if s := c.sendingLocked(id); s != nil {
		c.endSendLocked(s)
	}
	if r := c.recvs[id]; r != nil {
		c.endReceiveLocked(r, keep)
	}
}

// Heard takes what the other side said about files.
func (c *Courier) Heard(m wire.Message) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch m := m.(type) {
	case *wire.Taken:
		if c.line != nil {
			c.line.takenLocked(m.Bulk)
		}
	case *wire.GoOn:
		if s := c.sendingLocked(m.ID); s != nil {
			c.startLocked(s, m)
		} else if c.line != nil && len(c.early) < maxEarly {
			c.early[m.ID] = m // its Reply comes with what is sent again
		}
	}
}

// Connected takes a new connection in place of the last. It is used when Changed
// says that the session has introduced itself there: nothing goes before.
func (c *Courier) Connected(conn Conn, w Window) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cutLocked()
	c.next = newLine(conn, w)
}

// Changed hears how the session stands, after each of its steps.
func (c *Courier) Changed(s session.State) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.next != nil && s.Linked {
		c.line, c.next = c.next, nil
		c.nudge()
	}
}

// Disconnected lets go of the connection. Transfers wait for the next.
func (c *Courier) Disconnected() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.cutLocked()
}

func (c *Courier) cutLocked() {
	if c.line != nil {
		c.line.cut()
		c.line = nil
	}
	c.next = nil
	clear(c.early)
	for _, s := range c.sends {
		s.ready = nil
	}
}

func (c *Courier) current() *line {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.line
}

// SendClip sends what was asked of a clipboard, before any file, on this
// connection or not at all. Failed says that there is nothing; and so it will
// be said of what is too much to wait here.
func (c *Courier) SendClip(id uint32, data []byte, failed bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	l := c.line
	if l == nil || len(l.clips) >= 2*maxClips {
		return
	}
	if failed || len(l.clips) >= maxClips || l.clipBytes+len(data) > maxClipBytes {
		data, failed = nil, true
	}
	l.clips = append(l.clips, answer{id, data, failed})
	l.clipBytes += len(data)
	l.nudge()
}

// mustLocked tells the session what it must not miss.
func (c *Courier) mustLocked(e session.Event) {
	c.tell = append(c.tell, e)
	c.nudge()
}

// report tells the session what there is to tell; true if there may be more
// soon.
func (c *Courier) report() bool {
	c.mu.Lock()
	tell := c.tell
	c.tell = nil
	now := time.Now()
	var progress []session.Event
	for _, s := range c.sends {
		progress = append(progress, s.told.news(now, s.id, s.done)...)
	}
	for _, r := range c.recvs {
		progress = append(progress, r.told.news(now, r.id, r.done.Load())...)
	}
	busy := len(c.sends)+len(c.recvs) > 0
	c.mu.Unlock()
	for i, e := range tell {
		if !c.cfg.Do(e) {
			c.mu.Lock()
			c.tell = append(tell[i:], c.tell...)
			c.mu.Unlock()
			return true
		}
	}
	for _, e := range progress {
		c.cfg.Do(e) // the next one says more
	}
	return busy
}

// told is what the session knows of a transfer's progress.
type told struct {
	done uint64
	at   time.Time
}

func (t *told) news(now time.Time, id uint32, done uint64) []session.Event {
	if done == t.done || now.Sub(t.at) < pace {
		return nil
	}
	t.done, t.at = done, now
	return []session.Event{session.Progress{ID: id, Done: done}}
}

// closeAll ends what is left, when nothing runs any more.
func (c *Courier) closeAll() {
	c.mu.Lock()
	c.cutLocked()
	sends, recvs, closing := c.sends, c.recvs, c.closing
	c.sends, c.recvs, c.tasks, c.closing = nil, map[uint32]*receiving{}, nil, nil
	c.mu.Unlock()
	for _, task := range closing {
		task()
	}
	for _, s := range sends {
		s.stop()
		s.close()
	}
	for _, r := range recvs {
		r.stop()
		r.close(true)
	}
}
