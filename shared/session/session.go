// Package session decides what happens in one support session. A Session is
// one side's view of it, a plain function from events to effects: no
// goroutines, no clock, no connection. Its owner feeds it what the person and
// the other side did, carries out the effects in order, and wakes it at Wake.
//
// The customer's Session is the one that decides: permissions exist there and
// nowhere else. The rep's only mirrors what it is told.
package session

import (
	"time"

	"handrail/shared/wire"
)

// How long things last. Each number is from PRODUCT.md unless it says more.
const (
	PromptTime    = 45 * time.Second // C09: a request nobody answers is refused
	MorePrompt    = 45 * time.Second // C09: what "more time" adds, each time
	LongestPrompt = 5 * time.Minute  // however often more time was asked for
	NudgeRest     = 10 * time.Second // C05
	AskRest       = 10 * time.Second // after a refusal, so that nobody is pestered into a yes
	LostAfter     = 2 * time.Minute  // without a connection the session ends
	nudgeSlack    = 2 * time.Second  // the two clocks count NudgeRest from different moments
)

// Stage is how far a session has come. One function, enter, changes it.
//
//	waiting ──accept──▶ talking ──end──▶ over
//	   └──────────────end / lost──────────▲
type Stage int

const (
	Waiting Stage = iota // both sides are proven to each other; the rep has not taken the session
	Talking
	Over
)

// Request is a request for permissions that waits for the customer.
type Request struct {
	ID       uint32
	What     wire.Permission
	Offer    uint32    // the transfer this is about, which wants to be taken; then What is 0
	Deadline time.Time // silence until then is no
	Longest  time.Time // more time is given up to here
}

// State is everything a window needs to draw one session. Whoever holds a
// State may keep it: Session never changes what it has handed out.
type State struct {
	Role         wire.Role
	Stage        Stage
	Me, Peer     string // names
	PeerSystem   string
	Organisation string
	Began        time.Time // when the rep took the session
	Keep         wire.Keep // what becomes of what is said, from when the rep took the session to its end

	// Proof is how the two made sure of each other. Without a key there are
	// Words to be compared by voice, the same on both sides unless somebody
	// stands between them, and perhaps, at the customer's, the rep's name as the
	// organisation has Certified it. Until Verified the rep may only watch.
	Proof     wire.Proof
	Words     [3]string
	Certified string
	Verified  bool
	Denied    Denials // what the organisation keeps from the rep

	Lines   []Line
	Acked   uint64 // my lines with Seq up to here have arrived at the other side
	Dropped int    // lines that fell off the front of a very long session

	Linked    bool      // there is a connection now
	CutSince  time.Time // since when there is none
	Request   *Request  // customer: the open prompt; rep: the question that waits for an answer
	Granted   wire.Permission
	SharedAt  time.Time // since when something is granted
	Monitors  []wire.Monitor
	Monitor   uint8 // the shared one; 0 is all
	Profile   wire.Profile
	Transfers []Transfer // in the order they were offered; the oldest fall off
	NudgeFrom time.Time  // rep: a nudge is possible from then on
	AskFrom   time.Time  // rep: asking again is possible from then on
	Full      bool       // too much waits for the connection; nothing more is taken
	Why       wire.EndWhy
}

// Event is something that happened.
type Event interface{ event() }

// What the person at this side did.
type (
	Accept      struct{ Keep wire.Keep }       // rep: take the session; Keep is what this console does with what is said
	Say         struct{ Text string }          // a line of chat
	Nudge       struct{}                       // rep
	Ask         struct{ What wire.Permission } // rep
	Withdraw    struct{ What wire.Permission } // rep: give permissions back, or the open question
	PickMonitor struct{ Monitor uint8 }        // rep
	Tune        struct{ Profile wire.Profile } // rep: what pictures may look like, for the rest of the session
	Reply       struct {                       // customer: the answer to request ID
		ID    uint32
		Allow bool
	}
	MoreTime    struct{ ID uint32 }  // customer
	StopSharing struct{}             // customer: take every permission back
	Leave       struct{ Moved bool } // end the session; Moved, by the rep: it goes on with a colleague
)

// What the machine and the connection did.
type (
	// Linked: a proven connection is up; also when it takes the place of another
	// that still was. Slice is the newest of the picture that this side has
	// decoded, 0 if it has no picture. Words and Certified are what the first
	// connection of a session without a key has shown.
	Linked struct {
		Slice     uint64
		Words     [3]string
		Certified string
	}
	// Unlinked: it is gone. Since is when the other side was last heard, now if
	// it is not set: a machine that slept finds out late.
	Unlinked struct{ Since time.Time }
	Closed   struct{ Why wire.EndWhy }         // the other side closed it for good, its End may be lost
	Heard    struct{ Packet wire.Packet }      // the other side said something
	Screens  struct{ Monitors []wire.Monitor } // customer: the screen is being captured; also after each change of layout
	NoScreen struct{}                          // customer: the screen can't be captured (any more)
	Tick     struct{}                          // the time given by Wake has come
)

