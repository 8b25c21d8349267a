package locks

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"
)

// Errors of passkeys.
var (
	// ErrPasskey: the browser's answer proves nothing.
	ErrPasskey = errors.New("locks: not proved by the passkey")
	// ErrCloned: the passkey's counter went back, so there are two of it.
	ErrCloned = errors.New("locks: the passkey was copied")
)

const (
	ceremonyLife = 5 * time.Minute
	mostAnswer   = 64 << 10 // bytes of a browser's answer
)

// Passkeys makes and checks passkeys (WebAuthn level 3) for one host name. A
// passkey is possession and knowledge in one: it is asked to verify its user,
// and then needs no password beside it.
type Passkeys struct{ web *webauthn.WebAuthn }

// Person is who has passkeys.
type Person struct {
	Rep           uint64
	Name, Display string
	Records       [][]byte // of all passkeys that the rep has
}

// Proof is a passkey that was made or used.
type Proof struct {
	Rep    uint64
	ID     []byte // names the passkey
	Record []byte // to be kept in place of the one before; holds no secret
}

// NewPasskeys: host is the name of the administration's pages, which passkeys
// are bound to for good; origin is how a browser names them, such as
// https://support.example.org:4443.
func NewPasskeys(host, origin, organisation string) (*Passkeys, error) {
	limit := webauthn.TimeoutConfig{Enforce: true, Timeout: ceremonyLife, TimeoutUVD: ceremonyLife}
	web, err := webauthn.New(&webauthn.Config{
		RPID: host, RPDisplayName: organisation, RPOrigins: []string{origin},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, UserVerification: protocol.VerificationRequired,
		},
		Timeouts: webauthn.TimeoutsConfig{Login: limit, Registration: limit},
	})
	if err != nil {
		return nil, fmt.Errorf("making passkeys ready: %w", err)
	}
	return &Passkeys{web: web}, nil
}

// user is a Person as the library sees one.
type user struct {
	Person
	keys []webauthn.Credential
}

func (u user) WebAuthnID() []byte                         { return binary.BigEndian.AppendUint64(nil, u.Rep) }
func (u user) WebAuthnName() string                       { return u.Name }
func (u user) WebAuthnDisplayName() string                { return u.Display }
func (u user) WebAuthnCredentials() []webauthn.Credential { return u.keys }

func asUser(p Person) (user, error) {
	u := user{Person: p}
	for _, r := range p.Records {
		var k webauthn.Credential
		if err := json.Unmarshal(r, &k); err != nil {
			return user{}, fmt.Errorf("reading a passkey: %w", err)
		}
		u.keys = append(u.keys, k)
	}
	return u, nil
}

// Register begins to make a passkey. Options go to the browser's
// navigator.credentials.create as JSON; state stays here until Registered, and
// is used once.
func (p *Passkeys) Register(who Person) (options, state []byte, err error) {
	u, err := asUser(who)
	if err != nil {
		return nil, nil, err
	}
	made, session, err := p.web.BeginRegistration(u, webauthn.WithExclusions(webauthn.Credentials(u.keys).CredentialDescriptors()))
	if err != nil {
		return nil, nil, fmt.Errorf("beginning a passkey: %w", err)
	}
	return both(made, session)
}

func both(options, session any) ([]byte, []byte, error) {
	o, err := json.Marshal(options)
	if err != nil {
		return nil, nil, fmt.Errorf("writing options: %w", err)
	}
	s, err := json.Marshal(session)
	if err != nil {
		return nil, nil, fmt.Errorf("writing a ceremony's state: %w", err)
	}
	return o, s, nil
}

func session(state []byte) (webauthn.SessionData, error) {
	var s webauthn.SessionData
	if err := json.Unmarshal(state, &s); err != nil {
		return s, fmt.Errorf("reading a ceremony's state: %w", err)
	}
	return s, nil
}

// Registered checks the browser's answer; ErrPasskey when it proves nothing.
func (p *Passkeys) Registered(who Person, state, answer []byte) (Proof, error) {
	u, err := asUser(who)
	if err != nil {
		return Proof{}, err
	}
	s, err := session(state)
	if err != nil {
		return Proof{}, err
	}
	if len(answer) > mostAnswer {
		return Proof{}, ErrPasskey
	}
	said, err := protocol.ParseCredentialCreationResponseBytes(answer)
	if err != nil {
		return Proof{}, fmt.Errorf("%w: %w", ErrPasskey, err)
	}
	key, err := p.web.CreateCredential(u, s, said)
	if err != nil {
		return Proof{}, fmt.Errorf("%w: %w", ErrPasskey, err)
	}
	return proof(who.Rep, key)
}

func proof(rep uint64, key *webauthn.Credential) (Proof, error) {
	record, err := json.Marshal(key)
	if err != nil {
		return Proof{}, fmt.Errorf("writing a passkey: %w", err)
	}
	return Proof{Rep: rep, ID: key.ID, Record: record}, nil
}

// Login begins a sign-in. Nobody has said who they are: the passkey does, so
// nothing about accounts can be learnt here.
func (p *Passkeys) Login() (options, state []byte, err error) {
	asked, session, err := p.web.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return nil, nil, fmt.Errorf("beginning to sign in: %w", err)
	}
	return both(asked, session)
}

// LoggedIn checks the browser's answer. Find gives the person whom the passkey
// names. Errors: ErrPasskey, ErrCloned.
func (p *Passkeys) LoggedIn(find func(rep uint64) (Person, error), state, answer []byte) (Proof, error) {
	s, err := session(state)
	if err != nil {
		return Proof{}, err
	}
	if len(answer) > mostAnswer {
		return Proof{}, ErrPasskey
	}
	said, err := protocol.ParseCredentialRequestResponseBytes(answer)
	if err != nil {
		return Proof{}, fmt.Errorf("%w: %w", ErrPasskey, err)
	}
	var rep uint64
	named := func(_, handle []byte) (webauthn.User, error) {
		if len(handle) != 8 {
			return nil, ErrPasskey
		}
		rep = binary.BigEndian.Uint64(handle)
		who, err := find(rep)
		if err != nil {
			return nil, err
		}
		who.Rep = rep
		return asUser(who)
	}
	key, err := p.web.ValidateDiscoverableLogin(named, s, said)
	switch {
	case err != nil:
		return Proof{}, fmt.Errorf("%w: %w", ErrPasskey, err)
	case key.Authenticator.CloneWarning:
		return Proof{}, ErrCloned
	}
	return proof(rep, key)
}
