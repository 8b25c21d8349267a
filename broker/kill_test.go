package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"handrail/broker/lobby"
	"handrail/broker/settings"
	"handrail/broker/store"
	"handrail/shared/wire"
)

// killPlace tells the test binary to be the broker that is killed; it names
// its store.
const killPlace = "HANDRAIL_BROKER_TEST_KILLED"

const (
	killReps      = 4
	killCustomers = 12 // and as many writers besides the reps
	killRounds    = 8

	killedAddress = "killed.test:4443"
)

// TestZ05KilledBrokerLosesNothingAndGivesNobodyTwice kills a broker again and
// again while sixteen customers and reps are at it, and each time compares what
// they were told with what is kept.
func TestZ05KilledBrokerLosesNothingAndGivesNobodyTwice(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { testKilled(t, store.Place{Dir: t.TempDir()}) })
	t.Run("postgres", func(t *testing.T) { testKilled(t, store.Place{Database: server.Database(t)}) })
}

func testKilled(t *testing.T, place store.Place) {
	told := newHeardOf(t)
	for round := range killRounds {
		before := told.lines
		told.run(place, time.Duration(100+rand.IntN(1400))*time.Millisecond)
		told.compare(place)
		if t.Failed() {
			t.Fatalf("in round %d", round+1)
		}
		if told.lines == before {
			t.Errorf("round %d: nothing happened before the broker was killed", round+1)
		}
	}
	t.Logf("%d words to customers and reps, %d takes", told.lines, told.takes)
}

// heardOf is what customers and reps were told.
type heardOf struct {
	t *testing.T

	mu           sync.Mutex // guards the following
	placed       []string
	noted        []string
	holder       map[string]string // the rep of a session, as far as told
	taken        map[string]int
	over         map[string]bool // somebody has said that it leaves it
	tickets      map[string]string
	logged       map[wire.SessionID][]loggedPart
	lines, takes int
}

func newHeardOf(t *testing.T) *heardOf {
	return &heardOf{
		t: t, holder: map[string]string{}, taken: map[string]int{}, over: map[string]bool{}, tickets: map[string]string{},
		logged: map[wire.SessionID][]loggedPart{},
	}
}

// run lets a broker serve for a while, kills it, and reads what was told.
func (h *heardOf) run(place store.Place, life time.Duration) {
	h.t.Helper()
	if complaint := h.read(place, life, (*os.Process).Kill); complaint != "" {
		h.t.Fatalf("the broker ended by itself: %s", complaint)
	}
}

