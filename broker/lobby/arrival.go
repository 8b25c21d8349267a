package lobby

import (
	"crypto/sha256"
	"errors"
	"time"

	"handrail/shared/wire"
)

// Arrival is a customer whom a portal lets in, before the customer's program
// is there.
type Arrival struct {
	Portal string            // its ID
	Page   [sha256.Size]byte `json:"-"` // of the secret that the visitor's page is known by
	Queue  string            // "rep:12", "team:3" or "general"
	Locale string            // BCP 47, of the page
	System string            // as the page guessed it

	Name, Company, CompanyCode, Issue, Description string

	Fields []wire.VisitorField
	From   string // address that tries are charged to
}

// Errors of whoever asks for a Place.
var (
	ErrBusy    = errors.New("lobby: too many are here already")
	ErrNoQueue = errors.New("lobby: nobody can be waited for there")
)

// Place is what an Arrival gets: the code that the customer's program enters
// with.
type Place struct {
	Session wire.SessionID
	Code    string // nine digits
	Expires time.Time
}

// State is how far a customer has come.
type State int

const (
	Expected  State = iota + 1 // the program has not entered yet
	Asked                      // it has; the agreement or the recording is asked for
	Waits                      // in a queue
	InSession                  // with a rep
	Over
)

// Standing is what the visitor's page shows.
type Standing struct {
	State    State
	Portal   string // its ID
	Name     string // of the customer
	Away     bool   // while Asked or Waits: the program has been gone for some time
	Code     string // while Expected; and where Away, if the program may come in with it again
	Expires  time.Time
	Position int           // 1 is next; 0: not told
	Estimate time.Duration // 0: not told
	Queue    string
	Why      wire.EndWhy // when Over
	URL      string      // to go to when Over, or when nobody is there; empty: none
	Message  string      // the organisation's, if there is one
}

// Present is a rep whom a portal may list.
type Present struct {
	Rep  uint64
	Name string
}
