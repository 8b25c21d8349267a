package main

import (
	"context"
	"errors"
	"io/fs"
	"net/http"
	"net/netip"
	"os"
	"time"

	"handrail/broker/admin"
	"handrail/broker/ledger"
	"handrail/broker/lobby"
	"handrail/broker/locks"
	"handrail/broker/manage"
	"handrail/broker/people"
	"handrail/broker/portal"
	"handrail/broker/report"
	"handrail/broker/settings"
	"handrail/broker/web"
	"handrail/shared/words"
)

// office is where administrators work.
type office struct {
	frame  *admin.Frame
	manage *manage.Manage
	report http.Handler
}

// openOffice makes the pages of the administration, and what tells other
// programs of what happens.
func (h *house) openOffice(ctx context.Context) error {
	sealer, err := openSealer(ctx, h.kept, h.set)
	if err != nil {
		return err
	}
	origin := "https://" + h.broker
	var passkeys *locks.Passkeys
	if _, err := netip.ParseAddr(h.set.host); err != nil { // it is a name
		if passkeys, err = locks.NewPasskeys(h.set.host, origin, h.who.organisation); err != nil {
			return misuse(words.BrokerBadPublic, h.set.public)
		}
	}
	frame := admin.New(admin.Config{
		Store: h.kept, Passwords: locks.NewPasswords(), Sealer: sealer, Passkeys: passkeys,
		Origin:       origin,
		Organisation: func() string { return h.who.organisation },
		People: func(ctx context.Context) (settings.People, error) {
			s, err := h.newest.read(ctx)
			return s.People, err
		},
		Floor: func() lobby.Floor { return h.relay.Floor() },
		Now:   time.Now, Log: h.log,
	})
	h.office = &office{
		frame: frame,
		manage: manage.New(manage.Config{
			Store: h.kept, Seal: func(b []byte) []byte { return sealer.Seal(0, b) }, Sealing: h.sealing, Now: time.Now, Log: h.log,
		}),
		report: report.New(report.Config{Store: h.kept, Log: h.log}),
	}
	h.ledger = ledger.New(ledger.Config{
		Store:    h.kept,
		Settings: h.newest.read, Open: func(b []byte) ([]byte, error) { return sealer.Open(0, b) },
		Host: h.set.host, Log: h.log,
	})
	return nil
}

// sealing tells whether what is said can be sealed, and how many consoles can
// open it.
func (h *house) sealing(ctx context.Context) (manage.Sealing, error) {
	key, err := h.kept.RecordKey(ctx)
	if err != nil {
		return manage.Sealing{}, err
	}
	grants, err := h.kept.Grants(ctx)
	return manage.Sealing{Key: len(key) > 0, Consoles: len(grants)}, err
}

// pages are what people see of us: the public portals, and the administration
// under /login.
func (h *house) pages() http.Handler {
	var programs fs.FS
	if h.set.programs != "" {
		programs = os.DirFS(h.set.programs)
		if is, err := os.Stat(h.set.programs); err != nil || !is.IsDir() {
			h.log.Warn(h.say.Say(words.BrokerNoPrograms), "error", err)
		}
	}
	mux := http.NewServeMux()
	mux.Handle("/", portal.New(portal.Config{Settings: h.newest.get, Lobby: h.relay, Programs: programs, Now: time.Now}))
	h.office.mount(mux)
	return mux
}

// mount puts the administration in its place. The frame guards its own pages;
// those that it protects for others, and the API, are guarded here.
func (o *office) mount(mux *http.ServeMux) {
	managed := web.Guard(o.manage.Handler(o.frame.Protect))
	reports := web.Guard(o.frame.Protect(people.OwnSessions, o.report))
	mux.Handle("/login", o.frame)
	mux.Handle("/login/", o.frame)
	for _, at := range []string{"/login/portals", "/login/policies", "/login/settings"} {
		mux.Handle(at, managed)
		mux.Handle(at+"/", managed)
	}
	mux.Handle(report.Root, reports)
	mux.Handle(report.Root+"/", reports)
	mux.Handle("/api/v1/", web.Guard(o.manage.API()))
}

// ended is an error of a part that ran until it was told to stop: none.
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil && (errors.Is(err, context.Canceled) || errors.Is(err, context.Cause(ctx))) {
		return nil
	}
	return err
}
