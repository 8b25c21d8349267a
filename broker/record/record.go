// Package record is what is remembered of a session (rows T01 and T03): how the
// lobby's facts, one after the other, make its record, what of it counts in
// reports, and what reports ask for. It keeps nothing.
package record

import (
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"handrail/broker/lobby"
	"handrail/shared/wire"
)

// Outcome is what became of a session. The names are kept and exported: never
// change one.
type Outcome string

// The outcomes.
const (
	Waiting   Outcome = "waiting"    // for a rep, or for the customer's program
	Going     Outcome = "going"      // with a rep
	Helped    Outcome = "helped"     // a rep had it, and one of the two ended it
	Broken    Outcome = "broken"     // a rep had it, and it ended otherwise
	Abandoned Outcome = "abandoned"  // the customer left while waiting
	NotAgreed Outcome = "not-agreed" // to the agreement
	Nobody    Outcome = "nobody"     // was there to help
	Notice    Outcome = "notice"     // the customer left because of one
	NotMet    Outcome = "not-met"    // ended otherwise before the two had met
)

// Outcomes gives all of them in the order in which they are shown.
func Outcomes() []Outcome {
	return []Outcome{Helped, Broken, Abandoned, Nobody, NotAgreed, Notice, NotMet, Waiting, Going}
}

// Answer is a customer's to something that was asked.
type Answer int

// The answers.
const (
	NotAsked Answer = iota
	Yes
	No
)

// Record is one session.
type Record struct {
	Session wire.SessionID
	Day     int64 // since 1970, in the organisation's time zone

	Portal, Start               string
	Came, Entered, Taken, Ended time.Time
	Why                         string // it ended
	Outcome                     Outcome

	Name, Company, CompanyCode, Issue, Description, System, Locale, Address string

	Fields            map[string]string // the form's other fields
	FirstQueue, Queue string
	Team              uint64 // last in whose queue; 0: none
	Rep               uint64 // last who took it; 0: nobody
	Waited, Lasted    time.Duration
	Agreed, Recording Answer
	Rating            int          // 1 to 5; 0: none
	Note              string       // the rep's, as written last
	Result            wire.Outcome // what the rep says became of it, likewise
}

// field is before the name of a form's field in a fact's detail.
const field = "field."

// Apply makes the record what it is after one more fact. Zone is where days
// begin and end.
func (r *Record) Apply(f lobby.Fact, zone *time.Location) {
	r.Session = f.Session
	if r.Came.IsZero() {
		r.Came, r.Day, r.Outcome = f.At, Day(f.At, zone), Waiting
	}
	switch f.What {
	case lobby.FactCame:
		r.came(f.Detail)
		r.queued(f.Queue)
	case lobby.FactEntered:
		if r.Entered.IsZero() {
			r.Entered = f.At
		}
		r.System = cmp.Or(f.Detail["system"], r.System) // the program knows it better than the page
	case lobby.FactAgreed:
		r.Agreed = Yes
	case lobby.FactNotAgreed:
		r.Agreed = No
	case lobby.FactRecording:
		r.Recording = No
		if f.Detail["said"] == "yes" {
			r.Recording = Yes
		}
	case lobby.FactQueued:
		r.queued(f.Queue)
		if r.Ended.IsZero() {
			r.Outcome = Waiting // again, after a rep was lost or handed it on
		}
	case lobby.FactTaken, lobby.FactJoined: // nobody takes a session that a key began
		r.taken(f)
	case lobby.FactAbandoned:
		if r.Taken.IsZero() {
			r.Waited = seconds(f.Detail["waited"], f.At.Sub(r.Came))
		}
		r.Outcome = Abandoned
	case lobby.FactEnded:
		r.ended(f)
	case lobby.FactSurvey:
		if n, err := strconv.Atoi(f.Detail["rating"]); f.Rep == 0 && err == nil && n >= 1 && n <= 5 {
			r.Rating = n
		}
	case lobby.FactNote:
		r.Note, r.Result = f.Detail["text"], lobby.OutcomeNamed(f.Detail["outcome"])
	}
}

