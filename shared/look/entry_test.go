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

func TestTwoPressesInOnePlaceSelectTheWord(t *testing.T) {
	here, beside, elsewhere := fyne.NewPos(20, 10), fyne.NewPos(21, 11), fyne.NewPos(120, 10)
	tests := []struct {
		name    string
		presses []fyne.Position
		want    string
	}{
		{"one press", []fyne.Position{here}, ""},
		{"two presses", []fyne.Position{here, beside}, "hello"},
		{"two presses in different places", []fyne.Position{here, elsewhere}, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			test.NewTempApp(t)
			f := NewField("")
			f.SetText("hello world")
			test.NewTempWindow(t, f).Resize(fyne.NewSize(300, 60))
			for _, at := range tt.presses {
				e := &desktop.MouseEvent{Button: desktop.MouseButtonPrimary}
				e.Position = at
				f.MouseDown(e)
				f.MouseUp(e)
			}
			if got := f.SelectedText(); got != tt.want {
				t.Errorf("%q is selected, want %q", got, tt.want)
			}
		})
	}
}
