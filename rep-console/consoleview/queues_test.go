package consoleview

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"handrail/rep-console/console"
	"handrail/shared/session"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// queued is the desk of a rep with queues, in which some wait.
func queued(all ...*console.Waiter) console.State {
	s := at()
	s.Queues = []console.Queue{
		{Name: "All queues"},
		{ID: "rep:7", What: wire.QueuePersonal, Name: "My queue"},
		{ID: "team:1", What: wire.QueueTeam, Name: "Printers"},
		{ID: "general", What: wire.QueueGeneral, Name: "General queue"},
	}
	s.Waiters = all
	for _, w := range all {
		for i := range s.Queues {
			if q := &s.Queues[i]; (i == 0 || q.ID == w.Queue) && w.Stage != console.WaiterGone {
				q.Waits++
				if w.Here {
					q.Here++
				}
				if w.New {
					q.News++
				}
			}
		}
	}
	return s
}

func waits(n int, queue, name string, since time.Duration, change ...func(*console.Waiter)) *console.Waiter {
	w := &console.Waiter{Since: noon().Add(-since)}
	w.Visitor = wire.Visitor{Session: id(n), Queue: queue, Name: name, Here: true, Issue: "Printer or scanner", System: "windows", Portal: "Alpine Support", Locale: "de-AT"}
	for _, f := range change {
		f(w)
	}
	return w
}

func three() []*console.Waiter {
	return []*console.Waiter{
		waits(1, "team:1", "Maria Huber", 12*time.Minute, func(w *console.Waiter) {
			w.Company, w.CompanyCode, w.Description = "Huber & Söhne", "HS-4711", "The printer says it is offline.\nIt worked yesterday."
			w.Fields, w.Recording = []wire.VisitorField{{Name: "Room", Value: "2.14"}}, wire.ConsentDeclined
			w.From, w.Note = "Anna Weber", "Cable is in. Needs a new driver."
		}),
		waits(2, "general", "", 130*time.Second, func(w *console.Waiter) { w.Here = false }),
		waits(3, "rep:7", "Noor Haddad", 42*time.Second, func(w *console.Waiter) { w.New = true }),
	}
}

func picked(s console.State, n int) console.State {
	s.Picked = id(n)
	return s
}

func moving(s console.State, n int) console.State {
	s.Move = console.Move{ID: id(n), Name: "Maria Huber", To: "team:2", Note: "Please look at the driver.", Targets: []console.Target{
		{Queue: "rep:9", What: wire.QueuePersonal, Name: "Anna Weber", Here: true},
		{Queue: "team:2", What: wire.QueueTeam, Name: "Networks", Here: true},
		{Queue: "general", What: wire.QueueGeneral, Name: "General queue", Here: true},
		{Queue: "rep:8", What: wire.QueuePersonal, Name: "Bo Li"},
	}}
	return s
}

// compared is a session out of a queue.
func compared(sure bool) func(*console.Session) {
	return func(x *console.Session) {
		x.State.Proof, x.State.Verified, x.State.Words = wire.ProofCompare, sure, [3]string{"harbour", "violin", "ticket"}
		x.Number, x.Visitor = "", three()[0]
	}
}

