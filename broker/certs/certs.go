// Package certs gives the broker its TLS certificate: one that it makes itself
// at the first run, for clients that know its pin, or one from files. Both may
// be renewed while the broker runs.
package certs

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

const (
	keyFile  = "broker.key"
	certFile = "broker.crt"

	// life is the longest that Apple's systems take from a certificate that a
	// person chose to trust. A new one gets the same key, so the pin stays.
	life = 825 * 24 * time.Hour

	// renewal leaves a broker that is restarted four times a year no gap.
	renewal = 90 * 24 * time.Hour

	// backdating forgives clocks that are a little behind.
	backdating = 24 * time.Hour
)

// Own gives the broker's own certificate for host, a name or an address, and
// makes key and certificate in the folder dir when they are missing, for this
// user's eyes only. The key is P-256, because browsers know no Ed25519. A
// certificate that ends soon or is for another host is made anew.
func Own(dir, host string, now time.Time) (tls.Certificate, error) {
	key, err := ownKey(filepath.Join(dir, keyFile))
	if err != nil {
		return tls.Certificate{}, err
	}
	return renewed(filepath.Join(dir, certFile), key, host, now)
}

// renewed gives the certificate in path if it is still the right one, else
// another one, which is kept there.
func renewed(path string, key *ecdsa.PrivateKey, host string, now time.Time) (tls.Certificate, error) {
	if c, ok := kept(path, key, host, now); ok {
		return c, nil
	}
	der, err := selfSigned(key, host, now)
	if err != nil {
		return tls.Certificate{}, err
	}
	if err := write(path, "CERTIFICATE", der); err != nil {
		return tls.Certificate{}, err
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("reading the new certificate: %w", err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key, Leaf: leaf}, nil
}

// Pin is what clients recognise the broker by: "sha256:" and the SHA-256 of
// the certificate's SubjectPublicKeyInfo in hexadecimal (RFC 7469, section
// 2.4). It stays the same for as long as the key does.
func Pin(c tls.Certificate) string { return pin(c.Leaf.RawSubjectPublicKeyInfo) }

func pin(der []byte) string {
	sum := sha256.Sum256(der)
	return "sha256:" + hex.EncodeToString(sum[:])
}

func ownKey(path string) (*ecdsa.PrivateKey, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return newKey(path)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the key: %w", err)
	}
	return readKey(text)
}

func readKey(text []byte) (*ecdsa.PrivateKey, error) {
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, errors.New("reading the key: no PEM")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("reading the key: %w", err)
	}
	key, ok := parsed.(*ecdsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("reading the key: it is a %T", parsed)
	}
	return key, nil
}

func newKey(path string) (*ecdsa.PrivateKey, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("making the key: %w", err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, fmt.Errorf("making the key: %w", err)
	}
	return key, write(path, "PRIVATE KEY", der)
}

// kept gives the certificate in path if it is still the right one.
func kept(path string, key *ecdsa.PrivateKey, host string, now time.Time) (tls.Certificate, bool) {
	text, err := os.ReadFile(path)
	if err != nil {
		return tls.Certificate{}, false
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return tls.Certificate{}, false
	}
	leaf, err := x509.ParseCertificate(block.Bytes)
	if err != nil || !stands(leaf, key, host, now) {
		return tls.Certificate{}, false
	}
	return tls.Certificate{Certificate: [][]byte{block.Bytes}, PrivateKey: key, Leaf: leaf}, true
}

// stands says whether a certificate of the broker's own may stay.
func stands(leaf *x509.Certificate, key *ecdsa.PrivateKey, host string, now time.Time) bool {
	return key.PublicKey.Equal(leaf.PublicKey) && leaf.VerifyHostname(host) == nil &&
		!now.Add(renewal).After(leaf.NotAfter) && !now.Before(leaf.NotBefore)
}

func selfSigned(key *ecdsa.PrivateKey, host string, now time.Time) ([]byte, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127)) // RFC 5280, section 4.1.2.2
	if err != nil {
		return nil, fmt.Errorf("drawing a serial number: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: host},
		NotBefore:    now.Add(-backdating),
		NotAfter:     now.Add(life - backdating),
		KeyUsage:     x509.KeyUsageDigitalSignature,
		ExtKeyUsage:  []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	if ip := net.ParseIP(host); ip != nil {
		template.IPAddresses = []net.IP{ip}
	} else {
		template.DNSNames = []string{host}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, fmt.Errorf("making the certificate: %w", err)
	}
	return der, nil
}

func write(path, kind string, der []byte) error {
	return place(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// place puts a file in place whole or not at all, for this user's eyes only.
func place(path string, text []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*") // mode 0600
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	defer os.Remove(f.Name()) // fails, rightly, when it is in place
	_, err = f.Write(text)
	if err = errors.Join(err, f.Sync(), f.Close()); err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", path, err)
	}
	return nil
}

// Kept gives the files of the broker's own certificate by their names, none if
// it has none.
func Kept(dir string) (map[string][]byte, error) {
	files := map[string][]byte{}
	for _, name := range []string{keyFile, certFile} {
		b, err := os.ReadFile(filepath.Join(dir, name))
		switch {
		case errors.Is(err, fs.ErrNotExist):
		case err != nil:
			return nil, fmt.Errorf("reading the broker's certificate: %w", err)
		default:
			files[name] = b
		}
	}
	return files, nil
}

// KeptPin is the pin of what Kept gave; empty if there is no key.
func KeptPin(files map[string][]byte) (string, error) {
	text, ok := files[keyFile]
	if !ok {
		return "", nil
	}
	key, err := readKey(text)
	if err != nil {
		return "", err
	}
	der, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		return "", fmt.Errorf("reading the key: %w", err)
	}
	return pin(der), nil
}

// Put puts back what Kept gave, for this user's eyes only. It is on the disk
// when the folder is. Other names are none of this package's.
func Put(dir string, files map[string][]byte) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("making the data folder: %w", err)
	}
	for _, name := range []string{keyFile, certFile} {
		b, ok := files[name]
		if !ok {
			continue
		}
		if err := place(filepath.Join(dir, name), b); err != nil {
			return fmt.Errorf("putting the broker's certificate back: %w", err)
		}
	}
	return nil
}
