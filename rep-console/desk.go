package main

import (
	"context"
	"crypto/ed25519"
	"errors"
	"log/slog"
	"maps"
	"net/url"
	"runtime"
	"time"

	"fyne.io/fyne/v2"

	"handrail/assets"
	"handrail/rep-console/console"
	"handrail/rep-console/consoleview"
	"handrail/rep-console/shift"
	"handrail/shared/clip"
	"handrail/shared/disk"
	"handrail/shared/hotline"
	"handrail/shared/link"
	"handrail/shared/look"
	"handrail/shared/prefs"
	"handrail/shared/room"
	"handrail/shared/site"
	"handrail/shared/sound"
	"handrail/shared/wire"
)

// version is set when a release is built.
var version = "dev"

// desk is this machine as the shift meets it: every door in one place.
type desk struct {
	app     fyne.App
	site    site.Site
	store   prefs.Store
	key     ed25519.PrivateKey
	clip    *clip.Board // nil where it can't be shared
	screens *screens
	show    func(console.State)
}

// doors joins the outside to the shift. Without a site there is no broker to
// dial.
func (d *desk) doors(atHome bool) shift.Doors {
	doors := shift.Doors{
		Meet:        d.meet,
		Explain:     link.Problem,
		WrongSecret: func(err error) bool { return errors.Is(err, link.ErrWrongSecret) },
		Screen:      func(id wire.SessionID) shift.Screen { return d.screens.open(id) },
		Key:         d.key,
		Disk:        disk.Mine(),
		Hello:       wire.Hello{Version: wire.Version, Role: wire.RoleRep, Program: "rep-console " + version, System: runtime.GOOS},
		Show:        func(s console.State) { d.show(s) },
		Copy:        d.copy,
		OpenMail: func(address string) {
			if u, err := url.Parse(address); err == nil {
				d.openLink(u)
			}
		},
		Notify: func(title, text string) { d.app.SendNotification(fyne.NewNotification(title, text)) },
		Chime:  chime,
		Remember: func(s console.Settings) {
			if err := d.store.Save("window", s); err != nil {
				slog.Warn("saving the settings", "err", err)
			}
		},
		Exit: func() { fyne.Do(d.app.Quit) },
	}
	if d.clip != nil {
		doors.Clipboard = d.clip
	}
	if atHome {
		broker := link.Dialer{
			Address: link.Address{Host: d.site.Broker, Pin: d.site.Pin}, Memory: d.store.Networks(time.Now),
		}
		doors.Dial = func(ctx context.Context) (hotline.Conn, error) {
			return broker.Dial(ctx)
		}
	}
	return doors
}

// meet makes a connection to a customer's program.
func (d *desk) meet(ctx context.Context, m room.Meeting) (shift.Peer, error) {
	p, err := link.Meet(ctx, link.Meeting{
		Role: m.Role, Session: m.Session, Epoch: m.Epoch, Direct: m.Direct, Relays: m.Relays, Resume: m.Resume,
		Proof: m.Proof, Secret: m.Secret, Certificate: m.Certificate, Key: d.key,
		Signal: m.Signal, Signals: m.Signals, Pin: d.site.Pin, Loopback: d.site.Here(),
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

// chime plays the sound for something new.
func chime() {
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := sound.Chime(ctx, assets.Chime()); err != nil && !errors.Is(err, sound.ErrNoAudio) {
			slog.Warn("playing the chime", "err", err)
		}
	}()
}

// openLink opens an address with the program of the desktop, after a click.
func (d *desk) openLink(u *url.URL) {
	switch u.Scheme {
	case "https", "http", "mailto":
		if err := d.app.OpenURL(u); err != nil {
			slog.Warn("opening a link", "err", err)
		}
	}
}

// openFolder shows what was saved, after the rep's click.
func (d *desk) openFolder(place string) {
	if err := d.app.OpenURL(look.FolderOf(place)); err != nil {
		slog.Warn("opening a folder", "err", err)
	}
}

// places tells tests where things are.
func (d *desk) places(view *consoleview.View) func() map[string]look.Place {
	return func() map[string]look.Place {
		all := view.Places()
		maps.Copy(all, d.screens.places())
		return all
	}
}
