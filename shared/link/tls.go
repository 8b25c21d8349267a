package link

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"time"

	"github.com/quic-go/quic-go"

	"handrail/shared/wire"
)

const pinPrefix = "sha256:"

// Pin is the pin of a certificate: the SHA-256 of its SubjectPublicKeyInfo
// (RFC 7469, section 2.4), which stays the same when the certificate is
// renewed with the same key.
func Pin(c *x509.Certificate) string {
	sum := sha256.Sum256(c.RawSubjectPublicKeyInfo)
	return pinPrefix + hex.EncodeToString(sum[:])
}

// CheckPin says what is wrong with a pin somebody typed or configured; an
// empty one is right.
func CheckPin(pin string) error {
	if pin == "" {
		return nil
	}
	sum, err := hex.DecodeString(strings.TrimPrefix(pin, pinPrefix))
	if err != nil || len(sum) != sha256.Size || !strings.HasPrefix(pin, pinPrefix) || pin != strings.ToLower(pin) {
		return fmt.Errorf("link: pin is not %q and %d lower-case hexadecimal digits", pinPrefix, 2*sha256.Size)
	}
	return nil
}

// brokerTLS is how a client recognises the broker at host.
func brokerTLS(host, pin string) *tls.Config {
	c := &tls.Config{
		MinVersion: tls.VersionTLS13,
		NextProtos: []string{wire.ALPNBroker},
		ServerName: host,
	}
	if pin == "" {
		return c
	}
	// The pin takes the place of names and authorities, not of the check.
	c.InsecureSkipVerify = true
	c.VerifyConnection = func(s tls.ConnectionState) error {
		if len(s.PeerCertificates) == 0 || Pin(s.PeerCertificates[0]) != pin {
			return ErrWrongBroker
		}
		return nil
	}
	return c
}

// peerTLS is the inner connection's: a throw-away certificate on the listening
// side, checked by nobody. What is checked, before anything else is accepted,
// is the channel itself: see authenticate.
func peerTLS() (*tls.Config, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("making a key: %w", err)
	}
	blank := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(24 * time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, blank, blank, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("making a certificate: %w", err)
	}
	return &tls.Config{
		MinVersion:             tls.VersionTLS13,
		NextProtos:             []string{wire.ALPNPeer},
		Certificates:           []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}},
		InsecureSkipVerify:     true, // see above
		SessionTicketsDisabled: true,
	}, nil
}

// export derives 32 bytes from the connection's keys (RFC 8446, section 7.5).
// Both ends of one connection, and nobody else, get the same.
func export(conn *quic.Conn, label string) ([]byte, error) {
	state := conn.ConnectionState().TLS
	b, err := state.ExportKeyingMaterial(label, nil, 32)
	if err != nil {
		return nil, fmt.Errorf("exporting key material: %w", err)
	}
	return b, nil
}

// alertNoProtocol is how TLS says that there is no common ALPN (RFC 7301,
// section 3.2; RFC 9001, section 4.8).
const alertNoProtocol = 0x100 + 120

// whyNot turns the failure of a handshake into the error a caller branches on.
func whyNot(err error) error {
	var transport *quic.TransportError
	var version *quic.VersionNegotiationError
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.Is(err, ErrWrongBroker):
		return ErrWrongBroker
	case errors.As(err, &certificate):
		return fmt.Errorf("%w: %w", ErrWrongBroker, err)
	case errors.As(err, &version), errors.As(err, &transport) && transport.ErrorCode == alertNoProtocol:
		return fmt.Errorf("%w: %w", ErrVersion, err)
	default:
		return fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
}
