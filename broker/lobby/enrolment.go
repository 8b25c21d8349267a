package lobby

import (
	"errors"
	"time"
)

// Rep is a rep as the administrator listed one.
type Rep struct {
	ID        uint64
	Name      string
	PublicKey []byte // Ed25519, of the rep's console
	Created   time.Time
	Revoked   time.Time // zero while the rep may sign in
}

// Errors of whoever keeps the list of reps.
var (
	ErrBadCode = errors.New("lobby: enrolment code wrong, used or expired")
	ErrNoRep   = errors.New("lobby: no such rep")
)

const (
	// EnrolmentLife is how long a new enrolment code can be used.
	EnrolmentLife = 24 * time.Hour

	// EnrolmentLetters and EnrolmentGroup are for people.NewCode: 100 bits can't
	// be guessed, so a plain hash of the code is safe to keep.
	EnrolmentLetters, EnrolmentGroup = 20, 5
)
