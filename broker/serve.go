package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"handrail/broker/ledger"
	"handrail/broker/lobby"
	"handrail/broker/relay"
	"handrail/broker/store"
	"handrail/broker/web"
	"handrail/shared/words"
)

// house is all that serves, and what it stands on.
type house struct {
	set  *told
	who  *identity
	kept *store.Store
	log  *slog.Logger
	say  words.Speaker

	look       chan os.Signal // asks to look for a renewed certificate
	doors      *doors
	broker     string // where programs reach any of us
	node, turn string // where they reach this one, and its relay; turn may be off
	relay      *relay.Relay
	newest     *newest
	trusted    *trusted
	watched    *watched
	office     *office
	ledger     *ledger.Ledger
}

// run serves until ctx ends.
func (c *command) run(ctx context.Context, args []string) (err error) {
	set, err := c.told(args)
	if err != nil {
		return err
	}
	log := logger(c.notice, set.verbose)
	kept, err := openFinished(ctx, set.place, store.Open)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, kept.Close()) }()
	h := &house{set: set, kept: kept, log: log, say: c.say, look: make(chan os.Signal, 1)}
	signal.Notify(h.look, syscall.SIGHUP) // as services are asked to read their files again; Windows knows none
	defer signal.Stop(h.look)
	if err := h.open(ctx); err != nil {
		return err
	}
	defer h.doors.control.Close()
	c.announce(h)
	err = serve(ctx, h.parts()...)
	log.Info("stopped", "refused", h.doors.control.Refused(), "dropped", h.doors.control.Web().Dropped)
	return h.ended(err)
}

// ended says why a broker has ended that was not told to.
func (h *house) ended(err error) error {
	switch {
	case errors.Is(err, lobby.ErrSameAddress):
		return sorry(err, words.BrokerSameAddress, h.node)
	case errors.Is(err, lobby.ErrTooMany):
		return sorry(err, words.BrokerTooMany, lobby.Parts)
	case errors.Is(err, relay.ErrCantKeep):
		return storeTrouble(err, h.set.place)
	}
	return err
}

// open makes all parts, none of which runs yet.
func (h *house) open(ctx context.Context) (err error) {
	if h.who, err = identify(ctx, h.kept, h.set); err != nil {
		return err
	}
	theirs, err := h.set.readRelaySecret()
	if err != nil {
		return err
	}
	if h.newest, err = readNewest(ctx, h.kept, h.log); err != nil {
		return storeTrouble(err, h.set.place)
	}
	if h.watched, err = newWatched(ctx, h.set.status); err != nil {
		return err
	}
	if h.doors, err = openDoors(ctx, h.set, h.who); err != nil {
		return err
	}
	if h.trusted, err = newTrusted(h.set, h.who, h.kept, h.doors.web.Addr(), h.log); err != nil {
		h.doors.control.Close()
		return err
	}
	h.broker = net.JoinHostPort(h.set.host, cmp.Or(h.set.port, portOf(h.doors.control.Addr())))
	h.node = net.JoinHostPort(h.set.nodeHost, cmp.Or(h.set.nodePort, portOf(h.doors.control.Addr())))
	h.turn = relayOff
	if h.doors.turn != nil {
		h.turn = net.JoinHostPort(h.set.nodeHost, portOf(h.doors.turn.Addr()))
	}
	if err := h.kept.SetSetting(ctx, settingBroker, []byte(h.broker)); err != nil {
		h.doors.control.Close()
		return storeTrouble(err, h.set.place)
	}
	h.relay = relay.New(controls{h.doors.control}, h.kept, relay.Config{
		Organisation: h.who.organisation,
		Site:         "https://" + h.broker,
		Address:      h.node,
		KeyLife:      h.set.keyLife,
		Relays:       relays{h.node, h.turn, h.who.turnSecret, h.set.relayURLs, theirs}.of,
		Living:       h.doors.living,
		Ended:        h.doors.forget,
		Facts:        func() { h.ledger.Wake() },
		Log:          h.log,
	})
	return h.openOffice(ctx)
}

// announce says where we are. Whoever started the broker waits for the last
// line.
func (c *command) announce(h *house) {
	h.log.Info("serving", "control", h.broker, "turn", h.turn, "organisation", h.who.organisation, "pin", h.who.fresh.Pin())
	if a := h.doors.relayIP; a.IsLoopback() {
		h.log.Warn(c.say.Say(words.BrokerPublicHint))
	}
	if h.doors.turn == nil && len(h.set.relayURLs) == 0 {
		h.log.Warn(c.say.Say(words.BrokerNoRelayHint))
	}
	if h.who.moved {
		h.log.Warn(c.say.Say(words.BrokerNewPin))
	}
	if l := h.watched.listener; l != nil {
		h.log.Info("watched", "status", "http://"+l.Addr().String())
	}
	fmt.Fprintf(c.out, "ready control=%s turn=%s https=https://%s pin=%s\n", h.broker, h.turn, h.broker, h.who.fresh.Pin())
}

// parts are what runs at the same time.
func (h *house) parts() []func(context.Context) error {
	parts := []func(context.Context) error{
		h.relay.Run,
		func(ctx context.Context) error {
			return web.Serve(ctx, h.doors.web, h.trusted.tls(), h.doors.site(h.pages()), h.log)
		},
		func(ctx context.Context) error { return h.trusted.run(ctx, h.set.host, h.newest.get, h.log) },
		func(ctx context.Context) error { return renew(ctx, h.who.fresh, h.look, h.log, h.say) },
		h.office.frame.Run,
		func(ctx context.Context) error { return ended(ctx, h.ledger.Run(ctx)) },
		func(ctx context.Context) error { return h.watched.run(ctx, h) },
	}
	if h.doors.turn != nil {
		parts = append(parts, h.doors.turn.Run, func(ctx context.Context) error {
			countRelay(ctx, h.doors.turn.Counts, h.log)
			return nil
		})
	}
	return parts
}

// serve runs all parts until ctx ends or one fails, then waits for the others.
func serve(ctx context.Context, parts ...func(context.Context) error) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	failed := make([]error, len(parts))
	var all sync.WaitGroup
	for i, part := range parts {
		all.Go(func() {
			defer stop()
			failed[i] = part(ctx)
		})
	}
	all.Wait()
	return errors.Join(failed...)
}
