package link

import (
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"handrail/shared/secret"
	"handrail/shared/wire"
)

// ErrNotVerified: in a session without a key the exchange of words broke off
// when one side could have known them already, or the customer's program, which
// carries the organisation's public key, was shown no certificate of it. The
// session is over, whatever else happened: somebody between the two who might
// begin again and again would find words that look the same some day.
var ErrNotVerified = errors.New("link: not sure who is at the other end")

// proven is what a proof leaves behind.
type proven struct {
	resume    []byte    // what later epochs prove themselves by
	words     [3]string // of a session without a key, in its first epoch
	certified string    // the name in the rep's certificate, where it was checked
}

// Compared is what the first epoch of a session without a key has shown: the
// words, the same on both sides unless somebody stands between them, and, at a
// customer's whose program carries the organisation's key, the name in the
// rep's certificate. Later epochs, and sessions with a key, have neither.
func (p *Peer) Compared() (words [3]string, certified string) {
	return p.proven.words, p.proven.certified
}

// compareRep is the rep's side of an exchange that needs no secret.
func (p *proof) compareRep() (proven, error) {
	certificate, key := p.own(time.Now())
	c, err := secret.NewComparer(p.sid, certificate, key, rand.Reader)
	if err != nil {
		return proven{}, err
	}
	nonce, err := p.ask(c.Commit())
	if err != nil {
		return proven{}, err
	}
	opened, err := c.Open(nonce)
	if err != nil {
		return proven{}, err
	}
	// The other side knows this side's words as soon as it has this.
	answer, err := p.ask(opened)
	if err == nil {
		err = c.Agreed(answer)
	}
	if err != nil {
		return proven{}, fmt.Errorf("%w: %w", ErrNotVerified, err)
	}
	return p.compared(c, "")
}

// own is the certificate that a rep shows. It came from the broker: one that is
// not for this console's key, or that the organisation has not signed as far as
// this program can tell, is shown to nobody.
func (p *proof) own(now time.Time) ([]byte, ed25519.PrivateKey) {
	if len(p.m.Certificate) == 0 || p.m.Key == nil {
		return nil, nil
	}
	if p.m.Organisation != nil {
		c, err := secret.ReadCertificate(p.m.Certificate, p.m.Organisation, now)
		if err != nil || !c.Key.Equal(p.m.Key.Public()) {
			return nil, nil
		}
	}
	return p.m.Certificate, p.m.Key
}

// compareCustomer is the customer's.
func (p *proof) compareCustomer(first []byte) (proven, error) {
	c, err := secret.NewComparer(p.sid, nil, nil, rand.Reader)
	if err != nil {
		return proven{}, err
	}
	nonce, err := c.Nonce(first)
	if err != nil {
		return proven{}, err
	}
	// Whoever made the rep's first message knows this side's words as soon as it
	// has the nonce, and could try again if it did not like them.
	certified, err := p.checkRep(c, nonce)
	if err != nil {
		return proven{}, fmt.Errorf("%w: %w", ErrNotVerified, err)
	}
	agreed, err := c.Agree()
	if err != nil {
		return proven{}, err
	}
	p.proved()
	if err := p.say(agreed); err != nil {
		return proven{}, fmt.Errorf("%w: %w", ErrNotVerified, err)
	}
	return p.compared(c, certified)
}

// checkRep takes what the rep committed to and, where this program knows the
// organisation's key, the certificate in it.
func (p *proof) checkRep(c *secret.Comparer, nonce []byte) (certified string, err error) {
	if err := p.say(nonce); err != nil {
		return "", err
	}
	opened, err := wire.ReadBlock(p.r, nil, secret.MaxOpen)
	if err != nil {
		return "", err
	}
	certificate, holds, err := c.Check(opened)
	if err != nil || p.m.Organisation == nil {
		return "", err
	}
	if holds == nil {
		return "", errors.New("the rep has no certificate")
	}
	known, err := secret.ReadCertificate(certificate, p.m.Organisation, time.Now())
	if err != nil {
		return "", err
	}
	if !holds(known.Key) {
		return "", errors.New("the certificate is another console's")
	}
	return known.Name, nil
}

// compared is what both sides have in the end.
func (p *proof) compared(c *secret.Comparer, certified string) (proven, error) {
	resume, err := secret.CompareKey(p.sid, p.exported)
	if err != nil {
		return proven{}, err
	}
	return proven{resume, c.Words(), certified}, nil
}
