package ledger

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"syscall"
	"time"

	"handrail/broker/record"
	"handrail/shared/wire"
)

const (
	// What a recipient answers is read so far and no further, so that the
	// connection can be used again.
	longestAnswer = 4 << 10
	longestHeader = 16 << 10
	idleHook      = 30 * time.Second
)

// hooks are the connections to web hooks: those that may lead inside, and those
// that may not.
type hooks struct{ inside, outside *http.Client }

func newHooks(roots *x509.CertPool) *hooks {
	client := func(allow func(netip.Addr) bool) *http.Client {
		dialer := &net.Dialer{Timeout: patience, Control: func(_, address string, _ syscall.RawConn) error {
			// After the name was looked up: what it leads to is what counts.
			to, err := netip.ParseAddrPort(address)
			if err != nil || !allow(to.Addr().Unmap()) {
				return problem{private, errors.New("ledger: address is not public")}
			}
			return nil
		}}
		return &http.Client{
			Transport: &http.Transport{
				Proxy:       nil, // a proxy of the environment would look names up itself
				DialContext: dialer.DialContext, ForceAttemptHTTP2: true, DisableCompression: true,
				TLSClientConfig:        &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: roots},
				MaxResponseHeaderBytes: longestHeader, IdleConnTimeout: idleHook, MaxIdleConns: 64, MaxIdleConnsPerHost: 1,
			},
			// What is not at its address is not followed: it could lead anywhere.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		}
	}
	return &hooks{inside: client(somewhere), outside: client(public)}
}

func (h *hooks) close() {
	h.inside.CloseIdleConnections()
	h.outside.CloseIdleConnections()
}

// Addresses that are of no public place though they look so: the networks of
// carriers (RFC 6598), of tests (RFC 2544), of this network (RFC 1122), of
// documentation (RFC 5737, 3849), and those in which an IPv4 address hides
// (RFC 6052, 8215, 3056, 4380).
var notPublic = func() (all []netip.Prefix) {
	for _, p := range []string{
		"0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.0.2.0/24", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "240.0.0.0/4",
		"::/96", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "2001:db8::/32", "2002::/16", "fec0::/10",
	} {
		all = append(all, netip.MustParsePrefix(p))
	}
	return all
}()

// somewhere says whether an address is one computer's at all. Link-local ones
// are not: there the cloud's own data about a server is.
func somewhere(a netip.Addr) bool {
	return a.IsValid() && !a.IsUnspecified() && !a.IsMulticast() && !a.IsLinkLocalUnicast() && a != netip.AddrFrom4([4]byte{255, 255, 255, 255})
}

// public says whether an address is outside of the organisation.
func public(a netip.Addr) bool {
	if !somewhere(a) || a.IsLoopback() || a.IsPrivate() || a.Zone() != "" {
		return false
	}
	for _, p := range notPublic {
		if p.Contains(a) {
			return false
		}
	}
	return true
}

// hook is one program that is told by POST.
type hook struct {
	hooks   *hooks
	url     string
	private bool
	secret  []byte
	now     func() time.Time
}

// event is the body of a POST.
type event struct {
	ID      string            `json:"id"` // the same whenever it is told again
	Event   string            `json:"event"`
	Time    time.Time         `json:"time"`
	Session string            `json:"session,omitempty"`
	Portal  string            `json:"portal,omitempty"`
	Rep     uint64            `json:"rep,omitempty"`
	Queue   string            `json:"queue,omitempty"`
	Detail  map[string]string `json:"detail"`
}

func newEvent(l record.Line) event {
	e := event{
		ID: hex.EncodeToString(l.Mark[:]), Event: string(l.Fact.What), Time: l.Fact.At.UTC(), Portal: l.Portal,
		Rep: l.Fact.Rep, Queue: l.Fact.Queue, Detail: l.Fact.Detail,
	}
	if name := l.Confidential(); name != "" {
		e.Detail = maps.Clone(e.Detail)
		delete(e.Detail, name)
	}
	if l.Fact.Session != (wire.SessionID{}) {
		e.Session = l.Fact.Session.String()
	}
	return e
}

// Sign gives the header Handrail-Signature: the time in seconds since 1970, and
// HMAC-SHA256 over it, a full stop and the body. Whoever checks it refuses old
// times, so that nobody can say an event again.
func Sign(secret, body []byte, at time.Time) string {
	m := hmac.New(sha256.New, secret)
	fmt.Fprintf(m, "%d.", at.Unix())
	_, _ = m.Write(body) // a hash takes everything
	return fmt.Sprintf("t=%d,v1=%x", at.Unix(), m.Sum(nil))
}

// tell posts the first of the line.
func (h *hook) tell(ctx context.Context, line []record.Line) (int, error) {
	body, err := json.Marshal(newEvent(line[0]))
	if err != nil {
		return 0, fmt.Errorf("writing an event: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, h.url, bytes.NewReader(body))
	if err != nil {
		return 0, problem{unreachable, err}
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("User-Agent", "Handrail")
	r.Header.Set("Handrail-Event", string(line[0].Fact.What))
	r.Header.Set("Handrail-Id", hex.EncodeToString(line[0].Mark[:]))
	r.Header.Set("Handrail-Signature", Sign(h.secret, body, h.now()))
	client := h.hooks.outside
	if h.private {
		client = h.hooks.inside
	}
	answer, err := client.Do(r)
	if err != nil {
		return 0, named(err)
	}
	defer answer.Body.Close()
	_, err = io.CopyN(io.Discard, answer.Body, longestAnswer)
	if answer.StatusCode < 200 || answer.StatusCode > 299 {
		return 0, problem{fmt.Sprintf("status %d", answer.StatusCode), errors.New("ledger: not taken")}
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return 0, named(err)
	}
	return 1, nil
}

// named finds the name of what went wrong with a connection.
func named(err error) error {
	var already problem
	var authority x509.UnknownAuthorityError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &already):
		return problem{already.name, err}
	case errors.Is(err, context.DeadlineExceeded):
		return problem{slow, err}
	case errors.As(err, &authority), errors.As(err, &certificate):
		return problem{untrusted, err}
	}
	return problem{unreachable, err}
}