func queueScenes() []scene {
	fresh := console.State{Now: noon(), Organisation: "Alpine Support", Settings: at().Settings}
	talks := func(change ...func(*console.Session)) console.State {
		return with(queued(three()[2]), visit(1, "Maria Huber", session.Talking, append([]func(*console.Session){talk()}, change...)...))
	}
	gone := three()
	gone[1].Stage, gone[1].Gone, gone[1].By = console.WaiterGone, wire.GoneTaken, "Anna Weber"
	gone[2].Stage = console.WaiterAsked
	many := []*console.Waiter{}
	for i := range 200 {
		many = append(many, waits(i+1, []string{"team:1", "general"}[i%2], fmt.Sprintf("Customer %d", i+1), time.Duration(200-i)*20*time.Second))
	}
	long := strings.Repeat("A very long text that somebody wrote without end ", 40)
	return []scene{
		{"queues-empty", queued()},
		{"queues-three", queued(three()...)},
		{"queues-picked", picked(queued(three()...), 1)},
		{"queues-gone", with(picked(queued(gone...), 2), func(s *console.State) { s.Nexting, s.Settings.Mute, s.Note = true, true, "Another rep was quicker." })},
		{"queues-many", picked(queued(many...), 3)},
		{"queues-long", picked(queued(waits(1, "team:1", long, 65*time.Minute, func(w *console.Waiter) {
			w.Issue, w.Company, w.Description = long, long, long
			w.Fields = []wire.VisitorField{{Name: long[:80], Value: long}}
		})), 1)},
		{"queues-caller", with(queued(three()...), visit(7, "Ana Kovačević", session.Waiting, since(70*time.Second)))},
		{"queues-problem", with(queued(three()...), func(s *console.State) { s.QueueProblem = words.NotAllowed })},
		{"queues-moving", moving(picked(queued(three()...), 1), 1)},
		{"login-known", with(fresh, func(s *console.State) { s.SignIn, s.Problem = console.LoggedOut, words.IdleTooLong })},
		{"login-asking", with(fresh, func(s *console.State) { s.SignIn = console.LoggingIn })},
		{"login-code", with(fresh, func(s *console.State) {
			s.SignIn = console.LoggingIn
			s.Pairing = console.Pairing{Code: "K7QF-2MHT", URL: "https://help.example/login/console/K7QF-2MHT", Expires: noon().Add(9 * time.Minute)}
		})},
		{"login-in-session", with(talks(compared(true)), func(s *console.State) { s.SignIn, s.Queues = console.LoggedOut, nil })},
		{"idle", with(talks(compared(true)), func(s *console.State) { s.IdleAt = noon().Add(17 * time.Second) })},
		{"meeting", with(queued(), visit(1, "Maria Huber", session.Waiting, compared(false), func(x *console.Session) { x.Taken, x.Meeting = true, true }), func(s *console.State) {
			s.Tabs, s.Selected = []wire.SessionID{id(1)}, id(1)
		})},
		{"compare", talks(compared(false))},
		{"compare-differ", with(talks(compared(false)), func(s *console.State) { s.Question = console.Question{Ask: console.WordsDiffer, ID: id(1)} })},
		{"compared", talks(compared(true))},
		{"denied", talks(compared(true), func(x *console.Session) {
			x.Denied = []string{"transfer", "control"}
			x.State.Denied = session.Denials{What: wire.Control, Send: true, Nudge: true}
		})},
		{"session-moving", moving(talks(compared(true)), 1)},
	}
}

func TestK02K04Z03TheWindowOfEachState(t *testing.T) {
	for _, s := range queueScenes() {
		t.Run(s.name, func(t *testing.T) {
			b := showing(t, s.state)
			b.w.Canvas().Unfocus()
			test.AssertRendersToMarkup(t, s.name+".xml", b.w.Canvas())
		})
	}
}

func TestK02OnlyRowsThatCanBeSeenAreMade(t *testing.T) {
	var all []*console.Waiter
	for i := range 10_000 {
		all = append(all, waits(i+1, "general", fmt.Sprintf("Customer %d", i+1), time.Minute))
	}
	b := showing(t, queued(all...))
	r := b.v.queues.roster
	if n := len(r.rows); n == 0 || n > 20 {
		t.Fatalf("%d rows", n)
	}
	b.v.Show(picked(queued(all...), 10_000))
	if !b.reads("Customer 10000") {
		t.Error("the picked one is out of sight")
	}
	b.v.Show(picked(queued(all[:3]...), 1))
	if b.reads("Customer 9990") || !b.reads("Customer 2") {
		t.Error("a short list after a long one")
	}
}

