package settings

import (
	"encoding/json"
	"fmt"
	"slices"

	"handrail/shared/wire"
	"handrail/shared/words"
)

// MaxDays is the longest that records can be kept for: longer is for ever.
const MaxDays = 3650

// Records are what is kept of sessions, and for how long.
type Records struct {
	// Keep says what becomes of what is said in a session and of what files are
	// called. In JSON and in files it is a word.
	Keep wire.Keep `json:"keep,omitempty"`
	Days int       `json:"days,omitempty"` // 1 to MaxDays after a session's end; 0: for ever
}

// KeepName is how a choice is written, where a number would say nothing to
// somebody who reads it. What is none of them keeps nothing.
func KeepName(k wire.Keep) string {
	if k > wire.KeepReadable {
		k = wire.KeepNothing
	}
	return keepNames()[k]
}

// ParseKeep reads what KeepName wrote.
func ParseKeep(name string) (wire.Keep, bool) {
	at := slices.Index(keepNames(), name)
	return wire.Keep(max(at, 0)), at >= 0
}

// keepNames are the words, by their numbers.
func keepNames() []string { return []string{"nothing", "sealed", "readable"} }

// keep is wire.Keep as a word.
type keep wire.Keep

func (k keep) MarshalText() ([]byte, error) { return []byte(KeepName(wire.Keep(k))), nil }

func (k *keep) UnmarshalText(text []byte) error {
	read, ok := ParseKeep(string(text))
	if !ok {
		return fmt.Errorf("%q is not a way to keep records", text)
	}
	*k = keep(read)
	return nil
}

// recordsJSON is Records as JSON has it.
type recordsJSON struct {
	Keep keep `json:"keep,omitempty"`
	Days int  `json:"days,omitempty"`
}

// MarshalJSON writes Keep as a word.
func (r Records) MarshalJSON() ([]byte, error) {
	return json.Marshal(recordsJSON{keep(r.Keep), r.Days})
}

// UnmarshalJSON reads it.
func (r *Records) UnmarshalJSON(text []byte) error {
	var read recordsJSON
	if err := json.Unmarshal(text, &read); err != nil {
		return err
	}
	*r = Records{wire.Keep(read.Keep), read.Days}
	return nil
}

func (c *check) records(r Records) {
	if r.Keep > wire.KeepReadable {
		c.wrong("records.keep", words.SetBadKeep)
	}
	c.optional("records.days", r.Days, 1, MaxDays)
}
