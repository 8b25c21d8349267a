package chat

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"handrail/shared/secret"
	"handrail/shared/session"
	"handrail/shared/wire"
	"handrail/shared/words"
)

const key = "482 913 · 507 264"

func start() time.Time { return time.Date(2026, 11, 21, 9, 30, 0, 0, time.UTC) }

// window is a model with a clock.
type window struct {
	t   *testing.T
	m   *Model
	now time.Time
}

func open(t *testing.T) *window {
	return &window{t: t, m: New(start(), Config{Site: "Example"}), now: start()}
}

func (w *window) after(d time.Duration) *window {
	w.now = w.now.Add(d)
	return w
}

// does steps through events and wants exactly these effects from the last.
func (w *window) does(e Event, want ...Effect) {
	w.t.Helper()
	got := w.m.Step(w.now, e)
	if len(got) == 0 && len(want) == 0 {
		return
	}
	if !reflect.DeepEqual(got, want) {
		w.t.Errorf("%T: got %#v, want %#v", e, got, want)
	}
}

func (w *window) screen(want Screen) {
	w.t.Helper()
	if got := w.m.State().Screen; got != want {
		w.t.Fatalf("screen %d, want %d", got, want)
	}
}

// talking is a session that a rep has taken.
func talking() session.State {
	return session.State{Role: wire.RoleCustomer, Stage: session.Talking, Peer: "Ana", Linked: true, Began: start()}
}

func asking(id uint32, at time.Time) session.State {
	s := talking()
	s.Request = &session.Request{ID: id, What: wire.View | wire.Control, Deadline: at.Add(session.PromptTime), Longest: at.Add(session.LongestPrompt)}
	return s
}

// inSession is a window with a session.
func inSession(t *testing.T) *window {
	w := open(t)
	w.m.Step(w.now, Submit{Code: key})
	w.m.Step(w.now, Session{talking()})
	w.screen(InSession)
	return w
}

func TestP03BothHalvesOfTheKeyStartTheWay(t *testing.T) {
	w := open(t)
	w.does(Submit{Code: "482913-507264", Name: "  Jo  "}, Connect{Code: secret.Code{Number: "482913", Secret: "507264"}, Name: "Jo"})
	w.screen(Connecting)
}

func TestP03AKeyThatCannotBeOneIsExplainedAtOnce(t *testing.T) {
	for typed, want := range map[string]words.Sentence{
		"":                words.KeyShort,
		"482 913":         words.KeyShort,
		"482 913 507 26 ": words.KeyShort,
		"4829135072641":   words.KeyLong,
		"482 913 SECRET":  words.KeyNotDigits,
	} {
		w := open(t)
		w.does(Submit{Code: typed})
		w.screen(KeyForm)
		if got := w.m.State().Form.CodeHint; got != want {
			t.Errorf("%q: %q, want %q", typed, got, want)
		}
		w.does(Edited{})
		if w.m.State().Form.CodeHint != "" {
			t.Errorf("%q: the hint stays while the key is corrected", typed)
		}
	}
}

func TestP03ThreeWrongSecretsBurnTheKeyHereToo(t *testing.T) {
	w := open(t)
	for i := range secret.MaxTries {
		w.does(Submit{Code: key}, Connect{Code: secret.Code{Number: "482913", Secret: "507264"}})
		w.does(Failed{Problem: words.BadKey, WrongSecret: true})
		want := words.BadKey
		if i == secret.MaxTries-1 {
			want = words.KeyBurnt
		}
		if got := w.m.State().Problem; got != want {
			t.Errorf("try %d: problem %d, want %d", i+1, got, want)
		}
	}
	w.does(Submit{Code: "482913 999999"})
	w.screen(KeyForm)
	if got := w.m.State().Problem; got != words.KeyBurnt {
		t.Errorf("a fourth try: problem %d", got)
	}
	w.does(Submit{Code: "111222 999999"}, Connect{Code: secret.Code{Number: "111222", Secret: "999999"}})
}

func TestOtherFailuresBurnNoKey(t *testing.T) {
	w := open(t)
	for range 2 * secret.MaxTries {
		w.m.Step(w.now, Submit{Code: key})
		w.screen(Connecting)
		w.does(Failed{Problem: words.BrokerAway})
		w.screen(KeyForm)
		if got := w.m.State().Problem; got != words.BrokerAway {
			t.Fatalf("problem %d", got)
		}
	}
}

