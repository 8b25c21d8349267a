// Package chromium shows pages to tests in a real browser: Debian's Chromium
// without a window. A Window does what a person does, takes pictures of a page
// for somebody to look at (-shots), and finds what keeps people from reading or
// using it.
package chromium

import (
	"context"
	_ "embed"
	"flag"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/accessibility"
	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	cdplog "github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// Linux is what a browser on Linux says of itself.
const Linux = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"

// patience is how long anything may take: these machines are busy.
const patience = 60 * time.Second

var shots = flag.String("shots", "", "folder for pictures of the pages")

//go:embed check.js
var check string

//go:embed focus.js
var focus string

// Window is a window of a browser. All of it is for the goroutine of its test.
type Window struct {
	t   testing.TB
	ctx context.Context
	url string

	mu    sync.Mutex // guards the following
	said  []string   // errors of the browser: policies, scripts, missing files
	asked int        // questions of the browser before it left a page
}

// Serve serves pages with TLS and HTTP/2 on this machine until the test ends,
// and tells their address.
func Serve(t testing.TB, h http.Handler) string {
	t.Helper()
	s := httptest.NewUnstartedServer(h)
	s.EnableHTTP2 = true
	s.StartTLS()
	t.Cleanup(func() {
		s.CloseClientConnections()
		s.Close()
	})
	return strings.Replace(s.URL, "127.0.0.1", "localhost", 1)
}

// Open opens a window for the site at an address, 1280 by 900.
func Open(t testing.TB, url string) *Window {
	t.Helper()
	allocator, stop := chromedp.NewExecAllocator(context.Background(), append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.IgnoreCertErrors, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.UserAgent(Linux),
		chromedp.Flag("lang", "en-US"))...)
	ctx, leave := chromedp.NewContext(allocator)
	t.Cleanup(func() {
		leave()
		stop()
	})
	w := &Window{t: t, ctx: ctx, url: url}
	// The browser lives as long as the context of its first step.
	if err := chromedp.Do(ctx, chromedp.EmulateViewport(1280, 900)); err != nil {
		t.Fatal("starting Chromium:", err)
	}
	if err := chromedp.Listen(ctx, w.hear); err != nil {
		t.Fatal(err)
	}
	return w
}

// hear keeps what the browser complains about.
func (w *Window) hear(ev any) {
	text := ""
	switch ev := ev.(type) {
	case *cdplog.EventEntryAdded:
		if ev.Entry.Level == cdplog.EntryLevelError {
			text = ev.Entry.Text + " " + ev.Entry.URL
		}
	case *runtime.EventExceptionThrown:
		text = ev.ExceptionDetails.Text
	case *page.EventJavascriptDialogOpening:
		// What a browser asks before it leaves a page is answered as whoever told it to.
		w.mu.Lock()
		w.asked++
		w.mu.Unlock()
		go func() {
			_ = chromedp.Do(w.ctx, call(page.HandleJavaScriptDialog, page.HandleJavaScriptDialogParams{Accept: true}))
		}()
	}
	if text != "" {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.said = append(w.said, text)
	}
}

// Said is what the browser has complained about since it was asked last.
func (w *Window) Said() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	said := w.said
	w.said = nil
	return said
}

// Asked says how often the browser has asked, since this was called last, before
// it left a page. The answer was yes.
func (w *Window) Asked() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	asked := w.asked
	w.asked = 0
	return asked
}

func (w *Window) do(steps ...chromedp.Action[chromedp.Void]) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	if err := chromedp.Do(ctx, steps...); err != nil {
		w.t.Fatal(err)
	}
}

func run[T any](w *Window, a chromedp.Action[T]) T {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	got, err := chromedp.Run(ctx, a)
	if err != nil {
		w.t.Fatal(err)
	}
	return got
}

// call sends a command to the browser.
func call[P, R any](command cdp.Command[P, R], p P) chromedp.Action[chromedp.Void] {
	return chromedp.Func(func(ctx context.Context, t *chromedp.Target) error {
		_, err := cdp.Call(ctx, t, command, p)
		return err
	})
}

// Size gives the window another size.
func (w *Window) Size(width, height int64) {
	w.t.Helper()
	w.do(chromedp.EmulateViewport(width, height))
}

// Dark has the system ask for dark pages, or for light ones.
func (w *Window) Dark(dark bool) {
	w.t.Helper()
	w.media(map[bool]string{false: "light", true: "dark"}[dark], "none")
}

// media is what the system asks pages for: a scheme, and whether it puts its
// own few colours in the place of theirs.
func (w *Window) media(scheme, forced string) {
	w.t.Helper()
	w.do(call(emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme},
		{Name: "prefers-reduced-motion", Value: "reduce"},
		{Name: "forced-colors", Value: forced},
	}}))
}

