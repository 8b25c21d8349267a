package look

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/driver/desktop"
	"fyne.io/fyne/v2/test"

	"handrail/shared/session"
	"handrail/shared/wire"
	"handrail/shared/words"
)

func at(minutes int) time.Time {
	return time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC).Add(time.Duration(minutes) * time.Minute)
}

// chatter is a session of n messages by turns, of different lengths.
func chatter(n int) session.State {
	st := session.State{Role: wire.RoleCustomer, Peer: "Ana", Stage: session.Talking}
	for i := range n {
		st.Lines = append(st.Lines, session.Line{At: at(i), Text: fmt.Sprint(i, strings.Repeat(" word", i%40)), Mine: i%2 == 0})
	}
	return st
}

func shown(t *testing.T) *Timeline {
	t.Helper()
	app(t)
	l := NewTimeline(words.Speaker{}, func(*url.URL) { t.Error("opened a link") })
	w := test.NewTempWindow(t, l)
	w.SetPadded(false)
	w.Resize(fyne.NewSize(400, 500))
	return l
}

// inView are the lines that stand in view, and where the first begins.
func inView(l *Timeline) (lines []int, top float32) {
	for i := range l.state.Lines {
		if p := l.rows[i]; p != nil {
			if len(lines) == 0 {
				top = p.obj.Position().Y - l.scroll.Offset.Y
			}
			lines = append(lines, i)
		}
	}
	return lines, top
}

func TestC01OnlyTheLinesInViewExist(t *testing.T) {
	l := shown(t)
	l.Set(chatter(5000), nil)
	lines, _ := inView(l)
	if len(lines) == 0 || len(lines) > 40 {
		t.Fatalf("%d lines exist", len(lines))
	}
	if lines[len(lines)-1] != 4999 {
		t.Errorf("the newest line is not in view: %v", lines)
	}
	measured := 0
	for _, h := range l.height {
		if h != 0 {
			measured++
		}
	}
	if measured > 40 {
		t.Errorf("%d lines were measured", measured)
	}
}

func TestC01TheListStaysAtTheNewestLineWhileItIsThere(t *testing.T) {
	l := shown(t)
	for n := 1; n < 60; n++ {
		l.Set(chatter(n), nil)
		lines, _ := inView(l)
		if lines[len(lines)-1] != n-1 || l.chip.Visible() {
			t.Fatalf("with %d lines %v are in view", n, lines)
		}
	}
}

func TestC01WhoReadsFurtherUpIsNotPulledAway(t *testing.T) {
	l := shown(t)
	l.Set(chatter(200), nil)
	l.Page(-3)
	before, top := inView(l)
	l.Set(chatter(205), nil)
	after, top2 := inView(l)
	if before[0] != after[0] || top != top2 {
		t.Errorf("moved from line %d at %v to line %d at %v", before[0], top, after[0], top2)
	}
	if !l.chip.Visible() || l.Behind() != 5 || l.chip.Text != "5 new" {
		t.Errorf("chip %q, %d behind", l.chip.Text, l.Behind())
	}
	test.Tap(l.chip)
	if lines, _ := inView(l); lines[len(lines)-1] != 204 || l.chip.Visible() {
		t.Error("the chip does not lead to the newest line")
	}
}

// A line that was never measured may be higher than thought; what is in view
// must not jump when it comes into view.
func TestScrollingUpMovesByWhatWasScrolled(t *testing.T) {
	l := shown(t)
	l.Set(chatter(300), nil)
	for range 200 {
		lines, _ := inView(l)
		ref := lines[len(lines)/2]
		before := l.rows[ref].obj.Position().Y - l.scroll.Offset.Y
		offset := l.scroll.Offset.Y
		l.scroll.Scrolled(&fyne.ScrollEvent{Scrolled: fyne.Delta{DY: 30}})
		if l.rows[ref] == nil {
			t.Fatalf("line %d left the view at once", ref)
		}
		after := l.rows[ref].obj.Position().Y - l.scroll.Offset.Y
		if moved := after - before; offset > 30 && (moved < 29 || moved > 31) {
			t.Fatalf("line %d moved by %v instead of 30", ref, moved)
		}
	}
}

