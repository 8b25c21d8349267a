package wire

import (
	"strings"
	"testing"
)

func TestP07ImpossibleNoticesAreRefused(t *testing.T) {
	good := Notice{ID: 1, Title: "Mail is down", Text: "We know."}
	board := func(change func(*Notice)) *Noticeboard {
		n := good
		change(&n)
		return &Noticeboard{Portal: "main", Notices: []Notice{n}}
	}
	push := func(change func(*PushNotice)) *PushNotice {
		m := &PushNotice{Portal: "main", Title: "Mail is down", Text: "We know.", Life: 3600}
		change(m)
		return m
	}
	for _, m := range []Message{
		board(func(*Notice) {}), push(func(*PushNotice) {}),
		push(func(m *PushNotice) {
			m.Title, m.Text = strings.Repeat("😀", MaxNoticeTitle), strings.Repeat("😀", MaxNoticeText)
		}),
		&EndNotice{Portal: "main", ID: 1},
	} {
		if err := m.check(); err != nil {
			t.Errorf("%T: %v", m, err)
		}
	}
	refused(t, map[string]Message{
		"Noticeboard of no portal":        &Noticeboard{Name: "Help"},
		"Noticeboard of a long one":       &Noticeboard{Portal: strings.Repeat("p", MaxQueue+1)},
		"Noticeboard with a long name":    &Noticeboard{Portal: "main", Name: strings.Repeat("n", MaxName+1)},
		"Noticeboard with many":           &Noticeboard{Portal: "main", Notices: make([]Notice, MaxNotices+1)},
		"Noticeboard with one twice":      &Noticeboard{Portal: "main", Notices: []Notice{good, good}},
		"Noticeboard with one of no ID":   board(func(n *Notice) { n.ID = 0 }),
		"Noticeboard with no title":       board(func(n *Notice) { n.Title = "" }),
		"Noticeboard with two lines":      board(func(n *Notice) { n.Title = "a\nb" }),
		"Noticeboard with no text":        board(func(n *Notice) { n.Text = "" }),
		"Noticeboard with one from 1960":  board(func(n *Notice) { n.Until = -1 }),
		"PushNotice to nowhere":           push(func(m *PushNotice) { m.Portal = "" }),
		"PushNotice to two lines":         push(func(m *PushNotice) { m.Portal = "a\nb" }),
		"PushNotice without a title":      push(func(m *PushNotice) { m.Title = "" }),
		"PushNotice with a long title":    push(func(m *PushNotice) { m.Title = strings.Repeat("ü", MaxNoticeTitle+1) }),
		"PushNotice without a text":       push(func(m *PushNotice) { m.Text = "" }),
		"PushNotice with a long text":     push(func(m *PushNotice) { m.Text = strings.Repeat("ü", MaxNoticeText+1) }),
		"PushNotice with zero characters": push(func(m *PushNotice) { m.Text = "a\x00b" }),
		"PushNotice for a moment":         push(func(m *PushNotice) { m.Life = MinNoticeLife - 1 }),
		"PushNotice for ever":             push(func(m *PushNotice) { m.Life = MaxNoticeLife + 1 }),
		"EndNotice nowhere":               &EndNotice{ID: 1},
		"EndNotice of none":               &EndNotice{Portal: "main"},
	})
}

func TestP07ANoticesIDIsMadeOfItsRequest(t *testing.T) {
	for _, c := range []struct {
		request [16]byte
		want    uint64
	}{
		{[16]byte{7: 9, 8: 200}, 9},
		{[16]byte{0: 0xff, 1: 0xff, 7: 1}, 0x1f_0000_0000_0001},
		{[16]byte{0: 0xe0, 15: 1}, 1}, // the bits that count are 0
		{[16]byte{}, 1},
	} {
		if got := (&PushNotice{Request: c.request}).NoticeID(); got != c.want {
			t.Errorf("%x: %x, not %x", c.request, got, c.want)
		}
	}
}
