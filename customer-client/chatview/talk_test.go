package chatview

import (
	"testing"

	"handrail/customer-client/chat"
	"handrail/shared/wire"
	"handrail/shared/words"
)

func TestW07WhoIsCutOffReadsWhatBecomesOfThem(t *testing.T) {
	cut := talking()
	cut.Linked = false
	d := open(t)
	d.connect()
	d.step(chat.Session{State: cut})
	if got := d.v.talk.cutText.String(); got != string(words.CutText) {
		t.Errorf("with a session key: %q", got)
	}
	d = open(t)
	d.queue()
	d.step(chat.Taken{})
	d.step(chat.Session{State: cut})
	if got := d.v.talk.cutText.String(); got != string(words.CutWaits) {
		t.Errorf("from a queue: %q", got)
	}
}

func TestT01WhatIsKeptIsSaidWhereTheCustomerWritesAndAtTheEnd(t *testing.T) {
	tests := []struct {
		keep wire.Keep
		want string
	}{
		{wire.KeepNothing, ""},
		{wire.KeepSealed, "Example IT Services keeps this conversation. Only people whom it has let in can read it."},
		{wire.KeepReadable, "Example IT Services keeps this conversation and can read it."},
	}
	for _, tt := range tests {
		d := open(t)
		d.connect()
		st, end := talking(), over(wire.EndByRep)
		st.Keep, end.Keep = tt.keep, tt.keep
		d.step(chat.Session{State: st})
		if k := d.v.talk.kept; k.row.Visible() != (tt.want != "") || k.text.String() != tt.want {
			t.Errorf("%d, in the session: %q, seen: %v", tt.keep, k.text, k.row.Visible())
		}
		d.step(chat.Session{State: end})
		if k := d.v.end.kept; k.row.Visible() != (tt.want != "") || k.text.String() != tt.want {
			t.Errorf("%d, at the end: %q, seen: %v", tt.keep, k.text, k.row.Visible())
		}
	}
}