func TestK02TheListIsUsedByKeys(t *testing.T) {
	b := showing(t, queued(three()...))
	r := b.v.queues.roster
	b.w.Canvas().Focus(r)
	b.want("focus", console.PickBy{})
	b.v.Show(picked(queued(three()...), 1))
	rows := []struct {
		key  fyne.KeyName
		want console.Event
	}{
		{fyne.KeyDown, console.PickBy{By: 1}},
		{fyne.KeyUp, console.PickBy{By: -1}},
		{fyne.KeyHome, console.PickBy{By: -3}},
		{fyne.KeyEnd, console.PickBy{By: 3}},
		{fyne.KeyReturn, console.TakeWaiter{}},
		{fyne.KeyEnter, console.TakeWaiter{}},
		{fyne.KeySpace, console.TakeWaiter{}},
	}
	for _, k := range rows {
		r.TypedKey(&fyne.KeyEvent{Name: k.key})
		b.want(string(k.key), k.want)
	}
	if got := r.AccessibilityLabel(); got != "Maria Huber, waiting for 12 min" {
		t.Errorf("read out as %q", got)
	}
}

func TestK02OnePressPicksTheSecondAccepts(t *testing.T) {
	b := showing(t, queued(three()...))
	press := &desktop.MouseEvent{Button: desktop.MouseButtonPrimary}
	row, other := b.v.queues.roster.rows[0], b.v.queues.roster.rows[2]
	row.MouseDown(press)
	if got := b.events(); len(got) == 0 || got[0] != (console.Pick{ID: id(1)}) {
		t.Errorf("one press did %v", got)
	}
	row.MouseDown(press)
	b.want("second press", console.TakeWaiter{ID: id(1)})
	row.MouseDown(press)
	b.events()
	other.MouseDown(press)
	b.want("somebody else", console.Pick{ID: id(3)})
	other.MouseDown(&desktop.MouseEvent{Button: desktop.MouseButtonSecondary})
	b.want("the other button")
}

// A row is somebody else's when the list moves: the second press is for who
// was pressed first, or for nobody.
func TestK02TheSecondPressIsForTheSameCustomer(t *testing.T) {
	b := showing(t, queued(three()...))
	row := b.v.queues.roster.rows[0]
	press := &desktop.MouseEvent{Button: desktop.MouseButtonPrimary}
	row.MouseDown(press)
	b.events()
	b.v.Show(queued(three()[2]))
	row.MouseDown(press)
	b.want("another one is there now", console.Pick{ID: id(3)})
}

func TestK02ThePointerKeepsTheListStill(t *testing.T) {
	b := showing(t, queued(three()...))
	row := b.v.queues.roster.rows[0]
	row.MouseIn(&desktop.MouseEvent{})
	row.MouseMoved(&desktop.MouseEvent{})
	b.want("in", console.Steady{On: true})
	row.MouseOut()
	b.want("out", console.Steady{})
}

func TestK02WhoCameByAKeyStandsAboveTheQueues(t *testing.T) {
	b := showing(t, with(queued(three()...), visit(7, "Ana", session.Waiting)))
	if !b.reads("Ana is waiting for you") || !b.reads("Noor Haddad") {
		t.Error("not both are to be read")
	}
	if places := b.v.Places(); places["accept"].W == 0 || places["queue-next"].W == 0 {
		t.Error("not both can be taken")
	}
	test.Tap(b.v.start.caller.accept)
	b.want("accept", console.Accept{ID: id(7)})
	test.Tap(b.v.start.caller.decline)
	b.want("decline", console.Decline{ID: id(7)})
	b.v.Show(queued(three()...))
	if b.reads("Ana is waiting for you") {
		t.Error("it stays when nobody waits")
	}
}