func TestLinesThatFallOffTheFrontMoveNothing(t *testing.T) {
	l := shown(t)
	st := chatter(300)
	l.Set(st, nil)
	l.Page(-2)
	before, top := inView(l)
	st.Lines, st.Dropped = st.Lines[100:], 100
	l.Set(st, nil)
	after, top2 := inView(l)
	if after[0] != before[0]-100 || top2-top > 1 || top-top2 > 1 {
		t.Errorf("line %d at %v became line %d at %v", before[0], top, after[0]+100, top2)
	}
}

func TestC04TheListGrowsWithItsText(t *testing.T) {
	l := shown(t)
	l.Set(chatter(3), nil)
	small := l.total()
	l.SetScale(2)
	if big := l.total(); big < 1.5*small {
		t.Errorf("%v became %v", small, big)
	}
}

func TestAMessageIsMarkedUntilItHasArrived(t *testing.T) {
	l := shown(t)
	st := chatter(1)
	st.Lines[0].Seq = 4
	l.Set(st, nil)
	if !l.rows[0].row.pending {
		t.Error("no mark")
	}
	st.Acked = 4
	l.Set(st, nil)
	if l.rows[0].row.pending {
		t.Error("the mark stays")
	}
}

func TestC01ChatIsPlainTextAndCanBeSelected(t *testing.T) {
	l := shown(t)
	st := chatter(1)
	const text = "**bold** <b>x</b> [a](http://evil.example)"
	st.Lines[0].Text = text
	l.Set(st, nil)
	b := l.rows[0].obj.(*bubble)
	if b.text.Text != text || !b.text.Selectable {
		t.Errorf("%q, selectable %v", b.text.Text, b.text.Selectable)
	}
}

func TestALongNameEndsWithinTheListAndKeepsItsTime(t *testing.T) {
	l := shown(t)
	st := chatter(2)
	st.Peer = "Wilhelmina Wolfeschlegelsteinhausenbergerdorff"
	for _, width := range []float32{240, 400} {
		l.Resize(fyne.NewSize(width, 500))
		l.Set(st, nil)
		head := l.rows[1].obj.(*bubble).head
		test.WidgetRenderer(l.rows[1].obj.(*bubble)).Layout(l.rows[1].obj.Size())
		if end := head.Position().X + head.MinSize().Width; end > width || !strings.HasSuffix(head.Text, "…  09:01") {
			t.Errorf("at %v: %q ends at %v", width, head.Text, end)
		}
	}
}

func TestC01ALinkShowsItsHostAndOpensOnlyWhenPressed(t *testing.T) {
	l := shown(t)
	var opened []string
	l.open = func(u *url.URL) { opened = append(opened, u.String()) }
	st := chatter(1)
	st.Lines[0].Text = "see https://very.long.host.example.org/path?x=1."
	l.Set(st, nil)
	link := l.rows[0].obj.(*bubble).links[0]
	if link.text.String() != "very.long.host.example.org/path" {
		t.Errorf("shows %q", link.text)
	}
	if len(opened) != 0 {
		t.Fatal("opened by itself")
	}
	test.Tap(link)
	link.TypedKey(&fyne.KeyEvent{Name: fyne.KeyReturn})
	if len(opened) != 2 || opened[0] != "https://very.long.host.example.org/path?x=1" {
		t.Errorf("opened %q", opened)
	}
}

