package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"handrail/broker/certs"
	"handrail/broker/lobby"
	"handrail/broker/portal"
	"handrail/broker/relay"
	"handrail/broker/settings"
	"handrail/broker/store"
	"handrail/broker/web"
	"handrail/shared/link"
	"handrail/shared/wire"
	"handrail/shared/words"
)

const (
	secretSize = 32 // bytes of the reset key and of the relay's secret

	// portTries is how often a free port is looked for that is free for UDP
	// and for TCP.
	portTries = 20

	lookUpWait = 5 * time.Second
)

// told is what run was told.
type told struct {
	place                                                store.Place
	data, listen, turn, public, relayIP, name, cert, key string
	relayURLs                                            []string // of relays that aren't ours
	relaySecret                                          string   // file with their secret
	relayRate, relayTotal                                string   // as written
	perAddress                                           int
	keyLife                                              time.Duration
	verbose                                              bool

	host string // of public
	port string // of public; empty is the port that is listened on

	sessionRate, totalRate int64 // bytes a second: relayRate and relayTotal
}

func (c *command) told(args []string) (*told, error) {
	var s told
	f, place := c.flags(words.FlagData)
	text := func(to *string, name, value string, use words.Sentence) { f.StringVar(to, name, value, c.say.Say(use)) }
	text(&s.listen, "listen", ":4443", words.FlagListen)
	text(&s.turn, "turn", ":3478", words.FlagTURN)
	text(&s.public, "public", "localhost", words.FlagPublic)
	text(&s.relayIP, "relay-ip", "", words.FlagRelayIP)
	f.Func("relay-url", c.say.Say(words.FlagRelayURL), s.addRelays)
	text(&s.relaySecret, "relay-secret-file", "", words.FlagRelaySecret)
	text(&s.relayRate, "relay-rate", "128M", words.FlagRelayRate)
	text(&s.relayTotal, "relay-total", "1G", words.FlagRelayTotal)
	text(&s.name, "name", "", words.FlagName)
	text(&s.cert, "cert", "", words.FlagCert)
	text(&s.key, "key", "", words.FlagKey)
	f.IntVar(&s.perAddress, "per-address", link.DefaultPerAddress, c.say.Say(words.FlagPerAddress))
	f.DurationVar(&s.keyLife, "key-life", lobby.KeyLife, c.say.Say(words.FlagKeyLife))
	f.BoolVar(&s.verbose, "verbose", false, c.say.Say(words.FlagVerbose))
	if err := c.parse(f, place, args, 0); err != nil {
		return nil, err
	}
	s.place, s.data = *place, place.Dir
	return &s, s.check()
}

func (s *told) check() error {
	addrs := []string{s.listen}
	if s.turn != relayOff {
		addrs = append(addrs, s.turn)
	}
	for _, addr := range addrs {
		_, port, err := net.SplitHostPort(addr)
		if _, bad := strconv.ParseUint(port, 10, 16); err != nil || bad != nil {
			return misuse(words.BrokerBadListen, addr)
		}
	}
	s.host = strings.Trim(s.public, "[]")
	if host, port, err := net.SplitHostPort(s.public); err == nil {
		s.host, s.port = host, port
		if n, bad := strconv.ParseUint(port, 10, 16); bad != nil || n == 0 {
			return misuse(words.BrokerBadPublic, s.public)
		}
	}
	_, notIP := netip.ParseAddr(s.host)
	if s.host == "" || strings.ContainsAny(s.host, " /@") || notIP != nil && strings.Contains(s.host, ":") {
		return misuse(words.BrokerBadPublic, s.public)
	}
	switch {
	case !showable(s.name):
		return misuse(words.BrokerLongName)
	case s.keyLife < lobby.MinKeyLife || s.keyLife > lobby.MaxKeyLife:
		return misuse(words.BrokerBadKeyLife)
	case s.perAddress < 1 || s.perAddress > link.DefaultTotal:
		return misuse(words.BrokerBadPerAddress, link.DefaultTotal)
	case (s.cert == "") != (s.key == ""):
		return misuse(words.BrokerCertAlone)
	}
	return s.checkRelays()
}

// identity is what makes this broker this broker: what it keeps for good.
type identity struct {
	organisation string
	certificate  tls.Certificate
	pin          string
	resetKey     [secretSize]byte
	turnSecret   []byte
}

