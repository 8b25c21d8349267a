package locks

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"testing"

	"github.com/fxamacker/cbor/v2"
)

const (
	host   = "support.example.org"
	origin = "https://support.example.org:4443"
)

// authenticator is a passkey in software: ES256, attestation "none".
type authenticator struct {
	t      *testing.T
	key    *ecdsa.PrivateKey
	id     []byte
	handle []byte
	count  uint32
	flags  byte // besides attested data
	origin string
	host   string
}

const (
	userPresent  = 0x01 // WebAuthn level 3, section 6.1
	userVerified = 0x04
	attested     = 0x40
)

func newAuthenticator(t *testing.T) *authenticator {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	id := make([]byte, 32)
	fill(id)
	return &authenticator{t: t, key: key, id: id, count: 1, flags: userPresent | userVerified, origin: origin, host: host}
}

func (a *authenticator) json(v any) []byte {
	a.t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		a.t.Fatal(err)
	}
	return b
}

func (a *authenticator) cbor(v any) []byte {
	a.t.Helper()
	b, err := cbor.Marshal(v)
	if err != nil {
		a.t.Fatal(err)
	}
	return b
}

func (a *authenticator) data(more byte) []byte {
	sum := sha256.Sum256([]byte(a.host))
	return binary.BigEndian.AppendUint32(append(sum[:], a.flags|more), a.count)
}

type asked struct {
	PublicKey struct {
		Challenge string `json:"challenge"`
		User      struct {
			ID string `json:"id"`
		} `json:"user"`
	} `json:"publicKey"`
}

func (a *authenticator) read(options []byte) asked {
	a.t.Helper()
	var o asked
	if err := json.Unmarshal(options, &o); err != nil || o.PublicKey.Challenge == "" {
		a.t.Fatalf("options %s: %v", options, err)
	}
	return o
}

func (a *authenticator) client(kind, challenge string) []byte {
	return a.json(map[string]any{"type": kind, "challenge": challenge, "origin": a.origin, "crossOrigin": false})
}

var b64 = base64.RawURLEncoding.EncodeToString

// create answers navigator.credentials.create.
func (a *authenticator) create(options []byte) []byte {
	a.t.Helper()
	o := a.read(options)
	var err error
	if a.handle, err = base64.RawURLEncoding.DecodeString(o.PublicKey.User.ID); err != nil {
		a.t.Fatal(err)
	}
	point, err := a.key.PublicKey.Bytes() // 4, X, Y
	if err != nil {
		a.t.Fatal(err)
	}
	data := append(a.data(attested), make([]byte, 16)...)
	data = binary.BigEndian.AppendUint16(data, uint16(len(a.id)))
	data = append(data, a.id...)
	data = append(data, a.cbor(map[int]any{1: 2, 3: -7, -1: 1, -2: point[1:33], -3: point[33:]})...) // RFC 9053, section 7.1.1
	return a.json(map[string]any{
		"id": b64(a.id), "rawId": b64(a.id), "type": "public-key", "clientExtensionResults": map[string]any{},
		"response": map[string]any{
			"clientDataJSON":    b64(a.client("webauthn.create", o.PublicKey.Challenge)),
			"attestationObject": b64(a.cbor(map[string]any{"fmt": "none", "attStmt": map[string]any{}, "authData": data})),
		},
	})
}

