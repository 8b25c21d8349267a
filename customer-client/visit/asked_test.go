package visit

import (
	"testing"
	"time"

	"handrail/customer-client/chat"
	"handrail/shared/session"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// byKey plays a story of a customer who has typed a session key and is asked the
// agreement before the rep comes.
func byKey(t *testing.T, code string, story func(w *world)) {
	t.Helper()
	inWorld(t, func(w *world) {
		w.broker.set(func() { w.broker.asks = true })
		w.do(chat.Submit{Code: code, Name: "Maria"})
		w.pass(time.Second)
		w.on(chat.Waiting)
		if v := w.state().Visit; v.Question == nil || v.Question.Text != "Be kind." {
			t.Fatalf("asked %+v", v.Question)
		}
		story(w)
	})
}

func TestW01WhoHasAKeyAgreesBeforeTheRepComes(t *testing.T) {
	byKey(t, goodKey, func(w *world) {
		w.broker.restart() // and asks again
		w.pass(time.Second)
		w.do(chat.Decision{ID: 7, Yes: true})
		w.pass(time.Second)
		if got := w.state(); got.Screen != chat.Connecting || got.Progress != chat.Accepting || got.Visit != nil {
			t.Fatalf("screen %d, progress %d, %+v", got.Screen, got.Progress, got.Visit)
		}
		w.rep.do(session.Accept{})
		w.pass(time.Second)
		w.on(chat.InSession)
		if c := w.state().Compare; c != nil {
			t.Errorf("who has a key compares %+v", c)
		}
		if n := len(w.broker.take(wire.KindJoin)); n != 1 {
			t.Errorf("joined %d times", n)
		}
	})
}

func TestW01WhoHasAKeyAndDoesNotAgreeMeetsNobody(t *testing.T) {
	for name, c := range map[string]struct {
		does    func(w *world)
		screen  chat.Screen
		why     wire.EndWhy
		problem words.Problem
	}{
		"refused": {func(w *world) { w.do(chat.Decision{ID: 7}) }, chat.Ended, wire.EndNotAgreed, words.NoProblem},
		"ignored": {func(w *world) {
			w.pass(5 * time.Minute)
			w.tells(&wire.Ended{Session: sessionID, Why: wire.EndNotAgreed})
		}, chat.Ended, wire.EndNotAgreed, words.NoProblem},
		"the key is gone": {func(w *world) {
			w.broker.set(func() { w.broker.queue.number = "" })
			w.do(chat.Decision{ID: 7, Yes: true})
			w.tells(&wire.Ended{Session: sessionID, Why: wire.EndNeverMet})
		}, chat.KeyForm, 0, words.NeverMet},
	} {
		t.Run(name, func(t *testing.T) {
			byKey(t, goodKey, func(w *world) {
				c.does(w)
				w.pass(3 * time.Second)
				w.on(c.screen)
				if got := w.state(); got.Session.Why != c.why || got.Problem != c.problem || got.Visit != nil {
					t.Errorf("why %d, problem %d, %+v", got.Session.Why, got.Problem, got.Visit)
				}
			})
		})
	}
}

// TestW01AMistypedKeyAsksOnce: the same text was agreed to a moment ago.
func TestW01AMistypedKeyAsksOnce(t *testing.T) {
	byKey(t, wrongKey, func(w *world) {
		w.do(chat.Decision{ID: 7, Yes: true})
		w.pass(2 * time.Second)
		if got := w.state(); got.Screen != chat.KeyForm || got.Problem != words.BadKey {
			t.Fatalf("screen %d, problem %d", got.Screen, got.Problem)
		}
		w.do(chat.Submit{Code: goodKey, Name: "Maria"})
		w.pass(2 * time.Second)
		w.rep.do(session.Accept{})
		w.pass(time.Second)
		w.on(chat.InSession)
		if n := len(w.broker.take(wire.KindDecision)); n != 2 {
			t.Errorf("%d answers", n)
		}
		w.rep.do(session.Leave{})
		w.pass(3 * time.Second)
		w.do(chat.Again{})
		w.do(chat.Submit{Code: goodKey, Name: "Maria"})
		w.pass(time.Second)
		w.on(chat.Waiting) // another session is asked for anew
	})
}
