// The customer client is what a person who needs help runs: enter a session
// key, talk with the rep, decide what the rep may see and do, and close the
// window when it is over.
//
//	customer-client [--site FILE] [--data DIR] [--key -] [handrail:DIGITS]
//
// DIGITS are six for the number of a session key, or nine for a place that the
// organisation's portal has given, which is taken at once.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"

	"handrail/customer-client/chat"
	"handrail/customer-client/chatview"
	"handrail/customer-client/visit"
	"handrail/shared/look"
	"handrail/shared/nets"
	"handrail/shared/prefs"
	"handrail/shared/site"
	"handrail/shared/window"
	"handrail/shared/words"
)

func main() {
	os.Exit(run())
}

// options are what the command line says. A link or a key fills the form in, or
// takes a place in the queue: nothing on a command line decides whom this
// program belongs to or what a rep may do.
type options struct {
	site, data string
	number     string // of a handrail: link
	keyInput   bool   // read a session key from standard input
}

func parse(args []string) (options, error) {
	var o options
	var key string
	f := flag.NewFlagSet("customer-client", flag.ContinueOnError)
	f.StringVar(&o.site, "site", "", "the site file, instead of the installed one")
	f.StringVar(&o.data, "data", "", "folder for settings, instead of the user's")
	f.StringVar(&key, "key", "", "- reads a session key from standard input and connects")
	if err := f.Parse(args); err != nil {
		return o, err
	}
	o.keyInput = key == "-"
	if key != "" && !o.keyInput {
		return o, errors.New("a session key is a secret and must not stand on a command line: use --key - and standard input")
	}
	o.number = strings.Trim(strings.TrimPrefix(f.Arg(0), "handrail:"), "/") // browsers may add slashes
	return o, nil
}

func run() int {
	if isWatchdog(os.Args[1:]) {
		return watch()
	}
	o, err := parse(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "customer-client:", err)
		return 2
	}
	look.UseUTF8()
	if err := window.Ready(); err != nil {
		slog.Error("opening a window", "err", err)
		fmt.Fprintln(os.Stderr, words.Speaker{}.Say(words.NoWindow))
		return 1
	}
	store, err := prefs.Open("client", o.data)
	if err != nil {
		slog.Warn("settings will not be remembered", "err", err)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()

	a := app.NewWithID("handrail.client")
	a.SetIcon(look.AppIcon())
	return show(ctx, a, o, store)
}

// show joins the model, its owner and the window, and runs until the window is
// closed.
func show(ctx context.Context, a fyne.App, o options, store prefs.Store) int {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	home, err := site.Find(o.site)
	if err != nil {
		slog.Error("looking for the site file", "err", err)
	}
	var settings chat.Settings
	store.Load("window", &settings)
	speaker := words.Speaker{}
	stir := look.Calm(a)
	a.Settings().SetTheme(look.Theme{Scale: settings.Scale()})
	w := a.NewWindow("Handrail")
	w.Resize(fyne.NewSize(420, 640))

	d := &desktop{app: a, window: w, site: home, speaker: speaker, store: store}
	model := chat.New(now(), chat.Config{Site: home.Organisation, Settings: settings})
	v := visit.New(model, d.doors())
	view := chatview.New(chat.Actions{Step: v.Do, Open: d.openLink, Show: d.openFolder}, speaker)
	view.Attach(w)
	d.draw(func(s chat.State) {
		stir(s.Screen == chat.Connecting) // there is something to wait for
		view.Show(s)
	})
	d.stopped = func() { v.Do(chat.StopSharing{}) }
	begin(v, o, err)

	var group sync.WaitGroup
	life := a.Lifecycle()
	life.SetOnEnteredForeground(func() { v.Do(chat.Looking{Yes: true}) })
	life.SetOnExitedForeground(func() { v.Do(chat.Looking{}) })
	life.SetOnStarted(func() {
		d.shown()
		group.Go(func() { look.TellPlaces(ctx, d.handle.Load, view.Places) })
		group.Go(func() {
			for range nets.Watch(ctx) {
				v.NewNetwork()
			}
		})
		group.Go(func() {
			_ = v.Run(ctx) // its error is only that ctx ended
			fyne.Do(a.Quit)
		})
	})
	w.ShowAndRun()
	cancel()
	group.Wait()
	d.close()
	return 0
}

// begin fills in what the command line brought.
func begin(v *visit.Visit, o options, siteErr error) {
	if siteErr != nil {
		v.Do(chat.Failed{Problem: words.NoSite})
		return
	}
	if o.number != "" {
		v.Do(chat.SetNumber{Number: o.number})
	}
	if o.keyInput {
		key, err := bufio.NewReader(io.LimitReader(os.Stdin, 256)).ReadString('\n')
		if err != nil {
			slog.Error("reading the session key from standard input", "err", err)
			return
		}
		v.Do(chat.Submit{Code: key})
	}
}
