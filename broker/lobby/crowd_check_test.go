package lobby

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"handrail/shared/wire"
)

// hear is what guests and reps do with what they are told.
func (c *crowd) hear(to Conn, m wire.Message) {
	for i := range c.guests {
		if g := &c.guests[i]; g.conn == to {
			g.hear(m)
		}
	}
	for i := range c.reps {
		r := &c.reps[i]
		if r.conn != to {
			continue
		}
		switch m := m.(type) {
		case *wire.Visitor:
			r.sees[m.Session] = true
		case *wire.VisitorGone:
			if !r.sees[m.Session] {
				c.t.Errorf("rep %d is told that somebody is gone who was not there", i+1)
			}
			delete(r.sees, m.Session)
		case *wire.Ended:
			delete(r.in, m.Session)
		case *wire.Start:
			c.started(i, m)
		case *wire.Logged:
			c.acknowledged(i, m)
		}
	}
}

func (g *crowdGuest) hear(m wire.Message) {
	switch m := m.(type) {
	case *wire.Admitted:
		g.id, g.ticket, g.waiting = m.Session, m.Ticket, true
	case *wire.Question:
		g.question = m.ID
	case *wire.Waiting:
		g.position, g.waiting = m.Position, true
	case *wire.Start, *wire.Ended, *wire.Survey:
		g.waiting = false
	}
}

// started checks that a session has one rep, and that it is kept before the
// rep hears of it.
func (c *crowd) started(i int, m *wire.Start) {
	r := &c.reps[i]
	delete(r.sees, m.Session)
	r.in[m.Session], r.had[m.Session] = m.Ticket, m.Ticket
	kept, is := c.kept.sessions[m.Session]
	if !is || kept.Rep != uint64(i)+1 || !kept.Ended.IsZero() {
		c.t.Errorf("rep %d has a session that is kept as %+v", i+1, kept)
	}
	if v := c.kept.visits[m.Session]; v.State != InSession || v.Last != uint64(i)+1 {
		c.t.Errorf("rep %d has a session whose visit is kept as %+v", i+1, v)
	}
}

// logged checks what is kept of a session: each part once, in order; each fact
// once, within the session's life, in order; and nothing that the organisation
// does not want.
func (c *crowd) logged(f Effect) {
	switch f := f.(type) {
	case SaveVisit:
		for _, g := range f.Visit.Logs {
			t := c.toldOf(f.Visit.ID, g.Rep)
			if g.Part != t.kept && g.Part != t.kept+1 {
				c.t.Errorf("after part %d of rep %d part %d is kept", t.kept, g.Rep, g.Part)
			}
			t.kept = g.Part
		}
	case SaveLog:
		p := f.Part
		keep := c.set.Records.Keep
		if t := c.toldOf(p.Session, p.Rep); p.Part != t.kept+1 {
			c.t.Errorf("rep %d's part %d is kept after part %d", p.Rep, p.Part, t.kept)
		}
		if keep == wire.KeepNothing || len(p.Entries) > 0 && keep != wire.KeepReadable {
			c.t.Errorf("where %d is to be kept, kept was %+v", keep, p)
		}
	case SaveFact:
		if !slices.Contains([]What{FactAsked, FactAnswered, FactSharing, FactNote}, f.Fact.What) && !strings.HasPrefix(string(f.Fact.What), "file.") {
			return
		}
		t, text := c.toldOf(f.Fact.Session, f.Fact.Rep), fmt.Sprint(f.Fact)
		if t.facts[text] {
			c.t.Errorf("kept twice: %s", text)
		}
		t.facts[text] = true
		latest := c.now.Add(time.Millisecond) // those of one moment are a microsecond apart
		if v := c.l.visits[f.Fact.Session]; f.Fact.At.Before(v.Came) || !f.Fact.At.After(t.at) || f.Fact.At.After(latest) {
			c.t.Errorf("at %v, after %v, of one who came at %v: %s", c.now, t.at, v.Came, text)
		}
		if f.Fact.Detail["name"] != "" && c.set.Records.Keep != wire.KeepReadable {
			c.t.Errorf("a name is kept: %s", text)
		}
		t.at = f.Fact.At
	}
}

func (c *crowd) toldOf(id wire.SessionID, rep uint64) *crowdTold {
	t := c.told[crowdLog{id, rep}]
	if t == nil {
		t = &crowdTold{facts: map[string]bool{}}
		c.told[crowdLog{id, rep}] = t
	}
	return t
}

