package look

import (
	"slices"
	"strings"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/storage"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"handrail/shared/session"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// sent is a session of one transfer.
func sent(x session.Transfer) session.State {
	st := chatter(3)
	st.Linked = true
	x.ID, x.Items = 2, max(x.Items, 1)
	st.Transfers = []session.Transfer{x}
	st.Lines = append(st.Lines, session.Line{At: at(9), Kind: session.LineTransfer, Mine: x.Mine, Transfer: x.ID})
	return st
}

func (t *Timeline) card() *fileCard { return t.rows[len(t.state.Lines)-1].obj.(*fileCard) }

func TestC03ACardOffersWhatCanBeDone(t *testing.T) {
	for _, c := range []struct {
		role wire.Role
		x    session.Transfer
		want []string
	}{
		{wire.RoleCustomer, session.Transfer{}, nil}, // the prompt asks
		{wire.RoleRep, session.Transfer{}, []string{"take-file", "refuse-file"}},
		{wire.RoleRep, session.Transfer{Mine: true}, []string{"cancel-file"}},
		{wire.RoleCustomer, session.Transfer{Stage: session.TransferGoing}, []string{"cancel-file"}},
		{wire.RoleCustomer, session.Transfer{Stage: session.TransferArrived, Place: "/d/a"}, []string{"show-file"}},
		{wire.RoleCustomer, session.Transfer{Mine: true, Stage: session.TransferArrived, Place: "/d/a"}, nil},
		{wire.RoleRep, session.Transfer{Stage: session.TransferRefused}, nil},
		{wire.RoleRep, session.Transfer{Stage: session.TransferHalted}, nil},
	} {
		l := shown(t)
		var acts []FileAct
		l.OnFile = func(id uint32, act FileAct) {
			if id != 2 {
				t.Errorf("transfer %d", id)
			}
			acts = append(acts, act)
		}
		st := sent(c.x)
		st.Role = c.role
		l.Set(st, nil)
		places := l.FilePlaces()
		for _, name := range c.want {
			if b, ok := places[name].(*Button); ok {
				test.Tap(b)
			}
		}
		if len(places) != len(c.want) || len(acts) != len(c.want) {
			t.Errorf("role %d, %+v: %v, pressed %v", c.role, c.x, places, acts)
		}
	}
}

func TestC03TheBarShowsHowFarItIs(t *testing.T) {
	l := shown(t)
	x := session.Transfer{Mine: true, Size: 400, Stage: session.TransferGoing}
	for _, done := range []uint64{0, 100, 400, 900} {
		x.Done = done
		l.Set(sent(x), nil)
		c := l.card()
		want := c.track.Size().Width * float32(min(done, 400)) / 400
		if got := c.bar.Size().Width; done > 0 && got != want || c.bar.Visible() != (done > 0) {
			t.Errorf("%d of 400: %v of %v", done, got, c.track.Size().Width)
		}
	}
	x.Stage = session.TransferArrived
	l.Set(sent(x), nil)
	if l.card().track.Visible() {
		t.Error("the bar stays")
	}
}

func TestC03ALongNameIsCutInItsMiddleAndShownWholeUnderThePointer(t *testing.T) {
	l := shown(t)
	long := strings.Repeat("quarterly ", 20) + "report (2).pdf"
	l.Set(sent(session.Transfer{Name: long}), nil)
	c := l.card()
	if got := c.name.String(); !strings.HasPrefix(got, "quarterly") || !strings.HasSuffix(got, " (2).pdf") || len(got) > 120 {
		t.Errorf("shows %q", got)
	}
	c.MouseIn(nil)
	if !l.tip.Visible() || l.told.String() != long {
		t.Errorf("under the pointer: %q", l.told.String())
	}
	if p, s := l.tip.Position(), l.tip.Size(); p.X < 0 || p.Y < 0 || p.X+s.Width > l.Size().Width || p.Y+s.Height > l.Size().Height {
		t.Errorf("the whole name stands at %v, %v", p, s)
	}
	c.MouseOut()
	if l.tip.Visible() {
		t.Error("the whole name stays")
	}
	l.Set(sent(session.Transfer{Name: "short.pdf"}), nil)
	l.card().MouseIn(nil)
	if l.tip.Visible() {
		t.Error("a name that is there already is shown again")
	}
}

func TestC03OnlyFilesOfThisMachineCanBeSent(t *testing.T) {
	web, err := storage.ParseURI("https://example.org/c")
	if err != nil {
		t.Fatal(err)
	}
	got := Paths([]fyne.URI{
		storage.NewFileURI("/a b"), nil, web, storage.NewFileURI("/a b"), storage.NewFileURI("/d%20e"),
	})
	if !slices.Equal(got, []string{"/a b", "/d%20e"}) {
		t.Errorf("%q", got)
	}
}

func TestC03OpeningAFolderNeverOpensTheFile(t *testing.T) {
	for place, want := range map[string]string{
		"/home/jo/Downloads/a b.exe": "file:///home/jo/Downloads",
		"/x?y#z/a":                   "file:///x%3Fy%23z",
		"C:/Users/Jo/a.exe":          "file:///C:/Users/Jo",
	} {
		if got := FolderOf(place).String(); got != want {
			t.Errorf("%s: %s, want %s", place, got, want)
		}
	}
}

func TestC03AFolderIsChosenAndEscLeavesEverythingAsItIs(t *testing.T) {
	app(t)
	var chosen []string
	c := NewChooser(words.Speaker{}, func(paths []string) { chosen = paths })
	c.Ask(true)
	w := c.window
	w.Canvas().(interface{ OnTypedKey() func(*fyne.KeyEvent) }).OnTypedKey()(&fyne.KeyEvent{Name: fyne.KeyEscape})
	if c.window != nil || chosen != nil {
		t.Error("Esc does not shut the window")
	}
	c.Ask(true)
	w = c.window
	dir := t.TempDir()
	there, err := storage.ListerForURI(storage.NewFileURI(dir))
	if err != nil {
		t.Fatal(err)
	}
	w.Content().(*fyne.Container).Layout.(follows).d.SetLocation(there)
	for _, o := range test.LaidOutObjects(w.Canvas().Overlays().Top()) {
		if b, ok := o.(*widget.Button); ok && b.Text == string(words.ButtonSend) {
			test.Tap(b)
		}
	}
	if !slices.Equal(chosen, []string{dir}) || c.window != nil {
		t.Errorf("chose %q", chosen)
	}
}