func TestK02EveryButtonOfTheQueues(t *testing.T) {
	b := showing(t, picked(queued(three()...), 1))
	b.press(words.QueueNext)
	b.want("next", console.TakeNext{})
	test.Tap(b.v.queues.accept)
	b.want("accept", console.TakeWaiter{})
	b.press(words.QueueMove)
	b.want("hand on", console.MoveOn{})
	test.Tap(b.v.queues.chips["team:1"].press)
	b.want("queue", console.ChooseQueue{ID: "team:1"})
	b.press(words.QueueName)
	b.want("sort", console.SortBy{By: console.SortName})
	b.pressHint(words.QueueUnmute)
	b.want("quiet", console.Mute{On: true})
	s := picked(queued(three()...), 2)
	s.Settings.Mute = true
	b.v.Show(s)
	b.pressHint(words.QueueMute)
	b.want("loud", console.Mute{})
	test.Tap(b.v.queues.accept)
	b.want("a customer who is not there yet")
	if !b.reads("not started yet") {
		t.Error("nothing says why")
	}
	for _, text := range []string{"All queues", "3", "General queue"} {
		if !b.reads(text) {
			t.Errorf("%q is not to be read", text)
		}
	}
}

func TestK02TheDetailsSayWhatIsKnown(t *testing.T) {
	b := showing(t, picked(queued(three()...), 1))
	for _, text := range []string{
		"Maria Huber", "Huber & Söhne", "HS-4711", "Printer or scanner", "The printer says it is offline.", "Room", "2.14", "Alpine Support",
		"Windows", "de-AT", "11:48", "Declined", "Note from Anna Weber", "Cable is in.",
	} {
		if !b.reads(text) {
			t.Errorf("%q is not to be read", text)
		}
	}
}

func TestK02TheTitleAndTheTabSayHowManyWait(t *testing.T) {
	b := showing(t, queued(three()...))
	if got := b.w.Title(); got != "(2) Handrail console" {
		t.Errorf("the title is %q", got)
	}
	b.v.Show(with(queued(three()...), visit(7, "Ana", session.Talking)))
	if news := b.v.tabs.news; !news.Visible() || news.text.Text != "1" {
		t.Error("the tab of the start page has no mark")
	}
	b.v.Show(queued())
	if got := b.w.Title(); got != "Handrail console" {
		t.Errorf("the title is %q", got)
	}
}

func TestK04HandingOnFromTheQueueAndFromASession(t *testing.T) {
	for name, s := range map[string]console.State{
		"queue":   moving(picked(queued(three()...), 1), 1),
		"session": moving(with(queued(), visit(1, "Maria Huber", session.Talking, compared(true))), 1),
	} {
		b := showing(t, s)
		m := b.v.queues.mover
		if name == "session" {
			m = b.v.panes[id(1)].mover
		}
		if m.find.Text != "" || m.note.Text != "Please look at the driver." {
			t.Errorf("%s: the fields hold %q and %q", name, m.find.Text, m.note.Text)
		}
		m.find.OnChanged("ann")
		m.find.OnSubmitted("")
		m.note.OnChanged("Bye")
		test.Tap(m.rows["rep:8"].press)
		b.press(words.MoveGo)
		b.press(words.MoveCancel)
		b.want(name, console.MoveFind{Text: "ann"}, console.MoveTo{Queue: "rep:9"}, console.MoveNote{Text: "Bye"},
			console.MoveTo{Queue: "rep:8"}, console.MoveGo{}, console.MoveShut{})
		told := "goes on waiting"
		if name == "session" {
			told = "The customer is told"
		}
		if !b.reads(told) || !b.reads("not signed in") {
			t.Errorf("%s: what the customer is told is not to be read", name)
		}
		s.Move.Problem = words.NoTarget
		b.v.Show(s)
		if !b.reads("Nobody is there who could take over.") {
			t.Errorf("%s: the problem is not to be read", name)
		}
	}
}

