package wire

// Messages between a client and the broker (control plane).

const (
	KindHello     Kind = 1
	KindWelcome   Kind = 2
	KindEnrol     Kind = 3
	KindSignIn    Kind = 4
	KindSignedIn  Kind = 5
	KindNewKey    Kind = 6
	KindKeyMade   Kind = 7
	KindRevokeKey Kind = 8
	KindKeyGone   Kind = 9
	KindJoin      Kind = 10
	KindStart     Kind = 11
	KindSignal    Kind = 12
	KindLeave     Kind = 13
	KindEnded     Kind = 14
	KindRejoin    Kind = 15
	KindProblem   Kind = 16
	KindRejoined  Kind = 17
	KindLinked    Kind = 48
)

// Role says who speaks.
type Role uint8

const (
	RoleCustomer Role = 1
	RoleRep      Role = 2
	RoleBroker   Role = 3 // never in a Hello: for MayCome alone
)

// SessionID names a session at the broker; it is no secret and proves nothing.
type SessionID [16]byte

// Hello opens a control connection, from the client. The broker answers
// Welcome or Problem.
type Hello struct {
	Version uint     `cbor:"1,keyasint" json:"version"`
	Caps    []string `cbor:"2,keyasint,omitempty" json:"caps,omitempty"`
	Role    Role     `cbor:"3,keyasint" json:"role"`
	Program string   `cbor:"4,keyasint" json:"program"` // name and version, for the log
	System  string   `cbor:"5,keyasint" json:"system"`  // "linux", "windows", …
}

// Welcome answers Hello.
type Welcome struct {
	Version      uint     `cbor:"1,keyasint" json:"version"`
	Caps         []string `cbor:"2,keyasint,omitempty" json:"caps,omitempty"`
	Organisation string   `cbor:"3,keyasint" json:"organisation"`
	Now          int64    `cbor:"4,keyasint" json:"now"`            // broker's clock, Unix milliseconds
	Site         string   `cbor:"5,keyasint,omitempty" json:"site"` // https address that session links start with
}

// Enrol makes the sender a rep. Code is the one-time secret that an
// administrator printed with the broker's own command. Signature is as in
// SignIn.
type Enrol struct {
	Code      string `cbor:"1,keyasint" json:"code"`
	PublicKey []byte `cbor:"2,keyasint" json:"publicKey"`
	Signature []byte `cbor:"3,keyasint" json:"signature"`
}

// SignIn proves a rep by the Ed25519 key of the console. Signature covers
// SignInContext followed by 32 bytes of the connection's TLS exporter, so it
// is worth nothing on another connection.
type SignIn struct {
	PublicKey []byte `cbor:"1,keyasint" json:"publicKey"`
	Signature []byte `cbor:"2,keyasint" json:"signature"`
}

// Labels of what sign-in signatures cover.
const (
	SignInContext  = "handrail rep sign-in v1"
	SignInExporter = "EXPORTER-handrail-sign-in"
)

// SignedIn answers Enrol, SignIn and Pair. Keys are the rep's keys that can
// still be used.
type SignedIn struct {
	Rep  uint64    `cbor:"1,keyasint" json:"rep"`
	Name string    `cbor:"2,keyasint" json:"name"`
	Keys []KeyMade `cbor:"3,keyasint,omitempty" json:"keys,omitempty"`
	Idle uint32    `cbor:"4,keyasint,omitempty" json:"idle,omitempty"` // seconds without Active after which the rep is logged out; 0: never
}

// NewKey asks for a session key's number. The secret half is made in the
// console and never sent here. Request makes a repeated message harmless.
type NewKey struct {
	Request [16]byte `cbor:"1,keyasint" json:"request"`
	Life    uint32   `cbor:"2,keyasint" json:"life"` // seconds; 0 is the site's default
}

