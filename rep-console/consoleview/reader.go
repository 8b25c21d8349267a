package consoleview

import (
	"strings"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/theme"
	"fyne.io/fyne/v2/widget"

	"handrail/assets"
	"handrail/rep-console/console"
	"handrail/shared/look"
	"handrail/shared/transcript"
	"handrail/shared/words"
)

// pageOf is how many lines of a transcript are drawn at once; a button draws
// more.
const pageOf = 300

// reader is the window in which a transcript is read.
type reader struct {
	v      *View
	window fyne.Window
	object *fyne.Container
	head   *fyne.Container
	foot   *foot

	title   *look.Text
	about   *look.Text
	known   *fyne.Container // round it
	problem *look.Problem
	signed  *look.Text
	shield  *fyne.Container
	bar     *fyne.Container
	find    *finder
	count   *widget.Label
	copies  *tool
	list    *fyne.Container
	scroll  *container.Scroll
	more    *tool
	none    *look.Text

	t     *console.Transcript // as drawn
	drawn int                 // lines of it
	rows  []*readRow
}

// finder is where is written what is searched for. Esc shuts the window from
// there, too.
type finder struct {
	look.Field
	shut func()
}

func newFinder(hint string) *finder {
	f := &finder{}
	f.PlaceHolder = hint
	f.ExtendBaseWidget(f)
	return f
}

// TypedKey is for Fyne.
func (f *finder) TypedKey(e *fyne.KeyEvent) {
	if e.Name == fyne.KeyEscape {
		f.shut()
		return
	}
	f.Field.TypedKey(e)
}

// readRow is a line of a transcript.
type readRow struct {
	object fyne.CanvasObject
	text   *look.Text
}

func newReader(v *View) *reader {
	r := &reader{v: v, foot: newFoot(), title: look.Heading(""), about: look.Caption(""), problem: look.NewProblem(), none: look.Caption("")}
	r.foot.use = v.use
	r.known = look.Flush(r.about)
	r.signed = look.NewText("", theme.ColorNameSuccess, theme.SizeNameCaptionText, fyne.TextStyle{}, fyne.TextAlignLeading)
	r.shield = look.Leading(look.NewPicture(look.IconIn(assets.Shield, theme.ColorNameSuccess), 18), look.Flush(r.signed))
	r.find = newFinder(v.say(words.TranscriptFind))
	r.find.OnChanged = func(text string) { v.act.Do(console.FindLines{Text: text}) }
	r.count = widget.NewLabel("")
	r.count.SizeName = theme.SizeNameCaptionText
	r.copies = newTool(r.foot, v.say(words.TranscriptCopy), look.Icon(assets.Copy), widget.MediumImportance, v.say(words.TranscriptCopyHint),
		func() { v.act.Do(console.CopyTranscript{}) })
	r.bar = container.NewBorder(nil, nil, nil, container.NewHBox(container.NewCenter(r.count), r.copies), r.find)
	r.list = look.Rows(6)
	r.more = newTool(r.foot, "", look.Icon(assets.Down), widget.MediumImportance, "", func() { r.draw(r.drawn + pageOf) })
	r.scroll = container.NewVScroll(container.New(inset{top: 4, right: 16, bottom: 16, left: 16}, r.list))
	r.head = look.Rows(6, look.Flush(r.title), r.known, r.shield, r.bar)
	head := look.NewStripe(r.head, look.ColorSurface)
	head.Pad = fyne.NewSize(16, 12)
	r.object = look.Column(0, r.scroll, r.scroll, head, r.scroll, r.foot)
	return r
}

// showTranscript opens, fills and closes the window of the transcript.
func (v *View) showTranscript() {
	t := v.s.Transcript
	switch {
	case t == nil && v.reader != nil:
		w := v.reader.window
		v.reader = nil
		w.Close()
	case t != nil && v.reader == nil:
		v.reader = newReader(v)
		v.reader.open()
		v.reader.show(t, v.s)
		v.reader.window.Show()
	case t != nil:
		v.reader.show(t, v.s)
	}
}

