package main

import (
	"context"
	"encoding/hex"
	"fmt"
	"math/rand/v2"

	"handrail/broker/lobby"
	"handrail/broker/record"
	"handrail/broker/store"
	"handrail/shared/wire"
)

// loggedPart is a part of a session's record that a rep was told is kept.
type loggedPart struct {
	rep  uint64
	part uint32
}

// words is what is in it.
func (p loggedPart) words(session wire.SessionID) string {
	return fmt.Sprintf("part %d of rep %d about %v", p.part, p.rep, session)
}

// hearLogged reads "REP:PART".
func (h *heardOf) hearLogged(session, what string) {
	var id wire.SessionID
	var p loggedPart
	_, err := hex.Decode(id[:], []byte(session))
	if n, scan := fmt.Sscanf(what, "%d:%d", &p.rep, &p.part); err != nil || scan != nil || n != 2 {
		h.t.Errorf("cannot read %q of %q", what, session)
		return
	}
	h.logged[id] = append(h.logged[id], p)
}

// compareLogs holds what reps were told is kept against what is kept: each part
// is there once, with what was in it and what follows from it.
func (h *heardOf) compareLogs(s *store.Store) {
	everyone := record.Scope{All: true}
	for id, told := range h.logged {
		parts, err := s.Transcript(h.t.Context(), id, everyone)
		if err != nil {
			h.t.Fatal(err)
		}
		kept := map[loggedPart]string{}
		for _, p := range parts {
			kept[loggedPart{p.Rep, p.Part}] = string(p.Sealed)
		}
		whole, err := s.Record(h.t.Context(), id, everyone)
		if err != nil {
			h.t.Fatal(err)
		}
		facts := map[string]int{}
		for _, f := range whole.Facts {
			if f.What == lobby.FactFileOffered {
				facts[fmt.Sprint(f.Rep, ":", f.Detail["offer"])]++
			}
		}
		for _, p := range told {
			if kept[p] != p.words(id) {
				h.t.Errorf("rep %d was told that part %d of %v is kept, which is %q", p.rep, p.part, id, kept[p])
			}
			if n := facts[fmt.Sprint(p.rep, ":", p.part)]; n != 1 {
				h.t.Errorf("what part %d of rep %d about %v tells is on record %d times", p.part, p.rep, id, n)
			}
		}
		if len(facts) != len(kept) {
			h.t.Errorf("%d parts of %v are kept, and %d facts", len(kept), id, len(facts))
		}
	}
}

// logs tells some parts of a session's record, now and then one twice. An
// earlier broker may have parts that this process does not know of: then it is
// told.
func (w *pipework) logs(ctx context.Context, p *pipe, rep uint64, id wire.SessionID, parts map[wire.SessionID]uint32) error {
	for range 1 + rand.IntN(3) {
		next := parts[id] + 1
		for parts[id] < next {
			m := &wire.Log{
				Session: id, Part: next, Sealed: []byte(loggedPart{rep, next}.words(id)),
				Entries: []wire.Entry{{Happened: wire.HappenedFile, By: wire.RoleRep, ID: next, State: wire.FileOffered}},
			}
			for range 1 + rand.IntN(2) {
				if err := p.say(m); err != nil {
					return err
				}
			}
			kept, err := loggedAtLeast(ctx, p, id, parts[id])
			if err != nil {
				return err
			}
			if parts[id] = kept; kept > next {
				next = kept + 1
			}
		}
		w.tell("logged", id, fmt.Sprintf("%d:%d", rep, next))
	}
	return nil
}

// loggedAtLeast waits to hear of more than so many parts of a session.
func loggedAtLeast(ctx context.Context, p *pipe, id wire.SessionID, least uint32) (uint32, error) {
	for {
		got, err := p.next(ctx, p.down)
		if err != nil {
			return 0, err
		}
		switch m := got.(type) {
		case *wire.Logged:
			if m.Session == id && m.Part > least {
				return m.Part, nil
			}
		case *wire.Problem:
			if m.About == wire.KindLog {
				return 0, fmt.Errorf("a part of %v is refused: %d", id, m.Code)
			}
		}
	}
}