// get answers navigator.credentials.get.
func (a *authenticator) get(options []byte) []byte {
	a.t.Helper()
	a.count++
	client := a.client("webauthn.get", a.read(options).PublicKey.Challenge)
	data, sum := a.data(0), sha256.Sum256(client)
	signed := sha256.Sum256(append(data, sum[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, a.key, signed[:])
	if err != nil {
		a.t.Fatal(err)
	}
	return a.json(map[string]any{
		"id": b64(a.id), "rawId": b64(a.id), "type": "public-key", "clientExtensionResults": map[string]any{},
		"response": map[string]any{
			"clientDataJSON": b64(client), "authenticatorData": b64(data), "signature": b64(signature), "userHandle": b64(a.handle),
		},
	})
}

func passkeys(t *testing.T) *Passkeys {
	t.Helper()
	p, err := NewPasskeys(host, origin, "Grüner Zweig")
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// registered makes a passkey of rep 7.
func registered(t *testing.T, p *Passkeys, a *authenticator) (Person, error) {
	t.Helper()
	anna := Person{Rep: 7, Name: "anna@example.org", Display: "Anna"}
	options, state, err := p.Register(anna)
	if err != nil {
		t.Fatal(err)
	}
	made, err := p.Registered(anna, state, a.create(options))
	if err == nil && (made.Rep != 7 || string(made.ID) != string(a.id)) {
		t.Errorf("made %+v", made)
	}
	anna.Records = append(anna.Records, made.Record)
	return anna, err
}

func TestK01APasskeySignsInWithoutANameOrPassword(t *testing.T) {
	p, a := passkeys(t), newAuthenticator(t)
	anna, err := registered(t, p, a)
	if err != nil {
		t.Fatal(err)
	}
	find := func(rep uint64) (Person, error) {
		if rep != 7 {
			return Person{}, errors.New("nobody")
		}
		return anna, nil
	}
	for range 2 { // the record of one login serves the next
		options, state, err := p.Login()
		if err != nil {
			t.Fatal(err)
		}
		in, err := p.LoggedIn(find, state, a.get(options))
		if err != nil || in.Rep != 7 || string(in.ID) != string(a.id) {
			t.Fatalf("signed in as %+v, %v", in, err)
		}
		anna.Records[0] = in.Record
	}
	options, state, err := p.Login()
	if err != nil {
		t.Fatal(err)
	}
	a.count = 0
	if _, err := p.LoggedIn(find, state, a.get(options)); !errors.Is(err, ErrCloned) {
		t.Errorf("a copy with an old counter: %v", err)
	}
}

func TestK01PasskeysThatProveNothing(t *testing.T) {
	for name, bend := range map[string]func(*authenticator){
		"another site":          func(a *authenticator) { a.origin = "https://evil.example.org" },
		"another host":          func(a *authenticator) { a.host = "evil.example.org" },
		"nobody verified":       func(a *authenticator) { a.flags = userPresent },
		"nobody there":          func(a *authenticator) { a.flags = userVerified },
		"another key":           func(a *authenticator) { a.key = newAuthenticator(a.t).key },
		"another one's name":    func(a *authenticator) { a.handle = binary.BigEndian.AppendUint64(nil, 8) },
		"no name":               func(a *authenticator) { a.handle = nil },
		"an unknown credential": func(a *authenticator) { a.id = []byte("0123456789abcdef") },
	} {
		p, a := passkeys(t), newAuthenticator(t)
		anna, err := registered(t, p, a)
		if err != nil {
			t.Fatal(err)
		}
		find := func(rep uint64) (Person, error) {
			if rep == 7 {
				return anna, nil
			}
			return Person{Rep: rep}, nil
		}
		bend(a)
		options, state, err := p.Login()
		if err != nil {
			t.Fatal(err)
		}
		if in, err := p.LoggedIn(find, state, a.get(options)); !errors.Is(err, ErrPasskey) {
			t.Errorf("%s signs in as %+v, %v", name, in, err)
		}
		if name != "another key" && name != "another one's name" && name != "no name" && name != "an unknown credential" {
			if _, err := registered(t, p, a); !errors.Is(err, ErrPasskey) {
				t.Errorf("%s makes a passkey: %v", name, err)
			}
		}
	}
	p, a := passkeys(t), newAuthenticator(t)
	_, state, err := p.Login()
	if err != nil {
		t.Fatal(err)
	}
	other, _, err := p.Login()
	if err != nil {
		t.Fatal(err)
	}
	find := func(uint64) (Person, error) { return Person{}, nil }
	for name, answer := range map[string][]byte{
		"nothing": nil, "no JSON": []byte("{"), "huge": make([]byte, mostAnswer+1), "another ceremony's": a.get(other),
	} {
		if _, err := p.LoggedIn(find, state, answer); !errors.Is(err, ErrPasskey) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