func TestAProgramWithoutASiteSaysSoAndConnectsNowhere(t *testing.T) {
	w := open(t)
	w.does(Failed{Problem: words.NoSite})
	w.does(Edited{})
	w.does(Submit{Code: key})
	w.screen(KeyForm)
	if got := w.m.State().Problem; got != words.NoSite {
		t.Errorf("problem %d", got)
	}
}

func TestANumberFromALinkFillsTheFirstHalf(t *testing.T) {
	w := open(t)
	w.does(SetNumber{Number: "482913"})
	if f := w.m.State().Form; f.Code != "482 913 · " || f.Filled != 1 {
		t.Errorf("form %+v", f)
	}
	w.does(SetNumber{Number: "nonsense"})
	if f := w.m.State().Form; f.Filled != 1 {
		t.Error("nonsense was filled in")
	}
}

func TestProgressOnlyGoesForward(t *testing.T) {
	w := open(t)
	w.m.Step(w.now, Submit{Code: key})
	for _, c := range []struct {
		e    Event
		want Progress
	}{
		{Reached{}, Meeting},
		{Joined{}, Meeting},
		{Met{}, Linking},
		{Linked{}, Proving},
		{Reached{}, Proving},
		{Session{session.State{Stage: session.Waiting, Peer: "Ana"}}, Accepting},
		{Met{}, Accepting},
	} {
		w.does(c.e)
		if got := w.m.State().Progress; got != c.want {
			t.Errorf("after %T: %d, want %d", c.e, got, c.want)
		}
	}
	w.screen(Connecting)
	w.does(Session{talking()})
	w.screen(InSession)
}

func TestCancelLeadsBackAndLateNewsIsIgnored(t *testing.T) {
	w := open(t)
	w.m.Step(w.now, Submit{Code: key})
	w.does(Cancel{}, GiveUp{})
	w.screen(KeyForm)
	for _, e := range []Event{Reached{}, Failed{Problem: words.NeverMet}, Session{talking()}} {
		w.does(e)
		w.screen(KeyForm)
		if w.m.State().Problem != words.NoProblem {
			t.Errorf("%T: a problem of a try that was given up", e)
		}
	}
}

func TestC09APromptCannotBeAnsweredInTheMomentItAppears(t *testing.T) {
	w := inSession(t)
	w.does(Session{asking(7, w.now)})
	w.does(Reply{ID: 7, Allow: true})
	if w.m.State().Prompt.Armed {
		t.Error("armed at once")
	}
	if got, want := w.m.Wake(), w.now.Add(ArmTime); !got.Equal(want) {
		t.Errorf("wake %v, want %v", got, want)
	}
	w.after(ArmTime - 1).does(Reply{ID: 7, Allow: true})
	w.after(1).does(Tick{})
	if !w.m.State().Prompt.Armed {
		t.Error("never armed")
	}
	w.does(Reply{ID: 7, Allow: true}, Do{session.Reply{ID: 7, Allow: true}})
}

func TestC09TheAnswerToOneQuestionDoesNotAnswerTheNext(t *testing.T) {
	w := inSession(t)
	w.m.Step(w.now, Session{asking(7, w.now)})
	w.after(time.Second).m.Step(w.now, Session{asking(8, w.now)})
	w.does(Reply{ID: 7, Allow: true})
	w.does(Reply{ID: 8, Allow: true})
	w.after(ArmTime).does(Reply{ID: 8, Allow: true}, Do{session.Reply{ID: 8, Allow: true}})
}

func TestC09TheClickThatBringsTheWindowToTheFrontAnswersNothing(t *testing.T) {
	w := inSession(t)
	w.m.Step(w.now, Looking{false})
	w.m.Step(w.now, Session{asking(7, w.now)})
	w.after(10 * time.Second).does(Looking{true})
	w.does(Reply{ID: 7, Allow: true})
	w.after(ArmTime).does(Reply{ID: 7, Allow: true}, Do{session.Reply{ID: 7, Allow: true}})
}

func TestC09TheRingCountsFullSecondsAndTellsOfMoreTime(t *testing.T) {
	w := inSession(t)
	s := asking(7, w.now)
	w.m.Step(w.now, Session{s})
	w.after(ArmTime).m.Step(w.now, Tick{})
	if got, want := w.m.Wake(), start().Add(time.Second); !got.Equal(want) {
		t.Errorf("wake %v, want the next full second %v", got, want)
	}
	p := w.m.State().Prompt
	if p.Left != session.PromptTime-ArmTime || p.Whole != session.PromptTime || !p.CanMore {
		t.Errorf("prompt %+v", p)
	}
	w.does(MoreTime{ID: 7}, Do{session.MoreTime{ID: 7}})
	later := *s.Request
	later.Deadline = later.Longest
	s.Request = &later
	w.m.Step(w.now, Session{s})
	if p := w.m.State().Prompt; p.CanMore || !p.Armed {
		t.Errorf("after all the time there is: %+v", p)
	}
}

