package consoleview

import (
	"fmt"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"handrail/assets"
	"handrail/rep-console/console"
	"handrail/shared/look"
	"handrail/shared/session"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// tabs is the row of tabs on top.
type tabs struct {
	v      *View
	object *look.Panel
	home   *press
	news   *badge // who came to a queue
	strip  *fyne.Container
	all    map[wire.SessionID]*tab
}

type tab struct {
	press  *press
	avatar *look.Avatar
	name   *widget.Label
	badge  *badge
	shut   *tool
	close  fyne.CanvasObject // what shut stands in: only where it is wanted, names need the room
}

func newTabs(v *View) *tabs {
	t := &tabs{v: v, all: map[wire.SessionID]*tab{}, strip: container.New(strip{})}
	t.news = newBadge(besideName())
	t.home = newPress(v.foot, container.NewHBox(look.NewPicture(look.AppIcon(), 24), t.news), v.say(words.RepStart), func() {
		v.act.Do(console.Select{})
	})
	row := container.NewBorder(nil, nil, t.home, nil, container.NewHScroll(t.strip))
	t.object = look.NewStripe(row, theme.ColorNameHeaderBackground)
	t.object.Pad = fyne.NewSize(6, 6)
	return t
}

func (t *tabs) show(s console.State) {
	show(t.object, len(s.Tabs) > 0)
	t.home.choose(s.Selected == wire.SessionID{})
	t.news.set(s.News())
	known := map[wire.SessionID]bool{}
	var row []fyne.CanvasObject
	for i, id := range s.Tabs {
		x, ok := s.Session(id)
		if !ok {
			continue
		}
		known[id] = true
		b := t.all[id]
		if b == nil {
			b = t.newTab(id)
			t.all[id] = b
		}
		b.avatar.SetName(x.Name)
		setLine(b.name, x.Name)
		b.badge.set(x.Unread)
		b.press.hintOf = x.Name
		if i < 9 {
			b.press.hintOf = t.v.speak.Say(words.RepWithKey, x.Name, fmt.Sprintf("Ctrl+%d", i+1))
		}
		b.shut.Hint = t.v.withKeys(words.RepEndHint, keysClose)
		if x.State.Stage == session.Over {
			b.shut.Hint = t.v.withKeys(words.RepCloseHint, keysClose)
		}
		b.press.choose(s.Selected == id)
		show(b.close, s.Selected == id || over(x))
		row = append(row, b.press)
	}
	for id := range t.all {
		if !known[id] {
			delete(t.all, id)
		}
	}
	swap(t.strip, row)
}

func (t *tabs) newTab(id wire.SessionID) *tab {
	b := &tab{
		avatar: look.NewAvatar("", 24), badge: newBadge(besideName()),
		name: line("", theme.SizeNameText, widget.MediumImportance, false),
	}
	b.shut = newTool(t.v.foot, "", look.Icon(assets.Cross), widget.LowImportance, "", func() {
		t.v.act.Do(console.Select{ID: id}) // the question stands in the tab
		t.v.act.Do(console.End{ID: id})
	})
	b.close = look.Sized(b.shut, fyne.NewSize(26, 26))
	right := container.NewHBox(b.badge, b.close)
	name := container.New(inset{left: 4, top: 3}, tight(b.name))
	b.press = newPress(t.v.foot, container.NewBorder(nil, nil, container.NewCenter(b.avatar), right, name), "", func() {
		t.v.act.Do(console.Select{ID: id})
	})
	b.press.pad = fyne.NewSize(8, 3)
	return b
}

// strip gives every tab the same width: up to a comfortable one, then less and
// less, down to where a name can just be told; beyond that the row scrolls.
type strip struct{}

const (
	widestTab   = 230
	narrowTab   = 140
	gapOfTabs   = 4
	heightOfTab = 34
)

func (strip) MinSize(o []fyne.CanvasObject) fyne.Size {
	return fyne.NewSize(float32(len(o))*(narrowTab+gapOfTabs), heightOfTab)
}

func (strip) Layout(o []fyne.CanvasObject, s fyne.Size) {
	if len(o) == 0 {
		return
	}
	w := min(max(s.Width/float32(len(o))-gapOfTabs, narrowTab), widestTab)
	for i, t := range o {
		t.Move(fyne.NewPos(float32(i)*(w+gapOfTabs), 0))
		t.Resize(fyne.NewSize(w, s.Height))
	}
}
