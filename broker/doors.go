package main

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"syscall"
	"time"

	"handrail/broker/relay"
	"handrail/shared/link"
	"handrail/shared/wire"
	"handrail/shared/words"
)

const (
	// portTries is how often a free port is looked for that is free for UDP
	// and for TCP.
	portTries = 20

	lookUpWait = 5 * time.Second
)

// doors is what the broker listens on.
type doors struct {
	web     net.Listener
	control *link.Listener
	turn    *link.TURN // nil where there is none
	relayIP netip.Addr // of turn
	living  *relay.Living
}

// site is what the web address has: pages, and the WebSockets of programs that
// can't send UDP.
func (d *doors) site(pages http.Handler) http.Handler {
	mux := http.NewServeMux()
	mux.Handle(link.PathControl, d.control.WebSocket())
	if d.turn != nil {
		mux.Handle(link.PathTURN, d.turn.WebSocket())
	}
	mux.Handle("/", pages)
	return mux
}

// forget gives nothing more to a session that has ended.
func (d *doors) forget(id wire.SessionID) {
	if d.turn != nil {
		d.turn.Forget(id)
	}
}

// openDoors opens all ports, or none.
func openDoors(ctx context.Context, set *told, who *identity) (_ *doors, err error) {
	d := &doors{living: &relay.Living{}}
	if set.turn != relayOff {
		if d.relayIP, err = relayAddress(ctx, set); err != nil {
			return nil, err
		}
	}
	for range portTries {
		d.web, d.control, err = openPair(ctx, set, who)
		if _, port, _ := net.SplitHostPort(set.listen); err == nil || port != "0" {
			break
		}
	}
	if err != nil {
		return nil, listenTrouble(err, set.listen)
	}
	if set.turn == relayOff {
		return d, nil
	}
	d.turn, err = link.NewTURN(link.TURNConfig{
		Addr: set.turn, Public: d.relayIP, Secret: who.turnSecret, Lives: d.living.Has,
		SessionRate: set.sessionRate, TotalRate: set.totalRate, PerAddress: set.perAddress,
	})
	if err != nil {
		d.control.Close()
		return nil, errors.Join(listenTrouble(err, set.turn), d.web.Close())
	}
	return d, nil
}

// openPair opens one port for TCP and for UDP.
func openPair(ctx context.Context, set *told, who *identity) (net.Listener, *link.Listener, error) {
	web, err := new(net.ListenConfig).Listen(ctx, "tcp", set.listen)
	if err != nil {
		return nil, nil, err
	}
	host, _, _ := net.SplitHostPort(set.listen) // told.check has
	_, port, _ := net.SplitHostPort(web.Addr().String())
	control, err := link.Listen(link.ListenConfig{
		Addr: net.JoinHostPort(host, port), Certificate: who.fresh.Programs, ResetKey: who.resetKey,
		PerAddress: set.perAddress,
	})
	if err != nil {
		return nil, nil, errors.Join(err, web.Close())
	}
	return web, control, nil
}

// relayAddress is where the relay is reached: an IP address, which clients put
// into their candidates.
func relayAddress(ctx context.Context, set *told) (netip.Addr, error) {
	if set.relayIP != "" {
		a, err := netip.ParseAddr(set.relayIP)
		if err != nil {
			return netip.Addr{}, misuse(words.BrokerBadRelayIP, set.relayIP)
		}
		return a.Unmap(), nil
	}
	if a, err := netip.ParseAddr(set.nodeHost); err == nil {
		return a.Unmap(), nil
	}
	ctx, cancel := context.WithTimeout(ctx, lookUpWait)
	defer cancel()
	found, err := net.DefaultResolver.LookupNetIP(ctx, "ip", set.nodeHost)
	if err != nil || len(found) == 0 {
		return netip.Addr{}, sorry(cmp.Or(err, errors.New("no addresses")), words.BrokerNoAddress, set.nodeHost)
	}
	for _, a := range found {
		if a = a.Unmap(); a.Is4() { // more customers have IPv4 than IPv6
			return a, nil
		}
	}
	return found[0], nil
}

func listenTrouble(err error, addr string) error {
	const inUseOnWindows = syscall.Errno(10048) // WSAEADDRINUSE, which syscall doesn't name
	switch {
	case errors.Is(err, syscall.EADDRINUSE), errors.Is(err, inUseOnWindows):
		return sorry(err, words.BrokerPortInUse, addr)
	case errors.Is(err, fs.ErrPermission):
		return sorry(err, words.BrokerPortDenied, addr)
	}
	return sorry(err, words.BrokerCantListen, addr)
}

// controls gives the relay its connections.
type controls struct{ *link.Listener }

// Accept is relay.Listener's.
func (c controls) Accept(ctx context.Context) (relay.Conn, error) {
	control, err := c.Listener.Accept(ctx)
	if err != nil {
		return nil, err
	}
	return control, nil
}

func portOf(a netip.AddrPort) string { return strconv.Itoa(int(a.Port())) }