func (Accept) event()      {}
func (Say) event()         {}
func (Nudge) event()       {}
func (Ask) event()         {}
func (Withdraw) event()    {}
func (PickMonitor) event() {}
func (Tune) event()        {}
func (Reply) event()       {}
func (MoreTime) event()    {}
func (StopSharing) event() {}
func (Leave) event()       {}
func (Linked) event()      {}
func (Unlinked) event()    {}
func (Closed) event()      {}
func (Heard) event()       {}
func (Screens) event()     {}
func (NoScreen) event()    {}
func (Tick) event()        {}

// Effect is something the owner must do, in the order given.
type Effect interface{ effect() }

type (
	// Send puts a packet on the control stream.
	Send struct{ Packet wire.Packet }
	// Share says what of this machine may be seen and done from now on; 0 is
	// nothing. Monitor is the one to show, 0 all. From is the newest slice of
	// the picture that the viewer has of before this connection. With Pause
	// there is only no connection: what was granted still is, and the picture
	// may go on later.
	Share struct {
		What    wire.Permission
		Monitor uint8
		From    uint64
		Pause   bool
	}
	// Look says what pictures may look like from now on, at the customer's:
	// ProfileAutomatic until then.
	Look struct{ Profile wire.Profile }
	// Gate shuts or opens the gate for injected input. It is shut before a
	// prompt is shown and opened after it is gone.
	Gate struct{ Shut bool }
	// Nudged brings the customer's window to the front, with shake and sound.
	Nudged struct{}
	// Notice says that something new wants to be seen: a line or a prompt.
	Notice struct{}
	// Drop closes the connection: the other side broke the protocol.
	Drop struct{ Reason string }
	// Finish is the last effect: the session is over.
	Finish struct{ Why wire.EndWhy }
)

func (Send) effect()   {}
func (Share) effect()  {}
func (Look) effect()   {}
func (Gate) effect()   {}
func (Nudged) effect() {}
func (Notice) effect() {}
func (Drop) effect()   {}
func (Finish) effect() {}

// Config is what a side knows when the session begins.
type Config struct {
	Role         wire.Role
	Me           string // this side's name; the customer's may be empty
	System       string // this machine's, as in wire.Hello
	Organisation string // rep: told to the customer with Accepted
	Peer         string // the other's name as the broker told it
	CanControl   bool   // customer: input can be injected here
	CanClip      bool   // customer: the clipboard of this machine can be shared
	Proof        wire.Proof
	Denied       []string // permissions that the organisation keeps from the rep, as in wire.Start
}

// Session is one side of a session. Only its owner may call it.
type Session struct {
	cfg  Config
	s    State
	mail mail
	asks uint32 // rep: the last request's ID
	// customer: how many prompts there were, and the request that the open one
	// is about, if it is about permissions; one that waits until it is gone
	prompts, asking uint32
	waiting         *wire.Ask
	// IDs of the last offers, made here and heard
	offered, heardOffer uint32
	// customer: the last time a nudge was obeyed and a request refused
	nudged, refused time.Time
	out             []Effect // effects of the running Step
}

// New makes a session that waits for its first connection.
func New(now time.Time, cfg Config) *Session {
	return &Session{cfg: cfg, s: State{
		Role: cfg.Role, Me: cfg.Me, Peer: cfg.Peer,
		Organisation: cfg.Organisation, CutSince: now,
		Proof: cfg.Proof, Verified: cfg.Proof == wire.ProofKey, Denied: denials(cfg.Denied),
	}}
}

// State is the session as it stands.
func (s *Session) State() State { return s.s }

// Wake is when the next Tick is due; zero means never.
func (s *Session) Wake() time.Time {
	var at time.Time
	sooner := func(t time.Time) {
		if at.IsZero() || t.Before(at) {
			at = t
		}
	}
	if s.s.Stage == Over {
		return at
	}
	if s.s.Request != nil && s.cfg.Role == wire.RoleCustomer {
		sooner(s.s.Request.Deadline)
	}
	if !s.s.Linked {
		sooner(s.s.CutSince.Add(LostAfter))
	}
	return at
}

// Step takes one event in and gives the effects it has. An event that makes
// no sense now has none.
func (s *Session) Step(now time.Time, e Event) []Effect {
	s.out = nil
	if s.s.Stage == Over {
		return nil
	}
	switch e := e.(type) {
	case Linked:
		s.link(e.Slice)
		s.meet(e)
	case Unlinked:
		s.unlink(now, e.Since)
	case Closed:
		s.finish(now, e.Why)
	case Heard:
		s.hear(now, e.Packet)
	case Tick:
		s.tick(now)
	case Say:
		s.say(now, e.Text)
	case Leave:
		s.leave(now, e.Moved)
	case Compared:
		s.compared(now, e.Same)
	case Offer, Take, Cancel, Progress, Delivered, Broke:
		s.fileDid(now, e)
	default:
		if s.cfg.Role == wire.RoleCustomer {
			s.customerDid(now, e)
		} else {
			s.repDid(now, e)
		}
	}
	s.s.Acked, s.s.Full = s.mail.acked, s.mail.full()
	return s.out
}

