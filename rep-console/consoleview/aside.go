package consoleview

import (
	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"

	"handrail/rep-console/console"
	"handrail/shared/look"
	"handrail/shared/wire"
)

// aside is a session in a window of its own.
type aside struct {
	window fyne.Window
	pane   *pane
	root   *fyne.Container
	desk   fyne.CanvasObject
	foot   *foot
}

// detach opens and closes windows until they are those of the State.
func (v *View) detach() {
	for id, a := range v.asides {
		if x, ok := v.s.Session(id); !ok || !x.Detached {
			a.pane.away()
			delete(v.asides, id)
			a.window.Close()
		}
	}
	for _, x := range v.s.Sessions {
		if !x.Detached {
			continue
		}
		a := v.asides[x.ID]
		if a == nil {
			a = v.newAside(x)
			v.asides[x.ID] = a
		}
		v.showAside(a, x)
	}
}

func (v *View) newAside(x console.Session) *aside {
	a := &aside{foot: newFoot(), root: container.NewStack()}
	a.foot.use = v.use
	a.pane = newPane(v, a.foot, x)
	a.desk = container.NewBorder(nil, a.foot, nil, nil, a.pane.object)
	a.window = fyne.CurrentApp().NewWindow(x.Name)
	a.window.SetIcon(look.AppIcon())
	a.window.SetPadded(false)
	a.window.SetContent(container.NewStack(newSensor(v.use), a.root))
	a.window.Resize(fyne.NewSize(1100, 740))
	a.window.SetCloseIntercept(func() { v.act.Do(console.Detach{ID: x.ID}) })
	a.window.SetOnDropped(func(_ fyne.Position, what []fyne.URI) {
		v.act.Do(console.Dropped{ID: x.ID, Paths: look.Paths(what)})
	})
	v.addShortcuts(a.window.Canvas(), func() wire.SessionID { return x.ID })
	v.showAside(a, x)
	a.window.Show()
	a.pane.enter(a.window.Canvas())
	return a
}

func (v *View) showAside(a *aside, x console.Session) {
	if a.window.Title() != x.Name {
		a.window.SetTitle(x.Name)
	}
	a.foot.note(v.s.Note)
	a.pane.show(x, v.s)
	if x.Full {
		a.pane.lend()
		swap(a.root, []fyne.CanvasObject{a.pane.viewer})
	} else {
		a.pane.takeBack()
		swap(a.root, []fyne.CanvasObject{a.desk})
	}
	if a.window.FullScreen() != x.Full {
		a.window.SetFullScreen(x.Full)
	}
}
