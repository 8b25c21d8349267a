package wire

import "errors"

// Messages of a rep's login (control plane). A console is known by its key; who
// sits there is proved in the browser, by whatever the organisation asks for.

const (
	KindPair      Kind = 33
	KindPairing   Kind = 34
	KindActive    Kind = 35
	KindSignOut   Kind = 36
	KindCertified Kind = 37
)

// MaxCertificate is the longest certificate of a rep, in bytes.
const MaxCertificate = 512

// Pair asks, from a console that is not signed in, for a login in the browser.
// Signature is as in SignIn. The broker answers Pairing, and SignedIn when the
// rep has agreed there, on this connection or, after Pair was said again with
// the same key, on a later one.
type Pair struct {
	PublicKey []byte `cbor:"1,keyasint" json:"publicKey"`
	Signature []byte `cbor:"2,keyasint" json:"signature"`
	Computer  string `cbor:"3,keyasint,omitempty" json:"computer,omitempty"` // its name, for the rep to recognise
}

// Pairing tells where a rep logs in. Code is shown in the console and in the
// browser, so that nobody agrees to another one's console.
type Pairing struct {
	Code    string `cbor:"1,keyasint" json:"code"`
	URL     string `cbor:"2,keyasint" json:"url"`
	Expires int64  `cbor:"3,keyasint" json:"expires"` // broker's clock, Unix milliseconds
}

// Active says that the rep was at the console within the last minute. It is
// said once a minute at most, and keeps the rep from being logged out.
type Active struct{}

// SignOut ends the rep's login on this console.
type SignOut struct{}

// Certified gives a console its certificate, which the organisation's key has
// made and the broker only keeps.
type Certified struct {
	Certificate []byte `cbor:"1,keyasint" json:"certificate"`
}

// Kind tells the message's number.
func (*Pair) Kind() Kind      { return KindPair }
func (*Pairing) Kind() Kind   { return KindPairing }
func (*Active) Kind() Kind    { return KindActive }
func (*SignOut) Kind() Kind   { return KindSignOut }
func (*Certified) Kind() Kind { return KindCertified }

// loginRow is the table's part for these messages.
func loginRow(k Kind) row {
	switch k {
	case KindPair:
		return row{"Pair", of[Pair], rep, 0, false}
	case KindPairing:
		return row{"Pairing", of[Pairing], broker, 0, false}
	case KindActive:
		return row{"Active", of[Active], rep, 0, false}
	case KindSignOut:
		return row{"SignOut", of[SignOut], rep, 0, false}
	case KindCertified:
		return row{"Certified", of[Certified], broker, 0, false}
	}
	return row{}
}

func (m *Pair) check() error {
	return errors.Join(exactly("public key", len(m.PublicKey), 32), exactly("signature", len(m.Signature), 64),
		name("computer", m.Computer))
}

func (m *Pairing) check() error {
	return errors.Join(filled("code", len(m.Code)), name("code", m.Code), filled("url", len(m.URL)), address(m.URL),
		moment("expires", m.Expires))
}

func (*Active) check() error  { return nil }
func (*SignOut) check() error { return nil }

func (m *Certified) check() error {
	return errors.Join(filled("certificate", len(m.Certificate)), atMost("certificate", len(m.Certificate), MaxCertificate))
}