func (r *reader) open() {
	shut := func() { r.v.act.Do(console.ShutTranscript{}) }
	w := fyne.CurrentApp().NewWindow(r.v.say(words.TranscriptReading))
	r.window = w
	w.SetIcon(look.AppIcon())
	w.SetPadded(false)
	w.SetContent(container.NewStack(newSensor(r.v.use), look.Atleast(fyne.NewSize(360, 320), r.object)))
	w.Resize(fyne.NewSize(760, 680))
	w.SetCloseIntercept(shut)
	w.SetOnDropped(func(_ fyne.Position, what []fyne.URI) {
		r.v.act.Do(console.Dropped{Paths: look.Paths(what)})
	})
	keys := []shortcut{
		{&desktop.CustomShortcut{KeyName: fyne.KeyF, Modifier: fyne.KeyModifierShortcutDefault}, func() { w.Canvas().Focus(r.find) }},
		{&desktop.CustomShortcut{KeyName: fyne.KeyW, Modifier: fyne.KeyModifierShortcutDefault}, shut},
	}
	r.find.OnShortcut, r.find.shut = taker(keys), shut
	for _, k := range keys {
		w.Canvas().AddShortcut(k.on, func(fyne.Shortcut) { k.do() })
	}
	w.Canvas().SetOnTypedKey(func(e *fyne.KeyEvent) {
		if e.Name == fyne.KeyEscape {
			shut()
		}
	})
}

// show draws the transcript, if it is another than before.
func (r *reader) show(t *console.Transcript, s console.State) {
	r.foot.note(s.Note)
	if r.t == t {
		return
	}
	fresh := r.t == nil || r.t.Name != t.Name || r.t.Reading
	r.t = t
	if fresh {
		r.find.SetText(t.Find) // of the one before
	}
	say := r.v.say
	title, window := say(words.TranscriptReading), say(words.TranscriptReading)
	if !t.Reading {
		title, window = say(words.TranscriptTitle, r.v.speak.Visitor(t.Customer)), say(words.TranscriptWindow, t.Name)
	}
	readable := !t.Reading && t.Unread != console.Unreadable && t.Unread != console.NoTranscript
	if !t.Reading && !readable {
		title = t.Name
	}
	r.title.SetText(title)
	if r.window.Title() != window {
		r.window.SetTitle(window)
	}
	about := ""
	if readable {
		about = joined([]string{r.when(t), t.Name})
	}
	r.about.SetText(about)
	show(r.known, about != "")
	what, advice := r.unread(t.Unread)
	r.problem.Set(what, advice, "", nil)
	r.showSigned(t)
	show(r.bar, readable && t.All > 0)
	count := say(words.TranscriptLines, t.All)
	switch {
	case len(t.Lines) != t.All:
		count = say(words.TranscriptFound, len(t.Lines), t.All)
	case t.All == 1:
		count = say(words.TranscriptLine)
	}
	setLine(r.count, count)
	r.copies.setEnabled(len(t.Lines) > 0)
	r.drawn, r.rows = 0, nil
	r.draw(pageOf)
	r.bar.Refresh() // what has come or gone changes how high all of it is
	r.head.Refresh()
	r.object.Refresh()
	r.scroll.ScrollToTop()
	if fresh && readable {
		r.window.RequestFocus()
		r.window.Canvas().Focus(r.find)
	}
}

// when is day and time of the session.
func (r *reader) when(t *console.Transcript) string {
	began := r.v.local(t.Began)
	text := r.v.speak.Day(began) + " " + r.v.speak.Clock(began)
	if t.Ended != 0 {
		text += "–" + r.v.speak.Clock(r.v.local(t.Ended))
	}
	return text
}

// local is a time by the clock on the rep's wall.
func (v *View) local(ms int64) time.Time { return time.UnixMilli(ms).In(v.s.Now.Location()) }

