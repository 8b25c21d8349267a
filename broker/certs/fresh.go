package certs

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"time"
)

// Fresh is the certificate of a broker that runs, which may be renewed
// meanwhile. Programs know the broker by its key (see Pin), whatever the dates;
// browsers by who signed, and until when. So a certificate with another key is
// for browsers, and programs go on getting the last one with the key that the
// broker began with: nobody who only renews a certificate cuts them off.
//
// Look is called by one goroutine at a time, everything else by any.
type Fresh struct {
	pin   string
	read  reader
	roots *x509.CertPool // by whom a certificate must be signed that programs take without the pin; nil: the system's

	shown   atomic.Pointer[shown]
	refused string // what was refused last, and why; owned by Look
}

// reader gives the certificate as it should be now, and with an error a text
// that is the same as long as there is nothing new to tell. It knows what
// browsers have.
type reader func(now time.Time, have *tls.Certificate) (c tls.Certificate, trouble string, err error)

// shown is what new connections get.
type shown struct {
	web, programs *tls.Certificate
	known         bool // to everybody, as web's signer is
}

// News is what a look has found.
type News int

// What a look can find.
const (
	Nothing  News = iota
	Renewed       // a new certificate, for everybody
	OtherKey      // a new certificate, for browsers alone
	Refused       // one that can't be used, for the reason that Look gives
)

// FreshOwn gives the broker's own certificate, as Own does, and makes it anew
// before it ends.
func FreshOwn(dir, host string, now time.Time) (*Fresh, error) {
	c, err := Own(dir, host, now)
	if err != nil {
		return nil, err
	}
	key, path := c.PrivateKey.(*ecdsa.PrivateKey), filepath.Join(dir, certFile)
	// The key stays in memory: a broker whose file is gone makes no new one while it runs.
	return fresh(c, func(now time.Time, have *tls.Certificate) (tls.Certificate, string, error) {
		if stands(have.Leaf, key, host, now) {
			return *have, "", nil
		}
		c, err := renewed(path, key, host, now)
		return c, path, err // the error's own text names another temporary file each time
	}), nil
}

// FreshFiles gives a certificate, with its chain, and its key from PEM files.
func FreshFiles(certPath, keyPath string) (*Fresh, error) {
	c, _, err := files(certPath, keyPath)
	if err != nil {
		return nil, err
	}
	return fresh(c, func(now time.Time, _ *tls.Certificate) (tls.Certificate, string, error) {
		c, sum, err := files(certPath, keyPath)
		if err == nil {
			err = good(c.Leaf, now)
		}
		return c, fmt.Sprintf("%x %v", sum, err), err
	}), nil
}

func fresh(c tls.Certificate, read reader) *Fresh {
	f := &Fresh{pin: Pin(c), read: read}
	f.shown.Store(&shown{web: &c, programs: &c})
	return f
}

// Pin is what programs know this broker by for as long as it runs.
func (f *Fresh) Pin() string { return f.pin }

// Programs is what programs get that come by UDP, or inside a WebSocket.
func (f *Fresh) Programs() *tls.Certificate { return f.shown.Load().programs }

// Web is what whoever comes to the web's listener gets. Programs come there,
// too, and take what the system trusts for a name; where this may not be so,
// those who might be programs get what Programs does. They speak HTTP/1.1
// alone, as no browser does.
func (f *Fresh) Web(hello *tls.ClientHelloInfo) *tls.Certificate {
	s := f.shown.Load()
	if s.programs == s.web || slices.Contains(hello.SupportedProtos, "h2") ||
		s.known && s.web.Leaf.VerifyHostname(hello.ServerName) == nil {
		return s.web
	}
	return s.programs
}

// Ends is when browsers take the certificate no more.
func (f *Fresh) Ends() time.Time { return f.shown.Load().web.Leaf.NotAfter }

// Look looks for a new certificate; from now on new connections get it. What
// can't be used is told once, looked at again each time, and changes nothing.
func (f *Fresh) Look(now time.Time) (News, error) {
	s := f.shown.Load()
	c, trouble, err := f.read(now, s.web)
	if err != nil {
		if trouble == f.refused {
			return Nothing, nil
		}
		f.refused = trouble
		return Refused, err
	}
	f.refused = ""
	switch {
	case slices.EqualFunc(c.Certificate, s.web.Certificate, bytes.Equal):
		return Nothing, nil
	case Pin(c) == f.pin:
		f.shown.Store(&shown{web: &c, programs: &c})
		return Renewed, nil
	}
	f.shown.Store(&shown{web: &c, programs: s.programs, known: f.knows(c, now)})
	return OtherKey, nil
}

// knows says whether a certificate's chain leads to somebody whom programs
// trust on a system like this one.
func (f *Fresh) knows(c tls.Certificate, now time.Time) bool {
	between := x509.NewCertPool()
	for _, der := range c.Certificate[1:] {
		if over, err := x509.ParseCertificate(der); err == nil {
			between.AddCert(over)
		}
	}
	_, err := c.Leaf.Verify(x509.VerifyOptions{Roots: f.roots, Intermediates: between, CurrentTime: now})
	return err == nil
}

// files reads a pair, and gives the sum of what it has read besides.
func files(certPath, keyPath string) (c tls.Certificate, sum [sha256.Size]byte, err error) {
	chain, err := os.ReadFile(certPath)
	if err != nil {
		return c, sum, fmt.Errorf("reading the certificate: %w", err)
	}
	key, err := os.ReadFile(keyPath)
	if err != nil {
		return c, sum, fmt.Errorf("reading the certificate's key: %w", err)
	}
	sum = sha256.Sum256(slices.Concat(chain, key))
	if c, err = tls.X509KeyPair(chain, key); err != nil {
		return c, sum, fmt.Errorf("reading the certificate: %w", err)
	}
	return c, sum, nil
}

// good says why browsers take no such certificate today.
func good(leaf *x509.Certificate, now time.Time) error {
	switch {
	case now.Before(leaf.NotBefore):
		return fmt.Errorf("the certificate begins only at %s", leaf.NotBefore.Format(time.RFC3339))
	case now.After(leaf.NotAfter):
		return fmt.Errorf("the certificate ended at %s", leaf.NotAfter.Format(time.RFC3339))
	}
	return nil
}