// run serves until ctx ends.
func (c *command) run(ctx context.Context, args []string) (err error) {
	set, err := c.told(args)
	if err != nil {
		return err
	}
	log := logger(c.notice, set.verbose)
	kept, err := store.Open(ctx, set.place)
	if err != nil {
		return storeTrouble(err, set.place)
	}
	defer func() { err = errors.Join(err, kept.Close()) }()
	who, err := identify(ctx, kept, set)
	if err != nil {
		return err
	}
	theirs, err := set.readRelaySecret()
	if err != nil {
		return err
	}
	doors, err := openDoors(ctx, set, who)
	if err != nil {
		return err
	}
	defer doors.control.Close()

	broker := net.JoinHostPort(set.host, cmp.Or(set.port, portOf(doors.control.Addr())))
	turn := relayOff
	if doors.turn != nil {
		turn = net.JoinHostPort(set.host, portOf(doors.turn.Addr()))
	}
	if err := kept.SetSetting(ctx, settingBroker, []byte(broker)); err != nil {
		return storeTrouble(err, set.place)
	}
	r := relay.New(controls{doors.control}, kept, relay.Config{
		Organisation: who.organisation,
		Site:         "https://" + broker,
		KeyLife:      set.keyLife,
		Relays:       relays{broker, turn, who.turnSecret, set.relayURLs, theirs}.of,
		Living:       doors.living,
		Ended:        doors.forget,
		Log:          log,
	})
	log.Info("serving", "control", broker, "turn", turn, "organisation", who.organisation, "pin", who.pin)
	if a := doors.relayIP; a.IsLoopback() {
		log.Warn(c.say.Say(words.BrokerPublicHint))
	}
	if doors.turn == nil && len(set.relayURLs) == 0 {
		log.Warn(c.say.Say(words.BrokerNoRelayHint))
	}
	// Whoever started the broker waits for this line.
	fmt.Fprintf(c.out, "ready control=%s turn=%s https=https://%s pin=%s\n", broker, turn, broker, who.pin)

	pages := portal.New(portal.Config{
		Settings: func() settings.Settings { return settings.Default(who.organisation) }, Lobby: r, Now: time.Now,
	})
	parts := []func(context.Context) error{r.Run, func(ctx context.Context) error {
		return web.Serve(ctx, doors.web, &tls.Config{Certificates: []tls.Certificate{who.certificate}}, doors.site(pages), log)
	}}
	if doors.turn != nil {
		parts = append(parts, doors.turn.Run, func(ctx context.Context) error {
			countRelay(ctx, doors.turn.Counts, log)
			return nil
		})
	}
	err = serve(ctx, parts...)
	log.Info("stopped", "refused", doors.control.Refused(), "dropped", doors.control.Web().Dropped)
	if errors.Is(err, relay.ErrCantKeep) {
		return sorry(err, words.BrokerCantKeep, set.data)
	}
	return err
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

// identify reads who this broker is, and makes up what is missing.
func identify(ctx context.Context, kept *store.Store, set *told) (*identity, error) {
	who := &identity{}
	secrets := map[string][]byte{settingResetKey: nil, settingTURNSecret: nil}
	for name := range secrets {
		secret, err := kept.Setting(ctx, name)
		if err == nil && len(secret) != secretSize {
			secret = make([]byte, secretSize)
			rand.Read(secret) // never fails
			err = kept.SetSetting(ctx, name, secret)
		}
		if err != nil {
			return nil, storeTrouble(err, set.place)
		}
		secrets[name] = secret
	}
	who.resetKey, who.turnSecret = [secretSize]byte(secrets[settingResetKey]), secrets[settingTURNSecret]

	name, err := kept.Setting(ctx, settingOrganisation)
	if err != nil {
		return nil, storeTrouble(err, set.place)
	}
	who.organisation = cmp.Or(set.name, string(name), "Handrail")

	if set.cert != "" {
		if who.certificate, err = certs.Files(set.cert, set.key); err != nil {
			return nil, sorry(err, words.BrokerBadCert)
		}
	} else if who.certificate, err = certs.Own(set.data, set.host, time.Now()); err != nil {
		return nil, sorry(err, words.BrokerBadOwnCert, set.data)
	}
	who.pin = certs.Pin(who.certificate)
	for name, value := range map[string]string{settingOrganisation: who.organisation, settingPin: who.pin} {
		if err := kept.SetSetting(ctx, name, []byte(value)); err != nil {
			return nil, storeTrouble(err, set.place)
		}
	}
	return who, nil
}

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
		Addr: net.JoinHostPort(host, port), Certificate: who.certificate, ResetKey: who.resetKey,
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
	if a, err := netip.ParseAddr(set.host); err == nil {
		return a.Unmap(), nil
	}
	ctx, cancel := context.WithTimeout(ctx, lookUpWait)
	defer cancel()
	found, err := net.DefaultResolver.LookupNetIP(ctx, "ip", set.host)
	if err != nil || len(found) == 0 {
		return netip.Addr{}, sorry(cmp.Or(err, errors.New("no addresses")), words.BrokerNoAddress, set.host)
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

// logger writes one line a record, for people and for machines.
func logger(w io.Writer, verbose bool) *slog.Logger {
	level := slog.LevelInfo
	if verbose {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level}))
}