// read lets a broker serve for a while, does that to it, and reads what is told
// until it ends, and then what it complained of.
func (h *heardOf) read(place store.Place, life time.Duration, do func(*os.Process) error) (complained string) {
	h.t.Helper()
	child := exec.CommandContext(h.t.Context(), os.Args[0])
	child.Env = append(os.Environ(), killPlace+"="+cmp.Or(place.Database, place.Dir))
	var complaint bytes.Buffer
	child.Stderr = &complaint
	out, err := child.StdoutPipe()
	if err != nil {
		h.t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		h.t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	ready := false
	for lines.Scan() {
		if !ready { // its time counts from its first word
			ready = true
			death := time.AfterFunc(life, func() { _ = do(child.Process) })
			defer death.Stop()
		}
		h.hear(lines.Text())
	}
	_ = child.Wait() // it was killed, or says why it ended
	if !ready {
		h.t.Fatalf("the broker said nothing: %s", complaint.String())
	}
	return complaint.String()
}

// hear reads one line: what somebody was told, or says next.
func (h *heardOf) hear(line string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.lines++
	var what, session, rep string
	_, _ = fmt.Sscan(line, &what, &session, &rep) // a rep is not always there
	switch what {
	case "ticket":
		h.tickets[session] = rep
	case "placed":
		h.placed = append(h.placed, session)
	case "noted":
		h.noted = append(h.noted, session)
	case "taken":
		if other := h.holder[session]; other != "" {
			h.t.Errorf("session %s is with rep %s, and was given to rep %s as well", session, other, rep)
		}
		h.holder[session] = rep
		h.taken[session]++
		h.takes++
	case "logged":
		h.hearLogged(session, rep)
	case "handing":
		delete(h.holder, session)
	case "leaving":
		delete(h.holder, session)
		h.over[session] = true
	}
}

// compare holds what was told against what is kept.
func (h *heardOf) compare(place store.Place) {
	h.t.Helper()
	s, err := store.Open(h.t.Context(), place)
	if err != nil {
		h.t.Fatal(err)
	}
	defer s.Close()
	kept, _, err := s.Join(h.t.Context(), lobby.Node{ID: lobby.NodeID{1}, Address: killedAddress}, true)
	var dump bytes.Buffer
	if err := errors.Join(err, s.Dump(h.t.Context(), &dump)); err != nil {
		h.t.Fatal(err)
	}
	visits, sessions := map[string]lobby.Visit{}, map[string]lobby.Session{}
	for _, v := range kept.Visits {
		visits[v.ID.String()] = v
	}
	for _, m := range kept.Sessions {
		sessions[m.ID.String()] = m
	}
	for _, id := range h.placed {
		if _, is := visits[id]; !is {
			h.t.Errorf("%s was told its place, which is not kept", id)
		}
	}
	for _, id := range h.noted {
		if !visits[id].Noted {
			h.t.Errorf("%s was told that its answers are kept, and they are not", id)
		}
	}
	for id, rep := range h.holder {
		if m, is := sessions[id]; (!is || fmt.Sprint(m.Rep) != rep) && !h.over[id] {
			h.t.Errorf("%s is with rep %s, and is kept as %+v and %+v", id, rep, m, visits[id])
		}
	}
	h.compareLogs(s)
	facts := factsOf(dump.String())
	for id, n := range h.taken {
		if facts[id] < n {
			h.t.Errorf("%s was taken %d times, of which %d are on record", id, n, facts[id])
		}
	}
}

// factsOf counts the takes of each session in a dump.
func factsOf(dump string) map[string]int {
	count := map[string]int{}
	for line := range strings.Lines(dump) {
		if !strings.Contains(line, `"`+string(lobby.FactTaken)+`"`) {
			continue
		}
		for field := range strings.SplitSeq(strings.Trim(line, "[]\n"), ",") {
			b, err := base64.StdEncoding.DecodeString(strings.Trim(field, `"`))
			if err == nil && len(b) == len(wire.SessionID{}) {
				count[wire.SessionID(b).String()]++
			}
		}
	}
	return count
}

// serveUntilKilled is a broker, and everybody who wants something of it. Each
// says on standard output what it was told, and before it says something that
// gives a session away.
func serveUntilKilled(text string) error {
	place := store.Place{Dir: text}
	if strings.HasPrefix(text, "postgres:") {
		place = store.Place{Database: text}
	}
	ctx := context.Background()
	s, err := store.Open(ctx, place)
	if err != nil {
		return err
	}
	if err := errors.Join(enrolled(ctx, s, killReps), asking(ctx, s)); err != nil {
		return err
	}
	w := newPipework(s, killedAddress)
	failed := make(chan error, 1)
	var all sync.WaitGroup
	all.Go(func() { failed <- w.relay.Run(ctx) })
	for n := range killReps {
		all.Go(func() { failed <- w.works(ctx, n) })
	}
	for n := range killCustomers {
		all.Go(func() { failed <- w.needsHelp(ctx, n) })
	}
	return <-failed // nobody ends before the process does
}

// asking has the broker ask customers how it was, and keep what is said.
func asking(ctx context.Context, s *store.Store) error {
	set, version, err := s.Settings(ctx)
	if err != nil || version > 0 {
		return err
	}
	main := set.Portals[settings.Main]
	main.Name = "Helpers"
	main.Survey = []settings.Question{{ID: 1, Form: wire.FormRating, Texts: map[string]string{"en": "How was it?"}}}
	set.Portals[settings.Main] = main
	set.Records.Keep = wire.KeepSealed
	return s.SetSettings(ctx, 0, version, set, time.Now())
}

func tellParent(what string, session wire.SessionID, more any) {
	fmt.Fprintf(os.Stdout, "%s %s %v\n", what, session, more) // one write, which a kill does not tear
}

// needsHelp is one customer after the other.
func (w *pipework) needsHelp(ctx context.Context, n int) error {
	for i := 0; ; i++ {
		a := lobby.Arrival{Portal: "main", Queue: "general", Name: "Maria", From: fmt.Sprintf("10.2.%d.%d", n, i%250)}
		for j := range a.Page {
			a.Page[j] = byte(rand.Uint32())
		}
		place, err := w.relay.Come(ctx, a)
		if err != nil {
			return fmt.Errorf("coming: %w", err)
		}
		w.tell("placed", place.Session, 0)
		if err := w.visit(ctx, place); err != nil {
			return fmt.Errorf("visiting: %w", err)
		}
	}
}

func (w *pipework) visit(ctx context.Context, place lobby.Place) error {
	p, err := w.dial(ctx, wire.RoleCustomer)
	if err != nil {
		return err
	}
	defer p.shut()
	if err := p.say(&wire.Enter{Code: place.Code}); err != nil {
		return err
	}
	in, err := want[*wire.Admitted](ctx, p)
	if err != nil {
		return err
	}
	w.tell("ticket", in.Session, hex.EncodeToString(in.Ticket))
	if rand.IntN(8) == 0 { // does not want to wait
		w.tell("leaving", place.Session, 0)
		return p.say(&wire.Leave{Session: place.Session, Why: wire.EndByCustomer})
	}
	if _, err := want[*wire.Survey](ctx, p); err != nil {
		return err
	}
	answers := &wire.Answers{Session: place.Session, Answers: []wire.SurveyAnswer{{ID: 1, Rating: 5}}}
	if err := p.say(answers); err != nil {
		return err
	}
	if _, err := want[*wire.Noted](ctx, p); err != nil {
		return err
	}
	w.tell("noted", place.Session, 0)
	return nil
}

// works is a rep who takes one customer after the other, and hands some on.
func (w *pipework) works(ctx context.Context, n int) error {
	p, err := w.dial(ctx, wire.RoleRep)
	if err != nil {
		return err
	}
	exporter, _ := p.Exporter(wire.SignInExporter) // a pipe's never fails
	if err := p.say(proof(n, exporter)); err != nil {
		return err
	}
	me, err := want[*wire.SignedIn](ctx, p)
	if err != nil {
		return err
	}
	parts := map[wire.SessionID]uint32{}
	for {
		take := &wire.Take{}
		for j := range take.Request {
			take.Request[j] = byte(rand.Uint32())
		}
		if err := p.say(take); err != nil {
			return err
		}
		got, err := answerTo(ctx, p)
		if err != nil || got == nil {
			if err != nil {
				return err
			}
			continue
		}
		w.tell("taken", got.Session, me.Rep)
		if err := w.logs(ctx, p, me.Rep, got.Session, parts); err != nil {
			return err
		}
		var next wire.Message = &wire.Leave{Session: got.Session, Why: wire.EndByRep}
		if rand.IntN(3) == 0 {
			w.tell("handing", got.Session, me.Rep)
			next = &wire.HandOn{Session: got.Session, Queue: "general"}
		} else {
			w.tell("leaving", got.Session, me.Rep)
		}
		if err := p.say(next); err != nil {
			return err
		}
	}
}

// answerTo is what a rep hears to a Take: a Start, or nil for nobody there.
func answerTo(ctx context.Context, p *pipe) (*wire.Start, error) {
	for {
		got, err := p.next(ctx, p.down)
		if err != nil {
			return nil, err
		}
		switch m := got.(type) {
		case *wire.Start:
			return m, nil
		case *wire.Problem:
			if m.About == wire.KindTake {
				return nil, nil
			}
		}
	}
}
