// The rep console is where somebody who gives support works: makes session
// keys, takes the customers who come by them, talks, sees and helps.
//
//	rep-console [--site FILE] [--data DIR] [--enrol -] [--print-key] [--print-console-key]
package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"fyne.io/fyne/v2"
	"fyne.io/fyne/v2/app"

	"handrail/rep-console/console"
	"handrail/rep-console/consoleview"
	"handrail/rep-console/notice"
	"handrail/rep-console/shift"
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

func run() int {
	flags := flag.NewFlagSet("rep-console", flag.ContinueOnError)
	siteFile := flags.String("site", "", "the site file, instead of the installed one")
	data := flags.String("data", "", "folder for settings and this console's key, instead of the user's")
	enrol := flags.String("enrol", "", "- reads an enrolment code from standard input and signs in with it")
	printKey := flags.Bool("print-key", false, "make a session key at the start and print it")
	consoleKey := flags.Bool("print-console-key", false, "print the public key that this console is known by, for whoever certifies it, and do nothing else")
	if err := flags.Parse(os.Args[1:]); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			return 0
		}
		return 2
	}
	first, err := firstActs(*enrol, *printKey)
	if err != nil {
		fmt.Fprintln(os.Stderr, "rep-console:", err)
		return 2
	}
	if *consoleKey {
		return printConsoleKey(*data)
	}
	look.UseUTF8()
	if err := window.Ready(); err != nil {
		slog.Error("opening a window", "err", err)
		fmt.Fprintln(os.Stderr, words.Speaker{}.Say(words.NoWindow))
		return 1
	}
	store, err := prefs.Open("console", *data)
	if err != nil {
		slog.Error("opening the settings folder", "err", err)
		return 1
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := show(ctx, *siteFile, store, first); err != nil {
		slog.Error("starting the console", "err", err)
		return 1
	}
	return 0
}

// printConsoleKey lets a rep tell by another way than the broker's which key
// this console has, before the organisation certifies it.
func printConsoleKey(data string) int {
	store, err := prefs.Open("console", data)
	if err != nil {
		slog.Error("opening the settings folder", "err", err)
		return 1
	}
	key, err := store.Key()
	if err != nil {
		slog.Error("reading the console's key", "err", err)
		return 1
	}
	fmt.Println(base64.StdEncoding.EncodeToString(key.Public().(ed25519.PublicKey)))
	return 0
}

// show joins the model, its owner and the windows, and runs until the rep
// quits.
func show(ctx context.Context, siteFile string, store prefs.Store, first *starter) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	key, err := store.Key()
	if err != nil {
		return err
	}
	home, err := site.Find(siteFile)
	if err != nil {
		slog.Error("looking for the site file", "err", err)
	}
	var settings console.Settings
	store.Load("window", &settings)

	a := app.NewWithID("handrail.console")
	a.SetIcon(look.AppIcon())
	look.Calm(a)
	a.Settings().SetTheme(look.Theme{})
	w := a.NewWindow("Handrail")
	w.Resize(fyne.NewSize(1280, 800))

	d := &desk{
		app: a, site: home, store: store, key: key, notices: notice.New(),
		raise: func() { fyne.Do(w.RequestFocus) },
	}
	d.openClipboard()
	defer d.closeClipboard()
	speaker := words.Speaker{}
	model := console.New(time.Now(), console.Config{Words: speaker, Rand: rand.Reader, Settings: settings})
	s := shift.New(model, d.doors(err == nil))
	d.do = s.Do
	d.screens = newScreens(ctx, speaker, s.Do)
	view := consoleview.New(consoleview.Actions{Do: s.Do, Viewer: d.screens.object, Open: d.openLink, Show: d.openFolder}, speaker)
	view.Fill(w)
	draw := look.Latest(view.Show)
	first.do = s.Do
	d.show = func(st console.State) {
		first.watch(st)
		draw(st)
	}
	if err == nil {
		s.Do(console.Site{Organisation: home.Organisation})
		if c, ok := d.certified(d.certificate()); ok {
			s.Do(c)
		}
	}

	var group sync.WaitGroup
	a.Lifecycle().SetOnStarted(func() {
		handle := look.Handle(w)
		group.Go(func() { look.TellPlaces(ctx, func() uint32 { return handle }, d.places(view)) })
		group.Go(func() { d.notices.Run(ctx) })
		group.Go(func() {
			for range nets.Watch(ctx) {
				s.NewNetwork()
			}
		})
		group.Go(func() {
			_ = s.Run(ctx) // its error is only that ctx ended
			fyne.Do(a.Quit)
		})
	})
	w.ShowAndRun()
	cancel()
	group.Wait()
	return nil
}
