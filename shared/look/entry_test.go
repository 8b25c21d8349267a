package look

import (
	"testing"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"
)

func TestNoFieldMakesTheToolkitWaitForASecondTap(t *testing.T) {
	for _, o := range []fyne.CanvasObject{NewField(""), NewCompose("")} {
		if _, waits := o.(fyne.DoubleTappable); waits {
			t.Errorf("%T can be double-tapped", o)
		}
	}
}

func TestTwoPressesSelectTheWord(t *testing.T) {
	test.NewTempApp(t)
	f := NewField("")
	f.SetText("hello world")
	w := test.NewTempWindow(t, f)
	w.Resize(fyne.NewSize(300, 60))
	press := func(at fyne.Position) {
		e := &desktop.MouseEvent{Button: desktop.MouseButtonPrimary}
		e.Position = at
		f.MouseDown(e)
		f.MouseUp(e)
	}
	press(fyne.NewPos(20, 10))
	if got := f.SelectedText(); got != "" {
		t.Errorf("one press selects %q", got)
	}
	press(fyne.NewPos(21, 11))
	if got := f.SelectedText(); got != "hello" {
		t.Errorf("two presses select %q", got)
	}
	press(fyne.NewPos(20, 10))
	press(fyne.NewPos(120, 10))
	if got := f.SelectedText(); got != "" {
		t.Errorf("two presses in different places select %q", got)
	}
}
