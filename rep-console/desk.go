package main

import (
	"context"
	"crypto/ed25519"
	"errors"
	"log/slog"
	"maps"
	"net/url"
	"os"
	"runtime"
	"time"

	"fyne.io/fyne/v2"

	"handrail/assets"
	"handrail/rep-console/console"
	"handrail/rep-console/consoleview"
	"handrail/rep-console/notice"
	"handrail/rep-console/shift"
	"handrail/shared/clip"
	"handrail/shared/disk"
	"handrail/shared/hotline"
	"handrail/shared/link"
	"handrail/shared/look"
	"handrail/shared/prefs"
	"handrail/shared/room"
	"handrail/shared/secret"
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
	notices *notice.Board
	screens *screens
	do      func(console.Event)
	raise   func() // brings the console's window to the front
	show    func(console.State)
}

// doors joins the outside to the shift. Without a site there is no broker to
// dial.
func (d *desk) doors(atHome bool) shift.Doors {
	doors := shift.Doors{
		Meet:        d.meet,
		Explain:     link.Problem,
		WrongSecret: func(err error) bool { return errors.Is(err, link.ErrWrongSecret) },
		NotVerified: func(err error) bool { return errors.Is(err, link.ErrNotVerified) },
		Screen:      func(id wire.SessionID) shift.Screen { return d.screens.open(id) },
		Key:         d.key,
		Computer:    computer(),
		Disk:        disk.Mine(),
		Hello:       wire.Hello{Version: wire.Version, Role: wire.RoleRep, Program: "rep-console " + version, System: runtime.GOOS},
		Show:        func(s console.State) { d.show(s) },
		Copy:        d.copy,
		OpenMail:    d.open,
		OpenPage:    d.open,
		Notify:      d.notify,
		Certified:   d.certify,
		Certificate: d.certificate(),
		Seal:        d.seal,
		Transcript:  d.transcript,
		Chime:       chime,
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
		doors.DialAt = func(ctx context.Context, address string) (hotline.Conn, error) {
			return broker.DialAt(ctx, address)
		}
	}
	return doors
}

// meet makes a connection to a customer's program.
func (d *desk) meet(ctx context.Context, m room.Meeting) (shift.Peer, error) {
	p, err := link.Meet(ctx, link.Meeting{
		Role: m.Role, Session: m.Session, Epoch: m.Epoch, Direct: m.Direct, Relays: m.Relays, Resume: m.Resume,
		Proof: m.Proof, Secret: m.Secret, Certificate: m.Certificate, Key: d.key, Organisation: d.site.Key(),
		Signal: m.Signal, Signals: m.Signals, Pin: d.site.Pin, Loopback: d.site.Here(),
	})
	if err != nil {
		return nil, err
	}
	return p, nil
}

// computer is this machine's name, for the rep to recognise when logging in.
func computer() string {
	name, err := os.Hostname()
	if err != nil {
		return ""
	}
	return name
}

// notify shows a notification, with buttons where the desktop has them.
func (d *desk) notify(n console.Notify) {
	shown := notice.Notice{Title: n.Title, Text: n.Text, Pressed: func(button string) {
		if button == buttonAccept {
			d.do(console.TakeWaiter{ID: n.Visitor})
		} else {
			d.do(console.ShowWaiter{ID: n.Visitor})
		}
		d.raise()
	}}
	if n.Show == "" {
		shown.Pressed = func(string) { d.raise() }
	}
	for _, b := range []notice.Button{{Name: buttonAccept, Text: n.Accept}, {Name: buttonShow, Text: n.Show}} {
		if b.Text != "" {
			shown.Buttons = append(shown.Buttons, b)
		}
	}
	if err := d.notices.Show(shown); err != nil {
		d.app.SendNotification(fyne.NewNotification(n.Title, n.Text))
	}
}

// Names of a notification's buttons.
const (
	buttonAccept = "accept"
	buttonShow   = "show"
)

// certificateFile is where the organisation's certificate is kept.
const certificateFile = "certificate"

type keptCertificate struct {
	Certificate []byte `json:"certificate"`
}

// certificate is the one kept, nil if there is none that counts.
func (d *desk) certificate() []byte {
	var kept keptCertificate
	d.store.Load(certificateFile, &kept)
	if _, ok := d.certified(kept.Certificate); !ok {
		return nil
	}
	return kept.Certificate
}

// certified says what is in a certificate, if it is this console's.
func (d *desk) certified(b []byte) (console.Certified, bool) {
	if len(b) == 0 {
		return console.Certified{}, false
	}
	organisation := d.site.Key()
	if organisation == nil {
		return console.Certified{}, true // it can't be checked here; customers' programs may
	}
	c, err := secret.ReadCertificate(b, organisation, time.Now())
	if err != nil || !c.Key.Equal(d.key.Public()) {
		slog.Warn("the broker's certificate is not this console's", "err", err)
		return console.Certified{}, false
	}
	return console.Certified{Name: c.Name, From: c.From, To: c.To, Checked: true}, true
}

// certify keeps a certificate that the broker has handed out.
func (d *desk) certify(b []byte) (console.Certified, bool) {
	c, ok := d.certified(b)
	if !ok {
		return c, false
	}
	if err := d.store.Save(certificateFile, keptCertificate{b}); err != nil {
		slog.Warn("keeping the certificate", "err", err)
	}
	return c, true
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

// open opens an address that the console made or the broker gave.
func (d *desk) open(address string) {
	if u, err := url.Parse(address); err == nil {
		d.openLink(u)
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
