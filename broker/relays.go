package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"time"

	"handrail/shared/link"
	"handrail/shared/wire"
	"handrail/shared/words"
)

const (
	// relayOff, as the address of the broker's own relay, says that there is none.
	relayOff = "off"

	// relayLife is how long a session's relay credentials can be renewed: a
	// long working day and the night after it. A side that rejoins gets new
	// ones.
	relayLife = 24 * time.Hour

	ownRelays      = 2       // addresses of the broker's own: by UDP and by WebSocket
	maxRelaySecret = 1 << 10 // bytes
)

// relays makes the relays of one session.
type relays struct {
	broker string // host:port of this broker
	turn   string // host:port of our own relay, or relayOff
	secret []byte // of our own
	urls   []string
	theirs []byte // secret of those at urls
}

// of gives the relays of a session with credentials for it alone: by UDP
// first, and last the one that is reached from the narrowest network.
func (r relays) of(now time.Time, id wire.SessionID) []wire.Relay {
	var all []wire.Relay
	add := func(secret []byte, url string) {
		user, password := link.TURNCredentials(secret, id, now.Add(relayLife))
		all = append(all, wire.Relay{URL: url, User: user, Password: password})
	}
	if r.turn != relayOff {
		add(r.secret, "turn:"+r.turn+"?transport=udp")
	}
	for _, url := range r.urls {
		add(r.theirs, url)
	}
	if r.turn != relayOff {
		add(r.secret, link.WebRelay(r.broker))
	}
	return all
}

// addRelays takes one value of --relay-url.
func (s *told) addRelays(value string) error {
	for url := range strings.SplitSeq(value, ",") {
		s.relayURLs = append(s.relayURLs, strings.TrimSpace(url))
	}
	return nil
}

func (s *told) checkRelays() error {
	for _, url := range s.relayURLs {
		if link.CheckRelay(url) != nil {
			return misuse(words.BrokerBadRelayURL, url)
		}
	}
	switch {
	case len(s.relayURLs) > wire.MaxRelays-ownRelays:
		return misuse(words.BrokerManyRelays, wire.MaxRelays-ownRelays)
	case (len(s.relayURLs) == 0) != (s.relaySecret == ""):
		return misuse(words.BrokerRelayAlone)
	}
	var ok bool
	if s.sessionRate, ok = parseRate(s.relayRate); !ok {
		return misuse(words.BrokerBadRate, s.relayRate)
	}
	if s.totalRate, ok = parseRate(s.relayTotal); !ok {
		return misuse(words.BrokerBadRate, s.relayTotal)
	}
	return nil
}

var errNoSecret = errors.New("it holds no secret of one line")

// readRelaySecret reads the secret that the broker shares with relays that
// aren't its own.
func (s *told) readRelaySecret() ([]byte, error) {
	if s.relaySecret == "" {
		return nil, nil
	}
	f, err := os.Open(s.relaySecret)
	if err != nil {
		return nil, sorry(err, words.BrokerBadRelaySecret, s.relaySecret)
	}
	defer func() { _ = f.Close() }() // nothing was written
	secret, err := io.ReadAll(io.LimitReader(f, maxRelaySecret+1))
	secret = bytes.TrimSpace(secret)
	if err == nil && (len(secret) == 0 || len(secret) > maxRelaySecret || bytes.ContainsAny(secret, "\r\n")) {
		err = errNoSecret
	}
	if err != nil {
		return nil, sorry(err, words.BrokerBadRelaySecret, s.relaySecret)
	}
	return secret, nil
}
