// Package shift is a rep at work: it runs the console's model, keeps the
// console signed in at the broker, and runs every session in a room of its
// own. It moves things between the model and doors that main gives it.
package shift

import (
	"context"
	"crypto/ed25519"
	"sync"
	"sync/atomic"
	"time"

	"handrail/rep-console/console"
	"handrail/shared/courier"
	"handrail/shared/flow"
	"handrail/shared/hotline"
	"handrail/shared/paste"
	"handrail/shared/room"
	"handrail/shared/session"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// Peer is a proven connection to a customer's program.
type Peer interface {
	room.Peer
	SendInput(wire.Input) error
	SendBulk(context.Context, wire.Bulk) error
	ReceiveBulk(context.Context) (wire.Bulk, error)
	ReceiveSlice(context.Context) (wire.Slice, error)
	ReceiveCursor(context.Context) (wire.Cursor, error)
	ReceivePointer(context.Context) (wire.Pointer, error)
	Travels() (direct bool, rtt time.Duration)
	flow.Meter
}

// Screen shows one session's screen and takes the rep's hands. Its methods are
// called from one goroutine, Close last and once.
type Screen interface {
	// Connected gives the screen a new connection, in place of the last if there
	// still is one; Disconnected takes it, before Close.
	Connected(Peer)
	Disconnected()
	Changed(session.State)
	Pace(wire.Pace) // how the customer's part of the way goes
	// Path says how bytes travel now. It comes from a goroutine of its own,
	// while there is a connection.
	Path(direct bool, rtt time.Duration)
	Seen() uint64 // the newest slice of the picture that was decoded
	Close()
}

// Doors are what the shift needs from the outside. All are called from its
// own goroutines and must not block for long.
type Doors struct {
	Dial func(context.Context) (hotline.Conn, error)
	// DialAt is Dial to another of the organisation's brokers; nil: what others
	// have is not seen.
	DialAt  func(ctx context.Context, address string) (hotline.Conn, error)
	Meet    func(context.Context, room.Meeting) (Peer, error)
	Explain func(error) words.Problem
	// WrongSecret says whether an error of Meet counts as a try of the key.
	WrongSecret func(error) bool
	// NotVerified says whether an error of Meet means that the two ends of a
	// session without a key can't be sure of each other.
	NotVerified func(error) bool
	Screen      func(wire.SessionID) Screen
	Clipboard   paste.Board        // nil where it can't be shared
	Key         ed25519.PrivateKey // the console's own
	Certificate []byte             // the organisation's, of that key, as it was kept; nil without one
	// Seal says how to seal for the organisation's record key, once it is checked.
	// Its error may be ErrNoOrganisation. Nil: nothing is sealed.
	Seal func(key []byte) (Seal, error)
	// Transcript reads a transcript's file with what this console was granted. It
	// may take its time.
	Transcript func(path string, grants [][]byte) console.TranscriptRead
	Computer   string       // this machine's name, for the rep to recognise when logging in
	Disk       courier.Disk // nil where no files can be sent or taken
	Hello      wire.Hello

	Show     func(console.State)
	Copy     func(text string)
	OpenMail func(url string)
	OpenPage func(url string) // in the browser
	Notify   func(console.Notify)
	// Certified keeps a certificate that the broker has handed out, and says
	// what is in it; false is for one that isn't this console's.
	Certified func([]byte) (console.Certified, bool)
	Chime     func()
	Remember  func(console.Settings)
	Exit      func()
}

const (
	queue = 1024

	// farewell is how long the last words to customers and broker may take to
	// go out: a little more than package link gives them.
	farewell = 1500 * time.Millisecond
)

// Shift is one run of the console. Make it with New, call Run once.
type Shift struct {
	doors   Doors
	events  chan news
	dropped atomic.Uint64
	over    chan struct{} // closed when nobody takes events any more
	several atomic.Bool   // there are more brokers than the one at home

	visitors visitors
	past     pasts
	records  records
	desk     *paste.Desk // nil where there is no clipboard to share

	mu          sync.Mutex
	code        string     // of the enrolment, until the broker has judged it
	pairs       bool       // the rep wants to log in with the browser
	out         bool       // the rep has signed out, and wants nothing since
	proof       *wire.Pair // what says so on the newest connection
	certificate []byte
	lines       map[string]*line // by place
	there       string           // the address of the broker at home, where it is known

	// owned by Run
	model  *console.Model
	follow []console.Event // what effects of the running step led to
	rooms  sync.WaitGroup

	board     *switchboard
	addresses []string // of all brokers
	tended    time.Time
	untended  bool // addresses are newer
	homeLost  time.Time
	standing  context.Context // the lines'
	control   sync.WaitGroup  // their goroutines
}

// New makes a shift around a model.
func New(m *console.Model, d Doors) *Shift {
	s := &Shift{
		doors: d, model: m, events: make(chan news, queue), over: make(chan struct{}),
		certificate: d.Certificate, lines: map[string]*line{}, board: newSwitchboard(), records: newRecords(),
	}
	if d.Clipboard != nil {
		s.desk = paste.NewDesk(d.Clipboard)
	}
	s.lines[home] = newLine(s, home)
	return s
}

// Do tells the console what the rep did. It never blocks.
func (s *Shift) Do(e console.Event) {
	select {
	case s.events <- news{event: e}:
	default:
		s.dropped.Add(1)
	}
}

// NewNetwork tells that this machine's network has changed, or that the machine
// slept. It may be called from any goroutine.
func (s *Shift) NewNetwork() {
	for _, l := range s.allLines() {
		l.hot.Doubt()
	}
	for _, v := range s.visitors.all() {
		v.newNetwork()
	}
}

// must delivers what the broker or a session did, and waits for its turn:
// losing it would show the rep something untrue. Run never waits for those who
// call it.
func (s *Shift) must(e console.Event) { s.put(news{event: e}) }

func (s *Shift) put(n news) {
	select {
	case s.events <- n:
	case <-s.over:
	}
}

// Run is the shift, until ctx ends. When it returns, the sessions are over and
// customers and broker have been told, or could not be.
func (s *Shift) Run(ctx context.Context) error {
	rooms, cancel := context.WithCancel(ctx)
	// The lines outlive the sessions: they take their last words.
	standing, hangUp := context.WithCancel(context.WithoutCancel(ctx))
	s.standing = standing
	if s.doors.Dial != nil {
		s.begin(s.lines[home])
	}
	s.control.Go(func() { s.keepRecords(standing) })
	err := s.loop(rooms)
	close(s.over)
	s.farewell()
	cancel()
	s.rooms.Wait()
	s.lastWords()
	hangUp()
	s.control.Wait()
	late, enough := context.WithTimeout(context.WithoutCancel(ctx), farewell)
	defer enough()
	for _, l := range s.allLines() {
		l.hot.SeeOff(late)
	}
	return err
}

func (s *Shift) loop(ctx context.Context) error {
	s.doors.Show(s.model.State())
	looks := time.NewTicker(lookRest)
	defer looks.Stop()
	for {
		var wake <-chan time.Time
		if at := s.model.Wake(); !at.IsZero() {
			wake = time.After(time.Until(at))
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case n := <-s.events:
			s.take(ctx, n)
			s.more(ctx)
		case <-wake:
			s.step(ctx, console.Tick{})
			s.sendPosts(ctx)
		case <-looks.C:
			if !s.look(ctx) {
				continue
			}
		}
		s.front()
		s.doors.Show(s.model.State())
	}
}

// atOnce is how many events are taken before the windows are drawn again: a
// thousand customers who come together are drawn a few times, not a thousand.
const atOnce = 256

// more takes what else has come meanwhile.
func (s *Shift) more(ctx context.Context) {
	for range atOnce {
		select {
		case n := <-s.events:
			s.take(ctx, n)
		default:
			return
		}
	}
}

// take takes in what came.
func (s *Shift) take(ctx context.Context, n news) {
	if n.from != nil {
		s.hear(ctx, n)
		return
	}
	s.step(ctx, n.event)
	s.sendPosts(ctx)
}

// farewell turns away those whose key has not been tried yet. The others'
// rooms say goodbye.
func (s *Shift) farewell() {
	for _, v := range s.visitors.all() {
		if !v.begun() {
			s.count(s.sayAbout(v.start.Session, &wire.Leave{Session: v.start.Session, Why: wire.EndNeverMet}))
		}
	}
}

// step feeds the model an event and those that its effects lead to.
func (s *Shift) step(ctx context.Context, e console.Event) {
	s.follow = append(s.follow, e)
	for len(s.follow) > 0 {
		e, s.follow = s.follow[0], s.follow[1:]
		for _, f := range s.model.Step(time.Now(), e) {
			s.do(ctx, f)
		}
	}
}

// do carries out one effect.
func (s *Shift) do(ctx context.Context, f console.Effect) {
	switch f := f.(type) {
	case console.Connect:
		for _, l := range s.allLines() {
			l.connect()
		}
	case console.Enrol:
		s.setCode(f.Code)
		poke(s.lineAt(home).again)
	case console.MakeKey:
		if !s.board.make(f) {
			s.follow = append(s.follow, console.KeyFailed{Request: f.Request, Problem: words.BrokerAway})
		}
	case console.TakeKeyBack:
		s.say(s.board.keyAt(f.Number), &wire.RevokeKey{Number: f.Number, Why: f.Why})
	case console.Meet:
		s.meet(ctx, f)
	case console.TurnAway:
		s.count(s.sayAbout(f.ID, &wire.Leave{Session: f.ID, Why: wire.EndNeverMet}))
		s.visitors.remove(f.ID)
	case console.Do:
		if v := s.visitors.get(f.ID); v != nil {
			v.do(f.Event)
		}
	case console.Offer:
		if v := s.visitors.get(f.ID); v != nil && v.files != nil {
			v.files.Offer(f.Paths)
		}
	case console.Copy:
		s.doors.Copy(f.Text)
	case console.OpenMail:
		s.doors.OpenMail(f.URL)
	case console.OpenPage:
		s.doors.OpenPage(f.URL)
	case console.Notify:
		s.doors.Notify(f)
	case console.Chime:
		s.doors.Chime()
	case console.Remember:
		s.doors.Remember(f.Settings)
	case console.KeepNote, console.ReadTranscript:
		s.doRecord(f)
	case console.PushNotice, console.EndNotice:
		s.doNotices(f)
	case console.Exit:
		s.doors.Exit()
	default:
		s.doLogin(f)
	}
}

func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}
