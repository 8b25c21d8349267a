package wire

// Messages between the two sides of a session (session plane, control
// stream). Those marked * are counted: they arrive exactly once and in order,
// whatever happens to the connection.

const (
	KindAttach      Kind = 64
	KindAccepted    Kind = 65
	KindChat        Kind = 66
	KindNudge       Kind = 67
	KindAsk         Kind = 68
	KindAnswer      Kind = 69
	KindWithdraw    Kind = 70
	KindSharing     Kind = 71
	KindPickMonitor Kind = 72
	KindEnd         Kind = 73
	KindAck         Kind = 74
	KindPresented   Kind = 75
	KindUnsupported Kind = 76
	KindRefresh     Kind = 77
	KindQuality     Kind = 78
	KindPace        Kind = 79
)

// Permission is a set of things a rep may do.
type Permission uint16

const (
	View    Permission = 1 << 0 // see the screen
	Control Permission = 1 << 1 // move the pointer, press keys
	ClipOut Permission = 1 << 2 // paste what the customer copied
	ClipIn  Permission = 1 << 3 // have the customer's programs paste what the rep copied

	// AllPermissions is every permission this version knows.
	AllPermissions = View | Control | ClipOut | ClipIn
)

// Has says whether all of q is in p.
func (p Permission) Has(q Permission) bool { return p&q == q }

// Attach is the first message of either side on a new connection. Received is
// the highest Seq this side has; the other sends what came after it again.
// Slice, from the rep, is the newest slice of the picture that is decoded: if
// the customer's side still has those that came after it, the picture goes on
// with them, else it begins with a key frame.
type Attach struct {
	Version  uint     `cbor:"1,keyasint" json:"version"`
	Caps     []string `cbor:"2,keyasint,omitempty" json:"caps,omitempty"`
	Name     string   `cbor:"3,keyasint,omitempty" json:"name,omitempty"`
	System   string   `cbor:"4,keyasint,omitempty" json:"system,omitempty"`
	Received uint64   `cbor:"5,keyasint" json:"received"`
	Slice    uint64   `cbor:"6,keyasint,omitempty" json:"slice,omitempty"`
}

// Accepted* tells the customer that the rep has taken the session, and what the
// rep's console keeps of it.
type Accepted struct {
	Name         string `cbor:"1,keyasint" json:"name"` // the rep's public name
	Organisation string `cbor:"2,keyasint,omitempty" json:"organisation,omitempty"`
	Keep         Keep   `cbor:"3,keyasint,omitempty" json:"keep,omitempty"`
}

// Chat* is a line of chat. At is the sender's clock.
type Chat struct {
	Text string `cbor:"1,keyasint" json:"text"`
	At   int64  `cbor:"2,keyasint" json:"at"` // Unix milliseconds
}

// Nudge* asks for the customer's attention.
type Nudge struct{}

// Ask* asks the customer for permissions. ID counts the rep's requests.
type Ask struct {
	ID   uint32     `cbor:"1,keyasint" json:"id"`
	What Permission `cbor:"2,keyasint" json:"what"`
}

// Verdict is how a request ended.
type Verdict uint8

const (
	Allowed   Verdict = 1
	Refused   Verdict = 2
	Silence   Verdict = 3 // nobody answered in time: the same as refused
	CantHere  Verdict = 4 // this system can't do it (no screen to capture, no way to inject)
	Replaced  Verdict = 5 // a newer request took its place
	TakenBack Verdict = 6 // the rep took the request back (Withdraw)
)

// Answer* is the customer's answer to Ask.
type Answer struct {
	ID      uint32  `cbor:"1,keyasint" json:"id"`
	Verdict Verdict `cbor:"2,keyasint" json:"verdict"`
}

// Withdraw* gives permissions back, or takes an unanswered request back.
type Withdraw struct {
	What Permission `cbor:"1,keyasint" json:"what"`
}

// SharingWhy says why the state of sharing changed.
type SharingWhy uint8

const (
	SharingGranted   SharingWhy = 1 // after an Answer
	SharingStopped   SharingWhy = 2 // the customer pressed STOP SHARING
	SharingWithdrawn SharingWhy = 3 // the rep gave it back
	SharingLayout    SharingWhy = 4 // monitors changed
	SharingFailed    SharingWhy = 5 // the screen can't be captured any more
)

