package remoteview

import (
	"slices"
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/test"
	"fyne.io/fyne/v2/widget"

	"handrail/rep-console/remote"
	"handrail/shared/wire"
)

func TestS05TheQualityIsOnAMenu(t *testing.T) {
	s := newStand(t)
	var chosen []wire.Profile
	s.v.act.Tune = func(p wire.Profile) { chosen = append(chosen, p) }
	if !s.v.bar.tune.Disabled() {
		t.Error("the quality of nothing can be chosen")
	}
	s.control()
	s.do(remote.Session{Granted: wire.View | wire.Control, Profile: wire.Profile16})
	names := map[string]bool{}
	for steps := 1; steps <= 4; steps++ {
		test.Tap(s.v.bar.tune)
		menu, ok := s.w.Canvas().Focused().(*widget.PopUpMenu)
		if !ok {
			t.Fatalf("a %T has the keyboard", s.w.Canvas().Focused())
		}
		for range steps {
			menu.TypedKey(&fyne.KeyEvent{Name: fyne.KeyDown})
		}
		menu.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
		names[s.v.speak.Say(profile(wire.Profile(steps-1)))] = true
	}
	want := []wire.Profile{wire.ProfileAutomatic, wire.Profile32, wire.Profile16, wire.Profile8}
	if !slices.Equal(chosen, want) || len(names) != len(want) {
		t.Errorf("chosen %v of %v", chosen, names)
	}
	if s.w.Canvas().Focused() != fyne.Focusable(s.v.screen) {
		t.Error("the picture does not have the keyboard afterwards")
	}
}

func TestS05TheMenuMarksWhatIsChosen(t *testing.T) {
	s := newStand(t)
	s.control()
	for p := wire.ProfileAutomatic; p.Known(); p++ {
		s.do(remote.Session{Granted: wire.View, Profile: p})
		for i, item := range s.v.bar.choices() {
			if item.Checked != (i == int(p)) {
				t.Errorf("with profile %d, %q is marked: %v", p, item.Label, item.Checked)
			}
		}
	}
}
