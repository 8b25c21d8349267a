package clip

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/jezek/xgb"
	"github.com/jezek/xgb/xproto"

	"handrail/shared/wire"
	"handrail/shared/xdisplay"
)

// desk is a display with a Board that is watched.
type desk struct {
	*xdisplay.Display
	t     testing.TB
	board *Board

	mu   sync.Mutex
	news []string // what was told
}

func newDesk(t testing.TB) *desk {
	t.Helper()
	d := &desk{Display: xdisplay.Start(t, "640x480"), t: t}
	d.board = d.open()
	d.board.Watch(d.told)
	return d
}

// open makes a Board of somebody else's on the same display.
func (d *desk) open() *Board {
	d.t.Helper()
	b, err := Open(d.Name())
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(b.Close)
	return b
}

func (d *desk) told(forms []wire.ClipForm, before bool) {
	var text strings.Builder
	for _, f := range forms {
		text.WriteString([...]string{"", "text ", "html ", "rtf ", "png "}[f.Format])
	}
	if before {
		text.WriteString("before")
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.news = append(d.news, strings.TrimSpace(text.String()))
}

func (d *desk) heard() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.news)
}

// hears waits for the last news.
func (d *desk) hears(want string) {
	d.t.Helper()
	xdisplay.WaitFor(d.t, fmt.Sprintf("%q among %q", want, d.heard()), func() bool {
		news := d.heard()
		return len(news) > 0 && news[len(news)-1] == want
	})
}

// copies has another program copy something.
func (d *desk) copies(target string, data []byte) {
	d.t.Helper()
	file := filepath.Join(d.t.TempDir(), "copied")
	if err := os.WriteFile(file, data, 0o600); err != nil {
		d.t.Fatal(err)
	}
	before := d.owner()
	d.Run("sh", "-c", `xclip -selection clipboard -t "$1" -i "$2" >/dev/null 2>&1`, "sh", target, file)
	xdisplay.WaitFor(d.t, "xclip, which is not ready when it returns", func() bool {
		now := d.owner()
		return now != before && now != xproto.WindowNone
	})
}

// owner is who has the clipboard.
func (d *desk) owner() xproto.Window {
	d.t.Helper()
	r, err := xproto.GetSelectionOwner(d.board.c, d.board.atoms.clipboard).Reply()
	if err != nil {
		d.t.Fatal(err)
	}
	return r.Owner
}

// pastes has another program paste.
func (d *desk) pastes(target string) ([]byte, error) {
	return d.Command(d.t.Context(), "xclip", "-selection", "clipboard", "-t", target, "-o").Output()
}

// gives is a Get that always has data.
func gives(data []byte) Get {
	return func(context.Context, wire.ClipFormat) ([]byte, error) { return data, nil }
}

func forms(all ...wire.ClipFormat) (list []wire.ClipForm) {
	for _, f := range all {
		list = append(list, wire.ClipForm{Format: f})
	}
	return list
}

// picture is a large thing that begins like a PNG.
func picture(size int) []byte {
	r := rand.New(rand.NewPCG(1, 2))
	data := []byte(beginPNG)
	for len(data) < size {
		data = append(data, byte(r.Uint32()))
	}
	return data
}

func TestS09WhatAProgramCopiesIsToldAndRead(t *testing.T) {
	d := newDesk(t)
	d.hears("before")
	for _, c := range []struct {
		target string
		copied []byte
		told   string
		format wire.ClipFormat
		want   string
	}{
		{"UTF8_STRING", []byte("Grüße\r\nan alle"), "text", wire.ClipText, "Grüße\nan alle"},
		{"text/html", []byte("\xff\xfe<\x00b\x00>\x00\xe4\x00"), "html", wire.ClipHTML, "<b>ä"},
		{"text/rtf", []byte(`{\rtf1 hello}`), "rtf", wire.ClipRTF, `{\rtf1 hello}`},
		{"image/png", picture(5 << 20), "png", wire.ClipPNG, string(picture(5 << 20))},
	} {
		t.Run(c.told, func(t *testing.T) {
			d.copies(c.target, c.copied)
			d.hears(c.told)
			got, err := d.board.Read(t.Context(), c.format)
			if err != nil || string(got) != c.want {
				t.Errorf("%d bytes, %v; want %d", len(got), err, len(c.want))
			}
			if _, err := d.board.Read(t.Context(), 9); !errors.Is(err, ErrGone) {
				t.Errorf("a form that nobody has: %v", err)
			}
		})
	}
	d.copies("UTF8_STRING", []byte("in between"))
	d.hears("text")
	d.copies("image/png", picture(wire.MaxClip+1))
	d.hears("png")
	if _, err := d.board.Read(t.Context(), wire.ClipPNG); !errors.Is(err, ErrTooLarge) {
		t.Errorf("what is too large: %v", err)
	}
}