// Sharing* is the whole truth about what is shared, from the customer, at
// every change. What 0 means nothing.
type Sharing struct {
	What     Permission `cbor:"1,keyasint" json:"what"`
	Why      SharingWhy `cbor:"2,keyasint" json:"why"`
	Monitors []Monitor  `cbor:"3,keyasint,omitempty" json:"monitors,omitempty"`
	Monitor  uint8      `cbor:"4,keyasint,omitempty" json:"monitor,omitempty"` // the one shown; 0 is all
}

// Monitor describes one screen of the shared machine, in pixels of its desktop.
type Monitor struct {
	ID      uint8  `cbor:"1,keyasint" json:"id"`
	Name    string `cbor:"2,keyasint,omitempty" json:"name,omitempty"`
	X       int32  `cbor:"3,keyasint" json:"x"`
	Y       int32  `cbor:"4,keyasint" json:"y"`
	W       int32  `cbor:"5,keyasint" json:"w"`
	H       int32  `cbor:"6,keyasint" json:"h"`
	Primary bool   `cbor:"7,keyasint,omitempty" json:"primary,omitempty"`
}

// PickMonitor* chooses the monitor to be shown; 0 is all of them.
type PickMonitor struct {
	Monitor uint8 `cbor:"1,keyasint" json:"monitor"`
}

// End* ends the session.
type End struct {
	Why EndWhy `cbor:"1,keyasint" json:"why"`
}

// Ack carries only the envelope's Ack.
type Ack struct{}

// Presented says, from the viewer, that all frames up to Frame are on screen.
type Presented struct {
	Frame uint64 `cbor:"1,keyasint" json:"frame"`
}

// Refresh says, from the viewer, that the picture is lost: the next frame must
// be a key frame.
type Refresh struct{}

// Profile is what a picture may look like on its way (PRODUCT.md S05). Text and
// drawings are exact in all of them; they differ in photographs and film.
type Profile uint8

const (
	ProfileAutomatic Profile = 0 // as Profile32, coarser while the link is behind
	Profile32        Profile = 1 // photographs fine, and exact once they rest
	Profile16        Profile = 2 // photographs coarser and not made exact
	Profile8         Profile = 3 // photographs coarse, film slow
)

// Known says whether this version knows the profile.
func (p Profile) Known() bool { return p <= Profile8 }

// Quality* chooses the profile of the pictures from now on. A profile that the
// customer's side does not know is answered with Unsupported and changes
// nothing.
type Quality struct {
	Profile Profile `cbor:"1,keyasint" json:"profile"`
}

// Pace says, from the side that is seen, how its part of the way went in the
// last second, for the viewer's eyes. Times are microseconds: the mean of an
// update, for Capture, and of a frame. It is sent once a second at most, and
// only after a second in which pictures were sent.
type Pace struct {
	Capture uint32 `cbor:"1,keyasint" json:"capture"` // from noticing a change until its pixels were there
	Encode  uint32 `cbor:"2,keyasint" json:"encode"`
	Send    uint32 `cbor:"3,keyasint" json:"send"`  // until the connection had taken it
	Shown   uint32 `cbor:"4,keyasint" json:"shown"` // from the beginning of Encode until Presented was heard; 0 is not known
	Frames  uint32 `cbor:"5,keyasint" json:"frames"`
	Bytes   uint32 `cbor:"6,keyasint" json:"bytes"`
	Strain  uint8  `cbor:"7,keyasint" json:"strain"` // how far the link is behind: 0 not at all, to 3
}

// Unsupported answers a message whose kind this side doesn't know.
type Unsupported struct {
	About Kind `cbor:"1,keyasint" json:"about"`
}

// KindVerified is the number of Verified.
const KindVerified Kind = 88

// Verified says, in a session without a key, that the customer has compared
// the three words with the rep's by voice and found them the same. Until then
// the session counts as not verified.
type Verified struct{}

// Kind tells the message's number.
func (*Verified) Kind() Kind { return KindVerified }

func (*Verified) check() error { return nil }