func (r *Record) came(d map[string]string) {
	r.Portal, r.Start = d["portal"], d["start"]
	r.Name, r.Company, r.CompanyCode = d["name"], d["company"], d["companyCode"]
	r.Issue, r.Description = d["issue"], d["description"]
	r.System, r.Locale, r.Address = d["system"], d["locale"], d["address"]
	for k, v := range d {
		if name, ok := strings.CutPrefix(k, field); ok {
			if r.Fields == nil {
				r.Fields = map[string]string{}
			}
			r.Fields[name] = v
		}
	}
}

func (r *Record) queued(queue string) {
	if queue == "" {
		return
	}
	if r.FirstQueue == "" {
		r.FirstQueue = queue
	}
	r.Queue = queue
	if id, ok := strings.CutPrefix(queue, "team:"); ok {
		if team, err := strconv.ParseUint(id, 10, 63); err == nil {
			r.Team = team
		}
	}
}

func (r *Record) taken(f lobby.Fact) {
	if f.Rep != 0 && (f.What == lobby.FactTaken || r.Rep == 0) {
		r.Rep = f.Rep
	}
	if !r.Ended.IsZero() {
		return
	}
	r.Outcome = Going
	if r.Taken.IsZero() {
		r.Taken = f.At
		r.Waited = seconds(f.Detail["waited"], f.At.Sub(r.Came))
	}
}

func (r *Record) ended(f lobby.Fact) {
	if !r.Ended.IsZero() {
		return
	}
	r.Ended, r.Why = f.At, f.Detail["why"]
	if !r.Taken.IsZero() {
		r.Lasted = max(0, f.At.Sub(r.Taken)).Truncate(time.Second)
	} else if r.Waited == 0 {
		r.Waited = max(0, f.At.Sub(r.Came)).Truncate(time.Second)
	}
	r.Outcome = r.end()
}

// end is what became of the session, by why it ended and where it was then.
func (r *Record) end() Outcome {
	switch r.Why {
	case "not-agreed":
		return NotAgreed
	case "wrong-secret", "never-met", "declined", "not-verified":
		return NotMet
	}
	if r.Outcome == Going {
		if r.Why == "customer" || r.Why == "rep" {
			return Helped
		}
		return Broken
	}
	switch {
	case r.Why == "notice":
		return Notice
	case r.Why == "nobody":
		return Nobody
	case r.Why == "customer" || r.Outcome == Abandoned:
		return Abandoned
	case !r.Taken.IsZero():
		return Broken
	}
	return NotMet
}

// seconds reads a number of seconds, or takes otherwise.
func seconds(text string, otherwise time.Duration) time.Duration {
	if n, err := strconv.ParseUint(text, 10, 31); err == nil {
		return time.Duration(n) * time.Second
	}
	return max(0, otherwise).Truncate(time.Second)
}

// Day counts days since 1970 by the calendar of a zone.
func Day(at time.Time, zone *time.Location) int64 {
	y, m, d := at.In(zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC).Unix() / (24 * 60 * 60)
}

// Date is the day that Day counted, as a date in UTC.
func Date(day int64) time.Time { return time.Unix(day*24*60*60, 0).UTC() }

// longestKey is in bytes. An index of PostgreSQL takes 2,704.
const longestKey = 400

// Key is the spelling by which names are looked for: lower case, single spaces,
// and no more than an index takes.
func Key(name string) string {
	key := strings.Join(strings.FieldsFunc(strings.ToLower(name), unicode.IsSpace), " ")
	if len(key) > longestKey {
		key = strings.ToValidUTF8(key[:longestKey], "") // no half letters
	}
	return key
}

// Words are the words of a name in the spelling by which they are looked for,
// each once.
func Words(name string) []string {
	words := strings.Fields(Key(name))
	slices.Sort(words)
	return slices.Compact(words)
}

// Mark is a hash by which a fact is known again.
func Mark(f lobby.Fact) [16]byte {
	h := sha256.New()
	add := func(s string) {
		_ = binary.Write(h, binary.BigEndian, uint32(len(s))) // a hash takes everything
		_, _ = h.Write([]byte(s))
	}
	add(string(f.Session[:]))
	add(strconv.FormatInt(f.At.UnixMicro(), 10))
	add(string(f.What))
	add(strconv.FormatUint(f.Rep, 10))
	add(f.Queue)
	for _, k := range slices.Sorted(maps.Keys(f.Detail)) {
		add(k)
		add(f.Detail[k])
	}
	return [16]byte(h.Sum(nil)[:16])
}
