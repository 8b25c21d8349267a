// Package vault seals what is said in sessions for the people whom an
// organisation lets read it (row T01), and opens it for them. The broker keeps
// what is sealed and can neither read it nor make it up.
//
// A console checks the organisation's record key (Check), and seals each part of
// a session's log for it (Recipient.Seal), with its own signature inside. Who
// has the organisation's key has the record key's private half, too (Derive),
// and makes grants of it: a console's grant is that half, sealed for the console
// (RecordKey.Grant), which opens with it what any console has sealed (Unlock,
// Reader.Open).
//
// The bytes are those of section 4b of wire's PROTOCOL.md. What is sealed are
// files of age (https://age-encryption.org/v1).
package vault

import (
	"bytes"
	"cmp"
	"crypto/ed25519"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"filippo.io/age"

	"handrail/shared/secret"
	"handrail/shared/transcript"
	"handrail/shared/wire"
)

// Errors that callers branch on.
var (
	// ErrKey: no record key, or not by this organisation.
	ErrKey = errors.New("vault: no record key of the organisation")
	// ErrTooLong: what is to be sealed does not fit into one part; half of it
	// may. One entry always fits.
	ErrTooLong = errors.New("vault: too long for one part")
	// ErrNoGrant: no grant is for this console.
	ErrNoGrant = errors.New("vault: no grant for this console")
	// ErrClosed: it was sealed for others, or it is damaged.
	ErrClosed = errors.New("vault: not sealed for this reader")
	// ErrForged: it can be opened, and no console with a certificate of this
	// organisation has made it.
	ErrForged = errors.New("vault: not by a console of the organisation")
)

const (
	keyVersion, partVersion = 1, 1
	keyLabel, partLabel     = "handrail record key v1", "handrail log v1"

	recordKeySize = 32 // X25519

	// fixedPart: version, length of the certificate, signature.
	fixedPart = 1 + 2 + ed25519.SignatureSize
	// ageAdds is what age puts around one chunk of at most 64 KiB: a header for
	// one recipient, a nonce and a tag. A test compares.
	ageAdds = 200

	// MaxPacket is how long the packet of a Log may be that Seal takes, with
	// the longest certificate.
	MaxPacket = wire.MaxSealed - ageAdds - fixedPart - wire.MaxCertificate
)

// Recipient is what a console seals for: the public half of an organisation's
// record key.
type Recipient struct {
	to           *age.X25519Recipient
	organisation ed25519.PublicKey
}

// Check reads a record key and whether the organisation has signed it. Its
// error is ErrKey.
func Check(key []byte, organisation ed25519.PublicKey) (Recipient, error) {
	const n = 1 + recordKeySize
	if len(key) != n+ed25519.SignatureSize || key[0] != keyVersion || !secret.Signed(organisation, keyLabel, key[:n], key[n:]) {
		return Recipient{}, ErrKey
	}
	to, err := recipient(key[1:n])
	if err != nil {
		return Recipient{}, fmt.Errorf("%w: %w", ErrKey, err)
	}
	return Recipient{to, organisation}, nil
}

// Seal seals a part of a log: all its entries and nothing sealed. The
// certificate is the console's own, and good at the time of the entries: no
// reader would believe another. Errors: ErrTooLong, secret.ErrCertificate.
func (r Recipient) Seal(console ed25519.PrivateKey, certificate []byte, log wire.Log) ([]byte, error) {
	log.Sealed = nil
	packet, err := wire.Append(nil, wire.Packet{Body: &log})
	switch {
	case errors.Is(err, wire.ErrTooLong), err == nil && len(packet) > MaxPacket:
		return nil, ErrTooLong
	case err != nil:
		return nil, fmt.Errorf("sealing a log: %w", err)
	}
	c, err := certified(certificate, r.organisation, log.Entries)
	if err != nil {
		return nil, err
	}
	if !c.Key.Equal(console.Public()) {
		return nil, fmt.Errorf("%w: of another console", secret.ErrCertificate)
	}
	b := binary.BigEndian.AppendUint16([]byte{partVersion}, uint16(len(certificate)))
	b = append(append(b, certificate...), secret.Sign(console, partLabel, packet)...)
	return seal(append(b, packet...), r.to)
}

// seal makes a file of age.
func seal(text []byte, to age.Recipient) ([]byte, error) {
	var sealed bytes.Buffer
	w, err := age.Encrypt(&sealed, to)
	if err != nil {
		return nil, fmt.Errorf("sealing: %w", err)
	}
	_, err = w.Write(text)
	if err := errors.Join(err, w.Close()); err != nil { // without Close it is not whole
		return nil, fmt.Errorf("sealing: %w", err)
	}
	return sealed.Bytes(), nil
}