// TestK02AConsoleWithoutABrokerDoesNotSayThatNobodyWaits: it doesn't know.
func TestK02AConsoleWithoutABrokerDoesNotSayThatNobodyWaits(t *testing.T) {
	b := showing(t, queued())
	if !b.reads("Nobody is waiting") {
		t.Error("an empty queue does not say so")
	}
	for _, mute := range []bool{false, true} {
		b.v.Show(with(queued(), func(s *console.State) {
			s.SignIn, s.Problem, s.Settings.Mute = console.Away, words.SignedInElse, mute
		}))
		if b.reads("Nobody is waiting") || !b.reads("Who waits can't be seen now") {
			t.Errorf("muted %v: who is not connected reads that nobody waits", mute)
		}
	}
}

// TestK01WhoIsRemovedInASessionReadsItAndFindsTheWayBack: an administrator has
// removed the console, and its sessions go on.
func TestK01WhoIsRemovedInASessionReadsItAndFindsTheWayBack(t *testing.T) {
	b := showing(t, with(queued(), visit(1, "Maria Huber", session.Talking, talk()), func(s *console.State) {
		s.SignIn, s.Queues, s.Waiters = console.Unknown, nil, nil
	}))
	for _, text := range []string{"This console was removed", "Your sessions go on."} {
		if !b.reads(text) {
			t.Errorf("%q is not to be read", text)
		}
	}
	b.press(words.LoginButton)
	b.want("the way back", console.LogIn{})
}

func TestPlacesNameTheThingsOfQueuesAndLogins(t *testing.T) {
	rows := []struct {
		scene string
		names []string
	}{
		{"queues-picked", []string{"queue-next", "queue-mute", "queue-accept", "queue-move", "waiter-1", "waiter-3", "account"}},
		{"queues-moving", []string{"move-find", "move-note", "move-go", "move-cancel", "target-1", "target-4"}},
		{"session-moving", []string{"move-find", "target-2", "details", "hand-on"}},
		{"compare", []string{"words", "words-differ", "details", "hand-on", "ask-view"}},
		{"compare-differ", []string{"yes", "no"}},
		{"login-known", []string{"log-in"}},
		{"login-code", []string{"login-code", "login-open", "login-cancel"}},
		{"idle", []string{"stay"}},
	}
	for _, r := range rows {
		for _, s := range queueScenes() {
			if s.name != r.scene {
				continue
			}
			places := showing(t, s.state).v.Places()
			for _, name := range r.names {
				if places[name].W == 0 {
					t.Errorf("%s: %s has no place", r.scene, name)
				}
			}
			for name, text := range map[string]string{
				"words": "harbour   violin   ticket", "waiter-1": "Maria Huber", "login-code": "K7QF-2MHT",
				"target-1": "Anna Weber · Rep", "queue": "Maria Huber, Customer without a name, Noor Haddad",
				"login-url": "https://help.example/login/console/K7QF-2MHT",
			} {
				if p, there := places[name]; there && p.Text != text && !(name == "queue" && s.name != "queues-picked") {
					t.Errorf("%s: %s reads %q", r.scene, name, p.Text)
				}
			}
		}
	}
}

func TestK01LoggingInWithTheBrowser(t *testing.T) {
	b := showing(t, console.State{Now: noon(), SignIn: console.Unknown})
	b.press(words.LoginButton)
	b.want("log in", console.LogIn{})
	if !b.reads("Other way") {
		t.Error("the other way is not offered")
	}
	s := console.State{Now: noon(), SignIn: console.LoggingIn}
	b.v.Show(s)
	b.press(words.LoginOpen)
	b.want("nothing to open yet")
	s.Pairing = console.Pairing{Code: "K7QF-2MHT", URL: "https://help.example/x", Expires: noon().Add(time.Minute)}
	b.v.Show(s)
	for _, text := range []string{"K7QF-2MHT", "help.example", "Valid for 1:00"} {
		if !b.reads(text) {
			t.Errorf("%q is not to be read", text)
		}
	}
	b.press(words.LoginOpen)
	b.press(words.LoginCopy)
	b.press(words.LoginCancel)
	b.want("page", console.OpenLogIn{}, console.CopyLogIn{}, console.StopLogIn{})
}