// Scripts turns scripts on or off.
func (w *Window) Scripts(on bool) {
	w.t.Helper()
	w.do(call(emulation.SetScriptExecutionDisabled, emulation.SetScriptExecutionDisabledParams{Value: !on}))
}

// Headers sends more with each request.
func (w *Window) Headers(h map[string]any) {
	w.t.Helper()
	w.do(call(network.Enable, network.EnableParams{}),
		call(network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: h}))
}

// Go opens a page of the site and waits until it is there.
func (w *Window) Go(path string) {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	for {
		err := chromedp.Do(ctx, chromedp.Navigate(w.url+path))
		if err == nil {
			return
		}
		// Somewhere on this machine an interface came or went, as when a test plays a
		// network: that is no fault of the page.
		if !strings.Contains(err.Error(), "net::ERR_NETWORK_CHANGED") {
			w.t.Fatal(err)
		}
	}
}

// Visit goes over to another site.
func (w *Window) Visit(url string) { w.url = url }

// Click presses what a CSS selector names, as a person does with the mouse.
func (w *Window) Click(selector string) {
	w.t.Helper()
	w.do(chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible))
}

// Follow presses something that leads to another page, and waits for that.
func (w *Window) Follow(selector string) {
	w.t.Helper()
	run(w, chromedp.WaitEvent(page.LoadEventFired, nil, chromedp.Click(chromedp.CSS(selector), chromedp.NodeVisible)))
}

// TwoClicks says how often two quick clicks on a form's button send the form.
// Nothing is sent, and the form is as it was.
func (w *Window) TwoClicks(button string) int {
	w.t.Helper()
	return Eval[int](w, fmt.Sprintf(`(() => {
		let sent = 0;
		const button = document.querySelector(%q), count = (e) => { if (!e.defaultPrevented) sent++; e.preventDefault(); };
		addEventListener("submit", count);
		button.click();
		button.click();
		removeEventListener("submit", count);
		delete button.form.dataset.sent;
		return sent;
	})()`, button))
}

// Save presses something that gives a file, and is where the browser put it.
func (w *Window) Save(selector string) (path string) {
	w.t.Helper()
	dir := w.t.TempDir()
	w.do(call(browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
		Behavior: browser.SetDownloadBehaviorBehaviorAllow, DownloadPath: dir,
	}))
	w.Click(selector)
	for until := time.Now().Add(patience); time.Now().Before(until); time.Sleep(50 * time.Millisecond) {
		files, err := filepath.Glob(filepath.Join(dir, "*"))
		if err == nil && len(files) == 1 && filepath.Ext(files[0]) != ".crdownload" {
			return files[0]
		}
	}
	w.t.Fatalf("%q gives no file", selector)
	return ""
}

// Type types into a field.
func (w *Window) Type(selector, text string) {
	w.t.Helper()
	w.do(chromedp.SendKeys(chromedp.CSS(selector), text, chromedp.NodeVisible))
}

// Choose chooses from a list.
func (w *Window) Choose(selector, value string) {
	w.t.Helper()
	script := `(list => { list.value = %q; return list.value === %[1]q })(document.querySelector(%[2]q))`
	if !Eval[bool](w, fmt.Sprintf(script, value, selector)) {
		w.t.Fatalf("%q is not in the list %s", value, selector)
	}
}

// Tab presses the tabulator key, so many times, and tells what has the focus
// then: its ID, or else its text.
func (w *Window) Tab(times int) string {
	w.t.Helper()
	for range times {
		w.do(chromedp.KeyEvent(kb.Tab))
	}
	return Eval[string](w, `document.activeElement.id || document.activeElement.textContent.trim()`)
}

// Enter presses the key that follows a link or sends a form, and waits for the
// page that it leads to.
func (w *Window) Enter() {
	w.t.Helper()
	run(w, chromedp.WaitEvent(page.LoadEventFired, nil, chromedp.KeyEvent(kb.Enter)))
}

// Wait waits until there is something that a CSS selector names and that can be
// seen.
func (w *Window) Wait(selector string) {
	w.t.Helper()
	w.do(chromedp.WaitVisible(chromedp.CSS(selector)))
}

// WaitText waits until a text can be read on the page, or on the page that
// comes in its place.
func (w *Window) WaitText(text string) {
	w.t.Helper()
	poll[bool](w, `(text) => document.body.innerText.includes(text)`, text)
}

// Text is what can be read in the first of what a CSS selector names, when it
// is there.
func (w *Window) Text(selector string) string {
	w.t.Helper()
	return poll[[]string](w, `(selector) => { const e = document.querySelector(selector); return e && [e.innerText] }`, selector)[0]
}

