package session

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"handrail/shared/story"
	"handrail/shared/wire"
)

// TestStories plays testdata/stories: each is one sentence of PRODUCT.md,
// told so that somebody who gives support can review it. Lines with an actor
// are what people do; the indented lines below are what came of it.
func TestStories(t *testing.T) { story.Run(t, play) }

// stage is the two sessions of a story and the link between them.
type stage struct {
	t     *testing.T
	now   time.Time
	sides map[string]*Session
	link  bool
	first Linked // of a session without a key: what its first connection shows
	out   strings.Builder
	wait  []func() // deliveries that are on their way
}

var begin = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

func newStage(t *testing.T) *stage {
	return &stage{t: t, now: begin, sides: map[string]*Session{
		"customer": New(begin, Config{Role: wire.RoleCustomer, Me: "Maria", System: "linux", CanControl: true, CanClip: true}),
		"rep":      New(begin, Config{Role: wire.RoleRep, Me: "Anna", System: "linux", Organisation: "Example Ltd", Peer: "Maria"}),
	}}
}

func play(t *testing.T, text string) string {
	st := newStage(t)
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		switch {
		case strings.HasPrefix(line, "#") || line == "":
			fmt.Fprintln(&st.out, line)
		case strings.HasPrefix(line, "+"):
			fmt.Fprintln(&st.out, line)
			delay, act, _ := strings.Cut(line, " ")
			d, err := time.ParseDuration(delay[1:])
			if err != nil {
				t.Fatalf("%q: %v", line, err)
			}
			st.pass(st.now.Add(d))
			st.act(strings.TrimSpace(act))
		}
	}
	return st.out.String()
}

// pass lets time go by, waking the sessions when they want to be.
func (st *stage) pass(until time.Time) {
	for {
		next, who := until, ""
		for _, name := range []string{"customer", "rep"} {
			if w := st.sides[name].Wake(); !w.IsZero() && !w.After(next) && (who == "" || w.Before(next)) {
				next, who = w, name
			}
		}
		st.now = next
		if who == "" {
			return
		}
		st.step(who, Tick{})
	}
}

func (st *stage) act(act string) {
	who, what, _ := strings.Cut(act, " ")
	verb, rest, _ := strings.Cut(what, " ")
	switch who {
	case "link":
		st.setLink(verb, rest)
		return
	case "without":
		st.withoutKey(rest)
		return
	}
	st.step(who, st.event(who, verb, rest))
}

func (st *stage) event(who, verb, rest string) Event {
	perms := map[string]wire.Permission{
		"view": wire.View, "control": wire.Control,
		"clipboard": Clipboard, "clipboard-out": wire.ClipOut, "clipboard-in": wire.ClipIn,
	}
	id := uint32(0)
	if r := st.sides[who].State().Request; r != nil {
		id = r.ID
	}
	switch verb {
	case "accept":
		return Accept{Keep: keeps[rest]}
	case "accept-anew": // a console that says it again, and otherwise
		return Heard{wire.Packet{Seq: st.sides[who].mail.received + 1, Body: &wire.Accepted{Name: "Anna", Keep: keeps[rest]}}}
	case "say":
		return Say{rest}
	case "nudge":
		return Nudge{}
	case "ask":
		return Ask{perms[rest]}
	case "withdraw":
		return Withdraw{perms[rest]}
	case "pick":
		return PickMonitor{rest[0] - '0'}
	case "tune":
		return Tune{wire.Profile(rest[0] - '0')}
	case "allow":
		return Reply{ID: id, Allow: true}
	case "refuse":
		return Reply{ID: id}
	case "more-time":
		return MoreTime{id}
	case "stop-sharing":
		return StopSharing{}
	case "leave":
		return Leave{}
	case "compare":
		return Compared{Same: rest == "same"}
	case "screens":
		var m []wire.Monitor
		for i, size := range strings.Fields(rest) {
			var w, h int32
			fmt.Sscanf(size, "%dx%d", &w, &h)
			m = append(m, wire.Monitor{ID: uint8(i + 1), W: w, H: h})
		}
		return Screens{m}
	case "no-screen":
		return NoScreen{}
	}
	if e := st.fileEvent(verb, rest); e != nil {
		return e
	}
	st.t.Fatalf("no such act: %s %s", who, verb)
	return nil
}