func (s *Session) do(e Effect) { s.out = append(s.out, e) }

func (s *Session) tick(now time.Time) {
	if r := s.s.Request; r != nil && s.cfg.Role == wire.RoleCustomer && !now.Before(r.Deadline) {
		s.refuse(now, wire.Silence)
	}
	if !s.s.Linked && !now.Before(s.s.CutSince.Add(LostAfter)) {
		s.finish(now, wire.EndLost)
	}
}

// begin is the rep taking the session. What is kept of it is settled here, once:
// nothing that is heard later makes more of what somebody has said already.
func (s *Session) begin(now time.Time, keep wire.Keep) {
	s.s.Stage, s.s.Began, s.s.Keep = Talking, now, keep
	s.note(Line{At: now, Kind: LineAccepted})
	if keep != wire.KeepNothing {
		s.note(Line{At: now, Kind: LineKept, Keep: keep})
	}
}

// say takes a line of chat from the person here. Lines written while there is
// no connection are kept and sent later.
func (s *Session) say(now time.Time, text string) {
	if s.s.Stage != Talking || text == "" || len(text) > wire.MaxText || s.mail.full() {
		return
	}
	seq := s.post(&wire.Chat{Text: text, At: now.UnixMilli()})
	s.note(Line{At: now, Kind: LineChat, Mine: true, Text: text, Seq: seq})
}

// leave ends the session because the person here wants it.
func (s *Session) leave(now time.Time, moved bool) {
	why := wire.EndByCustomer
	switch {
	case s.cfg.Role == wire.RoleRep && moved:
		why = wire.EndMoved
	case s.cfg.Role == wire.RoleRep && s.s.Stage == Waiting:
		why = wire.EndDeclined
	case s.cfg.Role == wire.RoleRep:
		why = wire.EndByRep
	}
	s.post(&wire.End{Why: why})
	s.finish(now, why)
}

// finish is the only way into Over.
func (s *Session) finish(now time.Time, why wire.EndWhy) {
	s.closeRequest()
	s.quitAll()
	s.revoke()
	s.s.Stage, s.s.Why = Over, why
	s.note(Line{At: now, Kind: LineEnded, Why: why})
	s.do(Finish{Why: why})
}

// revoke takes every permission back, on this side's own word.
func (s *Session) revoke() {
	if s.s.Granted == 0 {
		return
	}
	s.s.Granted, s.s.SharedAt = 0, time.Time{}
	if s.cfg.Role == wire.RoleCustomer {
		s.do(Share{})
	}
}

// closeRequest takes the open request away and, at the customer's, opens the
// gate for input again: only after the prompt is gone from State.
func (s *Session) closeRequest() {
	if s.s.Request == nil {
		return
	}
	s.s.Request = nil
	if s.cfg.Role == wire.RoleCustomer {
		s.do(Gate{Shut: false})
	}
}

// hear takes one packet from the other side.
func (s *Session) hear(now time.Time, p wire.Packet) {
	s.mail.confirm(p.Ack)
	switch m := p.Body.(type) {
	case *wire.Attach:
		s.attached(m)
		return
	case *wire.Ack, *wire.Presented, *wire.Refresh:
		return
	case *wire.Unsupported:
		if p.Seq == 0 { // with a Seq it stands for a counted message this version doesn't know
			s.untuned(m.About)
			return
		}
	}
	if !s.s.Linked || !s.mail.open {
		s.do(Drop{Reason: "a message before Attach"})
		return
	}
	if _, offers := p.Body.(*wire.Offer); s.mail.full() && (offers || s.cfg.Role == wire.RoleCustomer) {
		// Who makes us answer and never acknowledges would fill our memory. The
		// rep's side answers nothing but offers.
		s.do(Drop{Reason: "too much is not acknowledged"})
		return
	}
	switch s.mail.take(p.Seq) {
	case again:
		s.do(Send{s.mail.plain(&wire.Ack{})})
		return
	case gap:
		s.do(Drop{Reason: "a message is missing"})
		return
	}
	switch m := p.Body.(type) {
	case *wire.Chat:
		if s.s.Stage == Talking {
			s.note(Line{At: now, Kind: LineChat, Text: m.Text})
			s.do(Notice{})
		}
	case *wire.End:
		s.finish(now, m.Why)
	case *wire.Verified:
		s.verifiedHeard(now)
	case *wire.Offer, *wire.Reply, *wire.Halt, *wire.Arrived:
		s.fileHeard(now, m)
	default:
		if s.cfg.Role == wire.RoleCustomer {
			s.customerHeard(now, m)
		} else {
			s.repHeard(now, m)
		}
	}
	s.acknowledge()
}

// acknowledge sends an Ack unless something sent in this Step carries it.
func (s *Session) acknowledge() {
	for _, e := range s.out {
		if send, ok := e.(Send); ok && send.Packet.Ack == s.mail.received {
			return
		}
	}
	if s.s.Linked {
		s.do(Send{s.mail.plain(&wire.Ack{})})
	}
}
