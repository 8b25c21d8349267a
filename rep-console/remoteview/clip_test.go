package remoteview

import (
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"handrail/rep-console/remote"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// pick opens a tool's menu and takes the nth of its items.
func (s *stand) pick(tool fyne.Tappable, n int) {
	s.t.Helper()
	test.Tap(tool)
	menu, ok := s.w.Canvas().Focused().(*widget.PopUpMenu)
	if !ok {
		s.t.Fatalf("a %T has the keyboard", s.w.Canvas().Focused())
	}
	for range n {
		menu.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
	}
	menu.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
}

func TestS09TheWaysOfTheClipboardAreOnAMenu(t *testing.T) {
	s := newStand(t)
	var chosen []wire.Permission
	s.v.act.Clip = func(p wire.Permission) { chosen = append(chosen, p) }
	b := s.v.bar
	if !b.clip.Disabled() {
		t.Error("the clipboard is shared where the screen is not")
	}
	s.control()
	for n := 1; n <= 4; n++ {
		s.pick(b.clip, n)
	}
	ways := []wire.Permission{0, clipboard, wire.ClipIn, wire.ClipOut}
	if !slices.Equal(chosen, ways) {
		t.Errorf("chosen %v", chosen)
	}
	for i, p := range ways {
		s.do(remote.Session{Granted: wire.View | p})
		for j, item := range b.ways() {
			if item.Checked != (i == j) {
				t.Errorf("with %v, %q is marked: %v", p, item.Label, item.Checked)
			}
		}
		if on := b.clip.Importance == widget.HighImportance; on != (p != 0) {
			t.Errorf("with %v the tool is lit: %v", p, on)
		}
	}
	s.do(remote.Session{Granted: wire.View, Asked: clipboard})
	if want := s.v.speak.Say(words.RemoteClipAsked); b.said.Text != want {
		t.Errorf("while the customer is asked, it says %q", b.said.Text)
	}
}

func TestTheMostUsedToolsKeepTheirWordsLongest(t *testing.T) {
	s := newStand(t)
	s.control()
	b := s.v.bar
	words := func() (spoken []int) {
		for _, x := range b.all {
			if x.Text != "" {
				spoken = append(spoken, x.rank)
			}
		}
		slices.Sort(spoken)
		return spoken
	}
	s.w.Resize(fyne.NewSize(1400, 600))
	if n := len(words()); n != len(b.all) {
		t.Errorf("a wide bar has words on %d tools", n)
	}
	for _, c := range []struct {
		width float32
		want  []int
	}{{628, []int{1}}, {380, nil}} { // 628 is what the console's window has for it when it opens
		s.w.Resize(fyne.NewSize(c.width, 600))
		if got := words(); !slices.Equal(got, c.want) {
			t.Errorf("at %v the tools %v have words", c.width, got)
		}
	}
}

func TestToolsWithoutRoomAreOnAMenu(t *testing.T) {
	s := newStand(t)
	var chosen []wire.Permission
	s.v.act.Clip = func(p wire.Permission) { chosen = append(chosen, p) }
	s.control()
	b := s.v.bar
	if b.more.Visible() {
		t.Error("there is a menu of nothing")
	}
	// The window's own least width would be more than this bar's.
	b.stripe.Resize(fyne.NewSize(170, 40))
	if !b.more.Visible() || !b.clip.Visible() || b.speed.Visible() || b.system.Visible() {
		t.Fatalf("menu %v, clipboard %v, speed %v", b.more.Visible(), b.clip.Visible(), b.speed.Visible())
	}
	gone := 0
	for _, x := range b.all {
		if x.gone {
			gone++
		}
	}
	s.pick(b.more, gone) // the last one is the speed
	if !s.m.State().Meter {
		t.Error("the speed can't be had from the menu")
	}
	b.stripe.Resize(fyne.NewSize(600, 40))
	if b.more.Visible() || !b.speed.Visible() {
		t.Error("the tools don't come back")
	}
}

func TestWhatIsSaidTakesTwoLinesRatherThanBeingCut(t *testing.T) {
	s := newStand(t)
	s.control()
	b := s.v.bar
	s.w.Resize(fyne.NewSize(628, 600))
	if b.said.Wrapping != fyne.TextWrapWord || b.said.Truncation != fyne.TextTruncateOff {
		t.Errorf("%q is cut", b.said.Text)
	}
	s.w.Resize(fyne.NewSize(1400, 600))
	if b.said.Wrapping != fyne.TextWrapOff {
		t.Errorf("%q has two lines where one is enough", b.said.Text)
	}
}