// withoutKey makes the two a session of a queue's, whose rep is certified or not.
func (st *stage) withoutKey(certified string) {
	st.first = Linked{Words: [3]string{"amber", "boat", "cedar"}, Certified: certified}
	for _, s := range st.sides {
		c := s.cfg
		c.Proof = wire.ProofCompare
		*s = *New(st.now, c)
	}
}

// fileEvent is what people and machines do with files. Transfers are named by
// their numbers.
func (st *stage) fileEvent(verb, rest string) Event {
	number, more, _ := strings.Cut(rest, " ")
	id, _ := strconv.ParseUint(number, 10, 32)
	switch verb {
	case "offer":
		return Offer{Place: "/home/" + rest, Name: rest, Size: 1000, Items: 1}
	case "offer-folder":
		return Offer{Place: "/home/" + rest, Name: rest, Size: 1000, Items: 12, Folder: true}
	case "take":
		return Take{ID: uint32(id), Allow: true}
	case "leave-it":
		return Take{ID: uint32(id)}
	case "cancel":
		return Cancel{uint32(id)}
	case "has":
		done, _ := strconv.ParseUint(more, 10, 64)
		return Progress{ID: uint32(id), Done: done}
	case "has-all":
		return Delivered{ID: uint32(id), Place: "/home/Downloads"}
	case "disk-full":
		return Broke{ID: uint32(id), Why: wire.HaltFull}
	}
	return nil
}

// setLink changes the connection: up, moved (replaced while it works), or down,
// which may be noticed late.
func (st *stage) setLink(verb, late string) {
	down := Unlinked{}
	if late != "" {
		d, err := time.ParseDuration(strings.TrimSuffix(strings.TrimPrefix(late, "for "), " already"))
		if err != nil {
			st.t.Fatal(err)
		}
		down.Since = st.now.Add(-d)
	}
	st.link = verb != "down"
	for _, who := range []string{"rep", "customer"} {
		if st.link {
			e := st.first
			if who == "rep" {
				e.Certified = ""
			}
			st.feed(who, e)
		} else {
			st.feed(who, down)
		}
	}
	st.deliver()
}

// step feeds one event and everything that follows from it at once.
func (st *stage) step(who string, e Event) {
	st.feed(who, e)
	st.deliver()
}

func (st *stage) deliver() {
	for len(st.wait) > 0 {
		next := st.wait[0]
		st.wait = st.wait[1:]
		next()
	}
}

func (st *stage) feed(who string, e Event) {
	s := st.sides[who]
	before := s.State()
	for _, f := range s.Step(st.now, e) {
		st.effect(who, f)
	}
	after := s.State()
	for _, l := range after.Lines[len(before.Lines):] {
		st.say(who, "reads: %s", describe(l))
	}
	st.transfers(who, before, after)
	if before.Stage != after.Stage {
		st.say(who, "= %s", [...]string{"waiting", "talking", "over"}[after.Stage])
	}
	if before.Profile != after.Profile {
		st.say(who, "= profile %d", after.Profile)
	}
	if before.Verified != after.Verified {
		st.say(who, "is sure of the other side")
	}
	if before.Keep != after.Keep {
		st.say(who, "= kept: %d", after.Keep)
	}
	if before.Granted != after.Granted {
		st.say(who, "= shared: %s", permissions(after.Granted))
	}
}

func (st *stage) effect(who string, f Effect) {
	other := map[string]string{"rep": "customer", "customer": "rep"}[who]
	switch f := f.(type) {
	case Send:
		if st.link {
			// Through the bytes, so that stories also prove the wire.
			b, err := wire.Append(nil, f.Packet)
			if err != nil {
				st.t.Fatal(err)
			}
			p, err := wire.Parse(b)
			if err != nil {
				st.t.Fatal(err)
			}
			st.wait = append(st.wait, func() {
				if st.link {
					st.feed(other, Heard{p})
				}
			})
		}
	case Share:
		st.say(who, "shows %s, monitor %d", permissions(f.What), f.Monitor)
	case Look:
		st.say(who, "encodes with profile %d", f.Profile)
	case Gate:
		st.say(who, "gate for injected input %s", map[bool]string{true: "shut", false: "open"}[f.Shut])
	case Nudged:
		st.say(who, "window comes to the front, shakes, sounds")
	case Finish:
		st.say(who, "closes the session")
	case Begin:
		st.say(who, "%s %q", map[bool]string{true: "reads", false: "writes"}[f.Transfer.Mine], f.Transfer.Name)
	case Quit:
		st.say(who, "moves no more of %d%s", f.ID, map[bool]string{true: ", keeps what there is"}[f.Keep])
	case NotOffered:
		st.say(who, "can't offer %q now", f.Name)
	case Drop:
		st.say(who, "drops the connection: %s", f.Reason)
	}
}

