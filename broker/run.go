package main

import (
	"io"
	"log/slog"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"handrail/broker/lobby"
	"handrail/broker/store"
	"handrail/shared/link"
	"handrail/shared/words"
)

// told is what run was told.
type told struct {
	place                                     store.Place
	data, listen, turn, public, node, relayIP string
	name, cert, key                           string
	relayURLs                                 []string // of relays that aren't ours
	relaySecret                               string   // file with their secret
	relayRate, relayTotal                     string   // as written
	perAddress                                int
	keyLife                                   time.Duration
	acme                                      bool
	acmeMail, acmeDirectory, acmeRoots        string
	status, programs                          string
	newKey, newSeal                           bool
	verbose                                   bool

	host string // of public
	port string // of public; empty is the port that is listened on

	nodeHost, nodePort string // of node, or those of public

	sessionRate, totalRate int64 // bytes a second: relayRate and relayTotal
}

func (c *command) told(args []string) (*told, error) {
	var s told
	f, place := c.flags(words.FlagData)
	text := func(to *string, name, value string, use words.Sentence) { f.StringVar(to, name, value, c.say.Say(use)) }
	text(&s.listen, "listen", ":4443", words.FlagListen)
	text(&s.turn, "turn", ":3478", words.FlagTURN)
	text(&s.public, "public", "localhost", words.FlagPublic)
	text(&s.node, "node", "", words.FlagNode)
	text(&s.relayIP, "relay-ip", "", words.FlagRelayIP)
	f.Func("relay-url", c.say.Say(words.FlagRelayURL), s.addRelays)
	text(&s.relaySecret, "relay-secret-file", "", words.FlagRelaySecret)
	text(&s.relayRate, "relay-rate", "128M", words.FlagRelayRate)
	text(&s.relayTotal, "relay-total", "1G", words.FlagRelayTotal)
	text(&s.name, "name", "", words.FlagName)
	text(&s.cert, "cert", "", words.FlagCert)
	text(&s.key, "key", "", words.FlagKey)
	f.BoolVar(&s.acme, "acme", false, c.say.Say(words.FlagACME))
	text(&s.acmeMail, "acme-mail", "", words.FlagACMEMail)
	text(&s.acmeDirectory, "acme-directory", "", words.FlagACMEAddress)
	text(&s.acmeRoots, "acme-roots", "", words.FlagACMERoots)
	text(&s.status, "status", "", words.FlagStatus)
	text(&s.programs, "programs", "", words.FlagPrograms)
	f.IntVar(&s.perAddress, "per-address", link.DefaultPerAddress, c.say.Say(words.FlagPerAddress))
	f.DurationVar(&s.keyLife, "key-life", lobby.KeyLife, c.say.Say(words.FlagKeyLife))
	f.BoolVar(&s.newKey, "new-key", false, c.say.Say(words.FlagNewKey))
	f.BoolVar(&s.newSeal, "new-seal-key", false, c.say.Say(words.FlagNewSealKey))
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
	var ok bool
	if s.host, s.port, ok = hostPort(s.public); !ok {
		return misuse(words.BrokerBadPublic, s.public)
	}
	s.nodeHost, s.nodePort = s.host, s.port
	if s.node != "" {
		if s.nodeHost, s.nodePort, ok = hostPort(s.node); !ok {
			return misuse(words.BrokerBadNode, s.node)
		}
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
	case !s.acme && s.acmeMail+s.acmeDirectory+s.acmeRoots != "":
		return misuse(words.BrokerACMEAlone)
	}
	return s.checkRelays()
}

// hostPort takes host, or host:port, apart.
func hostPort(text string) (host, port string, ok bool) {
	host = strings.Trim(text, "[]")
	if h, p, err := net.SplitHostPort(text); err == nil {
		host, port = h, p
		if n, bad := strconv.ParseUint(port, 10, 16); bad != nil || n == 0 {
			return "", "", false
		}
	}
	_, notIP := netip.ParseAddr(host)
	return host, port, host != "" && !strings.ContainsAny(host, " /@") && (notIP == nil || !strings.Contains(host, ":"))
}

// logger writes one line a record, for people and for machines.
func logger(w io.Writer, verbose bool) *slog.Logger {
	level := slog.LevelInfo
	if verbose {
		level = slog.LevelDebug
	}
	return slog.New(slog.NewTextHandler(w, &slog.HandlerOptions{Level: level}))
}
