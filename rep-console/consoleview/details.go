package consoleview

import (
	"strings"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/container"
	"fyne.io/fyne/v2/widget"

	"handrail/rep-console/console"
	"handrail/shared/look"
	"handrail/shared/wire"
	"handrail/shared/words"
)

// details is what is known of a customer who waits, or waited.
type details struct {
	v      *View
	object *fyne.Container
	w      *console.Waiter // as drawn
	queue  string
}

func newDetails(v *View) *details {
	return &details{v: v, object: look.Rows(8)}
}

// show draws a customer. queue is the name of the queue, "" if that is of no
// interest any more.
func (d *details) show(w *console.Waiter, queue string) {
	if w == nil {
		return
	}
	if d.w != w || d.queue != queue {
		d.w, d.queue = w, queue
		d.object.Objects = d.rows(w, queue)
		d.object.Refresh()
	}
}

// rows are what there is to read: what the customer said first, then what the
// programs found out.
func (d *details) rows(w *console.Waiter, queue string) []fyne.CanvasObject {
	say := d.v.say
	var all []fyne.CanvasObject
	add := func(head, text string, bold bool) *widget.Label {
		if text == "" {
			return nil
		}
		t := widget.NewLabelWithStyle(text, fyne.TextAlignLeading, fyne.TextStyle{Bold: bold})
		t.Wrapping, t.Selectable = fyne.TextWrapWord, true
		all = append(all, look.Rows(0, look.Flush(look.Caption(head)), look.Flush(t)))
		return t
	}
	if w.From != "" || w.Note != "" {
		head := say(words.DetailNoteOnly)
		if w.From != "" {
			head = say(words.DetailNote, w.From)
		}
		if w.Note == "" {
			add(say(words.DetailFrom), w.From, true)
		}
		add(head, w.Note, true)
	}
	add(say(words.DetailIssue), w.Issue, true)
	add(say(words.DetailText), w.Description, false)
	add(say(words.DetailCompany), w.Company, false)
	add(say(words.DetailCode), w.CompanyCode, false)
	for _, f := range w.Fields {
		add(f.Name, f.Value, false)
	}
	if w.Less {
		all = append(all, look.Flush(look.Caption(say(words.DetailLess))))
	}
	queued := w.Queue != "" // who comes by a key was not asked for more
	if len(all) == 0 && queued {
		all = append(all, look.Flush(look.Caption(say(words.DetailNothing))))
	}
	if w.Recording == wire.ConsentDeclined {
		add(say(words.DetailRecording), say(words.RecordingDeclined), true).Importance = widget.DangerImportance
	}
	if queued {
		add(say(words.DetailSince), d.v.speak.Clock(w.Since), false)
	}
	add(say(words.DetailQueue), queue, false)
	add(say(words.DetailPortal), w.Portal, false)
	system := d.v.speak.System(w.System)
	if system == "" {
		system = w.System
	}
	add(say(words.DetailSystem), system, false)
	add(say(words.DetailLanguage), strings.ReplaceAll(w.Locale, "_", "-"), false)
	if w.Recording == wire.ConsentGiven {
		add(say(words.DetailRecording), say(words.RecordingGiven), false)
	}
	return all
}

// sheet is details that scroll.
func (d *details) sheet() fyne.CanvasObject {
	return container.NewVScroll(container.New(inset{top: 2, right: 12, bottom: 8, left: 2}, d.object))
}