func TestS09AProgramPastesWhatIsOffered(t *testing.T) {
	d := newDesk(t)
	for _, c := range []struct {
		targets []string
		format  wire.ClipFormat
		data    []byte
	}{
		{[]string{"UTF8_STRING", "text/plain;charset=utf-8", "TEXT"}, wire.ClipText, []byte("Grüße\nan alle")},
		{[]string{"text/html"}, wire.ClipHTML, []byte("<b>ä</b>")},
		{[]string{"text/rtf", "application/rtf"}, wire.ClipRTF, []byte(`{\rtf1 hello}`)},
		{[]string{"image/png"}, wire.ClipPNG, picture(5 << 20)},
	} {
		if _, err := d.board.Offer(forms(c.format), gives(c.data)); err != nil {
			t.Fatal(err)
		}
		for _, target := range c.targets {
			if got, err := d.pastes(target); err != nil || !bytes.Equal(got, c.data) {
				t.Errorf("%s: %d bytes, %v; want %d", target, len(got), err, len(c.data))
			}
		}
		if got, err := d.pastes("image/x-unheard-of"); err == nil {
			t.Errorf("what nobody has: %q", got)
		}
	}
	if _, err := d.board.Offer(forms(wire.ClipText), gives([]byte("Grüße €"))); err != nil {
		t.Fatal(err)
	}
	if got, err := d.pastes("STRING"); err != nil || string(got) != "Gr\xfc\xdfe ?" {
		t.Errorf("Latin-1: %q, %v", got, err)
	}
	targets, err := d.pastes("TARGETS")
	for _, name := range []string{"TARGETS", "TIMESTAMP", "MULTIPLE", "UTF8_STRING", "STRING"} {
		if !slices.Contains(strings.Fields(string(targets)), name) {
			t.Errorf("no %s among the targets %q, %v", name, targets, err)
		}
	}
}