func TestC06StopSharingReachesTheSessionAtOnce(t *testing.T) {
	w := inSession(t)
	w.does(StopSharing{}, Do{session.StopSharing{}})
}

func TestTextThatCannotBeSentComesBack(t *testing.T) {
	full := talking()
	full.Full = true
	long := strings.Repeat("x", wire.MaxText+1)
	for _, c := range []struct {
		name string
		in   *session.State
		text string
		why  words.Sentence
	}{
		{"too long", nil, long, words.TooLong},
		{"too much waits", &full, "hello", words.TooMuchWaits},
		{"the session is over", &session.State{Stage: session.Over}, "hello", ""},
	} {
		w := inSession(t)
		if c.in != nil {
			w.m.Step(w.now, Session{*c.in})
		}
		w.does(Say{c.text})
		if b := w.m.State().Back; b.N != 1 || b.Text != c.text || b.Why != c.why {
			t.Errorf("%s: back %d %q %q", c.name, b.N, b.Text[:5], b.Why)
		}
	}
	w := inSession(t)
	w.m.Step(w.now, Say{long})
	w.does(Say{"hello"}, Do{session.Say{Text: "hello"}})
	if w.m.State().Back.Why != "" {
		t.Error("the remark stays after a message was sent")
	}
}

func TestC08ClosingASessionAsksOnceAndEndsIt(t *testing.T) {
	w := inSession(t)
	w.does(CloseConfirmed{}) // nobody asked
	w.does(CloseAsked{})
	if !w.m.State().Closing {
		t.Fatal("not asked")
	}
	w.does(CloseDismissed{})
	if w.m.State().Closing {
		t.Error("still asking")
	}
	w.does(CloseAsked{})
	w.does(CloseConfirmed{}, Do{session.Leave{}})
	w.does(CloseAsked{})
	if w.m.State().Closing {
		t.Error("asked twice")
	}
	over := talking()
	over.Stage, over.Why = session.Over, wire.EndByCustomer
	w.does(Session{over})
	w.screen(Ended)
	w.after(surveyWait).does(Tick{}, Quit{})
}

func TestC08ClosingDoesNotWaitForeverForTheSession(t *testing.T) {
	w := inSession(t)
	w.m.Step(w.now, CloseAsked{})
	w.m.Step(w.now, CloseConfirmed{})
	if got, want := w.m.Wake(), w.now.Add(LeaveTime); !got.Equal(want) {
		t.Fatalf("wake %v, want %v", got, want)
	}
	w.after(LeaveTime).does(Tick{}, Quit{})
	w.does(Tick{})
}

func TestClosingOutsideASessionJustQuits(t *testing.T) {
	open(t).does(CloseAsked{}, Quit{})
	w := open(t)
	w.m.Step(w.now, Submit{Code: key})
	w.m.Step(w.now, CloseAsked{})
	w = open(t)
	w.m.Step(w.now, Submit{Code: key})
	w.does(CloseAsked{}, GiveUp{}, Quit{})
}

func TestE01TheEndIsShownAndLeadsBackToTheForm(t *testing.T) {
	w := inSession(t)
	over := talking()
	over.Stage, over.Why = session.Over, wire.EndByRep
	w.does(Session{over})
	w.screen(Ended)
	if w.m.State().Session.Why != wire.EndByRep {
		t.Error("the reason is gone")
	}
	w.does(Session{talking()})
	w.screen(Ended)
	w.does(Again{}, GiveUp{})
	w.screen(KeyForm)
	if s := w.m.State(); s.Session.Stage != session.Waiting || s.Form.Code != "" || s.Form.Filled != 1 {
		t.Errorf("not a fresh form: %+v", s.Form)
	}
}

// TestWhatWasNotSaidToOneRepIsForNoOther: the last message came too late for
// the session it was written in.
func TestWhatWasNotSaidToOneRepIsForNoOther(t *testing.T) {
	w := inSession(t)
	w.does(Session{ended()})
	w.does(Say{Text: "my PIN is"})
	if b := w.m.State().Back; b.Text != "my PIN is" {
		t.Fatalf("not given back: %+v", b)
	}
	w.does(Again{}, GiveUp{})
	if b := w.m.State().Back; b.Text != "" {
		t.Errorf("kept for the next session: %+v", b)
	}
}

