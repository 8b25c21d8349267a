package chatview

import (
	"testing"

	"handrail/customer-client/chat"
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