func TestS09NothingIsFetchedBeforeSomebodyPastes(t *testing.T) {
	d := newDesk(t)
	fetched := make(chan wire.ClipFormat, 9)
	_, err := d.board.Offer(forms(wire.ClipText, wire.ClipHTML), func(_ context.Context, f wire.ClipFormat) ([]byte, error) {
		fetched <- f
		return []byte("x"), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := d.pastes("TARGETS"); err != nil || len(fetched) != 0 {
		t.Errorf("%d forms were fetched, %v", len(fetched), err)
	}
	if got, err := d.pastes("text/html"); err != nil || string(got) != "x" || len(fetched) != 1 || <-fetched != wire.ClipHTML {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestS09WhatIsGivenUpOrCantBeFetchedIsNotPasted(t *testing.T) {
	d := newDesk(t)
	giveUp, err := d.board.Offer(forms(wire.ClipText), gives([]byte("mine")))
	if err != nil {
		t.Fatal(err)
	}
	giveUp()
	if got, err := d.pastes("UTF8_STRING"); err == nil {
		t.Errorf("after it was given up: %q", got)
	}
	hold := make(chan struct{})
	giveUp, err = d.board.Offer(forms(wire.ClipText), func(ctx context.Context, _ wire.ClipFormat) ([]byte, error) {
		close(hold)
		<-ctx.Done()
		return []byte("too late"), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	pasted := make(chan error, 1)
	go func() {
		_, err := d.pastes("UTF8_STRING")
		pasted <- err
	}()
	<-hold
	giveUp()
	if err := <-pasted; err == nil {
		t.Error("pasted what was given up meanwhile")
	}
	if _, err := d.board.Offer(forms(wire.ClipText), func(context.Context, wire.ClipFormat) ([]byte, error) { return nil, ErrGone }); err != nil {
		t.Fatal(err)
	}
	if got, err := d.pastes("UTF8_STRING"); err == nil {
		t.Errorf("pasted what could not be fetched: %q", got)
	}
	d.copies("UTF8_STRING", []byte("theirs"))
	giveUp() // of an offer that is over: it must not touch what others copied
	if got, err := d.pastes("UTF8_STRING"); err != nil || string(got) != "theirs" {
		t.Errorf("what somebody else copied: %q, %v", got, err)
	}
}

func TestS09WhatIsOfferedIsNeverTold(t *testing.T) {
	d := newDesk(t)
	d.hears("before")
	for range 3 {
		if _, err := d.board.Offer(forms(wire.ClipText), gives([]byte("mine"))); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := d.board.Read(t.Context(), wire.ClipText); !errors.Is(err, ErrGone) {
		t.Errorf("reading what is offered: %v", err)
	}
	d.copies("UTF8_STRING", []byte("theirs"))
	d.hears("text")
	for _, n := range d.heard()[:len(d.heard())-1] {
		if n != "before" && n != "" {
			t.Errorf("told %q", d.heard())
		}
	}
	d.board.Watch(nil)
	told := len(d.heard())
	d.copies("UTF8_STRING", []byte("theirs again"))
	d.board.Watch(d.told)
	d.hears("text before")
	if got := d.heard(); len(got) != told+1 {
		t.Errorf("told without a watch: %q", got)
	}
}

// A clipboard manager reads what is offered and owns it itself from then on. On
// both computers that would send a copy round and round.
func TestS09TheCopyOfAClipboardManagerIsNotTold(t *testing.T) {
	d := newDesk(t)
	for _, text := range []string{"once", "twice"} {
		if _, err := d.board.Offer(forms(wire.ClipText), gives([]byte(text))); err != nil {
			t.Fatal(err)
		}
		got, err := d.pastes("UTF8_STRING")
		if err != nil {
			t.Fatal(err)
		}
		d.copies("UTF8_STRING", got)
		d.copies("UTF8_STRING", got)
	}
	d.copies("UTF8_STRING", []byte("something else"))
	d.hears("text")
	n := 0
	for _, news := range d.heard() {
		if news == "text" {
			n++
		}
	}
	if n != 1 {
		t.Errorf("told %q", d.heard())
	}
}

func TestS09SecretsStayHere(t *testing.T) {
	d := newDesk(t)
	d.hears("before")
	keepass := d.open() // what a Board offers carries the mark of a password manager's
	giveUp, err := keepass.Offer(forms(wire.ClipText), gives([]byte("hunter2")))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := d.pastes("x-kde-passwordManagerHint"); err != nil || string(got) != isSecret {
		t.Fatalf("the mark is %q, %v", got, err)
	}
	d.hears("")
	if got, err := d.board.Read(t.Context(), wire.ClipText); !errors.Is(err, ErrGone) {
		t.Errorf("read %q, %v", got, err)
	}
	giveUp()
	for _, n := range d.heard() {
		if strings.Contains(n, "text") {
			t.Errorf("told %q", d.heard())
		}
	}
}

func TestManyProgramsPasteAtOnce(t *testing.T) {
	d := newDesk(t)
	want := picture(1 << 20)
	if _, err := d.board.Offer(forms(wire.ClipPNG), gives(want)); err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for range 5 {
		group.Go(func() {
			if got, err := d.pastes("image/png"); err != nil || !bytes.Equal(got, want) {
				t.Errorf("%d bytes, %v", len(got), err)
			}
		})
	}
	group.Wait()
}

// paster is a program that pastes by hand.
type paster struct {
	t testing.TB
	c *xgb.Conn
	w xproto.Window
}

func (d *desk) paster() *paster {
	d.t.Helper()
	c, err := xgb.NewConnDisplay(d.Name())
	if err != nil {
		d.t.Fatal(err)
	}
	d.t.Cleanup(c.Close)
	w, err := xproto.NewWindowId(c)
	if err != nil {
		d.t.Fatal(err)
	}
	xproto.CreateWindow(c, 0, w, xproto.Setup(c).DefaultScreen(c).Root, 0, 0, 1, 1, 0, xproto.WindowClassInputOnly, 0, 0, nil)
	return &paster{d.t, c, w}
}

func (p *paster) atom(name string) xproto.Atom {
	p.t.Helper()
	r, err := xproto.InternAtom(p.c, false, uint16(len(name)), name).Reply()
	if err != nil {
		p.t.Fatal(err)
	}
	return r.Atom
}

// ask asks for a target and returns the property with the answer, if any.
func (p *paster) ask(target string, property xproto.Atom) xproto.Atom {
	p.t.Helper()
	xproto.ConvertSelection(p.c, p.w, p.atom("CLIPBOARD"), p.atom(target), property, xproto.TimeCurrentTime)
	for {
		e, err := p.c.WaitForEvent()
		if err != nil || e == nil {
			p.t.Fatalf("waiting for %s: %v", target, err)
		}
		if e, ok := e.(xproto.SelectionNotifyEvent); ok {
			return e.Property
		}
	}
}

func (p *paster) read(property xproto.Atom) *xproto.GetPropertyReply {
	p.t.Helper()
	r, err := xproto.GetProperty(p.c, true, p.w, property, xproto.GetPropertyTypeAny, 0, 1<<20).Reply()
	if err != nil {
		p.t.Fatal(err)
	}
	return r
}

func TestAProgramThatDiesWhilePastingHarmsNobody(t *testing.T) {
	d := newDesk(t)
	want := picture(1 << 20)
	if _, err := d.board.Offer(forms(wire.ClipPNG), gives(want)); err != nil {
		t.Fatal(err)
	}
	for range 2 * servings {
		p := d.paster()
		if p.ask("image/png", p.atom("HERE")) == 0 {
			t.Fatal("refused")
		}
		if r := p.read(p.atom("HERE")); r.Type != p.atom("INCR") {
			t.Fatalf("not in parts: type %d", r.Type)
		}
		p.c.Close()
	}
	if got, err := d.pastes("image/png"); err != nil || !bytes.Equal(got, want) {
		t.Errorf("%d bytes, %v", len(got), err)
	}
}

func TestSeveralTargetsAtOnceAndOldPrograms(t *testing.T) {
	d := newDesk(t)
	if _, err := d.board.Offer(forms(wire.ClipText), gives([]byte("hello"))); err != nil {
		t.Fatal(err)
	}
	p := d.paster()
	pairs := []xproto.Atom{p.atom("UTF8_STRING"), p.atom("ONE"), p.atom("image/png"), p.atom("TWO"), p.atom("TIMESTAMP"), p.atom("THREE")}
	data := make([]byte, 4*len(pairs))
	for i, a := range pairs {
		xgb.Put32(data[4*i:], uint32(a))
	}
	many := p.atom("MANY")
	xproto.ChangeProperty(p.c, xproto.PropModeReplace, p.w, many, p.atom("ATOM_PAIR"), 32, uint32(len(pairs)), data)
	if p.ask("MULTIPLE", many) != many {
		t.Fatal("MULTIPLE is refused")
	}
	if got := string(p.read(p.atom("ONE")).Value); got != "hello" {
		t.Errorf("the text is %q", got)
	}
	answer := p.read(many).Value
	if xgb.Get32(answer[4:]) == 0 || xgb.Get32(answer[12:]) != 0 || xgb.Get32(answer[20:]) == 0 {
		t.Errorf("answered % x", answer)
	}
	if r := p.read(p.atom("THREE")); r.Format != 32 || len(r.Value) != 4 || xgb.Get32(r.Value) == 0 {
		t.Errorf("the time is %+v", r)
	}
	if at := p.ask("UTF8_STRING", xproto.AtomNone); at != p.atom("UTF8_STRING") || string(p.read(at).Value) != "hello" {
		t.Errorf("a program that names no property: %d", at)
	}
	if p.ask("SAVE_TARGETS", many) != 0 {
		t.Error("promised to be saved")
	}
}

func TestAProgramThatDoesNotAnswerIsNotWaitedForForEver(t *testing.T) {
	d := newDesk(t)
	p := d.paster()
	xproto.SetSelectionOwner(p.c, p.w, p.atom("CLIPBOARD"), xproto.TimeCurrentTime)
	d.hears("") // there is nothing that it tells
	if _, err := d.board.Read(t.Context(), wire.ClipText); !errors.Is(err, ErrGone) {
		t.Errorf("reading from it: %v", err)
	}
	p.c.Close()
	// The next program may get the same window's number: it is told apart by the
	// time when nobody had the clipboard.
	xdisplay.WaitFor(t, "the end of that program", func() bool { return d.owner() == xproto.WindowNone })
	d.copies("UTF8_STRING", []byte("next"))
	d.hears("text")
}

func TestOpenSaysThatThereIsNoDisplay(t *testing.T) {
	if _, err := Open(":999999"); !errors.Is(err, ErrNotHere) {
		t.Errorf("%v", err)
	}
}

func TestCloseEndsWhatIsUnderWay(t *testing.T) {
	d := newDesk(t)
	b := d.open()
	started := make(chan struct{})
	if _, err := b.Offer(forms(wire.ClipText), func(ctx context.Context, _ wire.ClipFormat) ([]byte, error) {
		close(started)
		<-ctx.Done()
		return nil, ctx.Err()
	}); err != nil {
		t.Fatal(err)
	}
	over := make(chan struct{})
	go func() {
		defer close(over)
		_, _ = d.pastes("UTF8_STRING") // it is refused or left alone
	}()
	<-started
	b.Close()
	<-over
	if _, err := b.Read(context.Background(), wire.ClipText); err == nil {
		t.Error("reads when closed")
	}
	if _, err := b.Offer(forms(wire.ClipText), gives(nil)); err == nil {
		t.Error("offers when closed")
	}
}