// showSigned says whose word it is.
func (r *reader) showSigned(t *console.Transcript) {
	say, names := r.v.say, strings.Join(t.Signed, ", ")
	text, colour := "", theme.ColorNameSuccess
	switch {
	case t.Reading || t.All == 0:
	case names != "" && t.Open:
		text, colour = say(words.TranscriptPartly, names), look.ColorMuted
	case names != "":
		text = say(words.TranscriptSigned, names)
	case t.Open:
		text, colour = say(words.TranscriptUnsigned), look.ColorMuted
	}
	r.signed.SetText(text)
	r.signed.SetColor(colour)
	show(r.shield, text != "")
}

// unread says why a transcript can't be read, and what to do.
func (r *reader) unread(why console.Unread) (what, advice string) {
	say := r.v.say
	switch why {
	case console.Unreadable:
		return say(words.TranscriptUnreadable), say(words.TranscriptUnreadableX)
	case console.NoTranscript:
		return say(words.TranscriptNone), say(words.TranscriptNoneX)
	case console.NoGrant:
		return say(words.TranscriptNoGrant), say(words.TranscriptNoGrantX)
	case console.NoSigner:
		return say(words.TranscriptNoKey), say(words.TranscriptNoKeyX)
	case console.SomeBroken:
		return say(words.TranscriptBroken), say(words.TranscriptBrokenX)
	}
	return "", ""
}

// draw draws so many lines.
func (r *reader) draw(most int) {
	lines := r.t.Lines
	for i := r.drawn; i < min(most, len(lines)); i++ {
		named := i == 0 || lines[i-1].Who != lines[i].Who
		r.rows = append(r.rows, newReadRow(r.v, lines[i], named))
	}
	r.drawn = min(most, len(lines))
	all := []fyne.CanvasObject{r.problem}
	for _, row := range r.rows {
		all = append(all, row.object)
	}
	if left := len(lines) - r.drawn; left > 0 {
		r.more.set(r.v.say(words.TranscriptMore, left), r.more.Icon, widget.MediumImportance)
		all = append(all, container.NewHBox(r.more))
	}
	if len(lines) == 0 && !r.t.Reading {
		none := words.TranscriptNoLines
		if r.t.All > 0 {
			none = words.TranscriptNotFound
		}
		if r.t.Unread == console.ReadWell || r.t.All > 0 {
			r.none.SetText(r.v.say(none))
			all = append(all, r.none)
		}
	}
	r.list.Objects = all
	r.list.Refresh()
}

// newReadRow draws a line: when, who if that is not who said the line before,
// and what.
func newReadRow(v *View, l console.TranscriptLine, named bool) *readRow {
	colour := theme.ColorNameForeground
	switch {
	case l.Sort == transcript.Missing, l.Sort == transcript.Closed, l.Sort == transcript.Forged:
		colour = theme.ColorNameWarning
	case l.Who == "":
		colour = look.ColorMuted
	}
	row := &readRow{text: look.NewText("", colour, "", fyne.TextStyle{}, fyne.TextAlignLeading)}
	row.text.SetTheirs(l.Text)
	what := []fyne.CanvasObject{look.Flush(row.text)}
	if l.Who != "" && named {
		name := theme.ColorNameForeground
		if l.Mine() {
			name = theme.ColorNamePrimary
		}
		what = append([]fyne.CanvasObject{look.Flush(look.NewText(l.Who, name, "", fyne.TextStyle{Bold: true}, fyne.TextAlignLeading))}, what...)
	}
	at := look.NewText(v.local(l.At).Format("15:04:05"), look.ColorMuted, theme.SizeNameCaptionText, fyne.TextStyle{}, fyne.TextAlignLeading)
	row.object = look.Leading(look.Sized(look.Flush(at), fyne.NewSize(58, 20)), look.Rows(0, what...))
	return row
}
