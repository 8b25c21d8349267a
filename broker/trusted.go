package main

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"log/slog"
	"net"
	"net/netip"
	"os"
	"slices"
	"time"

	"handrail/broker/certs"
	"handrail/broker/settings"
	"handrail/broker/store"
	"handrail/shared/words"
)

// hostsWait is how often it is looked whether portals have other hosts.
const hostsWait = 10 * time.Second

// shelf is where certificates that browsers trust are kept.
type shelf struct{ *store.Store }

// Files is certs.Shelf's.
func (s shelf) Files(ctx context.Context, name string) ([]certs.ShelfFile, error) {
	files, err := s.Store.Files(ctx, name)
	found := make([]certs.ShelfFile, len(files))
	for i, f := range files {
		found[i] = certs.ShelfFile(f)
	}
	return found, err
}

// trusted gets certificates that browsers trust for the hosts of this broker
// and its portals.
type trusted struct {
	acme *certs.ACME  // nil: there are none but own
	own  *certs.Fresh // the broker's own, or from files
}

// newTrusted makes it, if it was asked for; else browsers get the broker's own
// certificate.
func newTrusted(t *told, who *identity, kept *store.Store, web net.Addr, log *slog.Logger) (*trusted, error) {
	if !t.acme {
		return &trusted{own: who.fresh}, nil
	}
	var roots *x509.CertPool
	if t.acmeRoots != "" {
		text, err := os.ReadFile(t.acmeRoots)
		roots = x509.NewCertPool()
		if err != nil || !roots.AppendCertsFromPEM(text) {
			return nil, sorry(err, words.BrokerBadRoots, t.acmeRoots)
		}
	}
	owner := make([]byte, 16)
	rand.Read(owner) // never fails
	port := 0
	if a, ok := web.(*net.TCPAddr); ok {
		port = a.Port
	}
	return &trusted{own: who.fresh, acme: certs.NewACME(certs.ACMEConfig{
		Directory: t.acmeDirectory, Mail: t.acmeMail, Roots: roots, Shelf: shelf{kept}, Owner: owner, Port: port, Log: log,
	})}, nil
}

// tls is for the listener of browsers.
func (t *trusted) tls() *tls.Config {
	if t.acme == nil {
		return &tls.Config{MinVersion: tls.VersionTLS13, GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			return t.own.Web(hello), nil
		}}
	}
	return t.acme.TLS(t.own.Web)
}

// ends is when the first of the certificates ends that browsers get; no time
// where one is still missing.
func (t *trusted) ends(public string, s settings.Settings) time.Time {
	if hosts := named(public, s); t.acme != nil && len(hosts) > 0 {
		return t.acme.Ends(hosts)
	}
	return t.own.Ends()
}

// run asks for certificates whenever there are other hosts, until ctx ends.
func (t *trusted) run(ctx context.Context, public string, settings func() settings.Settings, log *slog.Logger) error {
	if t.acme == nil {
		<-ctx.Done()
		return nil
	}
	defer t.acme.Close()
	var asked []string
	tick := time.NewTicker(hostsWait)
	defer tick.Stop()
	for {
		if hosts := named(public, settings()); !slices.Equal(hosts, asked) {
			asked = hosts
			if err := t.acme.Manage(ctx, hosts); err != nil && ctx.Err() == nil {
				log.Error("certificates not asked for", "error", err)
			}
		}
		select {
		case <-tick.C:
		case <-ctx.Done():
			return nil
		}
	}
}

// named are the hosts that can have a certificate: names, not addresses.
func named(public string, s settings.Settings) []string {
	hosts := []string{public}
	for _, p := range s.Portals {
		hosts = append(hosts, p.Hosts...)
	}
	hosts = slices.DeleteFunc(hosts, func(h string) bool {
		_, err := netip.ParseAddr(h)
		return err == nil || h == "" || h == "localhost"
	})
	slices.Sort(hosts)
	return slices.Compact(hosts)
}