// unseal reads a file of age with no more than so many bytes in it.
func unseal(sealed []byte, most int, by ...age.Identity) ([]byte, error) {
	r, err := age.Decrypt(bytes.NewReader(sealed), by...)
	if err != nil {
		return nil, err
	}
	text, err := io.ReadAll(io.LimitReader(r, int64(most)+1))
	if err == nil && len(text) > most {
		err = fmt.Errorf("more than %d bytes", most)
	}
	return text, err
}

// certified reads a certificate that was good when the first and the last of
// the entries happened, whether or not it still is.
func certified(certificate []byte, organisation ed25519.PublicKey, entries []wire.Entry) (secret.Certificate, error) {
	if len(entries) == 0 {
		return secret.Certificate{}, fmt.Errorf("%w: nothing that it is for", secret.ErrCertificate)
	}
	earlier := func(a, b wire.Entry) int { return cmp.Compare(a.At, b.At) }
	first, last := slices.MinFunc(entries, earlier), slices.MaxFunc(entries, earlier)
	if _, err := secret.ReadCertificate(certificate, organisation, time.UnixMilli(first.At)); err != nil {
		return secret.Certificate{}, err
	}
	return secret.ReadCertificate(certificate, organisation, time.UnixMilli(last.At))
}

// Reader opens what was sealed for a record key.
type Reader struct{ by []age.Identity }

// Unlock makes a Reader of what a console was granted. Its error is ErrNoGrant.
func Unlock(grants [][]byte, console ed25519.PrivateKey) (Reader, error) {
	var r Reader
	for _, g := range grants[:min(len(grants), wire.MaxGrants)] {
		if by, err := granted(g, console); err == nil {
			r.by = append(r.by, by)
		}
	}
	if len(r.by) == 0 {
		return Reader{}, ErrNoGrant
	}
	return r, nil
}

// Part is a part of a session's log, and who was at its console: the name in
// the organisation's certificate, not what a broker calls them.
type Part struct {
	By  string
	Log wire.Log
}

// Open reads a part that a console has sealed. Whether it belongs to the
// session that it was found in, and where, is the caller's to compare. Errors:
// ErrClosed, ErrForged.
func (r Reader) Open(sealed []byte, organisation ed25519.PublicKey) (Part, error) {
	if len(sealed) > wire.MaxSealed || len(r.by) == 0 {
		return Part{}, ErrClosed
	}
	text, err := unseal(sealed, wire.MaxSealed, r.by...)
	if err != nil {
		return Part{}, fmt.Errorf("%w: %w", ErrClosed, err)
	}
	return read(text, organisation)
}

// read reads what Seal has put together. Everybody can seal for a record key,
// so nothing in it is believed before it was checked.
func read(text []byte, organisation ed25519.PublicKey) (Part, error) {
	if len(text) < fixedPart || text[0] != partVersion {
		return Part{}, fmt.Errorf("%w: no part of this version", ErrForged)
	}
	n := int(binary.BigEndian.Uint16(text[1:]))
	if n > wire.MaxCertificate || len(text) < fixedPart+n {
		return Part{}, fmt.Errorf("%w: cut off", ErrForged)
	}
	certificate, signature, packet := text[3:3+n], text[3+n:fixedPart+n], text[fixedPart+n:]
	p, err := wire.Parse(packet)
	if err != nil {
		return Part{}, fmt.Errorf("%w: %w", ErrForged, err)
	}
	log, ok := p.Body.(*wire.Log)
	if !ok || len(log.Sealed) > 0 {
		return Part{}, fmt.Errorf("%w: a %v in it", ErrForged, p.Body.Kind())
	}
	c, err := certified(certificate, organisation, log.Entries)
	if err != nil {
		return Part{}, fmt.Errorf("%w: %w", ErrForged, err)
	}
	if !secret.Signed(c.Key, partLabel, packet, signature) {
		return Part{}, fmt.Errorf("%w: not signed by its console", ErrForged)
	}
	return Part{By: c.Name, Log: *log}, nil
}

// Opens opens the sealed parts of a transcript.
func (r Reader) Opens(organisation ed25519.PublicKey) func(sealed []byte) transcript.Opened {
	return func(sealed []byte) transcript.Opened {
		p, err := r.Open(sealed, organisation)
		switch {
		case errors.Is(err, ErrForged):
			return transcript.Opened{Sort: transcript.Forged}
		case err != nil:
			return transcript.Opened{Sort: transcript.Closed}
		}
		return transcript.Opened{By: p.By, Log: p.Log}
	}
}