// KeyMade answers NewKey.
type KeyMade struct {
	Request [16]byte `cbor:"1,keyasint" json:"request"`
	Number  string   `cbor:"2,keyasint" json:"number"`  // six digits
	Expires int64    `cbor:"3,keyasint" json:"expires"` // broker's clock, Unix milliseconds
}

// KeyEnd says why a key can't be used any more.
type KeyEnd uint8

const (
	KeyRevoked KeyEnd = 1 // by the rep
	KeyBurnt   KeyEnd = 2 // three wrong secrets
	KeyExpired KeyEnd = 3
	KeyUsed    KeyEnd = 4
)

// RevokeKey takes a key back. Why is KeyRevoked or KeyBurnt.
type RevokeKey struct {
	Number string `cbor:"1,keyasint" json:"number"`
	Why    KeyEnd `cbor:"2,keyasint" json:"why"`
}

// KeyGone tells the rep that a key ended.
type KeyGone struct {
	Number string `cbor:"1,keyasint" json:"number"`
	Why    KeyEnd `cbor:"2,keyasint" json:"why"`
}

// Join asks, from a customer, for the session of a key number.
type Join struct {
	Number string `cbor:"1,keyasint" json:"number"`
	Name   string `cbor:"2,keyasint,omitempty" json:"name,omitempty"`
	Locale string `cbor:"3,keyasint,omitempty" json:"locale,omitempty"`
}

// Proof is how the two ends of a session make sure of each other.
type Proof uint8

const (
	ProofKey     Proof = 0 // by the secret of a session key
	ProofCompare Proof = 1 // by the rep's certificate, or three words that the two compare
)

// Start tells both sides of a session to meet. Ticket lets this side, and
// only it, come back to the session on another connection (Rejoin). Number is
// there with ProofKey. Denied are the permissions, by package policy's names,
// that the organisation keeps from the rep: it can only take away.
type Start struct {
	Session SessionID `cbor:"1,keyasint" json:"session"`
	Ticket  []byte    `cbor:"2,keyasint" json:"ticket"`
	Number  string    `cbor:"3,keyasint,omitempty" json:"number,omitempty"`
	Peer    string    `cbor:"4,keyasint,omitempty" json:"peer,omitempty"` // the other's name, as the broker knows it
	System  string    `cbor:"5,keyasint,omitempty" json:"system,omitempty"`
	Relays  []Relay   `cbor:"6,keyasint,omitempty" json:"relays,omitempty"`
	Proof   Proof     `cbor:"7,keyasint,omitempty" json:"proof,omitempty"`
	Denied  []string  `cbor:"8,keyasint,omitempty" json:"denied,omitempty"`

	Recording Consent `cbor:"9,keyasint,omitempty" json:"recording,omitempty"` // to the rep: what the customer said to it
}

// Relay is a TURN server with credentials for this session alone.
type Relay struct {
	URL      string `cbor:"1,keyasint" json:"url"` // turn:host:port?transport=udp
	User     string `cbor:"2,keyasint" json:"user"`
	Password string `cbor:"3,keyasint" json:"password"`
}

// Signal carries what ICE needs from one side to the other. Epoch counts the
// transports of a session from 1.
type Signal struct {
	Session    SessionID `cbor:"1,keyasint" json:"session"`
	Epoch      uint32    `cbor:"2,keyasint" json:"epoch"`
	User       string    `cbor:"3,keyasint,omitempty" json:"user,omitempty"`
	Password   string    `cbor:"4,keyasint,omitempty" json:"password,omitempty"`
	Candidates []string  `cbor:"5,keyasint,omitempty" json:"candidates,omitempty"`
	Done       bool      `cbor:"6,keyasint,omitempty" json:"done,omitempty"`   // no more candidates will come
	Direct     bool      `cbor:"7,keyasint,omitempty" json:"direct,omitempty"` // this epoch may use no relay
}

// EndWhy says why a session ended.
type EndWhy uint8