func (st *stage) say(who, format string, args ...any) {
	fmt.Fprintf(&st.out, "     %-9s%s\n", who, fmt.Sprintf(format, args...))
}

// transfers tells what became of files, and which prompt is open for one.
func (st *stage) transfers(who string, before, after State) {
	for _, t := range after.Transfers {
		old := Transfer{Stage: -1}
		for _, o := range before.Transfers {
			if o.ID == t.ID {
				old = o
			}
		}
		switch {
		case old.Stage != t.Stage:
			st.say(who, "%d is %s", t.ID, describeTransfer(t))
		case old.Done != t.Done:
			st.say(who, "%d: %d of %d bytes", t.ID, t.Done, t.Size)
		}
	}
	if r := after.Request; r != nil && r.Offer != 0 && (before.Request == nil || before.Request.ID != r.ID) {
		st.say(who, "is asked whether to take %d", r.Offer)
	}
}

func describeTransfer(t Transfer) string {
	switch t.Stage {
	case TransferOffered:
		return "offered"
	case TransferGoing:
		return "on its way"
	case TransferArrived:
		return "there, at " + t.Place
	case TransferRefused:
		return "not taken: " + verdicts[t.Verdict]
	}
	by := "by the other side"
	if t.ByMe {
		by = "here"
	}
	return "halted " + by + [...]string{"", ": cancelled", ": can't be read", ": changed", ": no space", ": can't be written", ": wrong"}[t.Why]
}

func permissions(p wire.Permission) string {
	var named []string
	switch {
	case p == 0:
		return "nothing"
	case p.Has(wire.Control):
		named = append(named, "view and control")
	case p.Has(wire.View):
		named = append(named, "view")
	}
	switch p & Clipboard {
	case Clipboard:
		named = append(named, "clipboard both ways")
	case wire.ClipOut:
		named = append(named, "clipboard to the rep")
	case wire.ClipIn:
		named = append(named, "clipboard to the customer")
	}
	return strings.Join(named, ", ")
}

var keeps = map[string]wire.Keep{"": wire.KeepNothing, "keeping-sealed": wire.KeepSealed, "keeping-readable": wire.KeepReadable}

var verdicts = [...]string{"", "allowed", "refused", "nobody answered", "not possible here", "replaced", "taken back"}

func describe(l Line) string {
	from := "the other side"
	if l.Mine {
		from = "me"
	}
	switch l.Kind {
	case LineChat:
		return fmt.Sprintf("%q from %s", l.Text, from)
	case LineAccepted:
		return "the session begins"
	case LineKept:
		return "what is said is kept, " + [...]string{"", "sealed", "and the broker can read it"}[l.Keep]
	case LineNudge:
		return "a nudge"
	case LineAsked:
		return "asked for " + permissions(l.What)
	case LineAnswered:
		return permissions(l.What) + ": " + verdicts[l.Verdict]
	case LineSharing:
		return "shared now: " + permissions(l.What) + [...]string{"", "", ", stopped by the customer", ", given back", "", ", the screen can't be seen"}[l.Sharing]
	case LineWithdrawn:
		return "the rep gives back " + permissions(l.What)
	case LineVerified:
		return "the words are the same"
	case LineTransfer:
		return fmt.Sprintf("file %d offered by %s", l.Transfer, from)
	case LineEnded:
		if l.Why == wire.EndNotVerified {
			return "the two were not sure of each other"
		}
		return [...]string{"", "the customer ended the session", "the rep ended the session", "the connection was lost for good", "", "", "the rep declined", ""}[l.Why]
	}
	return "?"
}