func TestC01LinksAreFoundAndDoubtfulOnesAreNot(t *testing.T) {
	for text, want := range map[string]string{
		"nothing here":                                 "",
		"http://a.example":                             "a.example",
		"(https://a.example/x)":                        "a.example",
		"https://a.example/wiki/A_(b)":                 "a.example",
		"HTTPS://A.example, and http://b.example:8080": "A.example b.example:8080",
		"twice http://a.example http://a.example":      "a.example",
		"http://[2001:db8::1]/x":                       "[2001:db8::1]",
		"https://bank.example@evil.example/":           "",
		"https://gооgle.example/":                      "", // Cyrillic letters in the host
		"javascript:alert(1) file:///etc/passwd":       "",
		"http:// https:///x":                           "",
		"seehttps://a.example":                         "a.example",
		"httpd is a program":                           "",
	} {
		var got []string
		for _, u := range Links(text) {
			got = append(got, u.Host)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
	if got := len(Links(strings.Repeat("http://a.example/1 http://b.example/2 http://c.example ", 9))); got > maxLinks {
		t.Errorf("%d links", got)
	}
}

func TestALinkShowsItsHostAndAsMuchOfItsPathAsThereIsRoomFor(t *testing.T) {
	host := strings.Repeat("long.", 12) + "example"
	for address, want := range map[string]string{
		"https://a.example":                            "a.example",
		"https://a.example/":                           "a.example",
		"https://a.example:8443/privacy?x=1#y":         "a.example:8443/privacy",
		"https://a.example/" + strings.Repeat("b", 40): "a.example/" + strings.Repeat("b", 30) + "…",
		"https://" + host:                              host,
		"https://" + host + "/x":                       host + "…",
		"https://a.example/\u202egro.knab/привет":      "a.example/%E2%80%AEgro.knab/%D0%BF%D1%80…",
	} {
		links := Links(address)
		if len(links) != 1 || LinkLabel(links[0]) != want {
			t.Errorf("%q: %v, want %q", address, links, want)
		}
	}
}

// Whatever a rep writes: a link that is offered shows the host it opens.
func FuzzLinksOpenTheHostTheyShow(f *testing.F) {
	f.Add("see https://a.example/x and http://b.example:80.")
	f.Add("https://user:pass@host/ http://xn--e1afmkfd.example")
	f.Add("İİİİİİhttp")
	f.Add("\xde\xed\xc0http")
	f.Fuzz(func(t *testing.T, text string) {
		for _, u := range Links(text) {
			again, err := url.Parse(u.String())
			if err != nil || again.Host != u.Host || again.User != nil || again.Scheme != "http" && again.Scheme != "https" {
				t.Fatalf("%q: %q opens %v, %v", text, u.Host, again, err)
			}
			if label := LinkLabel(u); !strings.HasPrefix(label, u.Host) || strings.ContainsFunc(strings.TrimSuffix(label, "…"), func(r rune) bool { return r > 126 || r < 33 }) {
				t.Fatalf("%q is shown as %q", u, label)
			}
			if strings.ContainsFunc(u.Host, func(r rune) bool { return r > 126 || r < 33 }) {
				t.Fatalf("host %q", u.Host)
			}
		}
	})
}

func TestEnterSendsAndShiftEnterBreaksTheLine(t *testing.T) {
	app(t)
	c := NewCompose("")
	var sent []string
	takes := true
	c.OnSend = func(text string) bool {
		sent = append(sent, text)
		return takes
	}
	press := func(k fyne.KeyName) { c.TypedKey(&fyne.KeyEvent{Name: k}) }
	w := test.NewTempWindow(t, c)
	w.Canvas().Focus(c)
	press(fyne.KeyReturn)
	if len(sent) != 0 {
		t.Error("sent nothing at all")
	}
	test.Type(c, "one")
	c.KeyDown(&fyne.KeyEvent{Name: desktop.KeyShiftLeft})
	press(fyne.KeyReturn)
	c.KeyUp(&fyne.KeyEvent{Name: desktop.KeyShiftLeft})
	test.Type(c, "two")
	press(fyne.KeyReturn)
	if len(sent) != 1 || sent[0] != "one\ntwo" || c.Text != "" {
		t.Fatalf("sent %q, left %q", sent, c.Text)
	}
	takes = false
	test.Type(c, "kept")
	press(fyne.KeyEnter)
	if c.Text != "kept" {
		t.Errorf("what was not taken is gone: %q", c.Text)
	}
	c.PutBack("before")
	if c.Text != "before\nkept" {
		t.Errorf("%q", c.Text)
	}
}

func TestPageKeysLeafThroughTheList(t *testing.T) {
	app(t)
	c := NewCompose("")
	var pages []float32
	c.OnPage = func(p float32) { pages = append(pages, p) }
	c.TypedKey(&fyne.KeyEvent{Name: fyne.KeyPageUp})
	c.TypedKey(&fyne.KeyEvent{Name: fyne.KeyPageDown})
	if len(pages) != 2 || pages[0] >= 0 || pages[1] <= 0 {
		t.Errorf("%v", pages)
	}
}