const (
	EndByCustomer  EndWhy = 1
	EndByRep       EndWhy = 2
	EndLost        EndWhy = 3 // the other side stayed silent
	EndWrongSecret EndWhy = 4 // the two halves of the key did not match
	EndNeverMet    EndWhy = 5 // no connection came about
	EndDeclined    EndWhy = 6 // the rep did not take the session
	EndByBroker    EndWhy = 7
	EndMoved       EndWhy = 8  // handed on to another rep
	EndNotAgreed   EndWhy = 9  // the customer did not accept the agreement
	EndForNotice   EndWhy = 10 // the customer left because of a notice
	EndNobody      EndWhy = 11 // nobody could help
	EndNotVerified EndWhy = 12 // the two read different words, or no certificate
)

// Leave tells the broker that this side left. From a rep, EndWrongSecret and
// EndNeverMet give the key back for another try.
type Leave struct {
	Session SessionID `cbor:"1,keyasint" json:"session"`
	Why     EndWhy    `cbor:"2,keyasint" json:"why"`
}

// Ended tells a side that the other left.
type Ended struct {
	Session SessionID `cbor:"1,keyasint" json:"session"`
	Why     EndWhy    `cbor:"2,keyasint" json:"why"`
}

// Rejoin brings a side back to its session on a new control connection. Linked
// is a customer's, as in Linked.
type Rejoin struct {
	Session SessionID `cbor:"1,keyasint" json:"session"`
	Ticket  []byte    `cbor:"2,keyasint" json:"ticket"`
	Linked  bool      `cbor:"3,keyasint,omitempty" json:"linked,omitempty"`
}

// Linked tells whether a customer and the rep are connected with each other,
// whenever that changes: then the rep is not lost, though the broker may have
// lost the rep's console.
type Linked struct {
	Session SessionID `cbor:"1,keyasint" json:"session"`
	Yes     bool      `cbor:"2,keyasint,omitempty" json:"yes,omitempty"`
}

// Rejoined answers Rejoin with fresh relay credentials.
type Rejoined struct {
	Session SessionID `cbor:"1,keyasint" json:"session"`
	Relays  []Relay   `cbor:"2,keyasint,omitempty" json:"relays,omitempty"`
}

// Code is a problem that crosses the wire as a number and becomes a sentence
// with advice in package words.
type Code uint16

const (
	CodeBadKey       Code = 1 // wrong, used, revoked, burnt and expired all look the same
	CodeTooManyTries Code = 2
	CodeVersion      Code = 3 // the broker doesn't speak this version
	CodeNotEnrolled  Code = 4
	CodeBadEnrolment Code = 5
	CodeRepAway      Code = 6 // the key's rep isn't connected now
	CodeGone         Code = 7 // no such session any more
	CodeBusy         Code = 8 // a limit of the broker is reached
	CodeOutOfPlace   Code = 9 // message not allowed now
	CodeMalformed    Code = 10
	CodeInternal     Code = 11
	CodeSignedInElse Code = 12 // the rep signed in from another console
	CodeTaken        Code = 13 // another rep was quicker, or the customer went
	CodeNobodyWaits  Code = 14
	CodeLoginNeeded  Code = 15 // the console is known, and the rep has to log in again: Pair
	CodeIdle         Code = 16 // logged out for having been away
	CodePairRefused  Code = 17 // in the browser, or not in time
	CodeNotAllowed   Code = 18 // the organisation doesn't let this rep
	CodeNoTarget     Code = 19 // nobody is there to take over
	CodeManyNotices  Code = 20 // as many notices count there as may
	CodeNoPortal     Code = 21 // no such portal any more
	CodeBadNotice    Code = 22 // a notice's text can't be kept as it is
)

// Problem tells the client that its last message of kind About failed.
type Problem struct {
	Code  Code     `cbor:"1,keyasint" json:"code"`
	About Kind     `cbor:"2,keyasint,omitempty" json:"about,omitempty"`
	Key   [16]byte `cbor:"3,keyasint,omitzero" json:"key,omitzero"` // the request or session it is about
}
