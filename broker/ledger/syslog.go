package ledger

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"handrail/broker/record"
	"handrail/broker/settings"
	"handrail/shared/wire"
)

const (
	// RFC 5424, section 6.2.1: facility local use 0, severity informational.
	priority = 16*8 + 6
	stamp    = "2006-01-02T15:04:05.000000Z07:00" // section 6.2.3

	// structured names our parameters (section 6.3.2). 32473 is the number for
	// organisations without one of their own (RFC 5612).
	structured = "handrail@32473"

	longestName    = 32      // of a parameter, section 6.3.3
	longestValue   = 1 << 10 // bytes, more is cut off
	longestMessage = 8 << 10 // RFC 5425, section 4.3.1: receivers should take so much

	// goodbye is how long the server may take to close after us.
	goodbye = 3 * time.Second
)

// impersonal are the details that tell nothing about a person.
var impersonal = []string{"portal", "start", "issue", "system", "locale", "why", "waited", "said", "to", "rating", "notice", "what", "by", "offer", "size", "items", "outcome"}

// syslog is a server that is told over TLS (RFC 5425).
type syslog struct {
	settings.Syslog
	host  string
	roots *x509.CertPool
}

func newSyslog(s settings.Syslog, host string) (*syslog, error) {
	to := &syslog{Syslog: s, host: host}
	if s.CA != "" {
		to.roots = x509.NewCertPool()
		if !to.roots.AppendCertsFromPEM([]byte(s.CA)) {
			return nil, problem{untrusted, errors.New("ledger: no certificate in the CA's text")}
		}
	}
	return to, nil
}

// tell writes the whole line over one connection. Syslog has no answers; but a
// server that has read everything closes when we do (RFC 5425, section 4.4), and
// one that broke off before did not.
func (s *syslog) tell(ctx context.Context, line []record.Line) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	dialer := &tls.Dialer{NetDialer: &net.Dialer{}, Config: &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: s.roots}}
	c, err := dialer.DialContext(ctx, "tcp", s.Address)
	if err != nil {
		return 0, named(err)
	}
	defer c.Close()
	stop := context.AfterFunc(ctx, func() { _ = c.SetDeadline(time.Unix(1, 0)) }) // ends what waits
	defer stop()
	var all []byte
	for _, one := range line {
		m := s.message(one)
		all = append(strconv.AppendInt(all, int64(len(m)), 10), ' ') // section 4.3
		all = append(all, m...)
	}
	if _, err := c.Write(all); err != nil {
		return 0, s.late(ctx, err)
	}
	if err := c.(*tls.Conn).CloseWrite(); err != nil {
		return 0, s.late(ctx, err)
	}
	_ = c.SetReadDeadline(time.Now().Add(goodbye)) // else it was closed, and the read says so
	if _, err := io.CopyN(io.Discard, c, longestAnswer); err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, os.ErrDeadlineExceeded) {
		return 0, s.late(ctx, err)
	}
	return len(line), nil
}

func (s *syslog) late(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return problem{slow, err}
	}
	return named(err)
}

// message is a fact by RFC 5424.
func (s *syslog) message(l record.Line) string {
	var m strings.Builder
	event := printable(string(l.Fact.What), longestName)
	fmt.Fprintf(&m, "<%d>1 %s %s handrail - %s [%s", priority, l.Fact.At.UTC().Format(stamp), printable(s.host, 255), event, structured)
	add := func(name, value string) {
		part := fmt.Sprintf(` %s="%s"`, name, escaped(value))
		if value != "" && m.Len()+len(part)+len("] ")+len(event) <= longestMessage {
			m.WriteString(part)
		}
	}
	add("id", hex.EncodeToString(l.Mark[:]))
	if l.Fact.Session != (wire.SessionID{}) {
		add("session", l.Fact.Session.String())
	}
	if l.Fact.Detail["portal"] == "" {
		add("portal", l.Portal)
	}
	if l.Fact.Rep != 0 {
		add("rep", strconv.FormatUint(l.Fact.Rep, 10))
	}
	add("queue", l.Fact.Queue)
	for _, name := range slices.Sorted(maps.Keys(l.Fact.Detail)) {
		if s.Personal || slices.Contains(impersonal, name) {
			add(printable(name, longestName), l.Fact.Detail[name])
		}
	}
	m.WriteString("] ")
	m.WriteString(event)
	return m.String()
}

// printable is text as a name: some printable ASCII without what ends a name.
func printable(s string, limit int) string {
	s = strings.Map(func(r rune) rune {
		if r <= ' ' || r > '~' || strings.ContainsRune(`="]`, r) {
			return '_'
		}
		return r
	}, s)
	if s == "" {
		return "-"
	}
	return s[:min(len(s), limit)]
}

// escaped is text as a parameter's value (section 6.3.3): UTF-8, in one line.
func escaped(s string) string {
	s = strings.ToValidUTF8(s, "\uFFFD")
	if len(s) > longestValue {
		s = strings.ToValidUTF8(s[:longestValue], "") // no half letters
	}
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f {
			return ' '
		}
		return r
	}, s)
	return strings.NewReplacer(`\`, `\\`, `"`, `\"`, `]`, `\]`).Replace(s)
}