func TestC04TheSizeOfTextIsKeptAndRemembered(t *testing.T) {
	w := open(t)
	w.does(Font{1}, Save{Settings{Font: 1}})
	w.does(Font{1}, Save{Settings{Font: 2}})
	w.does(Font{-1}, Save{Settings{Font: 1}})
	w.does(Font{0}, Save{Settings{Font: 0}})
	w.does(Font{0})
	for range 20 {
		w.m.Step(w.now, Font{1})
	}
	if s := w.m.State(); s.CanLarger || !s.CanSmall || s.Settings.Scale() != 2 {
		t.Errorf("largest: %+v", s.Settings)
	}
	for range 20 {
		w.m.Step(w.now, Font{-1})
	}
	if s := w.m.State(); s.CanSmall || !s.CanLarger || s.Settings.Scale() >= 1 {
		t.Errorf("smallest: %+v", s.Settings)
	}
	if got := New(start(), Config{Settings: Settings{Font: 99}}).State().Settings.Scale(); got != 2 {
		t.Errorf("spoilt settings give scale %v", got)
	}
}

func TestUnreadCountsWhatTheRepSaidWhileNobodyLooked(t *testing.T) {
	w := inSession(t)
	s := talking()
	add := func(l session.Line) { s.Lines = append(s.Lines, l) }
	add(session.Line{Text: "seen"})
	w.m.Step(w.now, Session{s})
	w.m.Step(w.now, Looking{false})
	add(session.Line{Text: "new"})
	add(session.Line{Text: "mine", Mine: true})
	add(session.Line{Kind: session.LineSharing})
	w.m.Step(w.now, Session{s})
	w.m.Step(w.now, Session{s})
	add(session.Line{Kind: session.LineNudge})
	s.Lines, s.Dropped = s.Lines[2:], 2
	w.m.Step(w.now, Session{s})
	if got := w.m.State().Unread; got != 2 {
		t.Errorf("%d unread, want 2", got)
	}
	w.m.Step(w.now, Looking{true})
	if got := w.m.State().Unread; got != 0 {
		t.Errorf("%d unread after looking", got)
	}
}

func TestAStateNeverChangesAfterItWasGiven(t *testing.T) {
	w := inSession(t)
	w.m.Step(w.now, Session{asking(7, w.now)})
	before := w.m.State()
	left := before.Prompt.Left
	w.after(5*time.Second).m.Step(w.now, Tick{})
	w.m.Step(w.now, Font{1})
	if before.Prompt.Left != left || before.Settings.Font != 0 {
		t.Error("it changed")
	}
}

func TestALongNameIsCutBetweenLetters(t *testing.T) {
	w := open(t)
	f := w.m.Step(w.now, Submit{Code: key, Name: "x" + strings.Repeat("ß", wire.MaxName)})
	if n := f[0].(Connect).Name; len(n) > wire.MaxName || !strings.HasSuffix(n, "ß") {
		t.Errorf("%d bytes ending in %q", len(n), n[len(n)-2:])
	}
}

// No order of events may answer a prompt that was not up long enough.
func FuzzOnlyAnArmedPromptIsAnswered(f *testing.F) {
	f.Add([]byte{0, 1, 2, 3, 4, 5, 6, 7, 8})
	f.Add([]byte{1, 2, 4, 3, 3, 8, 4})
	f.Fuzz(func(t *testing.T, script []byte) {
		now := start()
		m := New(now, Config{})
		var shown time.Time // since when the open prompt has been up and looked at
		var id uint32
		looking := true
		for _, b := range script {
			var e Event
			switch b % 9 {
			case 0:
				e = Submit{Code: key}
			case 1:
				e = Session{talking()}
				id = 0
			case 2:
				id++
				shown = now
				e = Session{asking(id, now)}
			case 3:
				now = now.Add(300 * time.Millisecond)
				e = Tick{}
			case 4:
				e = Reply{ID: id, Allow: true}
			case 5:
				e = CloseAsked{}
			case 6:
				e, looking = Looking{false}, false
			case 7:
				if !looking {
					shown = now
				}
				e, looking = Looking{true}, true
			case 8:
				e = Again{}
			}
			for _, f := range m.Step(now, e) {
				if d, ok := f.(Do); ok {
					if r, ok := d.Event.(session.Reply); ok && (r.ID != id || now.Sub(shown) < ArmTime) {
						t.Fatalf("prompt %d answered after %v", r.ID, now.Sub(shown))
					}
				}
			}
		}
	})
}