// acknowledged checks that a rep is told of nothing that is not kept, nor of
// less than before.
func (c *crowd) acknowledged(i int, m *wire.Logged) {
	t := c.toldOf(m.Session, uint64(i)+1)
	if m.Part != t.kept || m.Part < t.logged {
		c.t.Errorf("rep %d is told of part %d, %d is kept, and it was told of %d", i+1, m.Part, t.kept, t.logged)
	}
	t.logged = m.Part
	for _, g := range c.kept.visits[m.Session].Logs {
		if g.Rep == uint64(i)+1 && g.Part == m.Part {
			return
		}
	}
	c.t.Errorf("rep %d is told of part %d, and kept is %+v", i+1, m.Part, c.kept.visits[m.Session].Logs)
}

// check holds what must hold after every step.
func (c *crowd) check() {
	seen := map[wire.SessionID]string{}
	for name, line := range c.l.lines {
		if len(line) == 0 || !slices.IsSortedFunc(line, before) {
			c.t.Errorf("queue %s is empty or out of order", name)
		}
		for i, v := range line {
			if other := seen[v.ID]; other != "" {
				c.t.Errorf("%v waits in %s and in %s", v.ID, name, other)
			}
			seen[v.ID] = name
			if v.State != Waits || v.Queue != name || c.l.position(v) != i+1 || v.m != nil {
				c.t.Errorf("%v stands in %s as %+v", v.ID, name, v.Visit)
			}
		}
	}
	for id, v := range c.l.visits {
		m := c.l.meetings[id]
		switch {
		case v.State == Waits && seen[id] == "":
			c.t.Errorf("%v waits in no queue", id)
		case v.State == InSession && m == nil || v.State == Waits && m != nil:
			c.t.Errorf("%v is in state %d with meeting %v", id, v.State, m)
		case m != nil && m.visit != v || v.m != m:
			c.t.Errorf("%v and its meeting do not know each other", id)
		case v.c != nil && v.c.visit != v:
			c.t.Errorf("%v has a connection of another visit", id)
		}
		if kept, is := c.kept.visits[id]; !is || kept.State != v.State || kept.Queue != v.Queue || kept.Ticket != v.Ticket || !reflect.DeepEqual(kept.Logs, v.Logs) {
			c.t.Errorf("%v is kept as\n%+v, and is\n%+v", id, kept, v.Visit)
		}
	}
	for id, m := range c.l.meetings {
		if kept := c.kept.sessions[id]; kept.Rep != m.Rep || !kept.Ended.IsZero() || kept.Tickets != m.Tickets {
			c.t.Errorf("session %v is kept as %+v, and is %+v", id, kept, m.Session)
		}
	}
	c.checkEyes()
}

// checkEyes counts anew who sees which queue.
func (c *crowd) checkEyes() {
	count := map[string]int{}
	for _, r := range c.l.here {
		if c.l.reps[r.rep] != r.Conn {
			c.t.Errorf("rep %d is here twice", r.rep)
		}
		for name := range r.sees {
			count[name]++
		}
	}
	for name, e := range c.l.eyes {
		if e.now != count[name] {
			c.t.Errorf("%d reps see %s, counted as %d", count[name], name, e.now)
		}
	}
}

// settles lets everything be told, and compares what people know with what is.
func (c *crowd) settles() {
	c.pass(3 * time.Second)
	c.check()
	for i := range c.guests {
		g := &c.guests[i]
		v := c.l.visits[g.id]
		if v == nil || v.c == nil || v.c.Conn != g.conn || v.State != Waits {
			continue
		}
		if want := uint32(c.l.position(v)); g.position != want || !g.waiting {
			c.t.Errorf("a customer believes to be number %d and is %d", g.position, want)
		}
	}
	for i := range c.reps {
		r := &c.reps[i]
		client := c.l.clients[r.conn]
		if client == nil || client.rep == 0 {
			continue
		}
		n := 0
		for name := range client.sees {
			for _, v := range c.l.lines[name] {
				n++
				if !r.sees[v.ID] {
					c.t.Errorf("rep %d does not see %v in %s", i+1, v.ID, name)
				}
			}
		}
		if n != len(r.sees) {
			c.t.Errorf("rep %d sees %d customers, and %d wait", i+1, len(r.sees), n)
		}
	}
}

// emptyHouse has all reps go home. Nobody may wait for ever, unless the
// organisation wants that.
func (c *crowd) emptyHouse() {
	for i := range c.reps {
		if c.reps[i].conn != 0 {
			c.step(Closed{Conn: c.reps[i].conn})
		}
	}
	c.pass(10 * time.Minute) // questions, reps, nobody: each has its time
	c.check()
	for _, v := range c.l.visits {
		p := c.l.portal(v)
		if v.State == Waits && !p.Nobody.Stay && !c.l.settings.Queues.IsPersistent(v.Queue) {
			c.t.Errorf("at %v %v waits in %s, where nobody is: %+v", c.now, v.ID, v.Queue, v.Visit)
		}
	}
}
