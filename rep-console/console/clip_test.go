package console

import (
	"testing"

	"handrail/shared/session"
	"handrail/shared/wire"
)

// clips is what the customer allows about the clipboard.
func (d *desk) clips(id wire.SessionID) wire.Permission {
	return d.session(id).State.Granted & session.Clipboard
}

// allows has the customer answer the open question.
func (d *desk) allows(id wire.SessionID, yes bool) {
	d.Helper()
	r := d.cust[id].State().Request
	if r == nil {
		d.Fatal("nothing is asked")
	}
	d.customer(id, session.Reply{ID: r.ID, Allow: yes})
}

func TestS09TheRepChoosesTheWaysAndTheCustomerAllowsThem(t *testing.T) {
	d := signedIn(t)
	id := d.talk(1, "Maria")
	d.step(AskFor{id, wire.View | wire.Control})
	d.allows(id, true)
	if d.clips(id) != 0 {
		t.Fatal("control brought the clipboard along")
	}
	d.step(Clip{id, wire.ClipIn})
	d.allows(id, true)
	equal(t, "to the customer", d.clips(id), wire.ClipIn)
	d.step(Clip{id, session.Clipboard})
	equal(t, "is asked for", d.cust[id].State().Request.What, session.Clipboard)
	d.allows(id, true)
	equal(t, "both ways", d.clips(id), session.Clipboard)
	d.step(Clip{id, wire.ClipOut})
	equal(t, "less needs no question", d.clips(id), wire.ClipOut)
	d.step(Clip{id, wire.ClipIn})
	equal(t, "the other way is given back at once", d.clips(id), 0)
	d.step(Clip{ID: id})
	if r := d.cust[id].State().Request; r != nil {
		t.Errorf("the question stays: %+v", r)
	}
	d.step(Clip{id, wire.ClipIn})
	d.allows(id, false)
	d.step(Clip{id, wire.ClipIn})
	if r := d.cust[id].State().Request; r != nil || d.m.State().Note == "" {
		t.Errorf("asked again at once: %+v, %q", r, d.m.State().Note)
	}
}

func TestS09FrontIsTheSessionTheRepWorksIn(t *testing.T) {
	d := signedIn(t)
	none := wire.SessionID{}
	equal(t, "nobody", d.m.Front(), none)
	one, two := d.talk(1, "Maria"), d.talk(2, "Tom")
	d.step(Select{one})
	equal(t, "the tab", d.m.Front(), one)
	d.step(Focus{Nowhere: true})
	equal(t, "in another program", d.m.Front(), one)
	d.step(Select{two}, Detach{two, true})
	equal(t, "before its window has the keyboard", d.m.Front(), none)
	d.step(Focus{ID: two})
	equal(t, "a window of its own", d.m.Front(), two)
	d.step(Focus{Nowhere: true})
	equal(t, "and in another program", d.m.Front(), two)
	d.step(Select{one}, Focus{})
	equal(t, "back in the console", d.m.Front(), one)
	d.step(Select{none})
	equal(t, "the start page", d.m.Front(), none)
}
