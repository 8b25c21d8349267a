package people

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"time"
)

// Hash is the SHA-256 of a secret that only its owner has.
type Hash = [sha256.Size]byte

// Errors of accounts.
var (
	// ErrNoLogin: there is no such login, or it is over.
	ErrNoLogin = errors.New("people: no such login")
	// ErrUsed: a code that works once was used, or never was one.
	ErrUsed = errors.New("people: the code is used or wrong")
	// ErrNoPair: no console asks with this code or key, or it doesn't any more.
	ErrNoPair = errors.New("people: no such console asks")
	// ErrManyPairs: too many consoles ask at once.
	ErrManyPairs = errors.New("people: too many consoles ask")
	// ErrOthersConsole: the console is another rep's.
	ErrOthersConsole = errors.New("people: another rep's console")
)

// Credentials are what a rep signs in with.
type Credentials struct {
	Password  string // PHC string of argon2id, empty for none
	TOTP      []byte // sealed, nil for none
	Confirmed bool   // the TOTP counts: a first code was right
	LastStep  int64  // of TOTP, the last one that was accepted
	Passkeys  []Passkey
	CodesLeft int // recovery codes
}

// HasFactor says whether a password alone is not enough.
func (c Credentials) HasFactor() bool { return c.Confirmed || len(c.Passkeys) > 0 }

// Passkey is one WebAuthn credential.
type Passkey struct {
	ID         []byte
	Rep        uint64
	Name       string
	Record     []byte // of package locks
	Made, Used time.Time
}

// Login is somebody signed in with a browser.
type Login struct {
	Token               Hash
	Rep                 uint64
	Made, Seen, Expires time.Time
	Address             []byte // a keyed hash of where it came from
	Factor              bool   // the second factor is done, or none is needed
	How                 string // "password", "passkey" or "oidc"
	Agent               string // the browser, for its owner to recognise
}

// Console is a computer from which a rep works.
type Console struct {
	ID                  uint64
	Rep                 uint64
	PublicKey           []byte // Ed25519
	Name                string
	Made, Seen, Revoked time.Time
	LoginUntil          time.Time // when the login there ends
	Stands              bool      // the login has no end of its own: its rep enrolled with a code
}

// Token lets another program in.
type Token struct {
	ID                  uint64
	Hash                Hash
	Rep                 uint64 // who made it
	Name                string
	May                 Set
	Made, Seen, Expires time.Time // Expires may be zero: never
	Revoked             time.Time
}

// WaitingReset is a reset under way, and the hash of its link, by which
// administrators name it.
type WaitingReset struct {
	Link Hash
	Reset
}

// PairState is where a console's wish to be logged in is.
//
//	waiting ──allowed in the browser──▶ allowed ──told to the console──▶ over
//	waiting ──refused──▶ refused        any ──too late──▶ over
type PairState int

const (
	PairWaiting PairState = iota
	PairAllowed
	PairRefused
	PairOver
)

// PairLife is how long a rep has to log in for a console.
const PairLife = 10 * time.Minute

// Pair is a console that asks for a login in the browser.
type Pair struct {
	Code      Hash   // of the code that console and browser show
	PublicKey []byte // Ed25519
	Computer  string // as it calls itself
	From      string // its address, forgotten with the pair
	Rep       uint64 // who allowed or refused it, 0 for nobody yet
	State     PairState
	Expires   time.Time
}

// At is the pair as it is now.
func (p Pair) At(now time.Time) Pair {
	if !now.Before(p.Expires) {
		p.State = PairOver
	}
	return p
}

// Actor is how the audit log calls a rep; 0 is the local command.
func Actor(rep uint64) string {
	if rep == 0 {
		return "command"
	}
	return fmt.Sprintf("rep:%d", rep)
}

// MostAudit is how many entries of the audit log are shown at a time at most.
const MostAudit = 1000

// AuditFilter chooses entries of the audit log. Empty fields let everything
// through.
type AuditFilter struct {
	Before   uint64 // the number of an entry: only earlier ones
	Actor    string // as Actor spells it
	Act      string // an act such as "rep.add", or all of a kind: "rep"
	Subject  string // such as "rep:7"
	From, To time.Time
	Limit    int // 1 to MostAudit
}