func TestK01SigningOutAndTheCertificate(t *testing.T) {
	s := at()
	s.Certificate = console.Certificate{Name: "Robin Weber", To: noon().Add(300 * 24 * time.Hour), Checked: true, Kept: true}
	b := showing(t, s)
	test.Tap(b.find("the rep", func(o fyne.CanvasObject) bool {
		p, ok := o.(*press)
		return ok && p.hintOf == "Your login on this console"
	}).(fyne.Tappable))
	if !b.reads("Alpine Support has certified this console for Robin Weber, until 2031-12-29.") {
		t.Error("the certificate is not to be read")
	}
	b.press(words.LoginOut)
	b.want("sign out", console.SignOut{})
}

func TestK01TheWarningBeforeBeingLoggedOut(t *testing.T) {
	s := at()
	s.IdleAt = noon().Add(17 * time.Second)
	b := showing(t, s)
	if !b.reads("signed out in 17 s") {
		t.Error("the warning is not to be read")
	}
	b.did = nil
	b.press(words.IdleStay)
	if !slices.Contains(b.did, console.Event(console.Used{})) {
		t.Errorf("staying did %v", b.did)
	}
}

func TestK01WhateverIsDoneOrPointedAtIsUse(t *testing.T) {
	for name, do := range map[string]func(b *bench){
		"a button": func(b *bench) { b.press(words.RepNewKey) },
		"a hint":   func(b *bench) { b.v.rail.newKey.MouseIn(&desktop.MouseEvent{}) },
		"anywhere": func(b *bench) { newSensor(b.v.use).MouseMoved(&desktop.MouseEvent{}) },
	} {
		b := showing(t, at())
		b.v.used, b.did = time.Time{}, nil
		do(b)
		do(b)
		used := 0
		for _, e := range b.did {
			if _, ok := e.(console.Used); ok {
				used++
			}
		}
		if used != 1 {
			t.Errorf("%s: said %d times", name, used)
		}
	}
}

func TestZ03TheThreeWordsStandInTheSessionUntilTheyAreCompared(t *testing.T) {
	s := with(queued(), visit(1, "Maria Huber", session.Talking, compared(false)))
	b := showing(t, s)
	p := b.v.panes[id(1)]
	for _, text := range []string{"harbour   violin   ticket", "Ask the customer to read the three words", "Not verified"} {
		if !b.reads(text) {
			t.Errorf("%q is not to be read", text)
		}
	}
	for name, held := range map[string]*tool{"control": p.stage.both, "files": p.clip} {
		if !held.Disabled() || held.Hint != string(words.HeldBack) {
			t.Errorf("%s: disabled %v, %q", name, held.Disabled(), held.Hint)
		}
	}
	if p.stage.view.Disabled() {
		t.Error("viewing is held back, too")
	}
	b.press(words.WordsDifferent)
	b.want("they differ", console.Differ{ID: id(1)})
	s.Question = console.Question{Ask: console.WordsDiffer, ID: id(1)}
	b.v.Show(s)
	b.press(words.RepEndNo)
	b.want("no", console.No{})
	b.v.Show(with(queued(), visit(1, "Maria Huber", session.Talking, compared(true))))
	if b.reads("harbour") || !b.reads("Verified") || p.stage.both.Disabled() {
		t.Error("it is verified and looks otherwise")
	}
}

func TestA03WhatTheOrganisationDeniesIsGreyAndSaysWhy(t *testing.T) {
	var state console.State
	for _, s := range queueScenes() {
		if s.name == "denied" {
			state = s.state
		}
	}
	b := showing(t, state)
	p := b.v.panes[id(1)]
	for name, denied := range map[string]*tool{"control": p.stage.both, "files": p.clip, "nudge": p.nudge, "hand on": p.hand} {
		if !denied.Disabled() || denied.Hint != string(words.DeniedByOrganisation) {
			t.Errorf("%s: disabled %v, %q", name, denied.Disabled(), denied.Hint)
		}
	}
	if p.stage.view.Disabled() {
		t.Error("viewing is denied, too")
	}
}