// poll asks a page something until the answer is true, or anything else but
// nothing. The page may be replaced meanwhile, whole or in part.
func poll[T any](w *Window, question, about string) T {
	w.t.Helper()
	ctx, cancel := context.WithTimeout(w.ctx, patience)
	defer cancel()
	look := chromedp.PollFunction[T](question, chromedp.WithPollingArgs(about),
		chromedp.WithPollingInterval(50*time.Millisecond), chromedp.WithPollingTimeout(patience))
	for {
		answer, err := chromedp.Run(ctx, look)
		if err == nil {
			return answer
		}
		select { // a page that goes ends what is looked for on it
		case <-ctx.Done():
			w.t.Fatalf("%q is not there: %v", about, err)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// Title is the window's title.
func (w *Window) Title() string {
	w.t.Helper()
	return Eval[string](w, "document.title")
}

// Path is where the window is, without the site.
func (w *Window) Path() string {
	w.t.Helper()
	return strings.TrimPrefix(run(w, chromedp.Location()), w.url)
}

// Eval asks the page.
func Eval[T any](w *Window, script string) T {
	w.t.Helper()
	return run(w, chromedp.Evaluate[T](script))
}

// Shot takes a picture of the whole page, where pictures are asked for.
func (w *Window) Shot(name string) {
	w.t.Helper()
	if *shots == "" {
		return
	}
	picture := run(w, chromedp.FullScreenshot(100))
	if err := os.WriteFile(filepath.Join(*shots, name+".png"), picture, 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// Looks takes five pictures and checks each of them: wide and narrow, light and
// dark, and what is left of a window when everything is four times as big and in
// the few colours of a system for people who see little.
func (w *Window) Looks(name string) {
	w.t.Helper()
	for _, size := range []struct {
		name          string
		width, height int64
	}{{"wide", 1280, 900}, {"phone", 390, 800}} {
		w.Size(size.width, size.height)
		for _, dark := range []bool{false, true} {
			w.Dark(dark)
			light := map[bool]string{false: "light", true: "dark"}[dark]
			w.Shot(name + "-" + size.name + "-" + light)
			if what := name + " " + size.name + " " + light; dark {
				w.read(what) // who listens hears the same
			} else {
				w.Check(what)
			}
		}
	}
	w.Focus(name + " phone dark")
	w.Few(name)
}

// Few is the last of what Looks looks at.
func (w *Window) Few(name string) {
	w.t.Helper()
	w.Size(320, 256)
	w.media("light", "active")
	w.Shot(name + "-few")
	w.Check(name + " few")
	w.Dark(false)
	w.Size(1280, 900)
}

// Focus takes the focus to everything that can have it, and finds where whoever
// uses the keyboard can't see where it is.
func (w *Window) Focus(what string) {
	w.t.Helper()
	w.do(chromedp.KeyEvent(kb.F9)) // who presses keys is shown the focus, who has a mouse isn't
	for _, wrong := range Eval[[]string](w, focus) {
		w.t.Errorf("%s: %s", what, wrong)
	}
}

// Check finds what keeps people from reading or using the page, and what the
// browser complains about: fields and tables without names, wrong ones that
// don't say so, texts with too little contrast, headings out of order, things
// that stick out or are cut off, and whatever can be reached with the keyboard
// and has no name for who listens.
func (w *Window) Check(what string) {
	w.t.Helper()
	w.read(what)
	tree := run(w, func(ctx context.Context, t *chromedp.Target) (accessibility.GetFullAXTreeResult, error) {
		return cdp.Call(ctx, t, accessibility.GetFullAXTree, accessibility.GetFullAXTreeParams{})
	})
	for _, n := range tree.Nodes {
		if !n.Ignored && focusable(n) && value(n.Name) == `""` {
			w.t.Errorf("%s: a %s has no name for who listens", what, value(n.Role))
		}
	}
	for _, text := range w.Said() {
		w.t.Errorf("%s: the browser says: %s", what, text)
	}
}

// read finds what Check does without asking what who listens hears.
func (w *Window) read(what string) {
	w.t.Helper()
	for _, wrong := range Eval[[]string](w, check) {
		w.t.Errorf("%s: %s", what, wrong)
	}
}

func focusable(n *accessibility.Node) bool {
	role := value(n.Role)
	for _, p := range n.Properties {
		if p.Name == accessibility.PropertyNameFocusable && value(p.Value) == "true" {
			return role != `"RootWebArea"` && role != `"generic"` && role != `"main"` // what links and scripts lead to
		}
	}
	return false
}

// value is a value as JSON; missing text is "".
func value(v *accessibility.Value) string {
	if v == nil || len(v.Value) == 0 {
		return `""`
	}
	return string(v.Value)
}
