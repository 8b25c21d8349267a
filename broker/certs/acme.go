package certs

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"strings"
	"time"

	"github.com/caddyserver/certmagic"
	"github.com/mholt/acmez/v3"
	"go.uber.org/zap"
)

// LetsEncrypt is the ACME directory that is asked where no other one is named.
const LetsEncrypt = certmagic.LetsEncryptProductionCA

// Shelf keeps certificates, their keys and the account, for all brokers of an
// organisation.
type Shelf interface {
	KeepFile(ctx context.Context, name string, content []byte) error
	FileContent(ctx context.Context, name string) ([]byte, error) // or fs.ErrNotExist
	Files(ctx context.Context, name string) ([]ShelfFile, error)  // a file, or all below a folder
	DropFiles(ctx context.Context, name string) error
	// Lease lets one broker at a time do something named, for so long.
	Lease(ctx context.Context, name string, owner []byte, life time.Duration) (granted bool, err error)
	EndLease(ctx context.Context, name string, owner []byte) error
}

// ShelfFile is what is known of a file on the shelf.
type ShelfFile struct {
	Name     string
	Size     int
	Modified time.Time
}

// ACME gets certificates that browsers trust and renews them (RFC 8555). It
// proves a host name by answering on the TLS port (TLS-ALPN-01, RFC 8737), so
// port 443 of the name must lead here.
type ACME struct {
	magic *certmagic.Config
	cache *certmagic.Cache
}

// ACMEConfig says who signs, and where what is signed is kept.
type ACMEConfig struct {
	Directory string         // address of the ACME directory; empty is LetsEncrypt
	Mail      string         // where the authority writes when something is wrong; may be empty
	Roots     *x509.CertPool // whom to believe that it is the directory; nil: the system's
	Shelf     Shelf
	Owner     []byte // this broker, among those that share the shelf
	Log       *slog.Logger

	// Port is the port of this machine that 443 leads to, where a listener with
	// TLS answers: the authority's connections come there.
	Port int
}

// NewACME makes it ready. Nothing is asked for before Manage. By making it the
// organisation agrees to the authority's terms. Close ends it.
func NewACME(cfg ACMEConfig) *ACME {
	quiet := zap.NewNop() // what matters comes as events
	a := &ACME{}
	a.cache = certmagic.NewCache(certmagic.CacheOptions{
		GetConfigForCert: func(certmagic.Certificate) (*certmagic.Config, error) { return a.magic, nil },
		Logger:           quiet,
	})
	a.magic = certmagic.New(a.cache, certmagic.Config{
		Storage: shelved{cfg.Shelf, cfg.Owner},
		Logger:  quiet,
		OnEvent: func(_ context.Context, event string, data map[string]any) error {
			note(cfg.Log, event, data)
			return nil
		},
		OCSP: certmagic.OCSPConfig{DisableStapling: true}, // authorities have given OCSP up
	})
	directory := cfg.Directory
	if directory == "" {
		directory = LetsEncrypt
	}
	a.magic.Issuers = []certmagic.Issuer{certmagic.NewACMEIssuer(a.magic, certmagic.ACMEIssuer{
		CA: directory, TestCA: directory, Email: cfg.Mail, Agreed: true, TrustedRoots: cfg.Roots, Logger: quiet,
		DisableHTTPChallenge: true, AltTLSALPNPort: cfg.Port,
	})}
	return a
}

// note puts what matters about certificates into the log: host names are
// public, and nothing else personal is in it.
func note(log *slog.Logger, event string, data map[string]any) {
	switch event {
	case "cert_obtained":
		log.Info("certificate obtained", "host", data["identifier"], "renewal", data["renewal"])
	case "cert_failed":
		log.Error("certificate not obtained, it will be tried again", "host", data["identifier"], "renewal", data["renewal"], "error", data["error"])
	}
}

// Manage gets certificates for hosts in the background, and keeps them fresh
// until ctx ends. It may be called again with other hosts.
func (a *ACME) Manage(ctx context.Context, hosts []string) error {
	if err := a.magic.ManageAsync(ctx, hosts); err != nil {
		return fmt.Errorf("beginning to get certificates: %w", err)
	}
	return nil
}

// Close ends the upkeep.
func (a *ACME) Close() { a.cache.Stop() }

