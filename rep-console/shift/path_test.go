package shift

import (
	"testing"
	"time"

	"handrail/shared/session"
)

// TestZ06TheWayIsShownAsItChanges: relayed at first, then direct without
// anybody noticing, and slower when it becomes slower.
func TestZ06TheWayIsShownAsItChanges(t *testing.T) {
	inOffice(t, func(o *office) {
		o.open()
		o.relayed = true
		c := o.serve(1)
		if p := o.session(c).Path; !p.Known || p.Direct || p.RTT != 20*time.Millisecond {
			t.Fatalf("at first the way is %+v", p)
		}
		o.pass(20 * time.Second)
		if p := o.session(c).Path; !p.Direct {
			t.Errorf("later the way is %+v", p)
		}
		s := o.screens[0]
		s.mu.Lock()
		peers, paths := s.peers, s.paths
		s.mu.Unlock()
		if peers != 2 || len(paths) != 2 || paths[0] || !paths[1] {
			t.Errorf("the screen had %d connections and was told %v", peers, paths)
		}
		c.mu.Lock()
		rep := c.line.other
		c.mu.Unlock()
		rep.mu.Lock()
		rep.slower = 100 * time.Millisecond
		rep.mu.Unlock()
		o.pass(2 * pathEvery)
		if p := o.session(c).Path; p.RTT != 120*time.Millisecond {
			t.Errorf("a slower way is %+v", p)
		}
		rep.mu.Lock()
		rep.slower += 5 * time.Millisecond // nobody would notice
		rep.mu.Unlock()
		o.pass(2 * pathEvery)
		if p := o.session(c).Path; p.RTT != 120*time.Millisecond {
			t.Errorf("told about %+v", p)
		}
		c.do(session.Say{Text: "on we go"})
		if got := lines(o.session(c).State); len(got) != 1 {
			t.Errorf("the rep reads %q", got)
		}
	})
}