// TLS is what the web's listener uses: a certificate that browsers trust where
// there is one for the name they ask for, and what own gives otherwise.
func (a *ACME) TLS(own func(*tls.ClientHelloInfo) *tls.Certificate) *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS13,
		NextProtos: []string{"h2", "http/1.1", acmez.ACMETLS1Protocol},
		GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			c, err := a.magic.GetCertificate(hello)
			if err != nil && !proves(hello) {
				return own(hello), nil
			}
			return c, err
		},
	}
}

// Ends is when the first of the certificates for hosts ends; no time while one
// of them has none.
func (a *ACME) Ends(hosts []string) (first time.Time) {
	for i, host := range hosts {
		var last time.Time
		for _, c := range a.cache.AllMatchingCertificates(host) {
			if c.Leaf != nil && c.Leaf.NotAfter.After(last) {
				last = c.Leaf.NotAfter
			}
		}
		if i == 0 || last.Before(first) {
			first = last
		}
	}
	return first
}

// proves says whether a connection is the authority's, which must see the
// proof or nothing.
func proves(hello *tls.ClientHelloInfo) bool {
	return len(hello.SupportedProtos) == 1 && hello.SupportedProtos[0] == acmez.ACMETLS1Protocol
}

// shelved is a Shelf as certmagic wants one.
type shelved struct {
	Shelf
	owner []byte
}

const (
	acmeFolder = "acme/"
	// leaseLife is how long a broker that dies while it gets a certificate
	// keeps the others from it.
	leaseLife = 2 * time.Minute
	leaseAsk  = time.Second // between two times that a lease is asked for
)

// Store is certmagic.Storage's.
func (s shelved) Store(ctx context.Context, key string, value []byte) error {
	return s.KeepFile(ctx, acmeFolder+key, value)
}

// Load is certmagic.Storage's.
func (s shelved) Load(ctx context.Context, key string) ([]byte, error) {
	return s.FileContent(ctx, acmeFolder+key)
}

// Delete is certmagic.Storage's.
func (s shelved) Delete(ctx context.Context, key string) error {
	return s.DropFiles(ctx, acmeFolder+key)
}

// Exists is certmagic.Storage's.
func (s shelved) Exists(ctx context.Context, key string) bool {
	files, err := s.Files(ctx, acmeFolder+key)
	return err == nil && len(files) > 0
}

// List is certmagic.Storage's.
func (s shelved) List(ctx context.Context, path string, recursive bool) ([]string, error) {
	files, err := s.Files(ctx, strings.TrimSuffix(acmeFolder+path, "/"))
	if err != nil {
		return nil, err
	}
	if len(files) == 0 {
		return nil, fmt.Errorf("listing certificates: %w", fs.ErrNotExist)
	}
	var keys []string
	seen := map[string]bool{}
	for _, f := range files {
		key := strings.TrimPrefix(f.Name, acmeFolder)
		if below := strings.TrimPrefix(strings.TrimPrefix(key, path), "/"); !recursive && strings.Contains(below, "/") {
			name, _, _ := strings.Cut(below, "/")
			key = strings.TrimPrefix(path+"/"+name, "/")
		}
		if !seen[key] {
			seen[key] = true
			keys = append(keys, key)
		}
	}
	return keys, nil
}

// Stat is certmagic.Storage's.
func (s shelved) Stat(ctx context.Context, key string) (certmagic.KeyInfo, error) {
	files, err := s.Files(ctx, acmeFolder+key)
	if err != nil {
		return certmagic.KeyInfo{}, err
	}
	for _, f := range files {
		if f.Name == acmeFolder+key {
			return certmagic.KeyInfo{Key: key, Modified: f.Modified, Size: int64(f.Size), IsTerminal: true}, nil
		}
	}
	if len(files) > 0 {
		return certmagic.KeyInfo{Key: key}, nil
	}
	return certmagic.KeyInfo{}, fmt.Errorf("looking for a certificate: %w", fs.ErrNotExist)
}

// Lock is certmagic.Locker's.
func (s shelved) Lock(ctx context.Context, name string) error {
	for {
		granted, err := s.Lease(ctx, acmeFolder+name, s.owner, leaseLife)
		if err != nil || granted {
			return err
		}
		select {
		case <-time.After(leaseAsk):
		case <-ctx.Done():
			return errors.Join(context.Cause(ctx), errors.New("waiting for another broker"))
		}
	}
}

// Unlock is certmagic.Locker's.
func (s shelved) Unlock(ctx context.Context, name string) error {
	return s.EndLease(ctx, acmeFolder+name, s.owner)
}
